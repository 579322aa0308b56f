//! Requests to the front-end server.
