//! A drill from a terminal: started, followed and told in text.

mod text;

use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use model::Problem;
use model::drill::{Drill, DrillPlan};
use reqwest::StatusCode;
use tokio::time::sleep;

pub use text::report;

use crate::Customer;

const LOOK_EVERY: Duration = Duration::from_millis(250);
/// Whole lines rather than one that is written over: whoever supervises the replicas writes to the same terminal.
const TELL_EVERY: Duration = Duration::from_secs(3);

/// Runs one on the installation at `url` to its end, with a line that tells how it goes.
///
/// # Errors
/// If the password is wrong, the drill is refused, or the server does not say what came of it.
pub async fn run(url: &str, password: &str, plan: &DrillPlan) -> anyhow::Result<Drill> {
    let operator = Customer::new(url);
    operator.sign_in(password).await?;
    let (status, body) = operator.start_drill(plan).await?;
    if status != StatusCode::CREATED {
        let problem: Problem =
            serde_json::from_str(&body).with_context(|| format!("{status}: {body}"))?;
        let fields = problem
            .errors
            .iter()
            .map(|it| format!("\n{}: {}", it.field, it.message));
        bail!(
            "{}. {}{}",
            problem.title,
            problem.detail,
            fields.collect::<String>()
        );
    }
    let mut told = Instant::now();
    loop {
        let drill = operator.drill().await?;
        if drill.result.is_some() {
            return Ok(drill);
        }
        if told.elapsed() >= TELL_EVERY {
            told = Instant::now();
            println!("{}", text::progress(&drill));
        }
        sleep(LOOK_EVERY).await;
    }
}

/// Nothing was lost, duplicated or failed, and what was to be broken was.
#[must_use]
pub fn is_clean(drill: &Drill) -> bool {
    let counted = drill.result.as_ref().map(|it| (it.lost, it.duplicated));
    counted == Some((Some(0), Some(0))) && drill.failed == 0 && drill.fault_failed.is_none()
}
