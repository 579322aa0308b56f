//! A connection to a replica that is held open for health checks alone, so that they never queue behind a slow answer.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderValue, Method, StatusCode};

use super::observation::Observation;
use crate::gateway::config::MAX_PROBE_ANSWER_BYTES;
use crate::gateway::upstream::Endpoint;
use crate::gateway::upstream::connection::{self, Connection};
use crate::gateway::upstream::headers::own_request;

#[derive(Default)]
pub struct ProbeConnection(Option<Connection>);

impl ProbeConnection {
    /// Sends a `GET` for `path`, on a new connection where none is held. Dropping the future closes the connection.
    ///
    /// # Errors
    /// What the missing answer says about the replica.
    pub async fn get(
        &mut self,
        endpoint: &Arc<Endpoint>,
        path: &'static str,
        credential: Option<&HeaderValue>,
    ) -> Result<(StatusCode, Bytes), Observation> {
        let mut connection = match self.0.take_if(|held| held.is_ready()) {
            Some(held) => held,
            None => connect(endpoint).await?,
        };
        let address = &endpoint.address;
        let request = own_request(Method::GET, path, address, credential, Bytes::new());
        let answer = connection.send(request).await;
        let answer = answer.map_err(|_| Observation::CheckBroken)?;
        let status = answer.status();
        let body = connection::read_body(answer.into_body(), MAX_PROBE_ANSWER_BYTES)
            .await
            .map_err(|_| Observation::CheckBroken)?;
        self.0 = Some(connection);
        Ok((status, body))
    }

    /// Waits until the replica closes the held connection; never completes if none is held.
    pub async fn closed(&mut self) {
        match &mut self.0 {
            Some(connection) => connection.closed().await,
            None => std::future::pending().await,
        }
        self.0 = None;
    }
}

async fn connect(endpoint: &Arc<Endpoint>) -> Result<Connection, Observation> {
    Connection::open(&endpoint.address).await.map_err(|error| {
        if connection::is_exhaustion(&error) {
            // The fault is this machine's, so that a single one is tolerated like a late answer.
            Observation::CheckTimedOut
        } else {
            Observation::ConnectionRefused
        }
    })
}
