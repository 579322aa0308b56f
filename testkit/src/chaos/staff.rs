//! Simulated staff: two tablets of one account in some restaurants list the open orders and move them along, each transition with
//! the version read and a key. Sometimes both decide on one order at once, sometimes one transition is sent through both front-end
//! servers at once.

use std::time::Duration;

use anyhow::Context;
use model::machine::{self, Actor};
use model::menu::Menu;
use model::order::{Order, OrderState};
use model::problem::Code;
use model::staff::{StaffOrders, StockChange};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::client_pair::ClientPair;
use super::history::{Inventory, Outcome, Record};
use super::inventory::{DISH_STOCK, counted_dishes};
use super::recording_client::{RETRY_TIMEOUT, RecordingClient, Target};
use super::staff_transition::StaffTransition;
use super::subscribers::Subscribers;
use super::worker_group::WorkerGroup;
use crate::cluster::Cluster;
use crate::customer_client::new_idempotency_key;
use crate::staff_client::SessionKind;

/// Number of restaurants with staff; in the others orders expire.
const RESTAURANTS: usize = 4;
const TABLETS_PER_RESTAURANT: u32 = 2;
/// The client number of the first tablet, above those of customers.
const FIRST_CLIENT: u32 = 100;
/// Pause between two requests of one tablet.
const PAUSE_MS: std::ops::Range<u64> = 50..400;
/// Transitions after one listing; by the last ones the orders may have moved.
const TRANSITIONS_PER_LISTING: std::ops::RangeInclusive<usize> = 1..=5;
/// Probability that a tablet prefers an order with a subscriber.
const SUBSCRIBED_ORDER_PROBABILITY: f64 = 0.6;

/// Creates an account for some of the restaurants, sets the stock of the counted dishes, and starts its tablets.
///
/// # Errors
/// If an account cannot be created or used.
pub async fn start(
    cluster: &Cluster,
    servers: &[Target; 2],
    menus: &[Menu],
    subscribers: &Subscribers,
    seed: u64,
) -> anyhow::Result<WorkerGroup> {
    let mut group = WorkerGroup::default();
    let mut number = FIRST_CLIENT;
    for menu in menus.iter().take(RESTAURANTS) {
        let restaurant = &menu.restaurant.slug;
        let account = cluster
            .staff_client(restaurant, SessionKind::Bearer)
            .await?;
        let stock = StockChange {
            available: true,
            left: Some(DISH_STOCK),
        };
        for dish in counted_dishes(menu) {
            account
                .set_stock(&new_idempotency_key(), dish, &stock)
                .await?;
            subscribers.history.record(Record::Inventory(Inventory {
                restaurant: restaurant.clone(),
                dish: Some(dish.to_owned()),
                limit: DISH_STOCK,
            }))?;
        }
        let bearer = account.token().context("a session without a token")?;
        for tablet in 0..TABLETS_PER_RESTAURANT {
            let client = |target| {
                let client = RecordingClient::new(number, target, &subscribers.history)?;
                anyhow::Ok(client.with_bearer(bearer))
            };
            let preferred = tablet as usize % 2;
            let tablet = Tablet {
                clients: ClientPair::new(
                    client(&servers[preferred])?,
                    client(&servers[1 - preferred])?,
                ),
                subscribers: subscribers.clone(),
                rng: StdRng::seed_from_u64(seed ^ (u64::from(number) << 40)),
                earlier: None,
            };
            group.spawn(|shutdown| tablet.run(shutdown));
            number += 1;
        }
    }
    Ok(group)
}

struct Tablet {
    clients: ClientPair,
    subscribers: Subscribers,
    rng: StdRng,
    /// Key and transition of an earlier request with a definite response, to be repeated later.
    earlier: Option<(String, StaffTransition)>,
}

