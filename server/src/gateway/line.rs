//! A connection to a replica that is held open for questions about its health alone, never in the queue behind a slow answer.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderValue, Method, StatusCode, Uri};

use super::connection::{self, Connection};
use super::endpoint::Endpoint;
use super::health::Observation;
use super::request::headers_to;
use super::wire;

const LARGEST_ANSWER_BYTES: usize = 64 * 1024;

#[derive(Default)]
pub struct Line(Option<Connection>);

impl Line {
    /// Asks for `path`, on a new connection where none is held. The credential shows that we are one of the replica's own: strangers
    /// are not told everything. Broken off, it leaves none.
    ///
    /// # Errors
    /// What the want of an answer says of the replica.
    pub async fn ask(
        &mut self,
        endpoint: &Arc<Endpoint>,
        path: &'static str,
        credential: Option<&HeaderValue>,
    ) -> Result<(StatusCode, Bytes), Observation> {
        let mut connection = match self.0.take_if(Connection::is_open) {
            Some(held) => held,
            None => connect(endpoint).await?,
        };
        let headers = headers_to(&endpoint.address, credential);
        let request = wire::request(&Method::GET, &Uri::from_static(path), &headers, &[], &[]);
        let (answer, framing) = connection
            .ask(&Method::GET, &request)
            .await
            .map_err(|_| Observation::CheckBroken)?;
        let body = connection
            .body(framing, LARGEST_ANSWER_BYTES)
            .await
            .map_err(|_| Observation::CheckBroken)?;
        self.0 = Some(connection);
        Ok((answer.status, body))
    }

    /// Until the replica ends the connection that is held.
    pub async fn ended(&mut self) {
        match &mut self.0 {
            Some(connection) => connection.ended().await,
            None => std::future::pending().await,
        }
        self.0 = None;
    }
}

async fn connect(endpoint: &Arc<Endpoint>) -> Result<Connection, Observation> {
    Connection::open(&endpoint.address).await.map_err(|error| {
        if connection::is_exhaustion(&error) {
            // Late rather than refused: forgiven once, since it says nothing of the replica.
            Observation::CheckTimedOut
        } else {
            Observation::Refused
        }
    })
}
