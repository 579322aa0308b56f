//! The history of a run, in Jepsen's sense: every operation with its invocation and outcome, and every fault, with times. Besides
//! the store itself it is all that the checker reads.
//!
//! The recorder keeps it in memory for the checker, and writes it to a file for people, one line of JSON a record.

use std::fmt;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use model::basket::{Quote, QuoteLine};
use model::order::{Order, OrderState};
use model::problem::Code;
use model::{Pence, Problem};
use serde::{Deserialize, Serialize};

/// One record; all times are microseconds since the start of the run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "snake_case")]
pub enum Record {
    Operation(Operation),
    KeyClosed(KeyClosure),
    /// Recorded before the first order.
    Inventory(Inventory),
    EventReceived(ReceivedEvent),
    SubscriptionEnded(SubscriptionEnd),
    Fault(Fault),
}

/// One request of a client and its outcome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operation {
    pub client: u32,
    /// The number of the front-end server.
    pub server: u16,
    pub invoked_us: u64,
    pub completed_us: u64,
    /// The client's own link is subject to faults: a missing response is then no violation.
    pub faulty_link: bool,
    pub invocation: Invocation,
    pub outcome: Outcome,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "function", rename_all = "snake_case")]
pub enum Invocation {
    Search,
    Slots,
    Quote,
    Place {
        key: String,
        agreed: PriceBreakdown,
    },
    FindByKey {
        key: String,
    },
    Read {
        token: String,
    },
    Cancel {
        token: String,
    },
    /// Opens the stream of an order's events, resumed after an event of the log.
    Subscribe {
        token: String,
        after: Option<i64>,
    },
    /// Staff read their open orders.
    ListOpenOrders,
    /// Staff move an order, of which they read this version.
    Transition {
        key: String,
        token: String,
        version: u32,
        to: OrderState,
    },
}

impl fmt::Display for Invocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Search => write!(f, "a search"),
            Self::Slots => write!(f, "a request for slots"),
            Self::Quote => write!(f, "a quote"),
            Self::Place { key, .. } => write!(f, "placing {key}"),
            Self::FindByKey { key } => write!(f, "finding {key}"),
            Self::Read { token } => write!(f, "reading {token}"),
            Self::Cancel { token } => write!(f, "cancelling {token}"),
            Self::Subscribe { token, .. } => write!(f, "subscribing to {token}"),
            Self::ListOpenOrders => write!(f, "listing the open orders"),
            Self::Transition { token, to, .. } => write!(f, "moving {token} to {}", to.as_str()),
        }
    }
}

/// How an operation completed. Only a response is definite; after the others the request may or may not have been executed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    Response(RecordedResponse),
    /// The client closed the connection on purpose before a response came.
    Abandoned,
    ConnectionError {
        reason: String,
    },
    /// There was no response by the client's deadline.
    TimedOut,
}

impl Outcome {
    /// Whether the client waited in vain, so that the other front-end server is worth a try.
    #[must_use]
    pub fn is_unanswered(&self) -> bool {
        matches!(self, Self::ConnectionError { .. } | Self::TimedOut)
    }

    /// Whether the response is 200; where a token or a key was named, the order exists.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        matches!(self, Self::Response(response) if response.status == 200)
    }

    /// Returns the code of a response that is a problem document.
    #[must_use]
    pub fn problem_code(&self) -> Option<Code> {
        match self {
            Self::Response(response) => {
                let problem = serde_json::from_str::<Problem>(&response.body).ok()?;
                Some(problem.code)
            }
            _ => None,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedResponse {
    pub status: u16,
    /// The replica that responded; `None` where the front-end server itself did.
    pub replica: Option<String>,
    /// The body byte for byte. Empty for streams, and for successful searches, quotes, slots and lists of open orders, which the
    /// checker does not read.
    pub body: String,
}

/// A customer sends no further request with this key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyClosure {
    pub client: u32,
    pub at_us: u64,
    pub key: String,
    /// The customer retried until there was a definite response, so that the order must exist.
    pub must_be_placed: bool,
}

/// The stock of a dish, or the slot capacity of a restaurant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inventory {
    pub restaurant: String,
    /// `None`: the limit is the number of orders in each slot.
    pub dish: Option<String>,
    pub limit: u32,
}

/// One event of an order, as a subscriber received it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceivedEvent {
    pub subscriber: u32,
    pub at_us: u64,
    pub token: String,
    /// Its position in the log.
    pub sequence: i64,
    pub version: u32,
    pub state: OrderState,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubscriptionEnd {
    pub subscriber: u32,
    pub at_us: u64,
    pub token: String,
    /// The subscription lasted long enough for every version up to this one to be delivered.
    pub expected_version: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    pub kind: String,
    pub target: String,
    pub began_us: u64,
    pub ended_us: u64,
    /// An observation that proves the effect; `None` where there was none.
    pub evidence: Option<String>,
}

/// The lines and sums of a price, to compare the agreed quote with the order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceBreakdown {
    pub lines: Vec<QuoteLine>,
    pub goods_pence: Pence,
    pub delivery_fee_pence: Pence,
    pub total_pence: Pence,
    pub vat_pence: Pence,
}

impl From<&Quote> for PriceBreakdown {
    fn from(quote: &Quote) -> Self {
        Self {
            lines: quote.lines.clone(),
            goods_pence: quote.goods_pence,
            delivery_fee_pence: quote.delivery_fee_pence,
            total_pence: quote.total_pence,
            vat_pence: quote.vat_pence,
        }
    }
}

impl From<&Order> for PriceBreakdown {
    fn from(order: &Order) -> Self {
        Self {
            lines: order.lines.clone(),
            goods_pence: order.goods_pence,
            delivery_fee_pence: order.delivery_fee_pence,
            total_pence: order.total_pence,
            vat_pence: order.vat_pence,
        }
    }
}

/// Collects the records of all clients and of the nemesis.
pub struct HistoryRecorder {
    start: Instant,
    sink: Mutex<Sink>,
}

struct Sink {
    records: Vec<Record>,
    file: BufWriter<File>,
}

impl HistoryRecorder {
    /// Starts a history, written to the file `path`.
    ///
    /// # Errors
    /// If the file cannot be created.
    pub fn create(path: &Path) -> anyhow::Result<Self> {
        Ok(Self {
            start: Instant::now(),
            sink: Mutex::new(Sink {
                records: Vec::new(),
                file: BufWriter::new(File::create(path)?),
            }),
        })
    }

    #[must_use]
    pub fn now_us(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    /// Appends a record.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn record(&self, record: Record) -> anyhow::Result<()> {
        let mut sink = self.sink.lock().unwrap_or_else(PoisonError::into_inner);
        serde_json::to_writer(&mut sink.file, &record)?;
        sink.file.write_all(b"\n")?;
        sink.records.push(record);
        Ok(())
    }

    /// Flushes the file and returns all records.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn finish(&self) -> anyhow::Result<Vec<Record>> {
        let mut sink = self.sink.lock().unwrap_or_else(PoisonError::into_inner);
        sink.file.flush()?;
        Ok(std::mem::take(&mut sink.records))
    }
}
