//! Staff: two tablets of one account in some restaurants read the open orders and move them along, each step with the version seen and
//! a key. Sometimes both decide on one order at once, sometimes one step is sent twice at once through both front-end servers.

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
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::customers::PATIENCE;
use super::history::{Outcome, Record, Supply};
use super::listeners::Listeners;
use super::people::People;
use super::session::{Session, Way};
use super::supply::{PORTIONS, counted};
use crate::Cluster;
use crate::customer::new_key;
use crate::staff::As;

/// So many restaurants have staff; in the others orders expire.
const RESTAURANTS: usize = 4;
const TABLETS: u32 = 2;
/// Their numbers go on from here, behind those of customers.
const FIRST: u32 = 100;
/// Between two steps of one tablet.
const PAUSE_MS: std::ops::Range<u64> = 50..400;
/// After one look at the open orders; the later ones may have been moved meanwhile.
const STEPS_A_LOOK: std::ops::RangeInclusive<usize> = 1..=5;
/// How often one that somebody listens for is taken where there is one.
const FOLLOWED: f64 = 0.6;

/// One step of one order, as it was seen.
#[derive(Clone, Debug)]
pub struct Step {
    pub token: String,
    pub version: u32,
    pub to: OrderState,
}

impl Step {
    /// Last part of the address, and body.
    pub fn request(&self) -> (&'static str, Value) {
        let version = self.version;
        let seen = json!({ "version": version });
        match self.to {
            OrderState::Accepted => ("acceptance", json!({ "version": version, "minutes": 30 })),
            OrderState::Rejected => ("rejection", json!({ "version": version, "reason": "busy" })),
            OrderState::Preparing => ("preparation", seen),
            OrderState::Ready => ("readiness", seen),
            OrderState::OutForDelivery => ("departure", seen),
            OrderState::Completed => ("completion", seen),
            OrderState::Failed => ("failure", seen),
            // Nothing leads to the others, and this is refused.
            OrderState::Cancelled | OrderState::Placed | OrderState::Expired => (
                "cancellation",
                json!({ "version": version, "words": "The oven broke." }),
            ),
        }
    }
}

/// Makes an account for each of some of these restaurants, signs in and counts some dishes; its tablets go on until closing time.
///
/// # Errors
/// If an account cannot be made or used.
pub async fn start(
    cluster: &Cluster,
    servers: &[Way; 2],
    menus: &[Menu],
    listeners: &Listeners,
    seed: u64,
) -> anyhow::Result<People> {
    let mut people = People::default();
    let mut number = FIRST;
    for menu in menus.iter().take(RESTAURANTS) {
        let restaurant = &menu.restaurant.slug;
        let account = cluster.staff(restaurant, As::Program).await?;
        let stock = StockChange {
            available: true,
            left: Some(PORTIONS),
        };
        for dish in counted(menu) {
            account.count(&new_key(), dish, &stock).await?;
            listeners.journal.add(Record::Supply(Supply {
                restaurant: restaurant.clone(),
                dish: Some(dish.to_owned()),
                most: PORTIONS,
            }))?;
        }
        let bearer = account.token().context("a program has a token")?;
        for tablet in 0..TABLETS {
            let session = |way| {
                let session = Session::new(number, way, &listeners.journal)?;
                anyhow::Ok(session.of_staff(bearer))
            };
            let mut sessions = [session(&servers[0])?, session(&servers[1])?];
            sessions.rotate_left(tablet as usize % 2);
            let tablet = Tablet {
                sessions,
                listeners: listeners.clone(),
                dice: StdRng::seed_from_u64(seed ^ (u64::from(number) << 40)),
                before: None,
            };
            people.add(|closing| tablet.work(closing));
            number += 1;
        }
    }
    Ok(people)
}

struct Tablet {
    /// At the front-end server that it uses, and at the other.
    sessions: [Session; 2],
    listeners: Listeners,
    dice: StdRng,
    /// A step that was answered.
    before: Option<(String, Step)>,
}

