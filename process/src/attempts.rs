//! How often somebody may get a password wrong. Plain counting: the instant is a parameter.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::time::Duration;

use tokio::time::Instant;

/// After how long one failure is forgotten.
const FORGET_ONE_AFTER: Duration = Duration::from_secs(30);
/// Callers remembered; beyond it those whose failures are forgotten go, so that memory stays bounded.
const MOST_CALLERS: usize = 10_000;

/// Whose failures are counted is a `K`: an address, the name of an account.
pub struct Attempts<K> {
    /// Failures in a row that are forgiven.
    at_once: u32,
    // For each, when the last failure will be forgotten: every failure moves it on.
    clear_at: HashMap<K, Instant>,
}

impl<K: Eq + Hash> Attempts<K> {
    #[must_use]
    pub fn new(at_once: u32) -> Self {
        Self {
            at_once,
            clear_at: HashMap::new(),
        }
    }

    /// Counts an attempt as failed before it is judged, so that many at once are no way around the limit.
    ///
    /// # Errors
    /// How many seconds to wait, where too many have failed.
    pub fn begin(&mut self, from: K, now: Instant) -> Result<(), u32> {
        if self.clear_at.len() >= MOST_CALLERS {
            self.clear_at.retain(|_, clear_at| *clear_at > now);
        }
        if self.clear_at.len() >= MOST_CALLERS && !self.clear_at.contains_key(&from) {
            return Err(seconds(FORGET_ONE_AFTER));
        }
        let clear_at = self.clear_at.entry(from).or_insert(now);
        let counted = (*clear_at).max(now) + FORGET_ONE_AFTER;
        let most = now + FORGET_ONE_AFTER * self.at_once;
        if counted > most {
            return Err(seconds(counted - most));
        }
        *clear_at = counted;
        Ok(())
    }

    pub fn succeeded(&mut self, from: &K) {
        self.clear_at.remove(from);
    }
}

fn seconds(duration: Duration) -> u32 {
    duration.as_secs_f64().ceil() as u32
}

/// What an address counts as: one customer's IPv6 addresses are a /64, and as many as they like.
#[must_use]
pub fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => {
            let prefix = u128::from(v6) & (u128::MAX << 64);
            IpAddr::V6(prefix.into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn five_wrong_ones_then_one_every_half_minute() {
        let mut attempts = Attempts::new(5);
        let from = address("10.0.0.1");
        for _ in 0..5 {
            assert_eq!(attempts.begin(from, Instant::now()), Ok(()));
        }
        assert_eq!(attempts.begin(from, Instant::now()), Err(30));
        tokio::time::advance(Duration::from_secs(29)).await;
        assert_eq!(attempts.begin(from, Instant::now()), Err(1));
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(attempts.begin(from, Instant::now()), Ok(()));
        assert_eq!(attempts.begin(from, Instant::now()), Err(30));
    }

    #[tokio::test(start_paused = true)]
    async fn the_right_password_clears_the_slate_and_addresses_are_apart() {
        let mut attempts = Attempts::new(5);
        let now = Instant::now();
        for _ in 0..5 {
            attempts.begin(address("10.0.0.1"), now).unwrap();
        }
        assert_eq!(attempts.begin(address("10.0.0.2"), now), Ok(()));
        attempts.succeeded(&address("10.0.0.1"));
        assert_eq!(attempts.begin(address("10.0.0.1"), now), Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_network_of_many_addresses_counts_as_one() {
        let mut attempts = Attempts::new(5);
        for last in 0..5 {
            let from = address(&format!("2001:db8::{last}"));
            attempts.begin(network(from), Instant::now()).unwrap();
        }
        assert!(
            attempts
                .begin(network(address("2001:db8::ff:1")), Instant::now())
                .is_err()
        );
        assert!(
            attempts
                .begin(network(address("2001:db8:0:1::1")), Instant::now())
                .is_ok()
        );
    }
}
