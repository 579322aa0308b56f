//! What every customer sent and was told, and every fault that was made, with instants: the whole of what the checker knows
//! besides the store itself.
//!
//! Kept in memory for the checker and written as JSON lines for people, one line a record, as it happens.

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

/// Instants are microseconds since the run began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "snake_case")]
pub enum Record {
    Exchange(Exchange),
    /// The customer is through with this key.
    Ended(Ended),
    /// Told before anybody ordered.
    Supply(Supply),
    Heard(Heard),
    /// The listener is through with its order.
    Listened(Listened),
    Fault(Fault),
}

/// One request and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exchange {
    pub client: u32,
    /// The front-end server that was asked.
    pub server: u16,
    pub sent_us: u64,
    pub ended_us: u64,
    /// The customer's own connection is one that breaks: no answer is nobody's fault.
    pub bad_line: bool,
    pub ask: Ask,
    pub outcome: Outcome,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum Ask {
    Search,
    Slots,
    Quote,
    Place {
        key: String,
        agreed: Deal,
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
    /// To be told of what happens to an order after that event of the log.
    Listen {
        token: String,
        after: Option<i64>,
    },
    /// Staff look at their open orders.
    Board,
    /// Staff move an order, of which they saw this version.
    Step {
        key: String,
        token: String,
        version: u32,
        to: OrderState,
    },
}

impl fmt::Display for Ask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Search => write!(f, "a search"),
            Self::Slots => write!(f, "the slots"),
            Self::Quote => write!(f, "a quote"),
            Self::Place { key, .. } => write!(f, "placing {key}"),
            Self::FindByKey { key } => write!(f, "finding {key}"),
            Self::Read { token } => write!(f, "reading {token}"),
            Self::Cancel { token } => write!(f, "cancelling {token}"),
            Self::Listen { token, .. } => write!(f, "listening for {token}"),
            Self::Board => write!(f, "the open orders"),
            Self::Step { token, to, .. } => write!(f, "moving {token} to {}", to.as_str()),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    Answered(Answer),
    /// The customer left on purpose before an answer came.
    LeftEarly,
    Broken {
        why: String,
    },
    /// No answer by the customer's deadline.
    Overdue,
}

impl Outcome {
    /// Nothing came: the other front-end server may know more.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        matches!(self, Self::Broken { .. } | Self::Overdue)
    }

    /// 200, of those that are asked with a token or a key: there is an order.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        matches!(self, Self::Answered(answer) if answer.status == 200)
    }

    #[must_use]
    pub fn problem(&self) -> Option<Code> {
        match self {
            Self::Answered(answer) => {
                let problem = serde_json::from_str::<Problem>(&answer.body).ok()?;
                Some(problem.code)
            }
            _ => None,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    pub status: u16,
    /// The replica that gave it; absent where the front-end server answered itself.
    pub replica: Option<String>,
    /// As it came; that of a search, a quote, the slots or the open orders is not kept, and a stream has none here.
    pub body: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    pub client: u32,
    pub at_us: u64,
    pub key: String,
    /// The customer repeated until there was an answer, so that the order must be in.
    pub must_be_done: bool,
}

/// A restaurant has so much of something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Supply {
    pub restaurant: String,
    /// Absent: orders in each slot.
    pub dish: Option<String>,
    pub most: u32,
}

/// One event of the feed, as it reached a listener.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heard {
    pub listener: u32,
    pub at_us: u64,
    pub token: String,
    /// Its place in the log.
    pub sequence: i64,
    pub version: u32,
    pub state: OrderState,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listened {
    pub listener: u32,
    pub at_us: u64,
    pub token: String,
    /// It stayed long enough to be told of every version up to this one.
    pub owed: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    pub kind: String,
    pub target: String,
    pub began_us: u64,
    pub ended_us: u64,
    /// What shows that it happened; absent where nothing did.
    pub evidence: Option<String>,
}

/// What is charged for what: the same in the quote that was agreed to and in the order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deal {
    pub lines: Vec<QuoteLine>,
    pub goods_pence: Pence,
    pub delivery_fee_pence: Pence,
    pub total_pence: Pence,
    pub vat_pence: Pence,
}

impl From<&Quote> for Deal {
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

impl From<&Order> for Deal {
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

/// Takes records in from everybody at once.
pub struct Journal {
    began: Instant,
    kept: Mutex<Kept>,
}

struct Kept {
    records: Vec<Record>,
    file: BufWriter<File>,
}

impl Journal {
    /// Begins a history; its file is `path`.
    ///
    /// # Errors
    /// If the file cannot be made.
    pub fn begin(path: &Path) -> anyhow::Result<Self> {
        Ok(Self {
            began: Instant::now(),
            kept: Mutex::new(Kept {
                records: Vec::new(),
                file: BufWriter::new(File::create(path)?),
            }),
        })
    }

    #[must_use]
    pub fn now_us(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    /// # Errors
    /// If it cannot be written.
    pub fn add(&self, record: Record) -> anyhow::Result<()> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        serde_json::to_writer(&mut kept.file, &record)?;
        kept.file.write_all(b"\n")?;
        kept.records.push(record);
        Ok(())
    }

    /// Ends it: everything is on its way to the disk, and handed out.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn end(&self) -> anyhow::Result<Vec<Record>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.file.flush()?;
        Ok(std::mem::take(&mut kept.records))
    }
}
