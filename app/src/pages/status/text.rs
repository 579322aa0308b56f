//! The system's condition in words, and what a switch will do. Pure; must not know how it is drawn.

use model::status::{
    AdminState, Breaker, EventKind, Health, ProviderStatus, ReplicaStatus, Status,
};

use crate::state::calendar::ago;

/// How serious a condition is: shape and colour of its sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// Round, green.
    Normal,
    /// A diamond, amber: on its way up or down.
    Warning,
    /// A crossed square, red.
    Critical,
}

/// The condition of one part of the system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Condition {
    pub severity: Severity,
    pub label: &'static str,
}

/// The condition of the whole system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SystemSummary {
    pub severity: Severity,
    pub title: String,
    pub detail: String,
}

/// Summarises the status: first of all, whether customers can order.
#[must_use]
pub fn summarise(status: &Status) -> SystemSummary {
    let all = status.replicas.len();
    let serving = status
        .replicas
        .iter()
        .filter(|replica| is_serving(replica))
        .count();
    let primary = match &status.primary {
        Some(primary) => format!("Requests go to {} first. ", primary.replica),
        None => String::new(),
    };
    if serving == 0 {
        return SystemSummary {
            severity: Severity::Critical,
            title: "No replica is available".to_owned(),
            detail: "Orders cannot be taken just now. Baskets are safe on the customers' phones, which try again by themselves.".to_owned(),
        };
    }
    if serving < all {
        return SystemSummary {
            severity: Severity::Warning,
            title: format!("Taking orders with {serving} of {all} replicas"),
            detail: format!("{primary}The others are not needed for it."),
        };
    }
    if !status.registry.readable {
        return SystemSummary {
            severity: Severity::Warning,
            title: "Taking orders, without the registry".to_owned(),
            detail: format!(
                "{primary}The last known list of replicas is in use; switches do not work."
            ),
        };
    }
    let unavailable_providers = status
        .providers
        .iter()
        .filter(|provider| provider.breaker == Breaker::Open)
        .count();
    let detail = match (unavailable_providers, status.providers.len()) {
        (0, _) => primary,
        (unavailable, all) if unavailable < all => {
            format!("{primary}Postcodes are looked up with the other provider.")
        }
        _ => format!("{primary}Postcodes are looked up in the built-in table."),
    };
    SystemSummary {
        severity: Severity::Normal,
        title: "Everything works".to_owned(),
        detail: detail.trim().to_owned(),
    }
}

/// The summary while no front-end server answers the page.
#[must_use]
pub fn unreachable_summary() -> SystemSummary {
    SystemSummary {
        severity: Severity::Critical,
        title: "This server does not answer".to_owned(),
        detail: "It may have stopped, or your connection may be gone. We keep asking.".to_owned(),
    }
}

fn is_serving(replica: &ReplicaStatus) -> bool {
    replica.health == Health::Available && replica.admin_state == AdminState::Up
}

/// A replica's condition. The admin state takes precedence over the health.
#[must_use]
pub fn replica_condition(replica: &ReplicaStatus) -> Condition {
    let (severity, label) = match (replica.admin_state, replica.health) {
        (AdminState::Down, _) => (Severity::Critical, "Switched down"),
        (AdminState::Draining, Health::Available) => (Severity::Warning, "Draining"),
        (_, Health::Unavailable) => (Severity::Critical, "Not available"),
        (_, Health::Starting) => (Severity::Warning, "Starting"),
        (AdminState::Up, Health::Available) => (Severity::Normal, "Available"),
    };
    Condition { severity, label }
}

/// A provider's condition, by its breaker and its last answer.
#[must_use]
pub fn provider_condition(provider: &ProviderStatus) -> Condition {
    // A provider is still asked first until it has failed often enough to open its breaker.
    let failing = provider.last_failure_ms > provider.last_success_ms;
    let (severity, label) = match provider.breaker {
        Breaker::Closed if failing => (Severity::Warning, "Did not answer"),
        Breaker::Closed => (Severity::Normal, "Answers"),
        Breaker::HalfOpen => (Severity::Warning, "Being tried again"),
        Breaker::Open => (Severity::Critical, "Not asked for now"),
    };
    Condition { severity, label }
}

