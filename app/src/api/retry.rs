//! How often and how soon a request that changes nothing is repeated. Pure; must not know the browser or the time.

/// Waits before the repeats, in milliseconds: so many repeats as there are waits.
#[derive(Clone, Copy)]
pub struct Retry(pub &'static [u32]);

/// For requests that change nothing. Two repeats cover a replica that has just gone; more would keep a person waiting for
/// an answer that the page can say better.
pub const SAFE: Retry = Retry(&[250, 900]);
/// For requests that must not be repeated blindly, or whose page repeats them itself.
pub const ONCE: Retry = Retry(&[]);

impl Retry {
    /// How long to wait before the repeat that follows attempt number `attempt` (from 0); `None`: no further repeat.
    /// `random` (0 to 1) spreads the waits over half to one and a half, so that many phones do not return at once.
    #[must_use]
    pub fn wait_ms(self, attempt: usize, random: f64) -> Option<u32> {
        self.0
            .get(attempt)
            .map(|wait| (f64::from(*wait) * (0.5 + random)) as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeats_end_and_waits_are_spread() {
        assert_eq!(SAFE.wait_ms(0, 0.0), Some(125));
        assert_eq!(SAFE.wait_ms(0, 1.0), Some(375));
        assert_eq!(SAFE.wait_ms(1, 0.5), Some(900));
        assert_eq!(SAFE.wait_ms(2, 0.5), None);
        assert_eq!(ONCE.wait_ms(0, 0.5), None);
    }
}
