//! What a run must never show. Each finding is a sentence for whoever looks into it.

use std::fmt;

use model::order::OrderState;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// Somebody was told that the order is in; the store does not have it, or has another one.
    AcknowledgedAndMissing { key: String, token: String },
    /// Somebody was told that the order is not there after it had been acknowledged.
    Denied { what: String, at_us: u64 },
    /// One key, several orders.
    MadeTwice { key: String, tokens: Vec<String> },
    /// An order whose key is not kept with it, so that a repeat would make another one.
    WithoutItsKey { key: String, token: String },
    /// An order that nobody sent.
    Unasked { token: String },
    /// Repeats of one request were answered differently.
    AnswersDiffer { key: String },
    /// A customer repeated until the answer, and none was an order.
    NeverDone { client: u32, key: String },
    /// What is charged is not what was agreed to, or does not add up.
    WrongTotal { token: String, why: &'static str },
    IllegalTransition {
        token: String,
        from: Option<OrderState>,
        to: OrderState,
    },
    /// A later look showed an earlier version.
    WentBack {
        token: String,
        from_version: u32,
        to_version: u32,
    },
    /// Somebody was told of states that the log does not begin with.
    HistoryDiffers { token: String, at_us: u64 },
    /// The order's row does not say what its events say.
    RowAndLogDiffer { token: String },
    /// The log does not count on by one.
    LogGap { after: i64, next: i64 },
    /// A restaurant's numbers do not count on by one.
    NumberGap {
        restaurant: String,
        after: u32,
        next: u32,
    },
    /// A customer or staff whose connection is good were left without an answer.
    NoAnswer {
        client: u32,
        ask: String,
        waited_ms: u64,
        why: String,
    },
    /// An answer that owns up to a fault, or that is not of the documented shape.
    BadAnswer {
        client: u32,
        ask: String,
        status: u16,
        body: String,
    },
    /// Something is wrong with a step of the staff from this version of the order.
    Step {
        what: StepFault,
        token: String,
        version: u32,
        keys: Vec<String>,
    },
    /// More was sold of something than there was.
    Oversold {
        restaurant: String,
        what: String,
        most: u32,
        sold: u32,
    },
    /// What is left of a dish is not what there was less what was sold.
    StockDiffers {
        restaurant: String,
        dish: String,
        expected: i64,
        left: Option<i64>,
    },
    /// A listener was told something else than what happened to its order, once each and in order.
    News {
        listener: u32,
        token: String,
        what: NewsFault,
        /// The first for which it is so.
        version: u32,
    },
    /// All faults had ended, and it did not come back.
    NotRecovered { what: String },
}

/// What can be wrong with a step of the staff.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepFault {
    /// It was acknowledged, and the log does not have it there.
    Missing,
    /// It was acknowledged, and its key is not kept, so that a repeat would be refused.
    WithoutItsKey,
    /// Two wishes for one version of an order were both acknowledged.
    TakenTwice,
    /// Repeats were answered with different bytes.
    AnswersDiffer,
    /// It was refused although it had been taken.
    RefusedAndTaken,
    /// It was refused although nobody had moved the order.
    RefusedForNothing,
    /// It was repeated until the end, and nobody said whether it was taken.
    NeverAnswered,
    /// The log has it, and nobody wanted it.
    Unasked,
}

impl StepFault {
    fn name(self) -> &'static str {
        match self {
            Self::Missing => "acknowledged step is missing",
            Self::WithoutItsKey => "step without its key",
            Self::TakenTwice => "two steps from one version",
            Self::AnswersDiffer => "answers differ between repeats of a step",
            Self::RefusedAndTaken => "step was refused and taken",
            Self::RefusedForNothing => "step was refused for nothing",
            Self::NeverAnswered => "step was repeated and never answered",
            Self::Unasked => "step that nobody wanted",
        }
    }
}

/// What can be wrong with an order's news.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NewsFault {
    /// One was told twice.
    Repeated,
    /// A later one was told, and this never.
    LeftOut,
    /// It was told after a later one.
    OutOfOrder,
    /// The log does not have it, or another in its place.
    NotInLog,
    /// It happened while somebody listened, and nobody was told in time.
    NeverTold,
}

impl NewsFault {
    fn name(self) -> &'static str {
        match self {
            Self::Repeated => "news repeated",
            Self::LeftOut => "gap in the news",
            Self::OutOfOrder => "news out of order",
            Self::NotInLog => "news that the log does not have",
            Self::NeverTold => "news never told",
        }
    }
}

