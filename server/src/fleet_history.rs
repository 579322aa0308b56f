//! The recent history of the fleet, as sentences for the status panel: a bounded list that only this server keeps.
//!
//! Also notifies the status streams of every change. Knows nothing of how a status is composed, and is not the event log of orders
//! (`events`).

use std::collections::{HashMap, VecDeque};
use std::sync::Mutex;

use model::status::{Event, EventKind};
use process::clock::SharedClock;
use tokio::sync::watch;

use crate::sync::lock;

/// Enough for an evening with many faults; the process's log has older entries.
const MAX_EVENTS: usize = 200;

pub struct FleetHistory {
    clock: SharedClock,
    entries: Mutex<Entries>,
    changed: watch::Sender<()>,
}

#[derive(Default)]
struct Entries {
    last_sequence: u64,
    /// Counts all events since the start, also those that the list no longer has.
    count_by_kind: HashMap<EventKind, u64>,
    newest_first: VecDeque<Event>,
}

impl FleetHistory {
    pub fn new(clock: SharedClock) -> Self {
        Self {
            clock,
            entries: Mutex::default(),
            changed: watch::Sender::new(()),
        }
    }

    /// Adds an event, logs it and notifies.
    pub fn record(
        &self,
        kind: EventKind,
        replica: Option<&str>,
        message: String,
        took_ms: Option<f64>,
    ) {
        tracing::info!(?kind, "{message}");
        let mut entries = lock(&self.entries);
        entries.last_sequence += 1;
        *entries.count_by_kind.entry(kind).or_default() += 1;
        let event = Event {
            sequence: entries.last_sequence,
            at_ms: self.clock.now_ms(),
            kind,
            replica: replica.map(str::to_owned),
            message,
            took_ms,
        };
        entries.newest_first.push_front(event);
        entries.newest_first.truncate(MAX_EVENTS);
        drop(entries);
        self.notify();
    }

    pub fn newest_first(&self) -> Vec<Event> {
        lock(&self.entries).newest_first.iter().cloned().collect()
    }

    /// The number of events since the start, by kind; kinds without events are absent.
    pub fn count_by_kind(&self) -> HashMap<EventKind, u64> {
        lock(&self.entries).count_by_kind.clone()
    }

    /// Announces that the status has changed, with or without an event.
    pub fn notify(&self) {
        self.changed.send_replace(());
    }

    /// Changes of the status from now on.
    pub fn changes(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }
}

/// Formats a duration with two or three digits: `9.0 ms`, `850 ms`, `3.2 s`, `4 min`.
pub fn format_ms(ms: f64) -> String {
    match ms {
        ms if ms < 9.95 => format!("{ms:.1} ms"),
        ms if ms < 999.5 => format!("{ms:.0} ms"),
        ms if ms < 59_950.0 => format!("{:.1} s", ms / 1000.0),
        ms => format!("{:.0} min", ms / 60_000.0),
    }
}

#[cfg(test)]
mod tests {
    use process::clock::ManualClock;

    use super::*;

    #[test]
    fn the_list_is_bounded_and_newest_first() {
        let history = FleetHistory::new(ManualClock::at(5));
        for index in 0..MAX_EVENTS + 10 {
            history.record(EventKind::Joined, None, format!("{index}"), None);
        }
        let list = history.newest_first();
        assert_eq!(list.len(), MAX_EVENTS);
        assert_eq!(list[0].message, format!("{}", MAX_EVENTS + 9));
        assert_eq!(list[0].sequence, MAX_EVENTS as u64 + 10);
        assert_eq!(list[0].at_ms, 5);
    }

    #[test]
    fn durations_have_two_or_three_digits() {
        assert_eq!(format_ms(0.42), "0.4 ms");
        assert_eq!(format_ms(9.0), "9.0 ms");
        assert_eq!(format_ms(9.97), "10 ms");
        assert_eq!(format_ms(999.7), "1.0 s");
        assert_eq!(format_ms(3_210.0), "3.2 s");
        assert_eq!(format_ms(240_000.0), "4 min");
    }
}
