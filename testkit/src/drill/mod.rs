//! A drill from a terminal: starts it, follows its progress and formats the result as text.

mod text;

use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use model::Problem;
use model::drill::{Drill, DrillPlan};
use reqwest::StatusCode;
use tokio::time::sleep;

pub use text::format_report;

use crate::customer_client::CustomerClient;

const POLL_INTERVAL: Duration = Duration::from_millis(250);
/// Interval of the progress lines. They are whole lines and do not overwrite each other, because the supervisor of the replicas
/// writes to the same terminal.
const PROGRESS_INTERVAL: Duration = Duration::from_secs(3);

/// Runs a drill on the installation at `url` to its end and prints its progress.
///
/// # Errors
/// If the password is wrong, the drill is refused, or its state cannot be read.
pub async fn run(url: &str, password: &str, plan: &DrillPlan) -> anyhow::Result<Drill> {
    let operator = CustomerClient::new(url);
    operator.sign_in(password).await?;
    let (status, body) = operator.start_drill(plan).await?;
    if status != StatusCode::CREATED {
        let problem: Problem =
            serde_json::from_str(&body).with_context(|| format!("{status}: {body}"))?;
        let fields = problem
            .errors
            .iter()
            .map(|error| format!("\n{}: {}", error.field, error.message));
        bail!(
            "{}. {}{}",
            problem.title,
            problem.detail,
            fields.collect::<String>()
        );
    }
    let mut last_progress = Instant::now();
    loop {
        let drill = operator.drill().await?;
        if drill.result.is_some() {
            return Ok(drill);
        }
        if last_progress.elapsed() >= PROGRESS_INTERVAL {
            last_progress = Instant::now();
            println!("{}", text::format_progress(&drill));
        }
        sleep(POLL_INTERVAL).await;
    }
}

/// Returns whether the fault was injected and no order was lost, duplicated or failed.
#[must_use]
pub fn is_clean(drill: &Drill) -> bool {
    let counts = drill
        .result
        .as_ref()
        .map(|result| (result.lost, result.duplicated));
    counts == Some((Some(0), Some(0))) && drill.failed == 0 && drill.fault_failed.is_none()
}
