//! Simulated customers: each places orders in a loop with a behaviour that is drawn anew every time. Some retry until there is a
//! response, some abandon the request and look the order up by key, some send duplicates through both front-end servers at once,
//! some cancel, some poll. Now and then a subscriber is started for an order.

use std::sync::Arc;
use std::time::Duration;

use model::basket::Quote;
use model::order::{Customer, Order, PlaceOrder};
use model::problem::Code;
use model::restaurant::Slots;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::client_pair::ClientPair;
use super::generator::BasketGenerator;
use super::history::{KeyClosure, Outcome, Record};
use super::recording_client::{RETRY_TIMEOUT, RecordingClient, Target};
use super::subscribers::Subscribers;
use super::worker_group::WorkerGroup;
use crate::customer_client::new_idempotency_key;

/// Pause between two orders of one customer.
const THINK_TIME_MS: std::ops::Range<u64> = 10..300;
const RETRY_DELAY_MS: std::ops::Range<u64> = 50..500;
/// One in this many customers has a faulty link.
const FAULTY_LINK_EVERY: u32 = 5;

/// Probability that a placed order gets a subscriber; there may be no room for one.
const SUBSCRIBE_PROBABILITY: f64 = 0.3;

/// Probability that a customer returns to the preferred front-end server before an order.
const RETURN_PROBABILITY: f64 = 0.2;

/// A slot is chosen among the next few, so that customers compete for it.
const SLOT_CHOICES: usize = 3;

/// The front-end servers as customers reach them.
pub struct CustomerTargets {
    pub servers: [Target; 2],
    /// The first server through the customers' fault proxy.
    pub faulty: Target,
}

/// What is known of an order after a request to place it.
enum Placement {
    Order(Box<Order>),
    /// Definite: a retry would be refused as well.
    Refused,
    Indeterminate,
}

#[derive(Clone, Copy)]
enum Behaviour {
    Retries,
    Abandons,
    SendsDuplicate,
    Cancels,
    Polls,
}

const BEHAVIOURS: [Behaviour; 5] = [
    Behaviour::Retries,
    Behaviour::Abandons,
    Behaviour::SendsDuplicate,
    Behaviour::Cancels,
    Behaviour::Polls,
];

/// Starts `count` customers, each of which runs until the group is shut down.
///
/// # Errors
/// If an HTTP client cannot be built.
pub fn start(
    targets: &CustomerTargets,
    generator: &Arc<BasketGenerator>,
    subscribers: &Subscribers,
    seed: u64,
    count: u32,
) -> anyhow::Result<WorkerGroup> {
    let mut group = WorkerGroup::default();
    for number in 0..count {
        let has_faulty_link = number % FAULTY_LINK_EVERY == FAULTY_LINK_EVERY - 1;
        let client = |target| RecordingClient::new(number, target, &subscribers.history);
        let [preferred, other] = match number % 2 {
            0 => [&targets.servers[0], &targets.servers[1]],
            _ => [&targets.servers[1], &targets.servers[0]],
        };
        let preferred = if has_faulty_link {
            &targets.faulty
        } else {
            preferred
        };
        let customer = SimulatedCustomer {
            clients: ClientPair::new(client(preferred)?, client(other)?),
            generator: Arc::clone(generator),
            subscribers: subscribers.clone(),
            rng: StdRng::seed_from_u64(seed ^ (u64::from(number) << 40)),
        };
        group.spawn(|shutdown| customer.run(shutdown));
    }
    Ok(group)
}

struct SimulatedCustomer {
    clients: ClientPair,
    generator: Arc<BasketGenerator>,
    subscribers: Subscribers,
    rng: StdRng,
}

impl SimulatedCustomer {
    async fn run(mut self, shutdown: CancellationToken) -> anyhow::Result<()> {
        while !shutdown.is_cancelled() {
            self.pause(THINK_TIME_MS).await;
            if self.rng.random_bool(RETURN_PROBABILITY) {
                self.clients.return_to_preferred();
            }
            let postcode = self.generator.draw_postcode(&mut self.rng);
            let search = self.clients.current().search(postcode).await?;
            self.clients.fail_over_if_unanswered(&search);
            self.order().await?;
        }
        Ok(())
    }

    /// Quotes a basket, places it with the drawn behaviour, and records the end of its key.
    async fn order(&mut self) -> anyhow::Result<()> {
        let Some(order) = self.prepare_order().await? else {
            return Ok(());
        };
        let key = order.notes.clone();
        let must_be_placed = match BEHAVIOURS[self.rng.random_range(0..BEHAVIOURS.len())] {
            Behaviour::Retries => self.place_with_retries(&key, &order).await?.is_expected(),
            Behaviour::Abandons => self.abandon_and_look_up(&key, &order).await?,
            Behaviour::SendsDuplicate => {
                let (first, second) = tokio::join!(
                    self.clients.current().place(&key, &order, None),
                    self.clients.other().place(&key, &order, None)
                );
                match (Placement::of(&first?), Placement::of(&second?)) {
                    (Placement::Order(_), _) | (_, Placement::Order(_)) => true,
                    _ => self.place_with_retries(&key, &order).await?.is_expected(),
                }
            }
            Behaviour::Cancels => self.place_and_cancel(&key, &order).await?,
            Behaviour::Polls => self.place_and_poll(&key, &order).await?,
        };
        let history = &self.subscribers.history;
        history.record(Record::KeyClosed(KeyClosure {
            client: self.clients.current().client,
            at_us: history.now_us(),
            key,
            must_be_placed,
        }))
    }

