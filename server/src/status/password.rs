//! The operator's password: from a setting, or generated at the first start and stored as a hash.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::{Context, bail};
use process::password;

pub struct OperatorPassword {
    /// In the PHC string format (argon2id).
    pub hash: String,
    /// Sessions end when this changes. Equal on all servers that have the same password.
    pub generation: String,
    /// The password itself, if this start generated it.
    pub generated: Option<String>,
}

/// Takes the password from the setting, or else the hash from `operator.hash` in `data`, which the first start writes. Hashing takes
/// time and memory on purpose, so call this on a blocking thread.
///
/// # Errors
/// If the setting is empty, or the file can be neither read nor written.
pub fn load(setting: Option<&str>, data: &Path) -> anyhow::Result<OperatorPassword> {
    if let Some(password) = setting {
        if password.is_empty() {
            bail!(
                "the operator's password is empty; set another, or leave it out to have one generated"
            );
        }
        return Ok(OperatorPassword {
            hash: password::hash(password)?,
            generation: password.to_owned(),
            generated: None,
        });
    }
    let file = data.join("operator.hash");
    let generated = if file.exists() {
        None
    } else {
        generate(&file)?
    };
    let hash = fs::read_to_string(&file)
        .with_context(|| format!("cannot read {}", file.display()))?
        .trim()
        .to_owned();
    if !password::is_hash(&hash) {
        bail!(
            "{} is damaged; remove it to have a new password generated at the next start",
            file.display()
        );
    }
    Ok(OperatorPassword {
        generation: hash.clone(),
        hash,
        generated,
    })
}

/// Generates a password and writes its hash; `None` if another process has written the file first.
fn generate(file: &Path) -> anyhow::Result<Option<String>> {
    let password = password::generate()?;
    let mut unique = [0; 8];
    getrandom::fill(&mut unique).context("the system gives no random bytes")?;
    let temporary = file.with_extension(format!("hash.{}", hex::encode(unique)));
    let mut handle = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&temporary)
        .with_context(|| format!("cannot write {}", temporary.display()))?;
    writeln!(handle, "{}", password::hash(&password)?)?;
    handle.sync_all()?;
    // A link fails if the file exists, so that of several servers that start together exactly one prints its password.
    let linked = fs::hard_link(&temporary, file);
    fs::remove_file(&temporary)?;
    match linked {
        Ok(()) => Ok(Some(password)),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot write {}", file.display())),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use process::password::verify;

    use super::*;

    #[test]
    fn the_first_start_generates_a_password_and_the_second_reads_its_hash() {
        let data = tempfile::tempdir().unwrap();
        let first = load(None, data.path()).unwrap();
        let password = first.generated.unwrap();
        assert_eq!(password.len(), 19);
        let second = load(None, data.path()).unwrap();
        assert!(second.generated.is_none());
        assert!(verify(&password, &second.hash));
        assert!(!verify("guess", &second.hash));
        let file = data.path().join("operator.hash");
        let mode = fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert!(!fs::read_to_string(file).unwrap().contains(&password));
    }

    #[test]
    fn servers_that_start_together_agree_on_one_password() {
        let data = tempfile::tempdir().unwrap();
        let loaded: Vec<OperatorPassword> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4)
                .map(|_| scope.spawn(|| load(None, data.path()).unwrap()))
                .collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .collect()
        });
        let generated: Vec<&String> = loaded
            .iter()
            .filter_map(|one| one.generated.as_ref())
            .collect();
        assert_eq!(generated.len(), 1);
        assert!(loaded.iter().all(|one| verify(generated[0], &one.hash)));
        assert_eq!(fs::read_dir(data.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_password_from_the_setting_leaves_no_file() {
        let data = tempfile::tempdir().unwrap();
        let loaded = load(Some("a good one"), data.path()).unwrap();
        assert!(verify("a good one", &loaded.hash));
        assert_eq!(fs::read_dir(data.path()).unwrap().count(), 0);
        assert!(load(Some(""), data.path()).is_err());
    }

    #[test]
    fn a_damaged_file_is_named() {
        let data = tempfile::tempdir().unwrap();
        fs::write(data.path().join("operator.hash"), "nonsense").unwrap();
        let error = load(None, data.path()).err().unwrap().to_string();
        assert!(error.contains("operator.hash"), "{error}");
    }
}
