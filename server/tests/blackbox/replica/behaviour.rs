//! The behaviours of a replica stand-in, and the responses that they give.

use std::convert::Infallible;

use bytes::Bytes;
use futures_util::stream;
use http::{Response, StatusCode};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::Frame;
use model::api;
use model::status::ReplicaReport;

/// A response whose body may break off.
pub type ReplicaResponse = Response<BoxBody<Bytes, &'static str>>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behaviour {
    Responds,
    /// Reads the request and sends nothing.
    Hangs,
    /// Reads the request and closes the connection.
    Breaks,
    /// Closes the connection in the middle of its response, whose length in bytes is given.
    BreaksMidway(u32),
    /// 503.
    Busy,
    /// 504, as a replica that drops the request at its deadline.
    Late,
    /// A megabyte in chunks, without a length.
    Streams,
    /// A response with hop-by-hop headers.
    HopHeaders,
    /// A response with this TTL in milliseconds.
    Cacheable(u32),
}

impl Behaviour {
    /// Responds to a health check with `report`, or to any other request with text that contains the replica's `id`.
    ///
    /// # Errors
    /// If the connection is to be closed without a response.
    pub async fn respond(
        self,
        id: &str,
        report: Option<ReplicaReport>,
    ) -> Result<ReplicaResponse, &'static str> {
        match self {
            Self::Responds => Ok(match report {
                Some(report) => {
                    let status = if report.ready { 200 } else { 503 };
                    let status = StatusCode::from_u16(status).unwrap();
                    whole_response(status, serde_json::to_vec(&report).unwrap())
                }
                None => whole_response(StatusCode::OK, format!("from {id}")),
            }),
            Self::Hangs => std::future::pending().await,
            Self::Breaks => Err("broken on purpose"),
            Self::BreaksMidway(bytes) => Ok(Response::builder()
                .header("content-length", bytes)
                .body(chunked_body(vec![
                    Ok("the beginning"),
                    Err("broken on purpose"),
                ]))
                .unwrap()),
            Self::Busy => Ok(whole_response(StatusCode::SERVICE_UNAVAILABLE, "busy")),
            Self::Late => Ok(whole_response(StatusCode::GATEWAY_TIMEOUT, "late")),
            Self::Streams => Ok(Response::new(chunked_body(vec![Ok(KILOBYTE); 1_024]))),
            Self::Cacheable(for_ms) => {
                let mut response = whole_response(StatusCode::OK, format!("from {id}"));
                for (name, value) in [
                    (api::RESPONSE_TTL, for_ms.to_string()),
                    ("etag", TAG.to_owned()),
                ] {
                    response.headers_mut().insert(name, value.parse().unwrap());
                }
                Ok(response)
            }
            Self::HopHeaders => {
                let mut response = whole_response(StatusCode::OK, "hop");
                for (name, value) in [
                    ("connection", "x-hop"),
                    ("x-hop", "1"),
                    ("keep-alive", "timeout=5"),
                    ("x-stays", "1"),
                ] {
                    response.headers_mut().insert(name, value.parse().unwrap());
                }
                Ok(response)
            }
        }
    }
}

/// `ETag` of the cacheable response.
pub const TAG: &str = "W/\"1\"";

const KILOBYTE: &str = match std::str::from_utf8(&[b'x'; 1_024]) {
    Ok(text) => text,
    Err(_) => "",
};

pub fn whole_response(status: StatusCode, body: impl Into<Bytes>) -> ReplicaResponse {
    let body = Full::new(body.into()).map_err(|never: Infallible| match never {});
    let mut response = Response::new(body.boxed());
    *response.status_mut() = status;
    response
}

fn chunked_body(pieces: Vec<Result<&'static str, &'static str>>) -> BoxBody<Bytes, &'static str> {
    let frames = pieces
        .into_iter()
        .map(|piece| piece.map(|text| Frame::data(Bytes::from_static(text.as_bytes()))));
    BodyExt::boxed(StreamBody::new(stream::iter(frames.collect::<Vec<_>>())))
}
