//! Who listens for what: an order, or a restaurant.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use model::feed::OrderEvent;
use tokio::sync::broadcast;

use crate::sync::locked;

/// An order has some ten events in all, and a busy restaurant as many in a minute; whoever is so far behind reads the log again.
const BEHIND: usize = 16;

#[derive(Default)]
pub struct Topics(Mutex<HashMap<String, broadcast::Sender<Arc<OrderEvent>>>>);

impl Topics {
    /// Its events from now on.
    pub fn of(&self, name: &str) -> broadcast::Receiver<Arc<OrderEvent>> {
        let mut topics = locked(&self.0);
        if let Some(topic) = topics.get(name) {
            return topic.subscribe();
        }
        // Where it has to grow anyway is a good moment to look who has gone.
        if topics.len() == topics.capacity() {
            topics.retain(|_, topic| topic.receiver_count() > 0);
        }
        let (topic, receiver) = broadcast::channel(BEHIND);
        topics.insert(name.to_owned(), topic);
        receiver
    }

    pub fn tell(&self, name: &str, event: &Arc<OrderEvent>) {
        let mut topics = locked(&self.0);
        if let Some(topic) = topics.get(name)
            && topic.send(Arc::clone(event)).is_err()
        {
            topics.remove(name);
        }
    }

    /// Something may have been missed: whoever listens reads the log again.
    pub fn lose(&self) {
        // A receiver whose sender is gone subscribes anew.
        locked(&self.0).clear();
    }
}

#[cfg(test)]
mod tests {
    use model::OrderState;

    use super::*;

    fn event(order: &str, sequence: i64) -> Arc<OrderEvent> {
        Arc::new(OrderEvent {
            sequence,
            order: order.to_owned(),
            restaurant: "noodle-bar".to_owned(),
            version: 1,
            state: OrderState::Placed,
            at_ms: 0,
        })
    }

    #[test]
    fn events_reach_all_who_listen_for_it_and_nobody_else() {
        let topics = Topics::default();
        let mut one = [topics.of("one"), topics.of("one")];
        let mut other = topics.of("other");
        topics.tell("one", &event("one", 1));
        topics.tell("nobody's", &event("nobody's", 2));
        for listener in &mut one {
            assert_eq!(listener.try_recv().unwrap().sequence, 1);
        }
        assert!(other.try_recv().is_err());
    }

    #[test]
    fn what_nobody_listens_for_any_more_is_forgotten() {
        let topics = Topics::default();
        for number in 0..10_000 {
            topics.of(&number.to_string());
        }
        assert!(locked(&topics.0).len() < 100);
        drop(topics.of("one"));
        topics.tell("one", &event("one", 1));
        assert!(!locked(&topics.0).contains_key("one"));
    }

    #[test]
    fn when_something_was_lost_every_listener_learns_it() {
        let topics = Topics::default();
        let mut listener = topics.of("one");
        topics.lose();
        let closed = broadcast::error::TryRecvError::Closed;
        assert_eq!(listener.try_recv().unwrap_err(), closed);
    }
}
