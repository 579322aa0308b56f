//! The signing key that all processes of one installation share, and the secrets derived from it.
//!
//! The key is generated on first start and kept in `DATA/signing.key` with mode 0600, or given by the environment in installations
//! on several machines. It never leaves the process; a secret derived for one purpose reveals nothing about the others.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use anyhow::{Context, bail};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

const KEY_BYTES: usize = 32;

/// The installation's signing key.
#[derive(Clone)]
pub struct SigningKey([u8; KEY_BYTES]);

impl SigningKey {
    /// Loads the key from `given_hex`, 64 hexadecimal digits, or else from the folder `data`, where a missing key is generated.
    /// Processes that start at the same time load the same key.
    ///
    /// # Errors
    /// If the given key is malformed, or the file can be neither read nor created, or other users may read it.
    pub fn load(given_hex: Option<&str>, data: &Path) -> anyhow::Result<Self> {
        if let Some(hex) = given_hex {
            return Self::from_hex(hex).context("the signing key must be 64 hexadecimal digits");
        }
        let file = data.join("signing.key");
        if !file.exists() {
            Self::create(&file)?;
        }
        Self::read(&file)
    }

    fn create(file: &Path) -> anyhow::Result<()> {
        let directory = file.parent().context("the signing key needs a folder")?;
        fs::create_dir_all(directory)
            .with_context(|| format!("cannot create the folder {}", directory.display()))?;
        let mut key = [0; KEY_BYTES];
        getrandom::fill(&mut key).context("the system's random number generator failed")?;
        let mut nonce = [0; 8];
        getrandom::fill(&mut nonce).context("the system's random number generator failed")?;
        let own = directory.join(format!("signing.key.{}", hex::encode(nonce)));
        let mut open = OpenOptions::new();
        open.write(true).create_new(true).mode(0o600);
        let mut handle = open
            .open(&own)
            .with_context(|| format!("cannot write {}", own.display()))?;
        writeln!(handle, "{}", hex::encode(key))?;
        handle.sync_all()?;
        // A hard link fails if the name exists: of several processes that start at the same time exactly one creates the key, and
        // no process reads a partly written one.
        let linked = fs::hard_link(&own, file);
        fs::remove_file(&own)?;
        match linked {
            Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
                Err(error).with_context(|| format!("cannot write {}", file.display()))
            }
            _ => Ok(()),
        }
    }

    fn read(file: &Path) -> anyhow::Result<Self> {
        let mode = fs::metadata(file)
            .with_context(|| format!("cannot read {}", file.display()))?
            .permissions()
            .mode();
        if mode & 0o077 != 0 {
            bail!(
                "{} can be read by other users; run `chmod 600 {}`",
                file.display(),
                file.display()
            );
        }
        let text =
            fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
        Self::from_hex(text.trim()).with_context(|| {
            format!(
                "{} is damaged; restore it, or remove it to generate a new one",
                file.display()
            )
        })
    }

    fn from_hex(digits: &str) -> anyhow::Result<Self> {
        let mut key = [0; KEY_BYTES];
        hex::decode_to_slice(digits, &mut key)?;
        Ok(Self(key))
    }

    /// Derives 32 bytes for one purpose: HMAC-SHA-256 of the purpose's name.
    #[must_use]
    pub fn derive(&self, purpose: &str) -> [u8; 32] {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes a key of any length");
        mac.update(purpose.as_bytes());
        mac.finalize().into_bytes().into()
    }

    /// The credential that a front-end server sends to a replica with each request, as hexadecimal digits.
    #[must_use]
    pub fn replica_credential(&self) -> String {
        hex::encode(self.derive("front-end server to replica"))
    }
}

/// Compares two secrets in a time that does not depend on how many leading bytes are equal.
#[must_use]
pub fn constant_time_eq(left: &[u8], right: &[u8]) -> bool {
    left.ct_eq(right).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processes_that_start_together_load_the_same_key() {
        let data = tempfile::tempdir().unwrap();
        let credentials: Vec<String> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|_| {
                    scope.spawn(|| {
                        SigningKey::load(None, data.path())
                            .unwrap()
                            .replica_credential()
                    })
                })
                .collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .collect()
        });
        assert!(credentials.windows(2).all(|pair| pair[0] == pair[1]));
    }

    #[test]
    fn a_key_that_other_users_can_read_is_rejected() {
        let data = tempfile::tempdir().unwrap();
        SigningKey::load(None, data.path()).unwrap();
        let file = data.path().join("signing.key");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
        let error = SigningKey::load(None, data.path())
            .err()
            .unwrap()
            .to_string();
        assert!(error.contains("chmod 600"), "{error}");
    }

    #[test]
    fn a_given_key_must_be_hexadecimal() {
        let data = tempfile::tempdir().unwrap();
        assert!(SigningKey::load(Some("abc"), data.path()).is_err());
        assert!(SigningKey::load(Some(&"zz".repeat(32)), data.path()).is_err());
        assert!(SigningKey::load(Some(&"0f".repeat(32)), data.path()).is_ok());
    }
}
