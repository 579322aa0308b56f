//! `bench listeners`: ten thousand event streams of one order on one front-end server: the delay of their events, the memory of
//! each, and whether any misses or repeats an event while the primary is killed.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use model::api;
use model::order::Order;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde_json::{Value, json};
use testkit::customer_client::{PlaceResult, new_idempotency_key};
use testkit::load::percentile;
use testkit::staff_client::SessionKind;
use testkit::{Cluster, Options, StaffClient, wait};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::ms;

const STREAMS: usize = 10_000;
/// Connections that are opened at once: realistic, and fewer than the listen queue holds.
const CONCURRENT_CONNECTS: usize = 64;
/// Deadline for an event to reach all streams.
const DELIVERY_TIMEOUT: Duration = Duration::from_secs(20);

/// The events of one stream: sequence number and time of receipt.
type ReceivedEvents = Vec<(i64, Instant)>;

#[derive(Default)]
struct Progress {
    /// Events received by all streams together.
    received: AtomicUsize,
}

pub async fn run() -> anyhow::Result<()> {
    raise_file_limit()?;
    let mut cluster = Cluster::start(Options {
        // Room for the staff beside the streams.
        settings: vec![("TIFFIN_MAX_CONNECTIONS", (2 * STREAMS).to_string())],
        ..Options::default()
    })
    .await?;
    let address: SocketAddr = cluster.url().trim_start_matches("http://").parse()?;
    let customer = cluster.customer_client();
    let order_request = customer.prepare_order().await?;
    let PlaceResult::Order(order) = customer
        .place(&new_idempotency_key(), &order_request)
        .await?
    else {
        anyhow::bail!("the order was refused");
    };
    let staff = cluster
        .staff_client(&order.restaurant.slug, SessionKind::Bearer)
        .await?;
    let empty_kb = cluster.server_memory_kb()?;

    let progress = Arc::new(Progress::default());
    let end = CancellationToken::new();
    let mut streams = JoinSet::new();
    for number in 0..STREAMS {
        if number >= CONCURRENT_CONNECTS {
            progress.wait_for(number - CONCURRENT_CONNECTS).await?;
        }
        let (progress, end) = (Arc::clone(&progress), end.clone());
        let request = format!(
            "GET {}/{}/events HTTP/1.1\r\nhost: tiffin\r\n\r\n",
            api::ORDERS,
            order.token
        );
        streams.spawn(async move { subscribe(address, &request, &progress, &end).await });
    }
    progress.wait_for(STREAMS).await?;
    let full_kb = cluster.server_memory_kb()?;
    println!(
        "{STREAMS} event streams of one order; memory of the front-end server: {} MB without, {} MB with them: {:.1} KB each\n",
        empty_kb / 1024,
        full_kb / 1024,
        (full_kb - empty_kb) as f64 / STREAMS as f64
    );

    let transitions = [
        ("acceptance", json!({"version": 1, "minutes": 30}), false),
        ("preparation", json!({"version": 2}), false),
        ("readiness", json!({"version": 3}), true),
    ];
    let mut sent = Vec::new();
    for (transition, body, kill) in transitions {
        if kill {
            let primary = cluster.primary().await?;
            cluster.kill(primary).await?;
        }
        sent.push((transition, kill, Instant::now()));
        request_transition(&staff, &order, transition, &body).await?;
        progress.wait_for(STREAMS * (sent.len() + 1)).await?;
    }
    end.cancel();
    let mut all: Vec<ReceivedEvents> = Vec::new();
    while let Some(stream) = streams.join_next().await {
        all.push(stream??);
    }
    print_report(&all, &sent);
    Ok(())
}

async fn request_transition(
    staff: &StaffClient,
    order: &Order,
    transition: &str,
    body: &Value,
) -> anyhow::Result<()> {
    let (status, response) = staff
        .request_transition(&new_idempotency_key(), &order.token, transition, body)
        .await?;
    ensure!(status.is_success(), "{transition}: {status}: {response}");
    Ok(())
}

/// Opens one stream and returns the events that it receives until `end`.
async fn subscribe(
    address: SocketAddr,
    request: &str,
    progress: &Progress,
    end: &CancellationToken,
) -> anyhow::Result<ReceivedEvents> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(request.as_bytes()).await?;
    let mut received = ReceivedEvents::new();
    let mut text = Vec::new();
    loop {
        let read = tokio::select! {
            () = end.cancelled() => return Ok(received),
            read = stream.read_buf(&mut text) => read?,
        };
        ensure!(read > 0, "the stream ended");
        let now = Instant::now();
        while let Some(length) = text.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = text.drain(..=length).collect();
            if let Some(id) = std::str::from_utf8(&line)?.strip_prefix("id: ") {
                received.push((id.trim().parse()?, now));
                progress.received.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
}

impl Progress {
    /// Waits until all streams together have received `events` events.
    async fn wait_for(&self, events: usize) -> anyhow::Result<()> {
        let reached = || async {
            let received = self.received.load(Ordering::Relaxed);
            (received >= events).then_some(())
        };
        wait::until("events on all streams", DELIVERY_TIMEOUT, reached)
            .await
            .with_context(|| format!("{} events received", self.received.load(Ordering::Relaxed)))
    }
}

fn print_report(all: &[ReceivedEvents], sent: &[(&str, bool, Instant)]) {
    println!(
        "{:<14} {:<16} {:>8} {:>8} {:>8}",
        "transition", "", "p50 ms", "p99 ms", "last ms"
    );
    for (index, (transition, killed, at)) in sent.iter().enumerate() {
        let mut delays: Vec<Duration> = all
            .iter()
            .filter_map(|received| received.get(index + 1))
            .map(|(_, received)| received.duration_since(*at))
            .collect();
        delays.sort_unstable();
        println!(
            "{transition:<14} {:<16} {:>8.1} {:>8.1} {:>8.1}",
            if *killed { "primary killed" } else { "" },
            ms(percentile(&delays, 0.5)),
            ms(percentile(&delays, 0.99)),
            ms(percentile(&delays, 1.0))
        );
    }
    let ids = |received: &ReceivedEvents| received.iter().map(|(id, _)| *id).collect::<Vec<_>>();
    let expected: Vec<i64> = (1..=sent.len() as i64 + 1).collect();
    let wrong = all
        .iter()
        .filter(|received| ids(received) != expected)
        .count();
    println!("\n{wrong} of {} missed or repeated an event", all.len());
}

/// Raises the limit of open files to the maximum.
fn raise_file_limit() -> anyhow::Result<()> {
    let maximum = getrlimit(Resource::Nofile).maximum;
    let raised = Rlimit {
        current: maximum,
        maximum,
    };
    setrlimit(Resource::Nofile, raised)?;
    ensure!(
        maximum.is_none_or(|most| most > STREAMS as u64 + 100),
        "this needs more than {STREAMS} open files; raise the limit (ulimit -n)"
    );
    Ok(())
}
