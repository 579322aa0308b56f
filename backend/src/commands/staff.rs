//! `backend staff …`: adds, lists and removes staff accounts of restaurants and changes their passwords.

use std::io::{BufRead, Write};

use anyhow::{Context, bail, ensure};
use clap::{Args, Subcommand};
use process::clock::{Clock, SystemClock};
use process::password;

use crate::menus;
use crate::settings::BackendSettings;
use crate::store::SqliteStore;

const MIN_PASSWORD_CHARS: usize = 12;
const MAX_NAME_CHARS: usize = 60;

/// Accounts of restaurants' staff
#[derive(Subcommand, Clone, Debug)]
pub enum StaffCommand {
    /// Add an account; prints its password once
    Add(PasswordArguments),
    /// List all accounts
    List,
    /// Give an account a new password, which ends its sessions; prints it once
    Password(PasswordArguments),
    /// Remove an account, which ends its sessions
    Remove(AccountArguments),
}

/// Arguments that name an account.
#[derive(Args, Clone, Debug)]
pub struct AccountArguments {
    /// The restaurant's slug: the name of its file in the menus' folder
    #[arg(long, value_name = "SLUG")]
    pub restaurant: String,

    /// Name of the account within the restaurant
    #[arg(long, value_name = "NAME", value_parser = account_name)]
    pub name: String,
}

/// Arguments of the subcommands that set a password.
#[derive(Args, Clone, Debug)]
pub struct PasswordArguments {
    #[command(flatten)]
    pub account: AccountArguments,

    /// Read the password from standard input, at least 12 characters on one line, instead of generating one
    #[arg(long)]
    pub password_stdin: bool,
}

/// Runs the command.
///
/// # Errors
/// If the store cannot be opened, the account to add exists, or the account to change does not; the error says what to do.
pub async fn run(settings: &BackendSettings, command: StaffCommand) -> anyhow::Result<()> {
    let store = SqliteStore::open(&settings.common.data)?;
    let mut out = std::io::stdout().lock();
    match command {
        StaffCommand::Add(arguments) => {
            check_restaurant(settings, &arguments.account.restaurant)?;
            let (generated, hash) = choose_password(&arguments, &mut std::io::stdin().lock())?;
            let AccountArguments { restaurant, name } = &arguments.account;
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
                 choose another name"
            );
            print_result(
                &mut out,
                &format!("account {name} of {restaurant} is added"),
                generated,
            )?;
        }
        StaffCommand::Password(arguments) => {
            let (generated, hash) = choose_password(&arguments, &mut std::io::stdin().lock())?;
            let AccountArguments { restaurant, name } = &arguments.account;
            let changed = store.set_staff_password(restaurant, name, &hash).await?;
            ensure!(changed, no_such_account(restaurant, name));
            print_result(
                &mut out,
                &format!(
                    "account {name} of {restaurant} has a new password, and its sessions have ended"
                ),
                generated,
            )?;
        }
        StaffCommand::Remove(AccountArguments { restaurant, name }) => {
            let removed = store.remove_staff_account(&restaurant, &name).await?;
            ensure!(removed, no_such_account(&restaurant, &name));
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

/// Checks that the menus have the restaurant.
fn check_restaurant(settings: &BackendSettings, restaurant: &str) -> anyhow::Result<()> {
    let catalogue = menus::load(&settings.menus).context("the menus cannot be read")?;
    if catalogue.get(restaurant).is_none() {
        let slugs: Vec<&str> = catalogue.iter().map(|known| known.slug()).collect();
        bail!(
            "there is no restaurant {restaurant}; there are {}",
            slugs.join(", ")
        );
    }
    Ok(())
}

fn no_such_account(restaurant: &str, name: &str) -> String {
    format!("{restaurant} has no account called {name}; `staff list` shows all")
}

/// Reads or generates the password; returns it where it was generated, and its hash.
fn choose_password(
    arguments: &PasswordArguments,
    input: &mut impl BufRead,
) -> anyhow::Result<(Option<String>, String)> {
    if !arguments.password_stdin {
        let generated = password::generate()?;
        let hash = password::hash(&generated)?;
        return Ok((Some(generated), hash));
    }
    let mut line = String::new();
    input
        .read_line(&mut line)
        .context("standard input cannot be read")?;
    let given = line.trim_end_matches(['\r', '\n']);
    ensure!(
        given.chars().count() >= MIN_PASSWORD_CHARS,
        "the password is too short; give at least {MIN_PASSWORD_CHARS} characters on one line"
    );
    Ok((None, password::hash(given)?))
}

fn print_result(
    out: &mut impl Write,
    result: &str,
    generated: Option<String>,
) -> std::io::Result<()> {
    match generated {
        Some(password) => writeln!(out, "{result}\npassword: {password}"),
        None => writeln!(out, "{result}"),
    }
}

fn account_name(text: &str) -> Result<String, String> {
    let text = text.trim();
    let fits =
        (1..=MAX_NAME_CHARS).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    fits.then(|| text.to_owned())
        .ok_or_else(|| format!("1 to {MAX_NAME_CHARS} characters on one line"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments() -> PasswordArguments {
        PasswordArguments {
            account: AccountArguments {
                restaurant: "a".to_owned(),
                name: "kitchen".to_owned(),
            },
            password_stdin: true,
        }
    }

    #[test]
    fn a_given_password_is_one_line_of_enough_characters() {
        let (generated, hash) =
            choose_password(&arguments(), &mut &b"long enough, really\r\n"[..]).unwrap();
        assert_eq!(generated, None);
        assert!(password::verify("long enough, really", &hash));
        for short in ["", "\n", "eleven char\n"] {
            assert!(choose_password(&arguments(), &mut short.as_bytes()).is_err());
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
