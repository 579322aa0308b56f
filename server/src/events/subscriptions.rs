//! Subscriptions by name: of an order's token, or a restaurant's slug.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use model::feed::OrderEvent;
use tokio::sync::broadcast;

use crate::sync::lock;

/// How many events a subscriber may lag behind before it reads the log again. An order has some ten events in all, and a busy
/// restaurant as many in a minute.
const CAPACITY: usize = 16;

#[derive(Default)]
pub struct Subscriptions(Mutex<HashMap<String, broadcast::Sender<Arc<OrderEvent>>>>);

impl Subscriptions {
    /// Subscribes to the events of `name` from now on.
    pub fn subscribe(&self, name: &str) -> broadcast::Receiver<Arc<OrderEvent>> {
        let mut senders = lock(&self.0);
        if let Some(sender) = senders.get(name) {
            return sender.subscribe();
        }
        // The map is about to grow, so drop first what has no subscriber any more.
        if senders.len() == senders.capacity() {
            senders.retain(|_, sender| sender.receiver_count() > 0);
        }
        let (sender, receiver) = broadcast::channel(CAPACITY);
        senders.insert(name.to_owned(), sender);
        receiver
    }

    pub fn publish(&self, name: &str, event: &Arc<OrderEvent>) {
        let mut senders = lock(&self.0);
        if let Some(sender) = senders.get(name)
            && sender.send(Arc::clone(event)).is_err()
        {
            senders.remove(name);
        }
    }

    /// Closes all receivers: a subscriber whose receiver is closed reads the log again and subscribes anew.
    pub fn reset(&self) {
        lock(&self.0).clear();
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
    fn an_event_reaches_all_subscribers_of_its_name_and_no_others() {
        let subscriptions = Subscriptions::default();
        let mut one = [
            subscriptions.subscribe("one"),
            subscriptions.subscribe("one"),
        ];
        let mut other = subscriptions.subscribe("other");
        subscriptions.publish("one", &event("one", 1));
        subscriptions.publish("unsubscribed", &event("unsubscribed", 2));
        for receiver in &mut one {
            assert_eq!(receiver.try_recv().unwrap().sequence, 1);
        }
        assert!(other.try_recv().is_err());
    }

    #[test]
    fn names_without_subscribers_are_dropped() {
        let subscriptions = Subscriptions::default();
        for number in 0..10_000 {
            subscriptions.subscribe(&number.to_string());
        }
        assert!(lock(&subscriptions.0).len() < 100);
        drop(subscriptions.subscribe("one"));
        subscriptions.publish("one", &event("one", 1));
        assert!(!lock(&subscriptions.0).contains_key("one"));
    }

    #[test]
    fn a_reset_closes_every_receiver() {
        let subscriptions = Subscriptions::default();
        let mut receiver = subscriptions.subscribe("one");
        subscriptions.reset();
        let closed = broadcast::error::TryRecvError::Closed;
        assert_eq!(receiver.try_recv().unwrap_err(), closed);
    }
}
