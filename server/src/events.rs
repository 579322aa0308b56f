//! What happened lately, as sentences for people: a bounded list that only this server keeps.
//!
//! Also the bell that rings for everybody who shows the status. Knows nothing of how a status is put together.

use std::collections::{HashMap, VecDeque};
use std::sync::Mutex;

use model::status::{Event, EventKind};
use process::clock::SharedClock;
use tokio::sync::watch;

use crate::sync::locked;

/// Enough for a bad evening; older ones are in the log.
const KEPT: usize = 200;

pub struct Events {
    clock: SharedClock,
    list: Mutex<List>,
    changed: watch::Sender<()>,
}

#[derive(Default)]
struct List {
    last_sequence: u64,
    /// Of all that was ever told.
    by_kind: HashMap<EventKind, u64>,
    newest_first: VecDeque<Event>,
}

impl Events {
    pub fn new(clock: SharedClock) -> Self {
        Self {
            clock,
            list: Mutex::default(),
            changed: watch::Sender::new(()),
        }
    }

    pub fn tell(
        &self,
        kind: EventKind,
        replica: Option<&str>,
        message: String,
        took_ms: Option<f64>,
    ) {
        tracing::info!(?kind, "{message}");
        let mut list = locked(&self.list);
        list.last_sequence += 1;
        *list.by_kind.entry(kind).or_default() += 1;
        let event = Event {
            sequence: list.last_sequence,
            at_ms: self.clock.now_ms(),
            kind,
            replica: replica.map(str::to_owned),
            message,
            took_ms,
        };
        list.newest_first.push_front(event);
        list.newest_first.truncate(KEPT);
        drop(list);
        self.ring();
    }

    pub fn newest_first(&self) -> Vec<Event> {
        locked(&self.list).newest_first.iter().cloned().collect()
    }

    /// How many were told of each kind that there were any of.
    pub fn by_kind(&self) -> HashMap<EventKind, u64> {
        locked(&self.list).by_kind.clone()
    }

    /// Says that the status looks different now.
    pub fn ring(&self) {
        self.changed.send_replace(());
    }

    pub fn bell(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }
}

/// `9 ms`, `850 ms`, `3.2 s`, `4 min`: as exact as is worth reading.
pub fn span(ms: f64) -> String {
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
        let events = Events::new(ManualClock::at(5));
        for index in 0..KEPT + 10 {
            events.tell(EventKind::Joined, None, format!("{index}"), None);
        }
        let list = events.newest_first();
        assert_eq!(list.len(), KEPT);
        assert_eq!(list[0].message, format!("{}", KEPT + 9));
        assert_eq!(list[0].sequence, KEPT as u64 + 10);
        assert_eq!(list[0].at_ms, 5);
    }

    #[test]
    fn spans_read_well() {
        assert_eq!(span(0.42), "0.4 ms");
        assert_eq!(span(9.0), "9.0 ms");
        assert_eq!(span(9.97), "10 ms");
        assert_eq!(span(999.7), "1.0 s");
        assert_eq!(span(3_210.0), "3.2 s");
        assert_eq!(span(240_000.0), "4 min");
    }
}
