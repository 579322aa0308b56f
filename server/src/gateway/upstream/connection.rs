//! One connection to a replica: sends a request and reads its answer, one at a time.
//!
//! The caller's task writes and reads by itself, and a request is serialised once: with hyper's client forwarding an order took a
//! third more CPU time.

use std::future::poll_fn;
use std::io;
use std::pin::pin;
use std::task::{Context, Poll, Waker, ready};

use bytes::{Bytes, BytesMut};
use http::Method;
use http::response::Parts;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
#[cfg(not(test))]
pub use tokio::net::TcpStream;
// The unit tests' replicas are on a simulated network.
#[cfg(test)]
pub use turmoil::net::TcpStream;

use super::http1::{BodyPiece, Framing, MalformedAnswer, ResponseHead};
use crate::gateway::config::READ_BUFFER_BYTES;

pub struct Connection {
    stream: TcpStream,
    /// Bytes that have been read and not been parsed.
    buffer: BytesMut,
    /// The replica keeps the connection open after the present answer.
    keep_alive: bool,
}

/// Why a request has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExchangeError {
    /// Nothing of the request was sent.
    NotSent,
    /// The connection broke after something may have been sent.
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
    pub async fn open(address: &str) -> io::Result<Self> {
        Ok(Self {
            stream: connect(address).await?,
            buffer: BytesMut::new(),
            keep_alive: false,
        })
    }

    /// Sends a request, as `http1::write_request` serialises it, and reads the head of its answer.
    ///
    /// # Errors
    /// If the connection ends before the head is complete, or the head is malformed.
    pub async fn send(
        &mut self,
        method: &Method,
        request: &[u8],
    ) -> Result<(Parts, Framing), ExchangeError> {
        let mut sent = 0;
        while sent < request.len() {
            match self.stream.write(&request[sent..]).await {
                Ok(written) if written > 0 => sent += written,
                _ if sent == 0 => return Err(ExchangeError::NotSent),
                _ => return Err(ExchangeError::Broken),
            }
        }
        loop {
            poll_fn(|context| self.poll_read(context))
                .await
                .map_err(|_| ExchangeError::Broken)?;
            let head =
                ResponseHead::parse(&mut self.buffer, method).map_err(|_| ExchangeError::Broken)?;
            if let Some(head) = head {
                self.keep_alive = head.keep_alive;
                return Ok((head.parts, head.framing));
            }
        }
    }

    /// Reads the next piece of the answer's body; `None` at its end.
    pub fn poll_body(
        &mut self,
        framing: &mut Framing,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Bytes>>> {
        loop {
            match framing.next(&mut self.buffer) {
                Ok(BodyPiece::Data(data)) => return Poll::Ready(Some(Ok(data))),
                Ok(BodyPiece::End) => return Poll::Ready(None),
                Ok(BodyPiece::Incomplete) => {}
                Err(MalformedAnswer) => {
                    let malformed = "malformed chunked body";
                    return Poll::Ready(Some(Err(io::Error::other(malformed))));
                }
            }
            match ready!(self.poll_read(context)) {
                Ok(()) => {}
                Err(error)
                    if *framing == Framing::UntilClose
                        && error.kind() == io::ErrorKind::UnexpectedEof =>
                {
                    return Poll::Ready(None);
                }
                Err(error) => return Poll::Ready(Some(Err(error))),
            }
        }
    }

    /// Reads the whole body.
    ///
    /// # Errors
    /// If it is longer than `max_bytes`, or breaks off.
    pub async fn read_body(&mut self, mut framing: Framing, max_bytes: usize) -> io::Result<Bytes> {
        let too_long = || io::Error::other("the body is too long");
        if let Some(length) = framing.remaining() {
            let length = usize::try_from(length).map_err(|_| too_long())?;
            if length > max_bytes {
                return Err(too_long());
            }
            let missing = length.saturating_sub(self.buffer.len());
            if missing > 0 {
                // One contiguous buffer need not be copied.
                self.buffer.reserve(missing + READ_BUFFER_BYTES);
            }
            while self.buffer.len() < length {
                poll_fn(|context| self.poll_read(context)).await?;
            }
            return Ok(self.buffer.split_to(length).freeze());
        }
        let mut whole = BytesMut::new();
        while let Some(piece) = poll_fn(|context| self.poll_body(&mut framing, context)).await {
            let piece = piece?;
            if whole.len() + piece.len() > max_bytes {
                return Err(too_long());
            }
            whole.extend_from_slice(&piece);
        }
        Ok(whole.freeze())
    }

    fn poll_read(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.buffer.reserve(READ_BUFFER_BYTES);
        let read = ready!(pin!(self.stream.read_buf(&mut self.buffer)).poll(context))?;
        Poll::Ready(if read == 0 {
            Err(io::ErrorKind::UnexpectedEof.into())
        } else {
            Ok(())
        })
    }

    /// Waits until the replica closes the idle connection, or sends something unrequested.
    pub async fn closed(&mut self) {
        // An error ends the connection as well.
        let _ = poll_fn(|context| self.poll_read(context)).await;
    }

    /// Whether [`Connection::closed`] would wait. Replaces the waker that an earlier wait registered.
    pub fn is_open(&mut self) -> bool {
        let mut without_waker = Context::from_waker(Waker::noop());
        self.buffer.is_empty() && self.poll_read(&mut without_waker).is_pending()
    }

    /// Whether the replica keeps the connection open after the answer that was read.
    pub fn is_reusable(&self) -> bool {
        self.keep_alive
    }
}
