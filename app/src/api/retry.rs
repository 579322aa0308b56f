//! How often and how soon a request is repeated. Pure; it must not know the browser or the time.

/// The waits before the repeats, in milliseconds: as many repeats as there are waits.
#[derive(Clone, Copy)]
pub struct Retry(pub &'static [u32]);

/// For requests that change nothing. Two repeats cover a replica that has just died; more would keep the customer waiting for an
/// error that the page can explain.
pub const SAFE_RETRY: Retry = Retry(&[250, 900]);
/// For requests that must not be repeated blindly, or that the page repeats by itself.
pub const NO_RETRY: Retry = Retry(&[]);

impl Retry {
    /// The wait in milliseconds before the repeat that follows attempt number `attempt` (from 0); `None` when there is no further
    /// repeat. `random` (0 to 1) adds jitter from half to one and a half of the wait, so that many phones do not return at once.
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
    fn repeats_end_and_waits_have_jitter() {
        assert_eq!(SAFE_RETRY.wait_ms(0, 0.0), Some(125));
        assert_eq!(SAFE_RETRY.wait_ms(0, 1.0), Some(375));
        assert_eq!(SAFE_RETRY.wait_ms(1, 0.5), Some(900));
        assert_eq!(SAFE_RETRY.wait_ms(2, 0.5), None);
        assert_eq!(NO_RETRY.wait_ms(0, 0.5), None);
    }
}
