//! Asks one replica over and over whether its process runs, which touches no store and no lock: a replica whose process does not
//! even say that, while nobody gets an answer from it, hangs.

use std::sync::{Arc, Weak};
use std::time::Duration;

use model::api;
use tokio::time::Instant;

use super::endpoint::Endpoint;
use super::fleet::Fleet;
use super::line;

/// Between two beats while requests are answered; it tells how quick a replica is when all is well.
const INTERVAL: Duration = Duration::from_millis(250);
/// Between two beats while they are not.
const PAUSE: Duration = Duration::from_millis(20);
/// It may take this many times as long as the slowest beat of late, and at least the floor.
const SLOWER: u32 = 3;
/// Time is counted in steps of this length. One that takes much longer says that this process did not run, and the replica may not
/// have either: no more than [`LONGEST_STEP`] of it counts.
const STEP: Duration = Duration::from_millis(5);
const LONGEST_STEP: Duration = Duration::from_millis(8);

/// Listens until the fleet is gone. `floor`: how long a beat may take at least; `ceiling`: at most.
pub async fn listen(
    endpoint: &Arc<Endpoint>,
    fleet: &Weak<Fleet>,
    floor: Duration,
    ceiling: Duration,
) {
    let mut line = None;
    let mut slowest = Duration::ZERO;
    loop {
        let began = Instant::now();
        let limit = (slowest * SLOWER).max(floor).min(ceiling);
        let silent = async {
            endpoint.in_doubt().await;
            passed(limit).await;
        };
        let heard = tokio::select! {
            biased;
            answer = line::ask(endpoint, &mut line, api::HEALTH_LIVE, None) => Some(answer.is_ok()),
            () = silent => None,
        };
        match heard {
            Some(true) => slowest = began.elapsed().max(slowest * 3 / 4),
            // The checks say what is wrong with a replica that cannot be connected to.
            Some(false) => line = None,
            None => {
                line = None;
                let Some(fleet) = fleet.upgrade() else { return };
                fleet.silent(endpoint);
            }
        }
        tokio::time::sleep(PAUSE).await;
        let _ = tokio::time::timeout(INTERVAL, endpoint.in_doubt()).await;
    }
}

/// Until so much time has passed in which this process ran when it wanted to.
async fn passed(time: Duration) {
    let mut left = time;
    while !left.is_zero() {
        let began = Instant::now();
        tokio::time::sleep(left.min(STEP)).await;
        left = left.saturating_sub(began.elapsed().min(LONGEST_STEP));
    }
}
