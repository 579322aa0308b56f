//! The invariants that a chaos run can violate. Each violation displays as a sentence for the person who investigates it.

use std::fmt;

use model::order::OrderState;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Violation {
    /// A client received an acknowledgement of the order; the store has none for the key, or another one.
    AcknowledgedOrderMissing { key: String, token: String },
    /// A client received the response that the order does not exist, after it had been acknowledged.
    DeniedAfterAcknowledgement { subject: String, at_us: u64 },
    /// One key has several orders.
    DuplicateOrder { key: String, tokens: Vec<String> },
    /// An order is stored without its key, so that a repeat would place another one.
    OrderWithoutKey { key: String, token: String },
    /// An order that no client placed.
    UnrequestedOrder { token: String },
    /// Repeats of one request got different responses.
    ResponsesDiffer { key: String },
    /// A customer retried until the deadline and got no order.
    NeverPlaced { client: u32, key: String },
    /// The price charged is not the agreed one, or does not add up.
    WrongTotal { token: String, reason: &'static str },
    IllegalTransition {
        token: String,
        from: Option<OrderState>,
        to: OrderState,
    },
    /// A later read returned an earlier version.
    VersionWentBack {
        token: String,
        from_version: u32,
        to_version: u32,
    },
    /// A client was shown states that the log does not begin with.
    StatesNotInLog { token: String, at_us: u64 },
    /// The order's row does not match its events.
    RowDiffersFromLog { token: String },
    /// The sequence numbers of the log are not consecutive.
    LogGap { after: i64, next: i64 },
    /// The order numbers of a restaurant are not consecutive.
    NumberGap {
        restaurant: String,
        after: u32,
        next: u32,
    },
    /// A client with a sound link got no response.
    NoResponse {
        client: u32,
        operation: String,
        waited_ms: u64,
        reason: String,
    },
    /// A response that reports an internal error, or that is not documented.
    UnexpectedResponse {
        client: u32,
        operation: String,
        status: u16,
        body: String,
    },
    /// A staff transition from this version of the order went wrong.
    Transition {
        fault: TransitionFault,
        token: String,
        version: u32,
        keys: Vec<String>,
    },
    /// More of a dish or a slot was sold than the inventory had.
    Oversold {
        restaurant: String,
        item: String,
        limit: u32,
        sold: u32,
    },
    /// The remaining stock of a dish is not the initial stock less what was sold.
    StockDiffers {
        restaurant: String,
        dish: String,
        expected: i64,
        remaining: Option<i64>,
    },
    /// A subscriber did not get its order's events exactly once and in order.
    Stream {
        subscriber: u32,
        token: String,
        fault: StreamFault,
        /// The first version concerned.
        version: u32,
    },
    /// A part of the system did not come back after its fault was removed.
    NotRecovered { description: String },
}

/// What can be wrong with a staff transition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransitionFault {
    /// The transition was acknowledged, and the log does not have it there.
    Missing,
    /// The transition was acknowledged, and its key is not stored, so that a repeat would be refused.
    WithoutKey,
    /// Two transitions from one version of an order were both acknowledged.
    TwoFromOneVersion,
    /// Repeats got different bytes.
    ResponsesDiffer,
    /// The transition was refused although it had been executed.
    RefusedAndExecuted,
    /// The transition was refused with a conflict although the order was still at the version.
    RefusedWithoutConflict,
    /// The transition was retried until the deadline without a definite response.
    NeverAnswered,
    /// The log has the transition, and no client requested it.
    Unrequested,
}

impl TransitionFault {
    fn name(self) -> &'static str {
        match self {
            Self::Missing => "acknowledged transition missing",
            Self::WithoutKey => "transition without its key",
            Self::TwoFromOneVersion => "two transitions from one version",
            Self::ResponsesDiffer => "repeats of a transition answered differently",
            Self::RefusedAndExecuted => "transition refused and executed",
            Self::RefusedWithoutConflict => "transition refused without a conflict",
            Self::NeverAnswered => "transition retried without a response",
            Self::Unrequested => "unrequested transition",
        }
    }
}

/// What can be wrong with the events that a subscriber received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamFault {
    Repeated,
    /// The event was never received, although a later one was.
    Skipped,
    /// The event was received after a later one.
    OutOfOrder,
    /// The log has no such event, or another one in its place.
    NotInLog,
    /// The event happened during the subscription and was not received in time.
    NeverReceived,
}

impl StreamFault {
    fn name(self) -> &'static str {
        match self {
            Self::Repeated => "event repeated",
            Self::Skipped => "event skipped",
            Self::OutOfOrder => "event out of order",
            Self::NotInLog => "event not in the log",
            Self::NeverReceived => "event never received",
        }
    }
}