impl Tablet {
    async fn run(mut self, shutdown: CancellationToken) -> anyhow::Result<()> {
        while !shutdown.is_cancelled() {
            self.pause().await;
            let listing = self.clients.current().list_open_orders().await?;
            self.clients.fail_over_if_unanswered(&listing);
            let Outcome::Response(response) = listing else {
                continue;
            };
            let Ok(open) = serde_json::from_str::<StaffOrders>(&response.body) else {
                continue;
            };
            let open: Vec<Order> = open.orders.into_iter().map(|open| open.order).collect();
            for _ in 0..self.rng.random_range(TRANSITIONS_PER_LISTING) {
                if let Some(order) = self.choose_order(&open) {
                    self.move_order(order).await?;
                    self.pause().await;
                }
            }
        }
        Ok(())
    }

    fn choose_order<'a>(&mut self, open: &'a [Order]) -> Option<&'a Order> {
        let subscribed: Vec<&Order> = open
            .iter()
            .filter(|order| self.subscribers.has_subscriber(&order.token))
            .collect();
        if !subscribed.is_empty() && self.rng.random_bool(SUBSCRIBED_ORDER_PROBABILITY) {
            return subscribed.choose(&mut self.rng).copied();
        }
        open.choose(&mut self.rng)
    }

    async fn move_order(&mut self, order: &Order) -> anyhow::Result<()> {
        let (Some(transition), Some(rival)) =
            (self.draw_transition(order), self.draw_transition(order))
        else {
            return Ok(());
        };
        let key = new_idempotency_key();
        match self.rng.random_range(0..6) {
            // Two transitions with two keys at once: at most one may be executed.
            0 => {
                let rival_key = new_idempotency_key();
                let (first, second) = tokio::join!(
                    self.clients.current().request_transition(&key, &transition),
                    self.clients.other().request_transition(&rival_key, &rival)
                );
                if !is_definite(&second?) {
                    self.retry(&rival_key, &rival).await?;
                }
                if !is_definite(&first?) {
                    self.retry(&key, &transition).await?;
                }
            }
            // A duplicate of one transition at once.
            1 => {
                let (first, second) = tokio::join!(
                    self.clients.current().request_transition(&key, &transition),
                    self.clients.other().request_transition(&key, &transition)
                );
                if !is_definite(&first?) && !is_definite(&second?) {
                    self.retry(&key, &transition).await?;
                }
            }
            // A repeat of an earlier transition, which must return the saved response.
            2 => {
                if let Some((key, transition)) = self.earlier.take() {
                    self.retry(&key, &transition).await?;
                }
                self.retry(&key, &transition).await?;
            }
            _ => self.retry(&key, &transition).await?,
        }
        self.earlier.get_or_insert((key, transition));
        Ok(())
    }

    /// Draws a legal transition; those that end an order early are rare.
    fn draw_transition(&mut self, order: &Order) -> Option<StaffTransition> {
        let is_legal =
            |to: &&OrderState| machine::allows(Actor::Staff, order.state, **to, order.fulfilment);
        let weight = |to: &&OrderState| match to {
            OrderState::Rejected | OrderState::Cancelled | OrderState::Failed => 1,
            _ => 5,
        };
        let legal: Vec<&OrderState> = OrderState::ALL.iter().filter(is_legal).collect();
        let to = legal.choose_weighted(&mut self.rng, weight).ok()?;
        Some(StaffTransition {
            token: order.token.clone(),
            version: order.version,
            to: **to,
        })
    }

    /// Repeats a transition with the same key until there is a definite response.
    async fn retry(&mut self, key: &str, transition: &StaffTransition) -> anyhow::Result<()> {
        let deadline = Instant::now() + RETRY_TIMEOUT;
        loop {
            let client = self.clients.current();
            let outcome = client.request_transition(key, transition).await?;
            if is_definite(&outcome) || Instant::now() > deadline {
                return Ok(());
            }
            self.clients.fail_over_if_unanswered(&outcome);
            self.pause().await;
        }
    }

    async fn pause(&mut self) {
        sleep(Duration::from_millis(self.rng.random_range(PAUSE_MS))).await;
    }
}

/// Whether a retry would get the same response.
fn is_definite(outcome: &Outcome) -> bool {
    outcome.is_ok() || outcome.problem_code() == Some(Code::OrderConflict)
}
