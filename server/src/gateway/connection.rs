//! Connections to a replica: made, kept warm, used again. HTTP/1.1, one request at a time each.

use std::io;
use std::sync::Mutex;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::Instant;

use crate::sync::locked;

/// Shorter than a replica keeps an idle connection, so that it is never the replica that ends one just as it is used.
const IDLE: Duration = Duration::from_secs(5);
/// What a burst leaves behind beyond this is closed.
const MOST_IDLE: usize = 256;

pub type Sender = SendRequest<Full<Bytes>>;

#[derive(Default)]
pub struct Pool {
    // The last one used comes first: it is the warmest, and the others may grow old and go.
    idle: Mutex<Vec<Idle>>,
}

struct Idle {
    sender: Sender,
    since: Instant,
}

impl Pool {
    pub fn take(&self) -> Option<Sender> {
        let mut idle = locked(&self.idle);
        while let Some(last) = idle.pop() {
            if last.since.elapsed() > IDLE {
                idle.clear();
            } else if !last.sender.is_closed() {
                return Some(last.sender);
            }
        }
        None
    }

    /// Takes back a connection whose answer has been read to its end.
    pub fn put_back(&self, sender: Sender) {
        if sender.is_closed() {
            return;
        }
        let mut idle = locked(&self.idle);
        if idle.len() < MOST_IDLE {
            idle.push(Idle {
                sender,
                since: Instant::now(),
            });
        }
    }

    pub fn clear(&self) {
        locked(&self.idle).clear();
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

/// Opens a connection and lets hyper drive it on a task of its own.
pub async fn open(address: &str) -> io::Result<Sender> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(io::Error::other)?;
    tokio::spawn(async move {
        // Its end reaches whoever waits for an answer on it; here is nobody to tell.
        let _ = connection.await;
    });
    Ok(sender)
}
