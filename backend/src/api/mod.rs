//! The HTTP API of a replica: one file an operation.
