//! Injects a drill's fault into its replica and undoes it.

use std::time::Duration;

use model::drill::{DrillFault, MAX_HANG_MS, ReplicaFault};
use model::status::AdminState;
use tokio::time::{Instant, sleep, sleep_until};

use super::run::{DrillContext, DrillRun};
use crate::gateway::PanelView;
use crate::sync::lock;

/// How long the replica hangs. Longer than its lease, so that it loses its registration and has to recover it; shorter than
/// [`MAX_HANG_MS`] and than a supervisor waits before it restarts the process.
const HANG: Duration = Duration::from_millis(3_500);
/// Timeout for a replica's response to an injected fault, during which it may stop or exit.
const INJECTION_TIMEOUT: Duration = Duration::from_millis(MAX_HANG_MS as u64 + 5_000);
/// Pause between two attempts to switch a replica up again: the registry is a file, which may be busy.
const RETRY_PAUSE: Duration = Duration::from_millis(500);
const ATTEMPTS: u32 = 20;

/// Injects the fault after a third of the drill. Returns when it is undone.
pub async fn inject_fault(run: &DrillRun, context: &DrillContext, began: Instant) {
    if run.plan.fault == DrillFault::None {
        return;
    }
    let third = Duration::from_secs(run.plan.seconds.into()) / 3;
    if !wait_until(run, began + third).await {
        return;
    }
    lock(&run.state).fault_ms = u32::try_from(began.elapsed().as_millis()).ok();
    let replica = run.replica();
    let injected = match run.plan.fault {
        DrillFault::None => Ok(()),
        DrillFault::Kill => {
            context.record(run, format!("drill: {replica} is killed now"));
            inject(context, replica, ReplicaFault::Kill).await
        }
        DrillFault::Hang => {
            let hang = HANG.min(third);
            let for_ms = u32::try_from(hang.as_millis()).unwrap_or(MAX_HANG_MS);
            context.record(run, format!("drill: {replica} hangs from now on"));
            inject(context, replica, ReplicaFault::Hang { for_ms }).await
        }
        DrillFault::Down => switch_until(run, context, AdminState::Down, began + third * 2).await,
        DrillFault::Drain => {
            switch_until(run, context, AdminState::Draining, began + third * 2).await
        }
    };
    if let Err(reason) = injected {
        context.record(
            run,
            format!("drill: the fault of {replica} did not go as planned: {reason}"),
        );
        lock(&run.state).fault_failed = Some(reason);
    }
}

async fn inject(context: &DrillContext, replica: &str, fault: ReplicaFault) -> Result<(), String> {
    let injection = context.gateway.inject_fault(replica, fault);
    match tokio::time::timeout(INJECTION_TIMEOUT, injection).await {
        Ok(result) => result,
        Err(_) => Err("it has not answered since".to_owned()),
    }
}

/// Waits until `time`; returns false if the drill is cancelled before.
async fn wait_until(run: &DrillRun, time: Instant) -> bool {
    tokio::select! {
        biased;
        () = run.cancel.cancelled() => false,
        () = sleep_until(time) => true,
    }
}

/// Switches the replica until `end`, then up again, also when the drill is cancelled.
async fn switch_until(
    run: &DrillRun,
    context: &DrillContext,
    admin_state: AdminState,
    end: Instant,
) -> Result<(), String> {
    switch(run, context, admin_state).await?;
    wait_until(run, end).await;
    for _ in 0..ATTEMPTS {
        // Leaves an admin state that the operator has changed meanwhile.
        if current_admin_state(run, context) != Some(admin_state)
            || switch(run, context, AdminState::Up).await.is_ok()
        {
            return Ok(());
        }
        sleep(RETRY_PAUSE).await;
    }
    Err("it could not be switched up again; do that by hand".to_owned())
}

async fn switch(
    run: &DrillRun,
    context: &DrillContext,
    admin_state: AdminState,
) -> Result<(), String> {
    let registry = &context.registry;
    let set = registry.set_admin_state(run.replica(), admin_state).await;
    let registration = set.map_err(|error| error.to_string())?;
    context.fleet.apply_switch(&registration);
    Ok(())
}

fn current_admin_state(run: &DrillRun, context: &DrillContext) -> Option<AdminState> {
    let replicas = PanelView::from(context.fleet.snapshot()).replicas;
    let replica = replicas.iter().find(|it| it.id == run.replica())?;
    Some(replica.admin_state)
}
