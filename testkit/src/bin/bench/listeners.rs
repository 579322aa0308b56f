//! `bench listeners`: ten thousand pages that wait for news of one order on one front-end server: how soon they have them, what each
//! costs, and whether any misses or repeats an event while the primary is killed.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use model::api;
use model::order::Order;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde_json::{Value, json};
use testkit::customer::{Placed, new_key};
use testkit::staff::As;
use testkit::{Cluster, Options, Staff, wait};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::{ms, percentile};

const LISTENERS: usize = 10_000;
/// So many connect at once: as many as come in a moment, and fewer than a queue of connections holds.
const AT_ONCE: usize = 64;
/// Nobody is behind for longer.
const PATIENCE: Duration = Duration::from_secs(20);

/// What one page heard: the events' sequence numbers, and when.
type Heard = Vec<(i64, Instant)>;

#[derive(Default)]
struct Progress {
    /// Events that anybody heard.
    heard: AtomicUsize,
}

pub async fn run() -> anyhow::Result<()> {
    allow_connections()?;
    let mut cluster = Cluster::start(Options {
        // Room for the staff beside the pages.
        settings: vec![("TIFFIN_MAX_CONNECTIONS", (2 * LISTENERS).to_string())],
        ..Options::default()
    })
    .await?;
    let address: SocketAddr = cluster.url().trim_start_matches("http://").parse()?;
    let customer = cluster.customer();
    let wanted = customer.prepare().await?;
    let Placed::Order(order) = customer.place(&new_key(), &wanted).await? else {
        anyhow::bail!("the order was refused");
    };
    let staff = cluster.staff(&order.restaurant.slug, As::Program).await?;
    let empty_kb = cluster.server_memory_kb()?;

    let progress = Arc::new(Progress::default());
    let end = CancellationToken::new();
    let mut pages = JoinSet::new();
    for number in 0..LISTENERS {
        if number >= AT_ONCE {
            progress.reach(number - AT_ONCE).await?;
        }
        let (progress, end) = (Arc::clone(&progress), end.clone());
        let request = format!(
            "GET {}/{}/events HTTP/1.1\r\nhost: tiffin\r\n\r\n",
            api::ORDERS,
            order.token
        );
        pages.spawn(async move { listen(address, &request, &progress, &end).await });
    }
    progress.reach(LISTENERS).await?;
    let full_kb = cluster.server_memory_kb()?;
    println!(
        "{LISTENERS} pages wait for one order; memory of the front-end server: {} MB without, {} MB with them: {:.1} KB each\n",
        empty_kb / 1024,
        full_kb / 1024,
        (full_kb - empty_kb) as f64 / LISTENERS as f64
    );

    let steps = [
        ("acceptance", json!({"version": 1, "minutes": 30}), false),
        ("preparation", json!({"version": 2}), false),
        ("readiness", json!({"version": 3}), true),
    ];
    let mut sent = Vec::new();
    for (step, body, kill) in steps {
        if kill {
            let primary = cluster.primary().await?;
            cluster.kill(primary).await?;
        }
        sent.push((step, kill, Instant::now()));
        take(&staff, &order, step, &body).await?;
        progress.reach(LISTENERS * (sent.len() + 1)).await?;
    }
    end.cancel();
    let mut all: Vec<Heard> = Vec::new();
    while let Some(page) = pages.join_next().await {
        all.push(page??);
    }
    report(&all, &sent);
    Ok(())
}

async fn take(staff: &Staff, order: &Order, step: &str, body: &Value) -> anyhow::Result<()> {
    let (status, answer) = staff.step(&new_key(), &order.token, step, body).await?;
    ensure!(status.is_success(), "{step}: {status}: {answer}");
    Ok(())
}

/// One page: what it hears until `end`.
async fn listen(
    address: SocketAddr,
    request: &str,
    progress: &Progress,
    end: &CancellationToken,
) -> anyhow::Result<Heard> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(request.as_bytes()).await?;
    let mut heard = Heard::new();
    let mut text = Vec::new();
    loop {
        let read = tokio::select! {
            () = end.cancelled() => return Ok(heard),
            read = stream.read_buf(&mut text) => read?,
        };
        ensure!(read > 0, "the stream ended");
        let now = Instant::now();
        while let Some(length) = text.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = text.drain(..=length).collect();
            if let Some(id) = std::str::from_utf8(&line)?.strip_prefix("id: ") {
                heard.push((id.trim().parse()?, now));
                progress.heard.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
}

impl Progress {
    /// Until so many events were heard, by all together.
    async fn reach(&self, events: usize) -> anyhow::Result<()> {
        let reached = || async {
            let heard = self.heard.load(Ordering::Relaxed);
            (heard >= events).then_some(())
        };
        wait::until("everybody to hear", PATIENCE, reached)
            .await
            .with_context(|| format!("{} events heard", self.heard.load(Ordering::Relaxed)))
    }
}

fn report(all: &[Heard], sent: &[(&str, bool, Instant)]) {
    println!(
        "{:<14} {:<16} {:>8} {:>8} {:>8}",
        "step", "", "p50 ms", "p99 ms", "last ms"
    );
    for (index, (step, killed, at)) in sent.iter().enumerate() {
        let mut took: Vec<Duration> = all
            .iter()
            .filter_map(|heard| heard.get(index + 1))
            .map(|(_, heard)| heard.duration_since(*at))
            .collect();
        took.sort_unstable();
        println!(
            "{step:<14} {:<16} {:>8.1} {:>8.1} {:>8.1}",
            if *killed { "primary killed" } else { "" },
            ms(percentile(&took, 0.5)),
            ms(percentile(&took, 0.99)),
            ms(percentile(&took, 1.0))
        );
    }
    let ids = |heard: &Heard| heard.iter().map(|(id, _)| *id).collect::<Vec<_>>();
    let right: Vec<i64> = (1..=sent.len() as i64 + 1).collect();
    let wrong = all.iter().filter(|heard| ids(heard) != right).count();
    println!("\n{wrong} of {} missed or repeated an event", all.len());
}

/// As many files as the system lets this process have.
fn allow_connections() -> anyhow::Result<()> {
    let maximum = getrlimit(Resource::Nofile).maximum;
    let raised = Rlimit {
        current: maximum,
        maximum,
    };
    setrlimit(Resource::Nofile, raised)?;
    ensure!(
        maximum.is_none_or(|most| most > LISTENERS as u64 + 100),
        "this needs more than {LISTENERS} open files; raise the limit (ulimit -n)"
    );
    Ok(())
}