impl Tablet {
    async fn work(mut self, closing: CancellationToken) -> anyhow::Result<()> {
        while !closing.is_cancelled() {
            self.pause().await;
            let looked = self.sessions[0].board().await?;
            self.go_on_after(&looked);
            let Outcome::Answered(answer) = looked else {
                continue;
            };
            let Ok(open) = serde_json::from_str::<StaffOrders>(&answer.body) else {
                continue;
            };
            let open: Vec<Order> = open.orders.into_iter().map(|open| open.order).collect();
            for _ in 0..self.dice.random_range(STEPS_A_LOOK) {
                if let Some(order) = self.choose(&open) {
                    self.move_along(order).await?;
                    self.pause().await;
                }
            }
        }
        Ok(())
    }

    fn choose<'a>(&mut self, open: &'a [Order]) -> Option<&'a Order> {
        let followed: Vec<&Order> = open
            .iter()
            .filter(|order| self.listeners.follows(&order.token))
            .collect();
        if !followed.is_empty() && self.dice.random_bool(FOLLOWED) {
            return followed.choose(&mut self.dice).copied();
        }
        open.choose(&mut self.dice)
    }

    async fn move_along(&mut self, order: &Order) -> anyhow::Result<()> {
        let (Some(step), Some(other)) = (self.next(order), self.next(order)) else {
            return Ok(());
        };
        let key = new_key();
        match self.dice.random_range(0..6) {
            // Two tablets, two wishes, two keys.
            0 => {
                let other_key = new_key();
                let (one, two) = tokio::join!(
                    self.sessions[0].step(&key, &step),
                    self.sessions[1].step(&other_key, &other)
                );
                if !is_answered(&two?) {
                    self.insist(&other_key, &other).await?;
                }
                if !is_answered(&one?) {
                    self.insist(&key, &step).await?;
                }
            }
            // One wish, twice.
            1 => {
                let (one, two) = tokio::join!(
                    self.sessions[0].step(&key, &step),
                    self.sessions[1].step(&key, &step)
                );
                if !is_answered(&one?) && !is_answered(&two?) {
                    self.insist(&key, &step).await?;
                }
            }
            // What a repeat is told stays what it was.
            2 => {
                if let Some((key, step)) = self.before.take() {
                    self.insist(&key, &step).await?;
                }
                self.insist(&key, &step).await?;
            }
            _ => self.insist(&key, &step).await?,
        }
        self.before.get_or_insert((key, step));
        Ok(())
    }

    /// What may be done with it; rarely what ends it early.
    fn next(&mut self, order: &Order) -> Option<Step> {
        let may =
            |to: &&OrderState| machine::allows(Actor::Staff, order.state, **to, order.fulfilment);
        let weight = |to: &&OrderState| match to {
            OrderState::Rejected | OrderState::Cancelled | OrderState::Failed => 1,
            _ => 5,
        };
        let legal: Vec<&OrderState> = OrderState::ALL.iter().filter(may).collect();
        let to = legal.choose_weighted(&mut self.dice, weight).ok()?;
        Some(Step {
            token: order.token.clone(),
            version: order.version,
            to: **to,
        })
    }

    /// Repeats until it is known whether it was taken.
    async fn insist(&mut self, key: &str, step: &Step) -> anyhow::Result<()> {
        let until = Instant::now() + PATIENCE;
        loop {
            let outcome = self.sessions[0].step(key, step).await?;
            if is_answered(&outcome) || Instant::now() > until {
                return Ok(());
            }
            self.go_on_after(&outcome);
            self.pause().await;
        }
    }

    /// At the other front-end server where nothing came from this one.
    fn go_on_after(&mut self, outcome: &Outcome) {
        if outcome.is_nothing() {
            self.sessions.swap(0, 1);
        }
    }

    async fn pause(&mut self) {
        sleep(Duration::from_millis(self.dice.random_range(PAUSE_MS))).await;
    }
}

/// For good: the same again would be told the same.
fn is_answered(outcome: &Outcome) -> bool {
    outcome.is_ok() || outcome.problem() == Some(Code::OrderConflict)
}
