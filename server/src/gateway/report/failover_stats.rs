//! Counts what a failing replica cost: how many requests moved, where to, how long they took, and how many failed.
//!
//! A failover begins with the first request that moves or fails and is reported as one event when none has for a moment, because
//! one event per request would hide everything else.

use std::time::Duration;

use tokio::time::Instant;

use crate::fleet_history::format_ms;
use crate::gateway::config::FAILOVER_CALM;

#[derive(Default)]
pub struct FailoverStats {
    open: Vec<Failover>,
}

/// What happened to the requests of one replica while it failed.
pub struct Failover {
    pub from: String,
    moved: u32,
    failed: u32,
    to: Vec<String>,
    slowest: Duration,
    new_primary: Option<String>,
    last_at: Instant,
}

impl FailoverStats {
    /// Counts a request that failed on `from` and was answered by `to`, `took` after it had been sent to `from`.
    pub fn record_moved(&mut self, from: &str, to: &str, took: Duration, now: Instant) {
        let failover = self.open_for(from, now);
        failover.moved += 1;
        failover.slowest = failover.slowest.max(took);
        if !failover.to.iter().any(|known| known == to) {
            failover.to.push(to.to_owned());
        }
    }

    /// Counts a request that failed on `from` and was not answered by any replica.
    pub fn record_failed(&mut self, from: &str, now: Instant) {
        self.open_for(from, now).failed += 1;
    }

    pub fn record_new_primary(&mut self, from: &str, to: &str, now: Instant) {
        self.open_for(from, now).new_primary = Some(to.to_owned());
    }

    /// Removes and returns the failovers that are over.
    pub fn take_finished(&mut self, now: Instant) -> Vec<Failover> {
        let is_over =
            |failover: &mut Failover| now.duration_since(failover.last_at) >= FAILOVER_CALM;
        self.open.extract_if(.., is_over).collect()
    }

    fn open_for(&mut self, from: &str, now: Instant) -> &mut Failover {
        let known = self.open.iter().position(|failover| failover.from == from);
        let index = known.unwrap_or_else(|| {
            self.open.push(Failover {
                from: from.to_owned(),
                moved: 0,
                failed: 0,
                to: Vec::new(),
                slowest: Duration::ZERO,
                new_primary: None,
                last_at: now,
            });
            self.open.len() - 1
        });
        let failover = &mut self.open[index];
        failover.last_at = now;
        failover
    }
}

impl Failover {
    /// How long the slowest moved request took; `None` where none moved.
    pub fn took_ms(&self) -> Option<f64> {
        (self.moved > 0).then_some(self.slowest.as_secs_f64() * 1000.0)
    }

    /// Describes the failover, such as `replica-2 gone; 4 requests moved to replica-3 in 9.0 ms; 0 failed`. `condition` says what is
    /// wrong with the replica: gone, switched down.
    pub fn sentence(&self, condition: &str) -> String {
        let mut parts = vec![format!("{} {condition}", self.from)];
        if let Some(took_ms) = self.took_ms() {
            parts.push(format!(
                "{} moved to {} in {}",
                count_of_requests(self.moved),
                self.to.join(" and "),
                format_ms(took_ms)
            ));
        }
        if self.moved > 0 || self.failed > 0 {
            parts.push(format!("{} failed", self.failed));
        }
        if let Some(primary) = &self.new_primary {
            parts.push(format!("{primary} is primary now"));
        }
        parts.join("; ")
    }
}

fn count_of_requests(count: u32) -> String {
    match count {
        1 => "1 request".to_owned(),
        count => format!("{count} requests"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn one_failover_is_one_sentence() {
        let mut stats = FailoverStats::default();
        let now = Instant::now();
        stats.record_new_primary("replica-2", "replica-3", now);
        for took_ms in [4, 9, 2] {
            let took = Duration::from_millis(took_ms);
            stats.record_moved("replica-2", "replica-3", took, now);
        }
        assert!(stats.take_finished(now).is_empty());
        tokio::time::advance(FAILOVER_CALM).await;
        let finished = stats.take_finished(Instant::now());
        assert_eq!(finished.len(), 1);
        assert_eq!(
            finished[0].sentence("gone"),
            "replica-2 gone; 3 requests moved to replica-3 in 9.0 ms; 0 failed; replica-3 is primary now"
        );
        assert_eq!(finished[0].took_ms(), Some(9.0));
        assert!(stats.take_finished(Instant::now()).is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn a_failover_without_requests_and_one_failed_request_read_well() {
        let mut stats = FailoverStats::default();
        let now = Instant::now();
        stats.record_new_primary("replica-1", "replica-2", now);
        stats.record_failed("replica-3", now);
        tokio::time::advance(FAILOVER_CALM).await;
        let sentences: Vec<String> = stats
            .take_finished(Instant::now())
            .iter()
            .map(|failover| failover.sentence("gone"))
            .collect();
        assert_eq!(
            sentences,
            [
                "replica-1 gone; replica-2 is primary now",
                "replica-3 gone; 1 failed"
            ]
        );
    }
}
