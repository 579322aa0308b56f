//! Connections to a replica: made, kept warm, used again. One request at a time each.
//!
//! Whoever asks writes and reads for itself, and a request is written out once: with a client that is made for every
//! case, forwarding an order cost a third more.

use std::future::poll_fn;
use std::io;
use std::pin::pin;
use std::sync::{Mutex, MutexGuard};
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::Method;
use http::response::Parts;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
#[cfg(not(test))]
pub use tokio::net::TcpStream;
use tokio::time::Instant;
// The unit tests' replicas are on a simulated network.
#[cfg(test)]
pub use turmoil::net::TcpStream;

use super::wire::{Framing, Head, Malformed, Piece};
use crate::http::workers;
use crate::sync::lock;

/// Shorter than a replica keeps an idle connection, so that it is never the replica that ends one just as it is used.
const IDLE: Duration = Duration::from_secs(5);
/// What a burst leaves behind beyond this is closed.
const MOST_IDLE: usize = 256;

/// At least so much is read at once, if it is there. Most answers fit.
const READ_BYTES: usize = 8 * 1024;

pub struct Connection {
    stream: TcpStream,
    /// What has been read and not been taken.
    read: BytesMut,
    /// The replica lets it go on after the answer.
    stays: bool,
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unanswered {
    /// Nothing of the request was sent.
    Unsent,
    Broken,
}

/// A connection is used again where it was made: elsewhere, each of its bytes would wake two threads.
pub struct Pool {
    // By place. The last one used comes first: it is the warmest, and the others may grow old and go.
    idle: Box<[Mutex<Vec<Idle>>]>,
}

struct Idle {
    connection: Connection,
    since: Instant,
}

impl Default for Pool {
    fn default() -> Self {
        Self {
            idle: (0..workers::index_count())
                .map(|_| Mutex::default())
                .collect(),
        }
    }
}

impl Pool {
    pub fn take(&self) -> Option<Connection> {
        let mut idle = self.here();
        while let Some(mut last) = idle.pop() {
            if last.since.elapsed() > IDLE {
                idle.clear();
            } else if last.connection.is_open() {
                return Some(last.connection);
            }
        }
        None
    }

    /// Takes back a connection whose answer has been read to its end.
    pub fn put_back(&self, connection: Connection) {
        let mut idle = self.here();
        if connection.stays && idle.len() < MOST_IDLE {
            idle.push(Idle {
                connection,
                since: Instant::now(),
            });
        }
    }

    pub fn clear(&self) {
        for idle in &self.idle {
            lock(idle).clear();
        }
    }

    fn here(&self) -> MutexGuard<'_, Vec<Idle>> {
        lock(&self.idle[workers::current_index()])
    }
}

/// Whether a connection was not made for want of file descriptors, ports or memory here.
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
    // Where nobody listens at a port that is also given to those who connect, a socket may come to be connected with itself.
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
            read: BytesMut::new(),
            stays: false,
        })
    }

    /// Sends a request, as `wire` writes it, and waits for the head of its answer.
    ///
    /// # Errors
    /// If there will be none.
    pub async fn ask(
        &mut self,
        method: &Method,
        request: &[u8],
    ) -> Result<(Parts, Framing), Unanswered> {
        let mut sent = 0;
        while sent < request.len() {
            match self.stream.write(&request[sent..]).await {
                Ok(written) if written > 0 => sent += written,
                _ if sent == 0 => return Err(Unanswered::Unsent),
                _ => return Err(Unanswered::Broken),
            }
        }
        loop {
            poll_fn(|context| self.poll_read(context))
                .await
                .map_err(|_| Unanswered::Broken)?;
            let head = Head::take(&mut self.read, method).map_err(|_| Unanswered::Broken)?;
            if let Some(head) = head {
                self.stays = head.stays;
                return Ok((head.parts, head.framing));
            }
        }
    }

    /// The next piece of the answer's body; none at its end.
    pub fn poll_body(
        &mut self,
        framing: &mut Framing,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Bytes>>> {
        loop {
            match framing.next(&mut self.read) {
                Ok(Piece::Data(data)) => return Poll::Ready(Some(Ok(data))),
                Ok(Piece::End) => return Poll::Ready(None),
                Ok(Piece::Missing) => {}
                Err(Malformed) => {
                    let malformed = "what it says is no body";
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

    /// All of the body.
    ///
    /// # Errors
    /// If it is longer than `most` bytes, or breaks off.
    pub async fn body(&mut self, mut framing: Framing, most: usize) -> io::Result<Bytes> {
        let too_long = || io::Error::other("it is too long");
        if let Some(length) = framing.exact() {
            let length = usize::try_from(length).map_err(|_| too_long())?;
            if length > most {
                return Err(too_long());
            }
            let missing = length.saturating_sub(self.read.len());
            if missing > 0 {
                // So that it comes in one piece, which need not be copied.
                self.read.reserve(missing + READ_BYTES);
            }
            while self.read.len() < length {
                poll_fn(|context| self.poll_read(context)).await?;
            }
            return Ok(self.read.split_to(length).freeze());
        }
        let mut all = BytesMut::new();
        while let Some(piece) = poll_fn(|context| self.poll_body(&mut framing, context)).await {
            let piece = piece?;
            if all.len() + piece.len() > most {
                return Err(too_long());
            }
            all.extend_from_slice(&piece);
        }
        Ok(all.freeze())
    }

    /// Reads something.
    fn poll_read(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.read.reserve(READ_BYTES);
        let read = ready!(pin!(self.stream.read_buf(&mut self.read)).poll(context))?;
        Poll::Ready(if read == 0 {
            Err(io::ErrorKind::UnexpectedEof.into())
        } else {
            Ok(())
        })
    }

    /// Until the replica closes it, or says something unasked, while nothing is asked.
    pub async fn ended(&mut self) {
        // An error is an end as well.
        let _ = poll_fn(|context| self.poll_read(context)).await;
    }

    /// Looks whether [`Connection::ended`] would wait. Whoever was woken by it before is so no more.
    pub fn is_open(&mut self) -> bool {
        let mut nobody = Context::from_waker(Waker::noop());
        self.read.is_empty() && self.poll_read(&mut nobody).is_pending()
    }
}
