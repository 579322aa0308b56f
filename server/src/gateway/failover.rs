//! Counts what a failing replica cost: how many requests moved, to whom, how long they took, how many failed.
//!
//! A tally opens with the first trouble and is told as one event when things have been calm for a moment, because one event
//! per moved request would tell nobody anything.

use std::time::Duration;

use tokio::time::Instant;

use crate::fleet_history::format_ms;

/// Calm for this long: the failover is over.
const CALM: Duration = Duration::from_millis(400);

#[derive(Default)]
pub struct Ledger {
    open: Vec<Tally>,
}

pub struct Tally {
    pub from: String,
    moved: u32,
    failed: u32,
    to: Vec<String>,
    slowest: Duration,
    primary_moved_to: Option<String>,
    last: Instant,
}

impl Ledger {
    /// A request that failed on `from` was answered by `to`, this long after it had been sent to `from`.
    pub fn moved(&mut self, from: &str, to: &str, took: Duration, now: Instant) {
        let tally = self.of(from, now);
        tally.moved += 1;
        tally.slowest = tally.slowest.max(took);
        if !tally.to.iter().any(|known| known == to) {
            tally.to.push(to.to_owned());
        }
    }

    /// A request that failed on `from` was answered by nobody.
    pub fn failed(&mut self, from: &str, now: Instant) {
        self.of(from, now).failed += 1;
    }

    pub fn primary_moved(&mut self, from: &str, to: &str, now: Instant) {
        self.of(from, now).primary_moved_to = Some(to.to_owned());
    }

    /// Those that are over.
    pub fn finished(&mut self, now: Instant) -> Vec<Tally> {
        self.open
            .extract_if(.., |tally| now.duration_since(tally.last) >= CALM)
            .collect()
    }

    fn of(&mut self, from: &str, now: Instant) -> &mut Tally {
        let index = self
            .open
            .iter()
            .position(|tally| tally.from == from)
            .unwrap_or_else(|| {
                self.open.push(Tally {
                    from: from.to_owned(),
                    moved: 0,
                    failed: 0,
                    to: Vec::new(),
                    slowest: Duration::ZERO,
                    primary_moved_to: None,
                    last: now,
                });
                self.open.len() - 1
            });
        let tally = &mut self.open[index];
        tally.last = now;
        tally
    }
}

impl Tally {
    pub fn took_ms(&self) -> Option<f64> {
        (self.moved > 0).then_some(self.slowest.as_secs_f64() * 1000.0)
    }

    /// `replica-2 gone; 4 requests moved to replica-3 in 9.0 ms; 0 failed`. `what` says how it is: gone, switched down.
    pub fn sentence(&self, what: &str) -> String {
        let mut parts = vec![format!("{} {what}", self.from)];
        if let Some(took_ms) = self.took_ms() {
            parts.push(format!(
                "{} moved to {} in {}",
                requests(self.moved),
                self.to.join(" and "),
                format_ms(took_ms)
            ));
        }
        if self.moved > 0 || self.failed > 0 {
            parts.push(format!("{} failed", self.failed));
        }
        if let Some(primary) = &self.primary_moved_to {
            parts.push(format!("{primary} is primary now"));
        }
        parts.join("; ")
    }
}

fn requests(count: u32) -> String {
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
        let mut ledger = Ledger::default();
        let now = Instant::now();
        ledger.primary_moved("replica-2", "replica-3", now);
        for took_ms in [4, 9, 2] {
            let took = Duration::from_millis(took_ms);
            ledger.moved("replica-2", "replica-3", took, now);
        }
        assert!(ledger.finished(now).is_empty());
        tokio::time::advance(CALM).await;
        let finished = ledger.finished(Instant::now());
        assert_eq!(finished.len(), 1);
        assert_eq!(
            finished[0].sentence("gone"),
            "replica-2 gone; 3 requests moved to replica-3 in 9.0 ms; 0 failed; replica-3 is primary now"
        );
        assert_eq!(finished[0].took_ms(), Some(9.0));
        assert!(ledger.finished(Instant::now()).is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn a_quiet_failover_and_a_failed_request_read_well() {
        let mut ledger = Ledger::default();
        let now = Instant::now();
        ledger.primary_moved("replica-1", "replica-2", now);
        ledger.failed("replica-3", now);
        tokio::time::advance(CALM).await;
        let sentences: Vec<String> = ledger
            .finished(Instant::now())
            .iter()
            .map(|tally| tally.sentence("gone"))
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
