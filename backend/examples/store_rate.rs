//! Measures the orders per second of one replica's store with 1 and with 64 concurrent callers.
//!
//! `cargo run --release -p backend --example store_rate [FOLDER]`. The folder should be on the disk of
//! interest, because the result depends mostly on its fsync.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use backend::store::{Fingerprint, SqliteStore, Store};
use backend::{domain, menus};

#[path = "../tests/samples/orders.rs"]
mod samples;

/// Duration of one measurement.
const DURATION: Duration = Duration::from_secs(5);

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let folder = match std::env::args_os().nth(1) {
        Some(folder) => PathBuf::from(folder),
        None => std::env::temp_dir().join(format!("tiffin-store-rate-{}", std::process::id())),
    };
    let order = samples::new_order("the-copper-pan");
    for writers in [1, 64] {
        let data = folder.join(writers.to_string());
        let store = Arc::new(SqliteStore::open(&data)?);
        let placed = Arc::new(AtomicU64::new(0));
        let start = Instant::now();
        let tasks: Vec<_> = (0..writers)
            .map(|writer| {
                let (store, placed) = (Arc::clone(&store), Arc::clone(&placed));
                let order = order.clone();
                tokio::spawn(async move {
                    let mut longest = Duration::ZERO;
                    for index in 0_u64.. {
                        if start.elapsed() >= DURATION {
                            break;
                        }
                        let key = format!("{}-{writer}-{index}", std::process::id());
                        let started = Instant::now();
                        store
                            .place_order(&key, Fingerprint::of(key.as_bytes()), order.clone())
                            .await?;
                        longest = longest.max(started.elapsed());
                        placed.fetch_add(1, Ordering::Relaxed);
                    }
                    anyhow::Ok(longest)
                })
            })
            .collect();
        let mut longest = Duration::ZERO;
        for task in tasks {
            longest = longest.max(task.await??);
        }
        let rate = placed.load(Ordering::Relaxed) as f64 / start.elapsed().as_secs_f64();
        println!("{writers:>3} writers: {rate:>8.0} orders/s, longest response time {longest:?}");
        drop(store);
        std::fs::remove_dir_all(&data)?;
    }
    Ok(())
}
