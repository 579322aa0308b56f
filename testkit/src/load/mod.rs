//! Load generators over HTTP/1.1: closed-loop for capacity, open-loop for what customers see.

pub mod closed_loop;
pub mod open_loop;

mod connection;
mod latency;

use std::sync::Arc;

use bytes::Bytes;
use http_body_util::Full;
use hyper::Request;

pub use latency::percentile;

/// Builds the next request; called once for each.
pub type RequestFactory = Arc<dyn Fn() -> Request<Full<Bytes>> + Send + Sync>;