impl Violation {
    /// Returns the short name of the violated invariant, by which reports count.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::AcknowledgedOrderMissing { .. } => "acknowledged order missing",
            Self::DeniedAfterAcknowledgement { .. } => "denied after acknowledgement",
            Self::DuplicateOrder { .. } => "duplicate order",
            Self::OrderWithoutKey { .. } => "order without its key",
            Self::UnrequestedOrder { .. } => "unrequested order",
            Self::ResponsesDiffer { .. } => "repeats answered differently",
            Self::NeverPlaced { .. } => "retried without success",
            Self::WrongTotal { .. } => "wrong total",
            Self::IllegalTransition { .. } => "illegal transition",
            Self::VersionWentBack { .. } => "version went back",
            Self::StatesNotInLog { .. } => "states not in the log",
            Self::RowDiffersFromLog { .. } => "row differs from the log",
            Self::LogGap { .. } => "gap in the log",
            Self::NumberGap { .. } => "gap in the order numbers",
            Self::NoResponse { .. } => "no response",
            Self::UnexpectedResponse { .. } => "unexpected response",
            Self::Transition { fault, .. } => fault.name(),
            Self::Oversold { .. } => "oversold",
            Self::StockDiffers { .. } => "stock differs from sales",
            Self::Stream { fault, .. } => fault.name(),
            Self::NotRecovered { .. } => "not recovered",
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AcknowledgedOrderMissing { key, token } => {
                write!(
                    f,
                    "key {key}: order {token} was acknowledged and is not in the store"
                )
            }
            Self::DeniedAfterAcknowledgement { subject, at_us } => write!(
                f,
                "{subject}: reported as missing at {}, after it had been acknowledged",
                seconds(*at_us)
            ),
            Self::DuplicateOrder { key, tokens } => {
                write!(
                    f,
                    "key {key}: {} orders: {}",
                    tokens.len(),
                    tokens.join(", ")
                )
            }
            Self::OrderWithoutKey { key, token } => {
                write!(
                    f,
                    "key {key}: order {token} is in the store without its key"
                )
            }
            Self::UnrequestedOrder { token } => write!(f, "order {token} was placed by no client"),
            Self::ResponsesDiffer { key } => {
                write!(
                    f,
                    "key {key}: repeats were answered with different orders or bytes"
                )
            }
            Self::NeverPlaced { client, key } => write!(
                f,
                "key {key}: customer {client} retried until the deadline and got no order"
            ),
            Self::WrongTotal { token, reason } => write!(f, "order {token}: {reason}"),
            Self::IllegalTransition { token, from, to } => write!(
                f,
                "order {token} went from {} to {}",
                from.map_or("nothing", OrderState::as_str),
                to.as_str()
            ),
            Self::VersionWentBack {
                token,
                from_version,
                to_version,
            } => write!(
                f,
                "order {token} was read at version {from_version} and later at {to_version}"
            ),
            Self::StatesNotInLog { token, at_us } => write!(
                f,
                "order {token}: the states read at {} are not what its log begins with",
                seconds(*at_us)
            ),
            Self::RowDiffersFromLog { token } => {
                write!(f, "order {token}: its row is not what its events lead to")
            }
            Self::LogGap { after, next } => {
                write!(f, "the log continues with {next} after {after}")
            }
            Self::NumberGap {
                restaurant,
                after,
                next,
            } => write!(f, "{restaurant}: number {next} follows {after}"),
            Self::NoResponse {
                client,
                operation,
                waited_ms,
                reason,
            } => write!(
                f,
                "client {client} got no response to {operation} after {waited_ms} ms: {reason}"
            ),
            Self::UnexpectedResponse {
                client,
                operation,
                status,
                body,
            } => write!(f, "client {client} got {status} to {operation}: {body}"),
            Self::Transition {
                fault,
                token,
                version,
                keys,
            } => write!(
                f,
                "order {token}, from version {version}: {}; keys: {}",
                fault.name(),
                keys.join(", ")
            ),
            Self::Oversold {
                restaurant,
                item,
                limit,
                sold,
            } => write!(f, "{restaurant}: {sold} of {limit} sold: {item}"),
            Self::StockDiffers {
                restaurant,
                dish,
                expected,
                remaining,
            } => write!(
                f,
                "{restaurant}: {remaining:?} remaining of {dish}, not {expected}"
            ),
            Self::Stream {
                subscriber,
                token,
                fault,
                version,
            } => write!(
                f,
                "subscriber {subscriber} of order {token}: {}: version {version}",
                fault.name()
            ),
            Self::NotRecovered { description } => write!(f, "{description}"),
        }
    }
}

fn seconds(us: u64) -> String {
    format!("{:.3} s", us as f64 / 1e6)
}
