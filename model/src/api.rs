//! Paths, headers and rules of the API that the client, the front-end server and the replicas share.

/// `POST` [`crate::place::AddressCheck`] → [`crate::place::Place`].
pub const ADDRESS_CHECKS: &str = "/api/v1/address-checks";
/// `POST` [`crate::restaurant::RestaurantSearch`] → [`crate::restaurant::SearchResult`].
pub const RESTAURANT_SEARCHES: &str = "/api/v1/restaurant-searches";
/// `GET …/{slug}/menu` → [`crate::menu::Menu`]; `GET …/{slug}/slots?fulfilment=` → [`crate::restaurant::Slots`].
pub const RESTAURANTS: &str = "/api/v1/restaurants";
/// `POST` [`crate::basket::Basket`] → [`crate::basket::Quote`].
pub const QUOTES: &str = "/api/v1/quotes";
/// `POST` [`crate::order::PlaceOrder`] → 201 [`crate::order::Order`]; `GET …/{token}`; `POST …/{token}/cancellation`.
pub const ORDERS: &str = "/api/v1/orders";
/// Suffix of an order's path: `POST` cancels the order. Repeating it returns the same response.
pub const CANCELLATION: &str = "/cancellation";
/// `GET …/{key}` → [`crate::order::Order`], or 404 with code `not_placed`.
pub const ORDERS_BY_KEY: &str = "/api/v1/orders-by-key";
/// Prefix of the API for restaurants' staff: every path below it requires their session, except signing in.
pub const STAFF: &str = "/api/v1/staff";
/// `POST` [`crate::staff::StaffSignIn`] → [`crate::staff::StaffSession`]; `GET` → the same; `DELETE` ends the session.
pub const STAFF_SESSION: &str = "/api/v1/staff/session";
/// `GET` → [`crate::staff::StaffOrders`]; `GET …/{token}` → [`crate::staff::StaffOrder`]; `POST …/{token}/{transition}`
/// with an `Idempotency-Key` → [`crate::order::Order`].
pub const STAFF_ORDERS: &str = "/api/v1/staff/orders";
/// `GET` → [`crate::staff::StaffDishes`]; `PUT …/{dish}` [`crate::staff::StockChange`] with an `Idempotency-Key` →
/// [`crate::staff::DishStock`].
pub const STAFF_DISHES: &str = "/api/v1/staff/dishes";
/// Name of the cookie that holds the staff session.
pub const STAFF_COOKIE: &str = "tiffin-staff";
/// Served by the front-end server itself: `GET` → [`crate::feed::KitchenUpdate`] as server-sent events.
pub const STAFF_EVENTS: &str = "/api/v1/staff/events";
/// Served by the front-end server itself: `GET` → [`crate::status::Status`]; `GET …/live` is the same as server-sent events.
pub const STATUS: &str = "/api/v1/status";
/// Served by the front-end server itself: `GET` → [`crate::status::Servers`].
pub const STATUS_SERVERS: &str = "/api/v1/status/servers";

/// Served by the front-end server itself, for the operator: `POST` [`crate::drill::DrillPlan`] → 201 [`crate::drill::Drill`].
pub const DRILLS: &str = "/api/v1/status/drills";
/// `GET` → the running [`crate::drill::Drill`], or the last one; `DELETE` stops it.
pub const CURRENT_DRILL: &str = "/api/v1/status/drills/current";

/// The OpenAPI document of a replica's API for customers and staff.
pub const OPENAPI: &str = "/api/v1/openapi.json";
/// The OpenAPI document of the requests that a front-end server handles itself.
pub const STATUS_OPENAPI: &str = "/api/v1/status/openapi.json";
/// Page of the front-end server that shows both documents and can send requests.
pub const DOCS: &str = "/api/docs/";

/// On a replica: 200 while the process runs. Requires no credential.
pub const HEALTH_LIVE: &str = "/health/live";
/// On a replica: 200 with [`crate::status::ReplicaReport`] when it accepts requests, otherwise 503 with the same body.
pub const HEALTH_READY: &str = "/health/ready";

