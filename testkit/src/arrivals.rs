//! Load that does not wait: requests leave on a fixed schedule, however long the answers take, as customers come.

use std::net::SocketAddr;
use std::panic::resume_unwind;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::runtime::Handle;
use tokio::task::JoinSet;

use crate::load::Source;

/// Nobody waits longer.
const PATIENCE: Duration = Duration::from_secs(6);

/// One request's end.
#[derive(Clone, Copy, Debug)]
pub struct Arrival {
    /// After the first one's, when it was to be sent.
    pub at: Duration,
    /// From then on, so that a late sending counts.
    pub took: Duration,
    /// From its being sent, which a busy machine delays.
    pub answered_in: Duration,
    /// Nothing where there was no answer.
    pub status: Option<StatusCode>,
}

type Sender = SendRequest<Full<Bytes>>;

struct Line {
    address: SocketAddr,
    idle: Mutex<Vec<Sender>>,
}

/// Sends `per_second` for `time` and waits for every answer. Nothing is sent twice. In order of arrival.
pub async fn run(
    address: SocketAddr,
    per_second: u32,
    time: Duration,
    source: &Source,
) -> Vec<Arrival> {
    let line = Arc::new(Line {
        address,
        idle: Mutex::default(),
    });
    let source = Arc::clone(source);
    let runtime = Handle::current();
    // The runtime's timers end at whole milliseconds: two thousand a second would leave in pairs.
    let sent = tokio::task::spawn_blocking(move || {
        let mut requests = JoinSet::new();
        let began = Instant::now();
        let total = (time.as_secs_f64() * f64::from(per_second)) as u32;
        for number in 0..total {
            let at = Duration::from_secs_f64(f64::from(number) / f64::from(per_second));
            thread::sleep(at.saturating_sub(began.elapsed()));
            requests.spawn_on(one(Arc::clone(&line), source(), began, at), &runtime);
        }
        requests
    });
    let mut arrivals = Vec::new();
    let mut requests = sent
        .await
        .unwrap_or_else(|failed| resume_unwind(failed.into_panic()));
    while let Some(done) = requests.join_next().await {
        arrivals.extend(done.ok());
    }
    arrivals.sort_unstable_by_key(|arrival| arrival.at);
    arrivals
}

async fn one(
    line: Arc<Line>,
    request: Request<Full<Bytes>>,
    began: Instant,
    at: Duration,
) -> Arrival {
    let sent = Instant::now();
    let sending = tokio::time::timeout(PATIENCE, send(&line, request));
    let status = sending.await.ok().flatten();
    Arrival {
        at,
        took: began.elapsed() - at,
        answered_in: sent.elapsed(),
        status,
    }
}

async fn send(line: &Line, request: Request<Full<Bytes>>) -> Option<StatusCode> {
    let warm = line.take();
    let mut sender = match warm {
        Some(sender) => sender,
        None => connect(line.address).await?,
    };
    let answer = sender.send_request(request).await.ok()?;
    let status = answer.status();
    answer.into_body().collect().await.ok()?;
    line.put_back(sender);
    Some(status)
}

async fn connect(address: SocketAddr) -> Option<Sender> {
    let stream = TcpStream::connect(address).await.ok()?;
    stream.set_nodelay(true).ok()?;
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.ok()?;
    tokio::spawn(connection);
    Some(sender)
}

impl Line {
    fn take(&self) -> Option<Sender> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let sender = idle.pop()?;
            if sender.is_ready() {
                return Some(sender);
            }
        }
    }

    fn put_back(&self, sender: Sender) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.push(sender);
    }
}
