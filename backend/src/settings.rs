//! Settings of a replica.
