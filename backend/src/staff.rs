//! `backend staff …`: the commands that make, list and remove the accounts of restaurants' staff.
//!
//! They work on the store, beside running replicas, which see every change at once.

use std::io::{BufRead, Write};

use anyhow::{Context, bail, ensure};
use clap::{Args, Subcommand};
use process::clock::{Clock, SystemClock};
use process::password;

use crate::menus;
use crate::settings::BackendSettings;
use crate::store::SqliteStore;

const LEAST_PASSWORD_CHARS: usize = 12;
const MOST_NAME_CHARS: usize = 60;

/// Accounts of restaurants' staff
#[derive(Subcommand, Clone, Debug)]
pub enum StaffCommand {
    /// Make an account; prints its password once
    Add(WithPassword),
    /// List all accounts
    List,
    /// Give an account a new password, which ends its sessions; prints it once
    Password(WithPassword),
    /// Remove an account, which ends its sessions
    Remove(Named),
}

#[derive(Args, Clone, Debug)]
pub struct Named {
    /// The restaurant's slug: the name of its file in the menus' folder
    #[arg(long, value_name = "SLUG")]
    pub restaurant: String,

    /// Name of the account within the restaurant
    #[arg(long, value_name = "NAME", value_parser = account_name)]
    pub name: String,
}

#[derive(Args, Clone, Debug)]
pub struct WithPassword {
    #[command(flatten)]
    pub named: Named,

    /// Take the password from the standard input, at least 12 characters on one line, instead of making one
    #[arg(long)]
    pub password_stdin: bool,
}

/// # Errors
/// If the store cannot be opened, or the account is there already, or is not; says what to do.
pub async fn run(settings: &BackendSettings, command: StaffCommand) -> anyhow::Result<()> {
    let store = SqliteStore::open(&settings.common.data)?;
    let mut out = std::io::stdout().lock();
    match command {
        StaffCommand::Add(wanted) => {
            must_exist(settings, &wanted.named.restaurant)?;
            let (made, hash) = password_of(&wanted, &mut std::io::stdin().lock())?;
            let Named { restaurant, name } = &wanted.named;
            let now_ms = SystemClock {
                offset_ms: settings.common.clock_offset_ms,
            }
            .now_ms();
            let added = store
                .add_staff_account(restaurant, name, &hash, now_ms)
                .await?;
            ensure!(
                added,
                "{restaurant} has an account called {name} already; give it a new password with `staff password`, or \
                 take another name"
            );
            tell(
                &mut out,
                &format!("account {name} of {restaurant} is made"),
                made,
            )?;
        }
        StaffCommand::Password(wanted) => {
            let (made, hash) = password_of(&wanted, &mut std::io::stdin().lock())?;
            let Named { restaurant, name } = &wanted.named;
            let changed = store.set_staff_password(restaurant, name, &hash).await?;
            ensure!(changed, no_such(restaurant, name));
            tell(
                &mut out,
                &format!(
                    "account {name} of {restaurant} has a new password, and its sessions have ended"
                ),
                made,
            )?;
        }
        StaffCommand::Remove(Named { restaurant, name }) => {
            let removed = store.remove_staff_account(&restaurant, &name).await?;
            ensure!(removed, no_such(&restaurant, &name));
            writeln!(
                out,
                "account {name} of {restaurant} is removed, and its sessions have ended"
            )?;
        }
        StaffCommand::List => {
            for account in store.staff_accounts().await? {
                writeln!(out, "{}\t{}", account.restaurant, account.name)?;
            }
        }
    }
    Ok(())
}

fn must_exist(settings: &BackendSettings, restaurant: &str) -> anyhow::Result<()> {
    let catalogue = menus::load(&settings.menus).context("the menus cannot be read")?;
    if catalogue.get(restaurant).is_none() {
        let known: Vec<&str> = catalogue.iter().map(|known| known.slug()).collect();
        bail!(
            "there is no restaurant {restaurant}; there are {}",
            known.join(", ")
        );
    }
    Ok(())
}

fn no_such(restaurant: &str, name: &str) -> String {
    format!("{restaurant} has no account called {name}; `staff list` shows all")
}

/// The password, if it was made here, and its hash.
fn password_of(
    wanted: &WithPassword,
    input: &mut impl BufRead,
) -> anyhow::Result<(Option<String>, String)> {
    if !wanted.password_stdin {
        let made = password::generate()?;
        let hash = password::hash(&made)?;
        return Ok((Some(made), hash));
    }
    let mut line = String::new();
    input
        .read_line(&mut line)
        .context("the standard input cannot be read")?;
    let given = line.trim_end_matches(['\r', '\n']);
    ensure!(
        given.chars().count() >= LEAST_PASSWORD_CHARS,
        "the password is too short; give at least {LEAST_PASSWORD_CHARS} characters on one line"
    );
    Ok((None, password::hash(given)?))
}

fn tell(out: &mut impl Write, done: &str, made: Option<String>) -> std::io::Result<()> {
    match made {
        Some(password) => writeln!(out, "{done}\npassword: {password}"),
        None => writeln!(out, "{done}"),
    }
}

fn account_name(text: &str) -> Result<String, String> {
    let text = text.trim();
    let fits = (1..=MOST_NAME_CHARS).contains(&text.chars().count())
        && !text.chars().any(char::is_control);
    fits.then(|| text.to_owned())
        .ok_or_else(|| format!("1 to {MOST_NAME_CHARS} characters on one line"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted() -> WithPassword {
        WithPassword {
            named: Named {
                restaurant: "a".to_owned(),
                name: "kitchen".to_owned(),
            },
            password_stdin: true,
        }
    }

    #[test]
    fn a_given_password_is_one_line_of_enough_characters() {
        let (made, hash) = password_of(&wanted(), &mut &b"long enough, really\r\n"[..]).unwrap();
        assert_eq!(made, None);
        assert!(password::verify("long enough, really", &hash));
        for short in ["", "\n", "eleven char\n"] {
            assert!(password_of(&wanted(), &mut short.as_bytes()).is_err());
        }
    }

    #[test]
    fn names_are_short_lines() {
        assert_eq!(account_name(" front of house ").unwrap(), "front of house");
        for bad in ["", " ", "a\nb", &"x".repeat(61)] {
            assert!(account_name(bad).is_err(), "{bad}");
        }
    }
}
