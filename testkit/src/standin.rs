//! How a stand-in for a replica is told what to do, beside the API.

/// The slug of the restaurant whose menu is told to stay the same for a while, as replicas tell it.
pub const FRESH: &str = "fresh";
/// `POST`: from now on orders get no answer, while health checks pass.
pub const GREY: &str = "/standin/grey";
/// `GET`: the keys of the orders that it has carried out, oldest first.
pub const SEEN: &str = "/standin/seen";
