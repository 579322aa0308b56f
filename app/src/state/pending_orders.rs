//! The idempotency keys of this phone's baskets, and the requests that were sent with them until their outcome is known. Pure; it must
//! not know storage or requests.
//!
//! The rules that together make one order of one basket, whatever fails on the way:
//! - a key is generated once for a basket and retired only when its order is known to be placed;
//! - before a request is sent, its exact body is stored beside the key; while its outcome is open, every further press of the button, in
//!   any tab, sends that body with that key again;
//! - a rejection, or the answer that no order has this key, releases the body but keeps the key: should the first request arrive after
//!   all, the second one meets it under the same key.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The keys of this phone's baskets.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
pub struct PendingOrders(BTreeMap<String, PendingOrder>);

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
struct PendingOrder {
    key: String,
    /// The exact body that was sent and whose outcome is not known.
    open: Option<String>,
    /// Whether a request with this key was ever sent.
    sent: bool,
}

/// The right to send: always this key with this body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    pub key: String,
    pub body: String,
    /// The body was sent before, by another tab or before a reload.
    pub again: bool,
}

impl PendingOrders {
    /// Records that `body` is about to be sent. An open body takes precedence over it; `fresh_key` is used only where there is no key yet.
    pub fn claim(&mut self, restaurant: &str, fresh_key: &str, body: &str) -> Claim {
        let pending = self
            .0
            .entry(restaurant.to_owned())
            .or_insert_with(|| PendingOrder {
                key: fresh_key.to_owned(),
                open: None,
                sent: false,
            });
        let again = pending.open.is_some();
        pending.sent = true;
        Claim {
            key: pending.key.clone(),
            body: pending.open.get_or_insert_with(|| body.to_owned()).clone(),
            again,
        }
    }

    /// The request that was sent and whose outcome is open.
    #[must_use]
    pub fn open(&self, restaurant: &str) -> Option<Claim> {
        let pending = self.0.get(restaurant)?;
        Some(Claim {
            key: pending.key.clone(),
            body: pending.open.clone()?,
            again: true,
        })
    }

    /// A restaurant with an open request, whose checkout goes on after a reload.
    #[must_use]
    pub fn open_restaurant(&self) -> Option<&str> {
        self.0
            .iter()
            .find(|(_, pending)| pending.open.is_some())
            .map(|(restaurant, _)| restaurant.as_str())
    }

    /// The key that was used for this restaurant's basket before, while nothing is open. It is looked up when the checkout is opened,
    /// because a request given up for lost may have arrived late.
    #[must_use]
    pub fn used_key(&self, restaurant: &str) -> Option<&str> {
        self.0
            .get(restaurant)
            .filter(|pending| pending.sent && pending.open.is_none())
            .map(|pending| pending.key.as_str())
    }

    /// Releases the body after a rejection, or when no order has this key: the basket may change, the key stays.
    pub fn release_body(&mut self, restaurant: &str, key: &str) {
        if let Some(pending) = self.0.get_mut(restaurant)
            && pending.key == key
        {
            pending.open = None;
        }
    }

    /// Whether this is still the key of this restaurant's basket.
    #[must_use]
    pub fn holds(&self, restaurant: &str, key: &str) -> bool {
        self.0
            .get(restaurant)
            .is_some_and(|pending| pending.key == key)
    }

    /// Removes the key of a placed order.
    pub fn retire(&mut self, restaurant: &str, key: &str) {
        if self.holds(restaurant, key) {
            self.0.remove(restaurant);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHOP: &str = "copper-pan";

    #[test]
    fn a_double_tap_a_second_tab_and_a_reload_send_the_same_again() {
        let mut stored = PendingOrders::default();
        let first = stored.claim(SHOP, "key-1", "body-1");
        assert!(!first.again);
        let second = stored.claim(SHOP, "key-2", "body-2");
        assert_eq!(
            (second.key.as_str(), second.body.as_str()),
            ("key-1", "body-1")
        );
        assert!(second.again);

        let text = serde_json::to_string(&stored).unwrap();
        let reloaded: PendingOrders = serde_json::from_str(&text).unwrap();
        assert_eq!(reloaded.open(SHOP), Some(second));
        assert_eq!(reloaded.open_restaurant(), Some(SHOP));
    }

    #[test]
    fn a_rejection_releases_the_body_and_keeps_the_key() {
        let mut stored = PendingOrders::default();
        stored.claim(SHOP, "key-1", "body-1");
        stored.release_body(SHOP, "key-1");
        assert_eq!(stored.open(SHOP), None);
        assert_eq!(stored.used_key(SHOP), Some("key-1"));
        let next = stored.claim(SHOP, "key-2", "body-2");
        assert_eq!((next.key.as_str(), next.body.as_str()), ("key-1", "body-2"));
        assert!(!next.again);
    }

    #[test]
    fn a_late_answer_about_an_old_key_changes_nothing() {
        let mut stored = PendingOrders::default();
        stored.claim(SHOP, "key-1", "body-1");
        assert!(stored.holds(SHOP, "key-1"));
        stored.retire(SHOP, "key-1");
        assert!(!stored.holds(SHOP, "key-1"));
        let next = stored.claim(SHOP, "key-2", "body-2");
        assert_eq!(next.key, "key-2");
        stored.retire(SHOP, "key-1");
        stored.release_body(SHOP, "key-1");
        assert_eq!(
            stored.open(SHOP).map(|claim| claim.body),
            Some("body-2".into())
        );
    }

    #[test]
    fn restaurants_do_not_share_a_key() {
        let mut stored = PendingOrders::default();
        stored.claim("a", "key-1", "body-1");
        assert_eq!(stored.claim("b", "key-2", "body-2").key, "key-2");
        assert_eq!(stored.used_key("c"), None);
    }
}
