//! Connections to a replica: made, kept warm, used again. HTTP/1.1, one request at a time each.
//!
//! Whoever asks drives the connection itself: with a task for each, every answer would wake two.

use std::future::poll_fn;
use std::io;
use std::pin::{Pin, pin};
use std::sync::{Mutex, MutexGuard};
use std::task::{Context, Waker};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::TrySendError;
use hyper::client::conn::http1::{self, SendRequest};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
#[cfg(not(test))]
pub use tokio::net::TcpStream;
use tokio::time::Instant;
// The unit tests' replicas are on a simulated network.
#[cfg(test)]
pub use turmoil::net::TcpStream;

use crate::sync::locked;
use crate::workers;

/// Shorter than a replica keeps an idle connection, so that it is never the replica that ends one just as it is used.
const IDLE: Duration = Duration::from_secs(5);
/// What a burst leaves behind beyond this is closed.
const MOST_IDLE: usize = 256;

type Asked = Request<Full<Bytes>>;
type Driver = http1::Connection<TokioIo<TcpStream>, Full<Bytes>>;

pub struct Connection {
    sender: SendRequest<Full<Bytes>>,
    /// None: it has ended, or a task of its own drives it.
    driver: Option<Box<Driver>>,
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
            idle: (0..workers::places()).map(|_| Mutex::default()).collect(),
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
        if idle.len() < MOST_IDLE {
            idle.push(Idle {
                connection,
                since: Instant::now(),
            });
        }
    }

    pub fn clear(&self) {
        for idle in &self.idle {
            locked(idle).clear();
        }
    }

    fn here(&self) -> MutexGuard<'_, Vec<Idle>> {
        locked(&self.idle[workers::place()])
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

pub async fn connect(address: &str) -> io::Result<TcpStream> {
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
        let stream = connect(address).await?;
        let (sender, driver) = http1::Builder::new()
            // One buffer is quicker to send than two, and requests are small.
            .writev(false)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(io::Error::other)?;
        Ok(Self {
            sender,
            driver: Some(Box::new(driver)),
        })
    }

    /// Sends a request and waits for the head of its answer.
    ///
    /// # Errors
    /// With the request, if nothing of it was sent.
    pub async fn ask(&mut self, request: Asked) -> Result<Response<Incoming>, TrySendError<Asked>> {
        let answer = self.sender.try_send_request(request);
        driven(&mut self.driver, answer).await
    }

    /// Reads something of the answer.
    pub async fn read<T>(&mut self, reading: impl Future<Output = T>) -> T {
        driven(&mut self.driver, reading).await
    }

    /// From now on nobody need drive it: what is read may be read by anybody.
    pub fn let_go(&mut self) {
        if let Some(driver) = self.driver.take() {
            tokio::spawn(async move {
                // Its end reaches whoever reads; here is nobody to tell.
                let _ = driver.await;
            });
        }
    }

    /// Looks whether the replica has closed it. Whoever was woken by it before is so no more.
    fn is_open(&mut self) -> bool {
        drive(&mut self.driver, &mut Context::from_waker(Waker::noop()));
        !self.sender.is_closed()
    }
}

/// Drives the connection until what it is to bring is there.
async fn driven<T>(driver: &mut Option<Box<Driver>>, wanted: impl Future<Output = T>) -> T {
    let mut wanted = pin!(wanted);
    poll_fn(|context| {
        drive(driver, context);
        wanted.as_mut().poll(context)
    })
    .await
}

fn drive(driver: &mut Option<Box<Driver>>, context: &mut Context<'_>) {
    let ended = driver
        .as_mut()
        .is_some_and(|driver| Pin::new(driver).poll(context).is_ready());
    if ended {
        // Whoever waits for something of it learns it by this.
        *driver = None;
    }
}
