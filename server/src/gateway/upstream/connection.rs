//! One HTTP/1.1 connection to a replica: sends a request and reads its answer, one at a time. hyper speaks the protocol.

use std::io;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
#[cfg(not(test))]
use tokio::net::TcpStream;
use tokio_util::task::AbortOnDropHandle;
// The unit tests' replicas are on a simulated network.
#[cfg(test)]
use turmoil::net::TcpStream;

use crate::gateway::config::{MAX_HEAD_BYTES, MAX_HEADERS};

/// An open connection, closed when it is dropped.
pub struct Connection {
    sender: SendRequest<Full<Bytes>>,
    /// Reads and writes until the connection closes. Runs on the thread that opened the connection.
    driver: AbortOnDropHandle<()>,
}

/// Why a request has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExchangeError {
    /// Nothing of the request was sent.
    NotSent,
    /// The connection broke after something may have been sent, or the answer is malformed.
    Broken,
}

/// Whether connecting failed because this machine has no file descriptors, ports or memory left.
pub fn is_exhaustion(error: &io::Error) -> bool {
    const ENOMEM: i32 = 12;
    const ENFILE: i32 = 23;
    const EMFILE: i32 = 24;
    const EADDRNOTAVAIL: i32 = 99;
    const ENOBUFS: i32 = 105;
    matches!(
        error.raw_os_error(),
        Some(ENOMEM | ENFILE | EMFILE | EADDRNOTAVAIL | ENOBUFS)
    )
}

async fn connect(address: &str) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address).await?;
    // A socket can connect to itself where no process listens at the port and the system picks the same one for the client side.
    if stream.local_addr()? == stream.peer_addr()? {
        return Err(io::ErrorKind::ConnectionRefused.into());
    }
    stream.set_nodelay(true)?;
    Ok(stream)
}

impl Connection {
    /// Connects to `address`, `HOST:PORT`.
    ///
    /// # Errors
    /// If the address refuses, or this machine cannot open another connection ([`is_exhaustion`]).
    pub async fn open(address: &str) -> io::Result<Self> {
        let stream = TokioIo::new(connect(address).await?);
        let (sender, connection) = http1::Builder::new()
            .max_buf_size(MAX_HEAD_BYTES)
            .max_headers(MAX_HEADERS)
            .handshake(stream)
            .await
            .map_err(io::Error::other)?;
        let driver = tokio::spawn(async move {
            // The request in flight gets the error.
            let _ = connection.await;
        });
        Ok(Self {
            sender,
            driver: AbortOnDropHandle::new(driver),
        })
    }

    /// Sends a request and reads the head of its answer. Dropping the future closes the connection.
    ///
    /// # Errors
    /// If the connection ends before the head is complete, or the head is malformed.
    pub async fn send(
        &mut self,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<Incoming>, ExchangeError> {
        match self.sender.try_send_request(request).await {
            // No request asks for another protocol.
            Ok(answer) if answer.status() == StatusCode::SWITCHING_PROTOCOLS => {
                Err(ExchangeError::Broken)
            }
            Ok(answer) => Ok(answer),
            // hyper returns a request that it has not begun to write.
            Err(mut error) => Err(match error.take_message() {
                Some(_) => ExchangeError::NotSent,
                None => ExchangeError::Broken,
            }),
        }
    }

    /// Waits until the connection is closed: by the replica, or because it sent something unrequested.
    pub async fn closed(&mut self) {
        // The driver does not panic, and only dropping the connection aborts it.
        let _ = (&mut self.driver).await;
    }

    /// Whether a request can be sent at once. A moment after the end of an answer it can, if the replica keeps the connection open.
    pub fn is_ready(&self) -> bool {
        self.sender.is_ready()
    }

    pub fn is_closed(&self) -> bool {
        self.sender.is_closed()
    }
}

/// Reads a whole body of at most `max_bytes`.
///
/// # Errors
/// If it is longer, or breaks off.
pub async fn read_body(body: Incoming, max_bytes: usize) -> Result<Bytes, ExchangeError> {
    match Limited::new(body, max_bytes).collect().await {
        Ok(whole) => Ok(whole.to_bytes()),
        Err(_) => Err(ExchangeError::Broken),
    }
}