/// When a provider answered or failed last, whichever is later.
#[must_use]
pub fn last_answer(provider: &ProviderStatus, now_ms: i64) -> String {
    if let (Some(error), Some(at_ms)) = (&provider.last_error, provider.last_failure_ms)
        && at_ms > provider.last_success_ms.unwrap_or(0)
    {
        return format!("{error}, {}", ago(now_ms - at_ms));
    }
    match provider.last_success_ms {
        Some(at_ms) => format!("Answered {}", ago(now_ms - at_ms)),
        None => "Not asked yet".to_owned(),
    }
}

/// The kind of an event as a condition.
#[must_use]
pub fn event_condition(kind: EventKind) -> Condition {
    let (severity, label) = match kind {
        EventKind::Joined => (Severity::Normal, "Joined"),
        EventKind::Recovered => (Severity::Normal, "Recovered"),
        EventKind::RegistryBack => (Severity::Normal, "Registry back"),
        EventKind::Left => (Severity::Warning, "Left"),
        EventKind::Switched => (Severity::Warning, "Switched"),
        EventKind::Drill => (Severity::Warning, "Drill"),
        EventKind::FailedOver => (Severity::Warning, "Failed over"),
        EventKind::Killed => (Severity::Critical, "Gone"),
        EventKind::RegistryLost => (Severity::Critical, "Registry lost"),
    };
    Condition { severity, label }
}

/// An admin state as the label of a button.
#[must_use]
pub fn admin_state_label(admin_state: AdminState) -> &'static str {
    match admin_state {
        AdminState::Up => "Up",
        AdminState::Draining => "Draining",
        AdminState::Down => "Down",
    }
}

/// What the operator is asked before a replica is switched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SwitchQuestion {
    pub title: String,
    /// What will happen.
    pub consequence: String,
}

/// Builds the question for switching the replica `id` to `admin_state`.
#[must_use]
pub fn switch_question(status: &Status, id: &str, admin_state: AdminState) -> SwitchQuestion {
    let others_serve = status
        .replicas
        .iter()
        .any(|replica| replica.id != id && is_serving(replica));
    let after = if others_serve {
        "Its requests move to the next replica, and customers should notice nothing."
    } else {
        "No other replica is available: orders cannot be taken until one is up. Baskets stay safe on the customers' phones."
    };
    let (title, consequence) = match admin_state {
        AdminState::Up => (
            format!("Switch {id} up?"),
            "It takes requests again as soon as it is healthy.".to_owned(),
        ),
        AdminState::Draining => (
            format!("Drain {id}?"),
            format!("It finishes what it has begun and gets nothing new. {after}"),
        ),
        AdminState::Down => (
            format!("Switch {id} down?"),
            format!(
                "It behaves as dead: it refuses every request and breaks those that are under way. {after}"
            ),
        ),
    };
    SwitchQuestion { title, consequence }
}

/// The points of a sparkline in a box of 100 by 24, newest at the right. The scale runs from 0 to the slowest answer, but at least to
/// 1 ms.
#[must_use]
pub fn sparkline_points(latency_ms: &[f32]) -> String {
    const MAX_POINTS: usize = 60;
    let slowest = latency_ms.iter().copied().fold(1.0_f32, f32::max);
    let first = MAX_POINTS.saturating_sub(latency_ms.len());
    latency_ms
        .iter()
        .enumerate()
        .map(|(index, latency)| {
            let x = (first + index) as f32 / (MAX_POINTS - 1) as f32 * 100.0;
            let y = 23.0 - latency / slowest * 21.0;
            format!("{},{} ", format_decimal(x), format_decimal(y))
        })
        .collect()
}

/// Formats a number with one decimal, rounded half away from zero. By integers: formatting of floats adds 5 KB to the download.
#[must_use]
pub fn format_decimal(number: f32) -> String {
    let tenths = (number * 10.0).round() as i64;
    let sign = if tenths < 0 { "-" } else { "" };
    let tenths = tenths.unsigned_abs();
    format!("{sign}{}.{}", tenths / 10, tenths % 10)
}

/// Formats a count with separators: `182,344`.
#[must_use]
pub fn format_count(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests;