    /// Draws and quotes a basket; `None` where it cannot be ordered. The order's notes are its idempotency key, by which the
    /// checker knows the order even where its key was lost.
    async fn prepare_order(&mut self) -> anyhow::Result<Option<PlaceOrder>> {
        let Some(mut basket) = self.generator.draw_basket(&mut self.rng) else {
            return Ok(None);
        };
        if self.generator.draws_slot(&basket.restaurant, &mut self.rng) {
            let slots = self
                .clients
                .current()
                .slots(&basket.restaurant, basket.fulfilment)
                .await?;
            basket.slot_start_ms = self.choose_slot(&slots);
        }
        let Outcome::Response(response) = self.clients.current().quote(&basket).await? else {
            return Ok(None);
        };
        let Ok(agreed) = serde_json::from_str::<Quote>(&response.body) else {
            return Ok(None);
        };
        Ok(agreed.orderable().then(|| PlaceOrder {
            basket,
            agreed,
            customer: Customer {
                name: format!("Customer {}", self.clients.current().client),
                phone: "0191 498 0001".to_owned(),
                address: "1 Palace Green".to_owned(),
            },
            notes: new_idempotency_key(),
        }))
    }

    fn choose_slot(&mut self, slots: &Outcome) -> Option<i64> {
        let Outcome::Response(response) = slots else {
            return None;
        };
        let slots: Slots = serde_json::from_str(&response.body).ok()?;
        let next = &slots.slots[..slots.slots.len().min(SLOT_CHOICES)];
        next.choose(&mut self.rng).map(|slot| slot.start_ms)
    }

    /// Retries with the same key until the order is placed or refused.
    async fn place_with_retries(
        &mut self,
        key: &str,
        order: &PlaceOrder,
    ) -> anyhow::Result<Placement> {
        let deadline = Instant::now() + RETRY_TIMEOUT;
        loop {
            let outcome = self.clients.current().place(key, order, None).await?;
            self.clients.fail_over_if_unanswered(&outcome);
            let placement = Placement::of(&outcome);
            if let Placement::Order(order) = &placement
                && self.rng.random_bool(SUBSCRIBE_PROBABILITY)
            {
                self.subscribers
                    .subscribe(&order.token, self.clients.clone());
            }
            if !matches!(placement, Placement::Indeterminate) || Instant::now() > deadline {
                return Ok(placement);
            }
            self.pause(RETRY_DELAY_MS).await;
        }
    }

    /// Abandons the request before its response and looks the order up by key until there is a definite response. Where it was not
    /// placed, places it or gives up. Returns whether the order must exist.
    async fn abandon_and_look_up(&mut self, key: &str, order: &PlaceOrder) -> anyhow::Result<bool> {
        let abandon_after = Duration::from_millis(self.rng.random_range(2..200));
        self.clients
            .current()
            .place(key, order, Some(abandon_after))
            .await?;
        let deadline = Instant::now() + RETRY_TIMEOUT;
        while Instant::now() < deadline {
            let lookup = self.clients.current().find_by_key(key).await?;
            self.clients.fail_over_if_unanswered(&lookup);
            match lookup.problem_code() {
                Some(Code::NotPlaced) => {
                    return Ok(self.rng.random_bool(0.5)
                        && self.place_with_retries(key, order).await?.is_expected());
                }
                None if lookup.is_ok() => return Ok(true),
                _ => self.pause(RETRY_DELAY_MS).await,
            }
        }
        // No definite response within the deadline is a violation.
        Ok(true)
    }

    async fn place_and_cancel(&mut self, key: &str, order: &PlaceOrder) -> anyhow::Result<bool> {
        let Placement::Order(placed) = self.place_with_retries(key, order).await? else {
            return Ok(false);
        };
        let deadline = Instant::now() + RETRY_TIMEOUT;
        while Instant::now() < deadline {
            let outcome = self.clients.current().cancel(&placed.token).await?;
            self.clients.fail_over_if_unanswered(&outcome);
            if outcome.is_ok() || outcome.problem_code() == Some(Code::OrderConflict) {
                break;
            }
            self.pause(RETRY_DELAY_MS).await;
        }
        self.clients.current().read(&placed.token).await?;
        // A repeat must return the saved response although the order has changed.
        self.clients.current().place(key, order, None).await?;
        Ok(true)
    }

    async fn place_and_poll(&mut self, key: &str, order: &PlaceOrder) -> anyhow::Result<bool> {
        let Placement::Order(placed) = self.place_with_retries(key, order).await? else {
            return Ok(false);
        };
        for _ in 0..self.rng.random_range(2..8) {
            self.pause(20..300).await;
            self.clients.current().read(&placed.token).await?;
        }
        self.clients.current().find_by_key(key).await?;
        Ok(true)
    }

    async fn pause(&mut self, range_ms: std::ops::Range<u64>) {
        sleep(Duration::from_millis(self.rng.random_range(range_ms))).await;
    }
}

impl Placement {
    fn of(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Response(response) if response.status == 201 => {
                serde_json::from_str(&response.body).map_or(Self::Indeterminate, Self::Order)
            }
            _ => match outcome.problem_code() {
                Some(Code::QuoteChanged | Code::NotOrderable) => Self::Refused,
                _ => Self::Indeterminate,
            },
        }
    }

    /// Whether the order must exist after retries until the deadline.
    fn is_expected(&self) -> bool {
        !matches!(self, Self::Refused)
    }
}
