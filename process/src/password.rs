//! Passwords: made, hashed (argon2id) and checked, with a limit on guessing.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, anyhow};
use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout};

use crate::attempts::{Attempts, network};

/// Letters and digits that cannot be taken for one another; 32 of them, so that a random byte chooses evenly.
const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
/// Sixteen of them are eighty bits: not to be guessed, even with the hash at hand.
const LETTERS: usize = 16;
const GROUP: usize = 4;

/// Each check takes some 20 MB and a core for a moment.
const CHECKS_AT_ONCE: usize = 2;
const LONGEST_QUEUE: Duration = Duration::from_secs(5);

/// Wrong passwords in a row that are forgiven an address.
const BY_ADDRESS: u32 = 5;
/// And an account, whatever addresses they come from. More, and many machines guess faster; fewer, and strangers lock the
/// restaurant out of its own account.
const BY_ACCOUNT: u32 = 20;

/// In the PHC string format (argon2id). Takes time and memory on purpose: not for an async thread.
///
/// # Errors
/// If the password cannot be hashed, which is a fault of ours.
pub fn hash(password: &str) -> anyhow::Result<String> {
    Argon2::default()
        .hash_password(password.as_bytes())
        .map(|hash| hash.to_string())
        .map_err(|error| anyhow!("cannot hash the password: {error}"))
}

/// Whether `password` is the one that `hash` was made of. As slow as [`hash`].
#[must_use]
pub fn verify(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash).is_ok_and(|hash| {
        Argon2::default()
            .verify_password(password.as_bytes(), &hash)
            .is_ok()
    })
}

/// Whether `text` is what [`hash`] gives.
#[must_use]
pub fn is_hash(text: &str) -> bool {
    PasswordHash::new(text).is_ok()
}

/// A new one: `gepf-kiuz-9ccc-cfht`.
///
/// # Errors
/// If the system gives no random bytes.
pub fn generate() -> anyhow::Result<String> {
    let mut bytes = [0_u8; LETTERS];
    getrandom::fill(&mut bytes).context("the system gives no random bytes")?;
    let letters: Vec<char> = bytes
        .iter()
        .map(|byte| char::from(ALPHABET[usize::from(byte % 32)]))
        .collect();
    let groups: Vec<String> = letters.chunks(GROUP).map(String::from_iter).collect();
    Ok(groups.join("-"))
}

/// Checks passwords: few at once, and not often for one address or one account.
pub struct PasswordChecker {
    addresses: Mutex<Attempts<IpAddr>>,
    /// By digest, so that a name of any length takes the same room.
    accounts: Mutex<Attempts<[u8; 32]>>,
    checks: Semaphore,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordOutcome {
    Correct,
    Wrong,
    /// It was not looked at; after so many seconds it will be.
    TooManyAttempts(u32),
}

impl Default for PasswordChecker {
    fn default() -> Self {
        Self {
            addresses: Mutex::new(Attempts::new(BY_ADDRESS)),
            accounts: Mutex::new(Attempts::new(BY_ACCOUNT)),
            checks: Semaphore::new(CHECKS_AT_ONCE),
        }
    }
}

impl PasswordChecker {
    /// Whether `password` is that of `hash`. Without a hash, because there is no such account, it is wrong and takes as long.
    /// Guesses at one `account` are counted together where one is named.
    pub async fn check(
        &self,
        from: IpAddr,
        account: Option<&str>,
        password: String,
        hash: Option<Arc<str>>,
    ) -> PasswordOutcome {
        let (from, now) = (network(from), Instant::now());
        let account = account.map(|account| Sha256::digest(account).into());
        let begun = locked(&self.addresses).begin(from, now);
        if let Err(seconds) = begun {
            return PasswordOutcome::TooManyAttempts(seconds);
        }
        if let Some(account) = account {
            let begun = locked(&self.accounts).begin(account, now);
            if let Err(seconds) = begun {
                return PasswordOutcome::TooManyAttempts(seconds);
            }
        }
        let Ok(Ok(_place)) = timeout(LONGEST_QUEUE, self.checks.acquire()).await else {
            return PasswordOutcome::TooManyAttempts(1);
        };
        let checked = tokio::task::spawn_blocking(move || match hash {
            Some(hash) => verify(&password, &hash),
            None => self::hash(&password).is_err(),
        });
        if !checked.await.unwrap_or(false) {
            return PasswordOutcome::Wrong;
        }
        locked(&self.addresses).succeeded(&from);
        if let Some(account) = account {
            locked(&self.accounts).succeeded(&account);
        }
        PasswordOutcome::Correct
    }
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FROM: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    #[test]
    fn a_password_matches_its_own_hash_only() {
        let password = generate().unwrap();
        assert_eq!(password.len(), 19);
        assert_ne!(password, generate().unwrap());
        let hashed = hash(&password).unwrap();
        assert!(is_hash(&hashed) && !is_hash(&password));
        assert!(verify(&password, &hashed));
        assert!(!verify("guess", &hashed));
        assert!(!verify("guess", "nonsense"));
    }

    #[tokio::test]
    async fn the_sixth_guess_of_an_address_is_not_looked_at() {
        let gate = PasswordChecker::default();
        let hash: Arc<str> = hash("right").unwrap().into();
        let check = |password: &str, known: bool| {
            let hash = known.then(|| Arc::clone(&hash));
            gate.check(FROM, Some("kitchen"), password.to_owned(), hash)
        };
        assert_eq!(check("right", true).await, PasswordOutcome::Correct);
        for known in [true, false, true, false, true] {
            assert_eq!(check("wrong", known).await, PasswordOutcome::Wrong);
        }
        assert!(matches!(
            check("right", true).await,
            PasswordOutcome::TooManyAttempts(_)
        ));
    }
}
