//! Open-loop load: requests are sent on a fixed schedule however long the responses take, as independent customers arrive. Latency
//! counts from the scheduled time, so that a stall is not hidden by coordinated omission.

use std::net::SocketAddr;
use std::panic::resume_unwind;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{Request, StatusCode};
use tokio::runtime::Handle;
use tokio::task::JoinSet;

use super::RequestFactory;
use super::connection::{Sender, connect};

/// Timeout of a request. No customer waits longer, so a later response counts as none.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(6);

/// The result of one request.
#[derive(Clone, Copy, Debug)]
pub struct RequestSample {
    /// When it was scheduled, from the start of the run.
    pub scheduled_at: Duration,
    /// From the scheduled time to the response, so that late sending counts.
    pub latency: Duration,
    /// From the actual sending to the response, without the delay of a busy load generator.
    pub service_time: Duration,
    /// `None` where there was no response.
    pub status: Option<StatusCode>,
}

struct ConnectionPool {
    address: SocketAddr,
    idle: Mutex<Vec<Sender>>,
}

/// Sends `per_second` requests for `time` and waits for every response; nothing is retried. Returns samples in scheduled order.
pub async fn run(
    address: SocketAddr,
    per_second: u32,
    time: Duration,
    requests: &RequestFactory,
) -> Vec<RequestSample> {
    let pool = Arc::new(ConnectionPool {
        address,
        idle: Mutex::default(),
    });
    let requests = Arc::clone(requests);
    let runtime = Handle::current();
    // A thread of its own: the runtime's timers have a resolution of a millisecond, which would send two thousand a second in
    // pairs.
    let scheduler = tokio::task::spawn_blocking(move || {
        let mut in_flight = JoinSet::new();
        let start = Instant::now();
        let total = (time.as_secs_f64() * f64::from(per_second)) as u32;
        for number in 0..total {
            let scheduled_at = Duration::from_secs_f64(f64::from(number) / f64::from(per_second));
            thread::sleep(scheduled_at.saturating_sub(start.elapsed()));
            in_flight.spawn_on(
                measure(Arc::clone(&pool), requests(), start, scheduled_at),
                &runtime,
            );
        }
        in_flight
    });
    let mut samples = Vec::new();
    let mut in_flight = scheduler
        .await
        .unwrap_or_else(|failed| resume_unwind(failed.into_panic()));
    while let Some(result) = in_flight.join_next().await {
        samples.extend(result.ok());
    }
    samples.sort_unstable_by_key(|sample| sample.scheduled_at);
    samples
}

async fn measure(
    pool: Arc<ConnectionPool>,
    request: Request<Full<Bytes>>,
    start: Instant,
    scheduled_at: Duration,
) -> RequestSample {
    let sent_at = Instant::now();
    let response = tokio::time::timeout(REQUEST_TIMEOUT, send(&pool, request));
    let status = response.await.ok().flatten();
    RequestSample {
        scheduled_at,
        latency: start.elapsed() - scheduled_at,
        service_time: sent_at.elapsed(),
        status,
    }
}

async fn send(pool: &ConnectionPool, request: Request<Full<Bytes>>) -> Option<StatusCode> {
    let mut sender = match pool.take_idle() {
        Some(sender) => sender,
        None => connect(pool.address).await.ok()?,
    };
    let response = sender.send_request(request).await.ok()?;
    let status = response.status();
    response.into_body().collect().await.ok()?;
    pool.put_back(sender);
    Some(status)
}

impl ConnectionPool {
    fn take_idle(&self) -> Option<Sender> {
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
