//! Customers: each orders again and again, in a way that is drawn anew every time. Some repeat until they are answered, some
//! leave early and ask by key, some send twice at once through both front-end servers, some cancel, some watch. Now and then one leaves
//! somebody listening for what becomes of the order.

use std::sync::Arc;
use std::time::Duration;

use model::basket::Quote;
use model::order::{Customer as Person, Order, PlaceOrder};
use model::problem::Code;
use model::restaurant::Slots;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::history::{Ended, Outcome, Record};
use super::listeners::Listeners;
use super::people::People;
use super::session::{Session, Way};
use super::shop::Shop;
use crate::customer::new_key;

/// Between two orders of one customer.
const PAUSE_MS: std::ops::Range<u64> = 10..300;
/// Whoever repeats does so for longer than any fault lasts.
pub const PATIENCE: Duration = Duration::from_secs(60);
/// One customer in so many has a connection that breaks.
const BAD_LINES: u32 = 5;

/// How often one who has an order wants to listen; there is not always room.
const LISTENS: f64 = 0.3;

/// How often one who went to the other front-end server comes back before an order.
const RETURNS: f64 = 0.2;

/// Among so many who chooses a time chooses it.
const NEXT_SLOTS: usize = 3;

/// Where customers find Tiffin.
pub struct Ways {
    /// To two front-end servers.
    pub servers: [Way; 2],
    /// To the first of them, for those with a bad connection.
    pub bad_line: Way,
}

/// What came of placing an order.
enum Placed {
    Order(Box<Order>),
    /// For good: the same again would be told the same.
    Refused,
    Unknown,
}

#[derive(Clone, Copy)]
enum Manner {
    Patient,
    LeavesEarly,
    SendsTwice,
    Cancels,
    Watches,
}

const MANNERS: [Manner; 5] = [
    Manner::Patient,
    Manner::LeavesEarly,
    Manner::SendsTwice,
    Manner::Cancels,
    Manner::Watches,
];

/// So many customers, each going on until closing time.
///
/// # Errors
/// If a customer gets no HTTP client.
pub fn start(
    ways: &Ways,
    shop: &Arc<Shop>,
    listeners: &Listeners,
    seed: u64,
    size: u32,
) -> anyhow::Result<People> {
    let mut people = People::default();
    for client in 0..size {
        let bad_line = client % BAD_LINES == BAD_LINES - 1;
        let session = |way| Session::new(client, way, &listeners.journal);
        let [usual, other] = match client % 2 {
            0 => [&ways.servers[0], &ways.servers[1]],
            _ => [&ways.servers[1], &ways.servers[0]],
        };
        let usual = if bad_line { &ways.bad_line } else { usual };
        let customer = Customer {
            sessions: [session(usual)?, session(other)?],
            at: 0,
            shop: Arc::clone(shop),
            listeners: listeners.clone(),
            dice: StdRng::seed_from_u64(seed ^ (u64::from(client) << 40)),
        };
        people.add(|closing| customer.live(closing));
    }
    Ok(people)
}

struct Customer {
    /// At their usual front-end server and at the other.
    sessions: [Session; 2],
    /// Where they are just now.
    at: usize,
    shop: Arc<Shop>,
    listeners: Listeners,
    dice: StdRng,
}

impl Customer {
    fn session(&self) -> &Session {
        &self.sessions[self.at]
    }

    fn elsewhere(&self) -> &Session {
        &self.sessions[1 - self.at]
    }

    /// At the other front-end server where nothing came from this one; those with a bad line stay.
    fn go_on_after(&mut self, outcome: &Outcome) {
        if outcome.is_nothing() && !self.session().has_bad_line() {
            self.at = 1 - self.at;
        }
    }

    async fn live(mut self, closing: CancellationToken) -> anyhow::Result<()> {
        while !closing.is_cancelled() {
            self.pause(PAUSE_MS).await;
            if self.dice.random_bool(RETURNS) {
                self.at = 0;
            }
            let postcode = self.shop.postcode(&mut self.dice);
            let found = self.session().search(postcode).await?;
            self.go_on_after(&found);
            self.order().await?;
        }
        Ok(())
    }

