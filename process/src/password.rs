//! Passwords: generation, hashing (argon2id), and verification with limits on attempts. Knows nothing of sessions or HTTP.

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

use crate::attempt_limiter::{AttemptLimiter, client_network};

/// Letters and digits that are not easily confused; 32 of them, so that a random byte selects each with equal probability.
const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
/// Characters in a generated password: 16 of 5 bits are 80 bits, infeasible to guess even by an attacker who has the hash.
const PASSWORD_CHARS: usize = 16;
const GROUP_CHARS: usize = 4;

/// Maximum number of concurrent verifications. Each takes about 20 MB and one core: more, and sign-ins slow down orders; fewer, and
/// sign-ins wait for each other.
const MAX_CONCURRENT_CHECKS: usize = 2;
/// Maximum wait for a verification to start. Longer, and a client gives up first; shorter, and a burst of sign-ins is refused.
const MAX_QUEUE_WAIT: Duration = Duration::from_secs(5);

/// Wrong passwords in a row that one address may send without waiting.
const ADDRESS_BURST: u32 = 5;
/// Wrong passwords in a row for one account, from any addresses. More, and an attacker with many machines guesses faster; fewer, and
/// an attacker locks the restaurant out of its own account.
const ACCOUNT_BURST: u32 = 20;

/// Hashes `password` with argon2id, in the PHC string format. Slow and memory-hard by design: must not run on an async thread.
///
/// # Errors
/// If argon2 rejects its input, which indicates a bug.
pub fn hash(password: &str) -> anyhow::Result<String> {
    Argon2::default()
        .hash_password(password.as_bytes())
        .map(|hash| hash.to_string())
        .map_err(|error| anyhow!("cannot hash the password: {error}"))
}

/// Whether `hash` is the hash of `password`. As slow as [`hash`].
#[must_use]
pub fn verify(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash).is_ok_and(|hash| {
        Argon2::default()
            .verify_password(password.as_bytes(), &hash)
            .is_ok()
    })
}

/// Whether `text` is a hash in the format of [`hash`].
#[must_use]
pub fn is_hash(text: &str) -> bool {
    PasswordHash::new(text).is_ok()
}

/// Generates a random password such as `gepf-kiuz-9ccc-cfht`.
///
/// # Errors
/// If the system's random number generator fails.
pub fn generate() -> anyhow::Result<String> {
    let mut bytes = [0_u8; PASSWORD_CHARS];
    getrandom::fill(&mut bytes).context("the system's random number generator failed")?;
    let chars: Vec<char> = bytes
        .iter()
        .map(|byte| char::from(ALPHABET[usize::from(byte % 32)]))
        .collect();
    let groups: Vec<String> = chars.chunks(GROUP_CHARS).map(String::from_iter).collect();
    Ok(groups.join("-"))
}

/// Verifies passwords, with limits on concurrency and on wrong attempts per address and per account.
pub struct PasswordChecker {
    addresses: Mutex<AttemptLimiter<IpAddr>>,
    /// Keyed by SHA-256 of the account's name, so that a long name takes no more memory than a short one.
    accounts: Mutex<AttemptLimiter<[u8; 32]>>,
    checks: Semaphore,
}

/// Outcome of [`PasswordChecker::check`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordOutcome {
    Correct,
    Wrong,
    /// The password was not verified; the client may retry after this number of seconds.
    TooManyAttempts(u32),
}

impl Default for PasswordChecker {
    fn default() -> Self {
        Self {
            addresses: Mutex::new(AttemptLimiter::new(ADDRESS_BURST)),
            accounts: Mutex::new(AttemptLimiter::new(ACCOUNT_BURST)),
            checks: Semaphore::new(MAX_CONCURRENT_CHECKS),
        }
    }
}

impl PasswordChecker {
    /// Verifies `password` against `hash`. Without a hash, because the account does not exist, the outcome is wrong after the same
    /// time, so that the time does not reveal which accounts exist. Attempts are counted per client network, and per `account` if
    /// one is given.
    pub async fn check(
        &self,
        client: IpAddr,
        account: Option<&str>,
        password: String,
        hash: Option<Arc<str>>,
    ) -> PasswordOutcome {
        let (client, now) = (client_network(client), Instant::now());
        let account = account.map(|account| Sha256::digest(account).into());
        let admitted = lock(&self.addresses).begin(client, now);
        if let Err(seconds) = admitted {
            return PasswordOutcome::TooManyAttempts(seconds);
        }
        if let Some(account) = account {
            let admitted = lock(&self.accounts).begin(account, now);
            if let Err(seconds) = admitted {
                return PasswordOutcome::TooManyAttempts(seconds);
            }
        }
        let Ok(Ok(_permit)) = timeout(MAX_QUEUE_WAIT, self.checks.acquire()).await else {
            return PasswordOutcome::TooManyAttempts(1);
        };
        let check = tokio::task::spawn_blocking(move || match hash {
            Some(hash) => verify(&password, &hash),
            None => self::hash(&password).is_err(),
        });
        if !check.await.unwrap_or(false) {
            return PasswordOutcome::Wrong;
        }
        lock(&self.addresses).reset(&client);
        if let Some(account) = account {
            lock(&self.accounts).reset(&account);
        }
        PasswordOutcome::Correct
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLIENT: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

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
    async fn the_sixth_wrong_password_of_an_address_is_not_verified() {
        let checker = PasswordChecker::default();
        let hash: Arc<str> = hash("right").unwrap().into();
        let check = |password: &str, known: bool| {
            let hash = known.then(|| Arc::clone(&hash));
            checker.check(CLIENT, Some("kitchen"), password.to_owned(), hash)
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
