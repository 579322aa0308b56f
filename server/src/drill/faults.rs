//! What a drill does to its replica, and how it is undone.

use std::time::Duration;

use model::drill::{DrillFault, LONGEST_HANG_MS, Strike};
use model::status::AdminState;
use tokio::time::{Instant, sleep, sleep_until};

use super::{Parts, Running};
use crate::gateway::PanelView;
use crate::sync::locked;

/// Longer than its lease, so that it has to find its way back; shorter than [`LONGEST_HANG_MS`] and than a supervisor waits.
const HANG: Duration = Duration::from_millis(3_500);
/// For an answer of a replica that was told to stop itself, or to die.
const PATIENCE: Duration = Duration::from_millis(LONGEST_HANG_MS as u64 + 5_000);
/// Between two attempts to switch a replica up again: the registry is a file that may be busy.
const AGAIN: Duration = Duration::from_millis(500);
const ATTEMPTS: u32 = 20;

/// Strikes after a third of the drill, and undoes what has to be undone before it returns.
pub async fn strike(running: &Running, parts: &Parts, began: Instant) {
    if running.plan.fault == DrillFault::None {
        return;
    }
    let third = Duration::from_secs(running.plan.seconds.into()) / 3;
    if !waited(running, began + third).await {
        return;
    }
    locked(&running.state).fault_ms = u32::try_from(began.elapsed().as_millis()).ok();
    let replica = running.replica();
    let struck = match running.plan.fault {
        DrillFault::None => Ok(()),
        DrillFault::Kill => {
            parts.tell(running, format!("drill: {replica} is killed now"));
            told(parts, replica, Strike::Kill).await
        }
        DrillFault::Hang => {
            let for_ = HANG.min(third);
            let for_ms = u32::try_from(for_.as_millis()).unwrap_or(LONGEST_HANG_MS);
            parts.tell(running, format!("drill: {replica} hangs from now on"));
            told(parts, replica, Strike::Hang { for_ms }).await
        }
        DrillFault::Down => switched(running, parts, AdminState::Down, began + third * 2).await,
        DrillFault::Drain => {
            switched(running, parts, AdminState::Draining, began + third * 2).await
        }
    };
    if let Err(why) = struck {
        parts.tell(
            running,
            format!("drill: the fault of {replica} did not go as planned: {why}"),
        );
        locked(&running.state).fault_failed = Some(why);
    }
}

async fn told(parts: &Parts, replica: &str, strike: Strike) -> Result<(), String> {
    let striking = parts.gateway.inject_fault(replica, strike);
    match tokio::time::timeout(PATIENCE, striking).await {
        Ok(struck) => struck,
        Err(_) => Err("it was told to, and has not answered since".to_owned()),
    }
}

/// False: the drill was cancelled before.
async fn waited(running: &Running, until: Instant) -> bool {
    tokio::select! {
        biased;
        () = running.cancel.cancelled() => false,
        () = sleep_until(until) => true,
    }
}

/// Switches the replica, and up again in the end, whatever becomes of the drill.
async fn switched(
    running: &Running,
    parts: &Parts,
    to: AdminState,
    until: Instant,
) -> Result<(), String> {
    switch(running, parts, to).await?;
    waited(running, until).await;
    for _ in 0..ATTEMPTS {
        // The operator's own switch is the operator's to undo.
        if state_of(running, parts) != Some(to)
            || switch(running, parts, AdminState::Up).await.is_ok()
        {
            return Ok(());
        }
        sleep(AGAIN).await;
    }
    Err("it could not be switched up again; do that by hand".to_owned())
}

async fn switch(running: &Running, parts: &Parts, to: AdminState) -> Result<(), String> {
    let set = parts.registry.set_admin_state(running.replica(), to).await;
    let registration = set.map_err(|error| error.to_string())?;
    parts.fleet.apply_switch(&registration);
    Ok(())
}

fn state_of(running: &Running, parts: &Parts) -> Option<AdminState> {
    let replicas = PanelView::from(parts.fleet.snapshot()).replicas;
    let replica = replicas.iter().find(|it| it.id == running.replica())?;
    Some(replica.admin_state)
}