    async fn order(&mut self) -> anyhow::Result<()> {
        let Some(mut basket) = self.shop.basket(&mut self.dice) else {
            return Ok(());
        };
        if self.shop.wants_slot(&basket.restaurant, &mut self.dice) {
            let asked = self
                .session()
                .slots(&basket.restaurant, basket.fulfilment)
                .await?;
            basket.slot_start_ms = self.slot(&asked);
        }
        let Outcome::Answered(answer) = self.session().quote(&basket).await? else {
            return Ok(());
        };
        let Ok(agreed) = serde_json::from_str::<Quote>(&answer.body) else {
            return Ok(());
        };
        if !agreed.orderable() {
            return Ok(());
        }
        let key = new_key();
        let order = PlaceOrder {
            basket,
            agreed,
            customer: Person {
                name: format!("Customer {}", self.session().client),
                phone: "0191 498 0001".to_owned(),
                address: "1 Palace Green".to_owned(),
            },
            notes: key.clone(),
        };
        let must_be_done = match MANNERS[self.dice.random_range(0..MANNERS.len())] {
            Manner::Patient => !matches!(self.insist(&key, &order).await?, Placed::Refused),
            Manner::LeavesEarly => self.leave_early(&key, &order).await?,
            Manner::SendsTwice => {
                let (one, other) = tokio::join!(
                    self.session().place(&key, &order, None),
                    self.elsewhere().place(&key, &order, None)
                );
                match (placed(&one?), placed(&other?)) {
                    (Placed::Order(_), _) | (_, Placed::Order(_)) => true,
                    _ => !matches!(self.insist(&key, &order).await?, Placed::Refused),
                }
            }
            Manner::Cancels => self.cancel(&key, &order).await?,
            Manner::Watches => self.watch(&key, &order).await?,
        };
        self.session().journal.add(Record::Ended(Ended {
            client: self.session().client,
            at_us: self.session().journal.now_us(),
            key,
            must_be_done,
        }))
    }

    /// One of the next, which others choose too.
    fn slot(&mut self, asked: &Outcome) -> Option<i64> {
        let Outcome::Answered(answer) = asked else {
            return None;
        };
        let offered: Slots = serde_json::from_str(&answer.body).ok()?;
        let next = &offered.slots[..offered.slots.len().min(NEXT_SLOTS)];
        next.choose(&mut self.dice).map(|slot| slot.start_ms)
    }

    /// Repeats until there is an order or a refusal.
    async fn insist(&mut self, key: &str, order: &PlaceOrder) -> anyhow::Result<Placed> {
        let until = Instant::now() + PATIENCE;
        loop {
            let outcome = self.session().place(key, order, None).await?;
            self.go_on_after(&outcome);
            let placed = placed(&outcome);
            if let Placed::Order(order) = &placed
                && self.dice.random_bool(LISTENS)
            {
                let sessions = [self.session().clone(), self.elsewhere().clone()];
                self.listeners.follow(&order.token, sessions);
            }
            if !matches!(placed, Placed::Unknown) || Instant::now() > until {
                return Ok(placed);
            }
            self.pause(50..500).await;
        }
    }

    /// Leaves before the answer, asks by key until that is answered, and goes on or not where nothing was placed.
    async fn leave_early(&mut self, key: &str, order: &PlaceOrder) -> anyhow::Result<bool> {
        let patience = Duration::from_millis(self.dice.random_range(2..200));
        self.session().place(key, order, Some(patience)).await?;
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until {
            let found = self.session().find(key).await?;
            self.go_on_after(&found);
            match found.problem() {
                Some(Code::NotPlaced) => {
                    return Ok(self.dice.random_bool(0.5)
                        && !matches!(self.insist(key, order).await?, Placed::Refused));
                }
                None if found.is_ok() => return Ok(true),
                _ => self.pause(50..500).await,
            }
        }
        // Whoever asks for so long is to be told.
        Ok(true)
    }

    async fn cancel(&mut self, key: &str, order: &PlaceOrder) -> anyhow::Result<bool> {
        let Placed::Order(placed) = self.insist(key, order).await? else {
            return Ok(false);
        };
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until {
            let answered = self.session().cancel(&placed.token).await?;
            self.go_on_after(&answered);
            if answered.is_ok() || answered.problem() == Some(Code::OrderConflict) {
                break;
            }
            self.pause(50..500).await;
        }
        self.session().read(&placed.token).await?;
        // What a repeat is told stays what it was.
        self.session().place(key, order, None).await?;
        Ok(true)
    }

    async fn watch(&mut self, key: &str, order: &PlaceOrder) -> anyhow::Result<bool> {
        let Placed::Order(placed) = self.insist(key, order).await? else {
            return Ok(false);
        };
        for _ in 0..self.dice.random_range(2..8) {
            self.pause(20..300).await;
            self.session().read(&placed.token).await?;
        }
        self.session().find(key).await?;
        Ok(true)
    }

    async fn pause(&mut self, range_ms: std::ops::Range<u64>) {
        sleep(Duration::from_millis(self.dice.random_range(range_ms))).await;
    }
}

fn placed(outcome: &Outcome) -> Placed {
    match outcome {
        Outcome::Answered(answer) if answer.status == 201 => {
            serde_json::from_str(&answer.body).map_or(Placed::Unknown, Placed::Order)
        }
        _ => match outcome.problem() {
            Some(Code::QuoteChanged | Code::NotOrderable) => Placed::Refused,
            _ => Placed::Unknown,
        },
    }
}
