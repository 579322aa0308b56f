//! Limits failed attempts, such as wrong passwords, per key. Pure counting: the instant is a parameter. Knows nothing of passwords
//! or HTTP.
//!
//! The algorithm is a token bucket (GCRA), as in the `governor` crate. `governor` 0.10 has no way to reset one key after a success
//! and no way to pass the instant in: both need a state store and a clock of our own, which together are longer than this limiter.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::time::Duration;

use tokio::time::Instant;

/// Time after which one failed attempt no longer counts. Shorter, and guessing is faster; longer, and a person who mistypes is
/// locked out for longer.
const REPLENISH_INTERVAL: Duration = Duration::from_secs(30);
/// Maximum number of keys held. Beyond it, keys without counted failures are removed, so that memory stays bounded.
const MAX_KEYS: usize = 10_000;

/// Counts failed attempts per key `K`: a client address or an account.
pub struct AttemptLimiter<K> {
    /// Failed attempts in a row that a key may make without waiting.
    burst: u32,
    /// The instant at which a key has no counted failures left. Every failure moves it by [`REPLENISH_INTERVAL`].
    clear_at: HashMap<K, Instant>,
}

impl<K: Eq + Hash> AttemptLimiter<K> {
    #[must_use]
    pub fn new(burst: u32) -> Self {
        Self {
            burst,
            clear_at: HashMap::new(),
        }
    }

    /// Counts an attempt of `key` as failed. Callers count before they check the attempt, so that concurrent attempts cannot exceed
    /// the limit.
    ///
    /// # Errors
    /// The number of seconds to wait, if `key` is over its limit or if the limiter holds [`MAX_KEYS`] other keys.
    pub fn begin(&mut self, key: K, now: Instant) -> Result<(), u32> {
        if self.clear_at.len() >= MAX_KEYS {
            self.clear_at.retain(|_, clear_at| *clear_at > now);
        }
        if self.clear_at.len() >= MAX_KEYS && !self.clear_at.contains_key(&key) {
            return Err(whole_seconds(REPLENISH_INTERVAL));
        }
        let clear_at = self.clear_at.entry(key).or_insert(now);
        let next_clear_at = (*clear_at).max(now) + REPLENISH_INTERVAL;
        let latest_allowed = now + REPLENISH_INTERVAL * self.burst;
        if next_clear_at > latest_allowed {
            return Err(whole_seconds(next_clear_at - latest_allowed));
        }
        *clear_at = next_clear_at;
        Ok(())
    }

    /// Clears the failures of `key` after a successful attempt.
    pub fn reset(&mut self, key: &K) {
        self.clear_at.remove(key);
    }
}

fn whole_seconds(duration: Duration) -> u32 {
    duration.as_secs_f64().ceil() as u32
}

/// The network that `address` is counted under: an IPv4 address itself, an IPv6 address by its /64 prefix, because one customer
/// has all addresses of a /64.
#[must_use]
pub fn client_network(address: IpAddr) -> IpAddr {
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
    async fn five_attempts_then_one_every_30_seconds() {
        let mut limiter = AttemptLimiter::new(5);
        let client = address("10.0.0.1");
        for _ in 0..5 {
            assert_eq!(limiter.begin(client, Instant::now()), Ok(()));
        }
        assert_eq!(limiter.begin(client, Instant::now()), Err(30));
        tokio::time::advance(Duration::from_secs(29)).await;
        assert_eq!(limiter.begin(client, Instant::now()), Err(1));
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(limiter.begin(client, Instant::now()), Ok(()));
        assert_eq!(limiter.begin(client, Instant::now()), Err(30));
    }

    #[tokio::test(start_paused = true)]
    async fn a_reset_clears_one_key_and_keys_are_independent() {
        let mut limiter = AttemptLimiter::new(5);
        let now = Instant::now();
        for _ in 0..5 {
            limiter.begin(address("10.0.0.1"), now).unwrap();
        }
        assert_eq!(limiter.begin(address("10.0.0.2"), now), Ok(()));
        limiter.reset(&address("10.0.0.1"));
        assert_eq!(limiter.begin(address("10.0.0.1"), now), Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn addresses_of_one_ipv6_network_are_counted_together() {
        let mut limiter = AttemptLimiter::new(5);
        for last in 0..5 {
            let client = address(&format!("2001:db8::{last}"));
            limiter
                .begin(client_network(client), Instant::now())
                .unwrap();
        }
        assert!(
            limiter
                .begin(client_network(address("2001:db8::ff:1")), Instant::now())
                .is_err()
        );
        assert!(
            limiter
                .begin(client_network(address("2001:db8:0:1::1")), Instant::now())
                .is_ok()
        );
    }
}
