//! Asks one replica over and over whether its process runs, which touches no store and no lock: a replica whose process does not
//! even say that, while nobody gets an answer from it, may hang.
//!
//! A short silence only makes it suspect, so that its requests go elsewhere too; a busy machine looks just the same. A long one
//! is a hang.

use std::pin::pin;
use std::sync::{Arc, Weak};
use std::time::Duration;

use model::api;
use tokio::time::Instant;

use super::endpoint::Endpoint;
use super::fleet::Fleet;
use super::health::{Observation, Sign};
use super::line::Line;

/// Between two beats while requests are answered; it tells how quick a replica is when all is well.
const INTERVAL: Duration = Duration::from_millis(250);
/// Between two beats while they are not.
const PAUSE: Duration = Duration::from_millis(20);
/// It may take this many times as long as the slowest beat of late, and at least the floor.
const SLOWER: u32 = 3;
/// Silent for this long after it became suspect: nobody waits for it any more.
const CONFIRMED: Duration = Duration::from_secs(1);
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
    let tell = |observation| {
        if let Some(fleet) = fleet.upgrade() {
            fleet.heard(endpoint, observation);
        }
    };
    let mut line = Line::default();
    let mut slowest = Duration::ZERO;
    let mut suspect = false;
    while fleet.strong_count() > 0 {
        let began = Instant::now();
        let limit = (slowest * SLOWER).max(floor).min(ceiling);
        let heard = {
            let mut answer = pin!(line.ask(endpoint, api::HEALTH_LIVE, None));
            let doubtful = async {
                endpoint.in_doubt().await;
                passed(limit).await;
            };
            let early = tokio::select! {
                biased;
                answer = &mut answer => Some(answer.is_ok()),
                () = doubtful, if !suspect => None,
                () = passed(CONFIRMED), if suspect => None,
            };
            if early.is_some() || suspect {
                early
            } else {
                suspect = true;
                tell(Observation::Suspected(Sign::Heartbeat));
                tokio::select! {
                    biased;
                    answer = &mut answer => Some(answer.is_ok()),
                    () = passed(CONFIRMED) => None,
                }
            }
        };
        match heard {
            Some(true) => {
                // Of one that made it suspect only as much: a hang that passed is no measure.
                let took = if suspect { limit } else { began.elapsed() };
                slowest = took.max(slowest * 3 / 4);
                if std::mem::take(&mut suspect) {
                    tell(Observation::Cleared(Sign::Heartbeat));
                }
            }
            // The checks say what is wrong with a replica that cannot be connected to.
            Some(false) => {}
            None => {
                suspect = false;
                tell(Observation::Silent);
            }
        }
        tokio::time::sleep(PAUSE).await;
        tokio::select! {
            () = tokio::time::sleep(INTERVAL) => {}
            () = endpoint.in_doubt() => {}
            () = line.ended() => endpoint.ask_for_check(),
        }
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