impl Finding {
    /// A few words, to count by.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::AcknowledgedAndMissing { .. } => "acknowledged and missing",
            Self::Denied { .. } => "denied after it was acknowledged",
            Self::MadeTwice { .. } => "made twice",
            Self::WithoutItsKey { .. } => "stored without its key",
            Self::Unasked { .. } => "made without being asked for",
            Self::AnswersDiffer { .. } => "answers differ between repeats",
            Self::NeverDone { .. } => "repeated and never done",
            Self::WrongTotal { .. } => "wrong total",
            Self::IllegalTransition { .. } => "illegal transition",
            Self::WentBack { .. } => "state went back",
            Self::HistoryDiffers { .. } => "told history is not the log's",
            Self::RowAndLogDiffer { .. } => "row and log differ",
            Self::LogGap { .. } => "gap in the log",
            Self::NumberGap { .. } => "gap in the numbers",
            Self::NoAnswer { .. } => "no answer",
            Self::BadAnswer { .. } => "bad answer",
            Self::Step { what, .. } => what.name(),
            Self::Oversold { .. } => "oversold",
            Self::StockDiffers { .. } => "stock is not what was not sold",
            Self::News { what, .. } => what.name(),
            Self::NotRecovered { .. } => "not recovered",
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AcknowledgedAndMissing { key, token } => {
                write!(
                    f,
                    "key {key}: order {token} was acknowledged and is not in the store"
                )
            }
            Self::Denied { what, at_us } => write!(
                f,
                "{what}: said not to be there at {}, after it had been acknowledged",
                seconds(*at_us)
            ),
            Self::MadeTwice { key, tokens } => {
                write!(
                    f,
                    "key {key}: {} orders: {}",
                    tokens.len(),
                    tokens.join(", ")
                )
            }
            Self::WithoutItsKey { key, token } => {
                write!(
                    f,
                    "key {key}: order {token} is in the store without its key"
                )
            }
            Self::Unasked { token } => write!(f, "order {token} was sent by nobody"),
            Self::AnswersDiffer { key } => {
                write!(
                    f,
                    "key {key}: repeats were answered with different orders or bytes"
                )
            }
            Self::NeverDone { client, key } => write!(
                f,
                "key {key}: customer {client} repeated it until the end and was never told of an order"
            ),
            Self::WrongTotal { token, why } => write!(f, "order {token}: {why}"),
            Self::IllegalTransition { token, from, to } => write!(
                f,
                "order {token} went from {} to {}",
                from.map_or("nothing", OrderState::as_str),
                to.as_str()
            ),
            Self::WentBack {
                token,
                from_version,
                to_version,
            } => write!(
                f,
                "order {token} was seen at version {from_version} and later at {to_version}"
            ),
            Self::HistoryDiffers { token, at_us } => write!(
                f,
                "order {token}: the states told at {} are not what its log begins with",
                seconds(*at_us)
            ),
            Self::RowAndLogDiffer { token } => {
                write!(f, "order {token}: its row is not what its events lead to")
            }
            Self::LogGap { after, next } => {
                write!(f, "the log goes on with {next} after {after}")
            }
            Self::NumberGap {
                restaurant,
                after,
                next,
            } => write!(f, "{restaurant}: number {next} follows {after}"),
            Self::NoAnswer {
                client,
                ask,
                waited_ms,
                why,
            } => write!(
                f,
                "client {client} had no answer to {ask} after {waited_ms} ms: {why}"
            ),
            Self::BadAnswer {
                client,
                ask,
                status,
                body,
            } => write!(f, "client {client} was answered {status} to {ask}: {body}"),
            Self::Step {
                what,
                token,
                version,
                keys,
            } => write!(
                f,
                "order {token}, from version {version}: {}; keys: {}",
                what.name(),
                keys.join(", ")
            ),
            Self::Oversold {
                restaurant,
                what,
                most,
                sold,
            } => write!(f, "{restaurant}: {sold} of {most} sold: {what}"),
            Self::StockDiffers {
                restaurant,
                dish,
                expected,
                left,
            } => write!(f, "{restaurant}: {left:?} left of {dish}, not {expected}"),
            Self::News {
                listener,
                token,
                what,
                version,
            } => write!(
                f,
                "listener {listener} of order {token}: {}: version {version}",
                what.name()
            ),
            Self::NotRecovered { what } => write!(f, "{what}"),
        }
    }
}

fn seconds(us: u64) -> String {
    format!("{:.3} s", us as f64 / 1e6)
}
