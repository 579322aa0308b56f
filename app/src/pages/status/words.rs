//! The system's condition in words, and what a switch will do. Pure; must not know how it is drawn.

use model::status::{
    AdminState, Breaker, EventKind, Health, ProviderStatus, ReplicaStatus, Status,
};

/// Shape and colour of a condition; the word stands beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Round, green.
    Good,
    /// A diamond, amber: on its way up or down.
    Between,
    /// A crossed square, red.
    Stopped,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    pub shape: Shape,
    pub title: String,
    pub detail: String,
}

/// Whether customers can order, first of all.
#[must_use]
pub fn verdict(status: &Status) -> Verdict {
    let all = status.replicas.len();
    let serving = status.replicas.iter().filter(|it| serves(it)).count();
    let geocoding = status
        .providers
        .iter()
        .filter(|provider| provider.breaker == Breaker::Open)
        .count();
    let primary = status.primary.as_ref().map_or_else(String::new, |primary| {
        format!("Requests go to {} first. ", primary.replica)
    });
    if serving == 0 {
        return Verdict {
            shape: Shape::Stopped,
            title: "No replica is available".into(),
            detail: "Orders cannot be taken just now. Baskets are safe on the customers' phones, which try again by themselves.".into(),
        };
    }
    if serving < all {
        return Verdict {
            shape: Shape::Between,
            title: format!("Taking orders with {serving} of {all} replicas"),
            detail: format!("{primary}The others are not needed for it."),
        };
    }
    if !status.registry.readable {
        return Verdict {
            shape: Shape::Between,
            title: "Taking orders, without the registry".into(),
            detail: format!(
                "{primary}The last known list of replicas is in use; switches do not work."
            ),
        };
    }
    let detail = match (geocoding, status.providers.len()) {
        (0, _) | (_, 0) => primary,
        (away, all) if away < all => {
            format!("{primary}Postcodes are looked up with the other provider.")
        }
        _ => format!("{primary}Postcodes are looked up in the built-in table."),
    };
    Verdict {
        shape: Shape::Good,
        title: "Everything works".into(),
        detail: detail.trim().into(),
    }
}

/// No front-end server answers the page itself.
#[must_use]
pub fn unreachable() -> Verdict {
    Verdict {
        shape: Shape::Stopped,
        title: "This server does not answer".into(),
        detail: "It may have stopped, or your connection may be gone. We keep asking.".into(),
    }
}

fn serves(replica: &ReplicaStatus) -> bool {
    replica.health == Health::Available && replica.admin_state == AdminState::Up
}

/// A replica's condition: what the operator wants comes before what it is.
#[must_use]
pub fn replica(replica: &ReplicaStatus) -> (Shape, &'static str) {
    match (replica.admin_state, replica.health) {
        (AdminState::Down, _) => (Shape::Stopped, "Switched down"),
        (AdminState::Draining, Health::Available) => (Shape::Between, "Draining"),
        (_, Health::Unavailable) => (Shape::Stopped, "Not available"),
        (_, Health::Starting) => (Shape::Between, "Starting"),
        (AdminState::Up, Health::Available) => (Shape::Good, "Available"),
    }
}

#[must_use]
pub fn provider(provider: &ProviderStatus) -> (Shape, &'static str) {
    // Until it has failed often enough for its breaker it is still asked first.
    let failing = provider.last_failure_ms > provider.last_success_ms;
    match provider.breaker {
        Breaker::Closed if failing => (Shape::Between, "Did not answer"),
        Breaker::Closed => (Shape::Good, "Answers"),
        Breaker::HalfOpen => (Shape::Between, "Being tried again"),
        Breaker::Open => (Shape::Stopped, "Not asked for now"),
    }
}

#[must_use]
pub fn event(kind: EventKind) -> (Shape, &'static str) {
    match kind {
        EventKind::Joined => (Shape::Good, "Joined"),
        EventKind::Recovered => (Shape::Good, "Recovered"),
        EventKind::RegistryBack => (Shape::Good, "Registry back"),
        EventKind::Left => (Shape::Between, "Left"),
        EventKind::Switched => (Shape::Between, "Switched"),
        EventKind::Drill => (Shape::Between, "Drill"),
        EventKind::FailedOver => (Shape::Between, "Failed over"),
        EventKind::Killed => (Shape::Stopped, "Gone"),
        EventKind::RegistryLost => (Shape::Stopped, "Registry lost"),
    }
}

/// On the buttons of the switch.
#[must_use]
pub fn switch(to: AdminState) -> &'static str {
    match to {
        AdminState::Up => "Up",
        AdminState::Draining => "Draining",
        AdminState::Down => "Down",
    }
}

/// The question before switching, and what will happen.
#[must_use]
pub fn question(status: &Status, id: &str, to: AdminState) -> (String, String) {
    let others = status
        .replicas
        .iter()
        .any(|replica| replica.id != id && serves(replica));
    let after = if others {
        "Its requests move to the next replica, and customers should notice nothing."
    } else {
        "No other replica is available: orders cannot be taken until one is up. Baskets stay safe on the customers' phones."
    };
    match to {
        AdminState::Up => (
            format!("Switch {id} up?"),
            "It takes requests again as soon as it is healthy.".into(),
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
    }
}

/// Points of a sparkline in a box of 100 by 24, newest at the right; the scale begins at nothing and ends at the slowest.
#[must_use]
pub fn sparkline(latency_ms: &[f32]) -> String {
    const MOST: usize = 60;
    let slowest = latency_ms.iter().copied().fold(1.0_f32, f32::max);
    let skipped = MOST.saturating_sub(latency_ms.len());
    let mut points = String::new();
    for (index, latency) in latency_ms.iter().enumerate() {
        let x = (skipped + index) as f32 / (MOST - 1) as f32 * 100.0;
        let y = 23.0 - latency / slowest * 21.0;
        points.push_str(&[tenths(x), ",".into(), tenths(y), " ".into()].concat());
    }
    points
}

/// With one decimal, without the machinery of floating point formatting, which weighs on a phone.
#[must_use]
pub fn tenths(number: f32) -> String {
    let tenths = (number * 10.0).round() as i64;
    let sign = if tenths < 0 { "-" } else { "" };
    let tenths = tenths.unsigned_abs();
    format!("{sign}{}.{}", tenths / 10, tenths % 10)
}

/// `182,344`.
#[must_use]
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
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
