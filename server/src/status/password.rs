//! The operator's password: given by a setting, or made on first start and kept as a hash.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::{Context, bail};
use process::password::{self, hash};

const NO_RANDOM: &str = "the system gives no random bytes";

pub struct Loaded {
    /// In the PHC string format (argon2id).
    pub hash: String,
    /// Sessions end when this changes. The same on every server that has the same password.
    pub generation: String,
    /// The password, if it was made just now.
    pub made: Option<String>,
}

/// Takes time and memory on purpose: not for an async thread.
///
/// # Errors
/// If the given password is empty, or the file in `data` can be neither read nor made.
pub fn load(given: Option<&str>, data: &Path) -> anyhow::Result<Loaded> {
    if let Some(given) = given {
        if given.is_empty() {
            bail!(
                "the operator's password is empty; set another, or leave it out to have one made"
            );
        }
        return Ok(Loaded {
            hash: hash(given)?,
            generation: given.to_owned(),
            made: None,
        });
    }
    let file = data.join("operator.hash");
    let made = if file.exists() { None } else { make(&file)? };
    let hash = fs::read_to_string(&file)
        .with_context(|| format!("cannot read {}", file.display()))?
        .trim()
        .to_owned();
    if !password::is_hash(&hash) {
        bail!(
            "{} is damaged; remove it to have a new password made at the next start",
            file.display()
        );
    }
    Ok(Loaded {
        generation: hash.clone(),
        hash,
        made,
    })
}

/// Nothing if another process was faster.
fn make(file: &Path) -> anyhow::Result<Option<String>> {
    let password = password::generate()?;
    let mut unique = [0; 8];
    getrandom::fill(&mut unique).context(NO_RANDOM)?;
    let own = file.with_extension(format!("hash.{}", hex::encode(unique)));
    let mut handle = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&own)
        .with_context(|| format!("cannot write {}", own.display()))?;
    writeln!(handle, "{}", hash(&password)?)?;
    handle.sync_all()?;
    // A link fails where the name is taken, so that of several servers that start together exactly one prints its password.
    let linked = fs::hard_link(&own, file);
    fs::remove_file(&own)?;
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
    fn the_first_start_makes_one_and_the_second_knows_it() {
        let data = tempfile::tempdir().unwrap();
        let first = load(None, data.path()).unwrap();
        let password = first.made.unwrap();
        assert_eq!(password.len(), 19);
        let second = load(None, data.path()).unwrap();
        assert!(second.made.is_none());
        assert!(verify(&password, &second.hash));
        assert!(!verify("guess", &second.hash));
        let file = data.path().join("operator.hash");
        let mode = fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert!(!fs::read_to_string(file).unwrap().contains(&password));
    }

    #[test]
    fn servers_that_start_together_agree_on_one() {
        let data = tempfile::tempdir().unwrap();
        let loaded: Vec<Loaded> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4)
                .map(|_| scope.spawn(|| load(None, data.path()).unwrap()))
                .collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .collect()
        });
        let made: Vec<&String> = loaded.iter().filter_map(|one| one.made.as_ref()).collect();
        assert_eq!(made.len(), 1);
        assert!(loaded.iter().all(|one| verify(made[0], &one.hash)));
        assert_eq!(fs::read_dir(data.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_given_one_leaves_no_file() {
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