/// On a replica, for front-end servers alone: `GET …?after=SEQUENCE` → [`crate::feed::EventLogPage`].
pub const EVENTS: &str = "/internal/v1/events";
/// On a replica, for front-end servers alone: `GET …/{token}/events` → [`crate::feed::EventLogPage`] of one order.
pub const INTERNAL_ORDERS: &str = "/internal/v1/orders";
/// On a replica, for front-end servers alone: `GET …/{slug}/events?after=SEQUENCE` → [`crate::feed::EventLogPage`] of one restaurant.
pub const INTERNAL_RESTAURANTS: &str = "/internal/v1/restaurants";
/// On a replica, for front-end servers alone: `POST` with an `Idempotency-Key` places a drill's order; `GET …/{run}` →
/// [`crate::drill::DrillOrders`].
pub const DRILL_ORDERS: &str = "/internal/v1/drill-orders";
/// On a replica, for front-end servers alone: `POST` [`crate::drill::ReplicaFault`] injects a fault into the replica.
pub const FAULTS: &str = "/internal/v1/faults";

/// Request header with the idempotency key: draft-ietf-httpapi-idempotency-key-header-07.
pub const IDEMPOTENCY_KEY: &str = "idempotency-key";
/// Response header: `true` on a saved response that is returned for a key used before.
pub const IDEMPOTENCY_REPLAYED: &str = "idempotency-replayed";
/// Request header from a front-end server to a replica: proves that the caller belongs to the installation.
pub const CREDENTIAL: &str = "tiffin-credential";
/// Request header from a front-end server to a replica: number of the attempt at this request, from 1.
pub const ATTEMPT: &str = "tiffin-attempt";
/// Request header from a front-end server to a replica: milliseconds for which the caller still waits for the response. Relative,
/// because clocks differ.
pub const DEADLINE: &str = "tiffin-deadline-ms";
/// Response header from a replica to a front-end server: time to live of the response to a `GET`, in milliseconds, for all clients
/// that accept the same encodings.
pub const RESPONSE_TTL: &str = "tiffin-fresh-ms";
/// Response header on every response of a replica: its id.
pub const REPLICA: &str = "tiffin-replica";

/// Paths whose `POST` is safe in the sense of RFC 9110: they use `POST` only to keep personal data out of URLs and logs, change
/// nothing, and may be retried on another replica.
pub const SAFE_POSTS: [&str; 3] = [ADDRESS_CHECKS, RESTAURANT_SEARCHES, QUOTES];

/// Parses an idempotency key from its header: 16 to 64 characters of `A–Z a–z 0–9 - _`, such as a UUID. Accepts the draft's quoted
/// form too.
#[must_use]
pub fn idempotency_key(header: &str) -> Option<&str> {
    let key = header.trim();
    let key = key
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .unwrap_or(key);
    let fits = (16..=64).contains(&key.len())
        && key
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    fits.then_some(key)
}

/// Whether `list`, the value of `If-None-Match` (RFC 9110), matches `tag` by weak comparison; `*` matches every tag.
#[must_use]
pub fn matches_etag(list: &str, tag: &str) -> bool {
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let tag = opaque(tag);
    list.split(',')
        .any(|listed| listed.trim() == "*" || opaque(listed) == tag)
}

#[cfg(test)]
mod tests {
    use super::{idempotency_key, matches_etag};

    #[test]
    fn tags_are_compared_weakly() {
        let tag = "W/\"1\"";
        for list in ["\"1\"", "W/\"1\"", "\"0\", W/\"1\"", " * "] {
            assert!(matches_etag(list, tag), "{list}");
        }
        for list in ["", "\"2\"", "1", "W/\"11\""] {
            assert!(!matches_etag(list, tag), "{list}");
        }
    }

    #[test]
    fn keys_are_accepted_bare_and_quoted() {
        let uuid = "5f0c3a52-8f0e-4d5c-9a53-1f1f7e2d9d11";
        assert_eq!(idempotency_key(uuid), Some(uuid));
        assert_eq!(idempotency_key(&format!("\"{uuid}\"")), Some(uuid));
        assert_eq!(idempotency_key("short"), None);
        assert_eq!(idempotency_key(""), None);
        assert_eq!(idempotency_key(&"x".repeat(65)), None);
        assert_eq!(idempotency_key("has space in the middle"), None);
    }
}
