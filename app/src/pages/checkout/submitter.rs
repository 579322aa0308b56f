//! Placing the order: runs the state machine of [`crate::state::submission`] against storage and the server.

use leptos::prelude::*;
use leptos::task::spawn_local_scoped_with_cancellation;
use model::basket::Quote;
use model::order::Order;

use super::checkout_state::Checkout;
use super::focus::focus_when_drawn;
use super::form_fields;
use crate::api;
use crate::paths::{self, use_replace};
use crate::state::basket::Basket;
use crate::state::browser::{TabLock, now_ms, sleep};
use crate::state::pending_orders::Claim;
use crate::state::submission::{Event, NextStep, Phase};

/// The wait in milliseconds after which both tabs read the same claim, where the browser has no locks and two tabs may store one at
/// once: the later write wins.
const SETTLE_MS: u32 = 80;

/// Places the order of a checkout. One for each page; copies share the state.
#[derive(Clone, Copy)]
pub struct Submitter {
    checkout: Checkout,
    /// The task that sends, waits and looks up; a newer one replaces it.
    task: RwSignal<Option<Task>>,
}

#[derive(Clone)]
struct Task {
    number: u32,
    trigger: TaskTrigger,
}

/// What the customer saw when pressing the button.
#[derive(Clone)]
struct Agreement {
    quote: Quote,
    basket: Basket,
    /// Token of the newest order from this restaurant.
    newest_order: Option<String>,
}

/// Why nothing was sent.
enum NotSent {
    /// The basket is no longer the one that was shown.
    BasketChanged,
    /// Another tab has ordered this basket: the order's token.
    OrderedElsewhere(String),
}

/// What starts a task.
#[derive(Clone)]
enum TaskTrigger {
    /// The customer pressed the button, or "Send it again", which needs no new agreement.
    Submitted { agreement: Option<Box<Agreement>> },
    /// The page was opened with an order whose outcome is not known.
    Resumed { key: String },
    /// Nothing is open, but this key was used for the basket before: a request given up for lost may have arrived late.
    UsedKey { key: String },
    /// The customer stopped waiting for the replicas.
    StoppedWaiting,
}

impl Submitter {
    pub fn new(checkout: Checkout) -> Self {
        let submitter = Self {
            checkout,
            task: RwSignal::new(None),
        };
        // "Back" from the order must not lead to a checkout that is finished.
        let replace = use_replace();
        Effect::new(move |_| {
            let Some(task) = submitter.task.get() else {
                return;
            };
            let replace = replace.clone();
            spawn_local_scoped_with_cancellation(async move {
                if let Some(token) = submitter.run(task.trigger).await {
                    replace(&paths::order(&token));
                }
            });
        });
        Effect::new(move |previous: Option<()>| {
            checkout.wire_basket.track();
            if previous.is_some() {
                submitter.advance(Event::BasketChanged);
                checkout.clear_basket_errors();
            }
        });
        submitter.follow_other_tabs();
        submitter.resume();
        submitter
    }

    /// Goes to the order when another tab has ordered the basket that this one shows.
    fn follow_other_tabs(self) {
        let before = self.newest_order();
        let replace = use_replace();
        Effect::new(move |_| {
            let emptied = self.checkout.basket.with(Basket::is_empty)
                && self
                    .checkout
                    .phase
                    .with(|phase| matches!(phase, Phase::Idle));
            if emptied
                && let Some(token) = self.newest_order()
                && before.as_ref() != Some(&token)
            {
                replace(&paths::order(&token));
            }
        });
    }

    /// Validates the form, then sends the order.
    pub fn submit(self) {
        if self.checkout.phase.with_untracked(Phase::is_busy) {
            return;
        }
        let errors = self.checkout.validate();
        if !errors.is_empty() {
            self.checkout.errors.set(errors);
            focus_when_drawn("mistakes");
            return;
        }
        if let Some(quote) = untrack(|| self.checkout.quote.current()) {
            self.send(Some(Agreement {
                quote,
                basket: self.checkout.basket.get_untracked(),
                newest_order: self.newest_order(),
            }));
        }
    }

    /// Token of the newest order that this phone has placed at the restaurant, in any tab.
    fn newest_order(self) -> Option<String> {
        let orders = self.checkout.state.recent_orders.latest().0;
        self.checkout.slug.with_value(|slug| {
            let newest = orders.into_iter().find(|order| order.restaurant == *slug);
            newest.map(|order| order.token)
        })
    }

    /// Sends the stored request once more, byte for byte, while its outcome is being checked.
    pub fn send_again(self) {
        self.send(None);
    }

    /// Stops waiting for replicas and looks the order up.
    pub fn stop_waiting(self) {
        self.start(TaskTrigger::StoppedWaiting);
    }

    fn send(self, agreement: Option<Agreement>) {
        self.checkout.errors.set(Vec::new());
        // Before anything is awaited, so that a second tap finds the button disabled.
        self.advance(Event::Submitted);
        self.start(TaskTrigger::Submitted {
            agreement: agreement.map(Box::new),
        });
    }

    fn start(self, trigger: TaskTrigger) {
        self.task.update(|task| {
            let number = task.as_ref().map_or(0, |task| task.number) + 1;
            *task = Some(Task { number, trigger });
        });
    }

    /// Looks up what was sent before a reload, before anything else.
    fn resume(self) {
        if let Some(claim) = self.open_claim() {
            self.advance(Event::Resumed);
            self.start(TaskTrigger::Resumed { key: claim.key });
            return;
        }
        let pending = self.checkout.state.pending_orders.latest();
        let used_key = self
            .checkout
            .slug
            .with_value(|slug| pending.used_key(slug).map(str::to_owned));
        if let Some(key) = used_key {
            self.start(TaskTrigger::UsedKey { key });
        }
    }

    fn advance(self, event: Event) -> NextStep {
        let (phase, next) = self.checkout.phase.get_untracked().step(event);
        self.checkout.phase.set(phase);
        next
    }

    /// Runs until there is nothing to do. Returns the order's token when its page is to be shown.
    async fn run(self, trigger: TaskTrigger) -> Option<String> {
        let (key, mut next, mut first_attempt) = match trigger {
            TaskTrigger::Submitted { agreement } => {
                let claim = match self.claim(agreement.map(|agreement| *agreement)).await {
                    Ok(claim) => claim,
                    Err(NotSent::OrderedElsewhere(token)) => return Some(token),
                    Err(NotSent::BasketChanged) => {
                        self.advance(Event::NotSent);
                        self.checkout.quote.refresh();
                        return None;
                    }
                };
                let again = claim.again;
                (claim.key, NextStep::Send { after_ms: 0 }, !again)
            }
            TaskTrigger::Resumed { key } => (key, NextStep::LookUp { after_ms: 0 }, false),
            TaskTrigger::UsedKey { key } => {
                let order = api::order_by_key(&key).await.ok()?;
                self.advance(Event::FoundEarlier(order));
                return self.finish(&key);
            }
            TaskTrigger::StoppedWaiting => {
                let key = self.open_claim()?.key;
                (key, self.advance(Event::StoppedWaiting), false)
            }
        };
        loop {
            let event = match next {
                NextStep::Nothing => return self.finish(&key),
                NextStep::Send { after_ms } => {
                    self.wait(after_ms).await;
                    let again = !std::mem::replace(&mut first_attempt, false);
                    let answer = match self.open_claim().filter(|claim| claim.key == key) {
                        Some(claim) => api::place_order(&key, &claim.body).await,
                        // Another tab has found out the outcome.
                        None => api::order_by_key(&key).await,
                    };
                    Event::Answered { answer, again }
                }
                NextStep::LookUp { after_ms } => {
                    self.wait(after_ms).await;
                    Event::LookedUp(api::order_by_key(&key).await)
                }
            };
            next = self.advance(event);
        }
    }

    fn open_claim(self) -> Option<Claim> {
        let pending = self.checkout.state.pending_orders.latest();
        self.checkout.slug.with_value(|slug| pending.open(slug))
    }

    /// Stores what is about to be sent, under the lock between tabs.
    async fn claim(self, agreement: Option<Agreement>) -> Result<Claim, NotSent> {
        let lock = TabLock::acquire("tiffin-order").await;
        let slug = self.checkout.slug.get_value();
        let state = self.checkout.state;
        if let Some(open) = state.pending_orders.latest().open(&slug) {
            return Ok(open);
        }
        let agreement = agreement.ok_or(NotSent::BasketChanged)?;
        let stored = state.baskets.latest().get(&slug).cloned();
        // This page's own basket follows the other tabs, so the two may be equal and yet not be what the customer agreed to.
        if stored.as_ref() != Some(&agreement.basket)
            || self.checkout.basket.get_untracked() != agreement.basket
        {
            let emptied = stored.is_none_or(|basket| basket.is_empty());
            return Err(match self.newest_order() {
                Some(token) if emptied && agreement.newest_order.as_ref() != Some(&token) => {
                    NotSent::OrderedElsewhere(token)
                }
                _ => NotSent::BasketChanged,
            });
        }
        let body = self
            .checkout
            .order_body(agreement.quote)
            .ok_or(NotSent::BasketChanged)?;
        let fresh_key = uuid::Uuid::new_v4().to_string();
        let mut claim = None;
        state
            .pending_orders
            .update(|pending| claim = Some(pending.claim(&slug, &fresh_key, &body)));
        if lock.is_none() {
            sleep(SETTLE_MS).await;
            // The stored claim is the one that both tabs send; if it is gone, the other tab has its answer already.
            if let Some(winner) = state.pending_orders.latest().open(&slug) {
                let again = claim.as_ref() != Some(&winner);
                claim = Some(Claim { again, ..winner });
            }
        }
        claim.ok_or(NotSent::BasketChanged)
    }

    async fn wait(self, ms: u32) {
        if ms > 0 {
            self.checkout
                .next_attempt_ms
                .set(Some(now_ms() + i64::from(ms)));
            sleep(ms).await;
        }
        self.checkout.next_attempt_ms.set(None);
    }

    /// Brings storage in line with the outcome once the state machine has come to rest.
    fn finish(self, key: &str) -> Option<String> {
        let release_body = || {
            self.checkout.slug.with_value(|slug| {
                self.checkout
                    .state
                    .pending_orders
                    .update(|pending| pending.release_body(slug, key));
            });
        };
        match self.checkout.phase.get_untracked() {
            Phase::Placed(order) => {
                self.complete(&order, key);
                return Some(order.token);
            }
            Phase::PlacedEarlier(order) => {
                self.complete(&order, key);
                if self.checkout.basket.with_untracked(Basket::is_empty) {
                    return Some(order.token);
                }
                focus_when_drawn("outcome");
            }
            Phase::Rejected(problem) => {
                release_body();
                match &problem.quote {
                    Some(quote) => self.checkout.quote.accept((**quote).clone()),
                    None => self.checkout.quote.refresh(),
                }
                let errors = form_fields::errors_of_problem(&problem);
                focus_when_drawn(if errors.is_empty() {
                    "outcome"
                } else {
                    "mistakes"
                });
                self.checkout.errors.set(errors);
            }
            Phase::NotPlaced => {
                release_body();
                focus_when_drawn("outcome");
            }
            Phase::Idle | Phase::Sending | Phase::Checking(_) | Phase::Waiting { .. } => {}
        }
        None
    }

    /// Records the order first, so that nothing is lost if the page is closed in between.
    fn complete(self, order: &Order, key: &str) {
        let state = self.checkout.state;
        state.recent_orders.update(|orders| orders.add(order));
        let slug = self.checkout.slug.get_value();
        // Another tab may have completed the order first, and the basket may be a new one already.
        if state.pending_orders.latest().holds(&slug, key) {
            state.change_basket(&slug, |basket| basket.remove_ordered(&order.lines));
            state
                .pending_orders
                .update(|pending| pending.retire(&slug, key));
        }
        let customer = self.checkout.customer.get_untracked();
        let save_customer = self.checkout.save_customer.get_untracked();
        state
            .saved_customer
            .update(|saved| saved.0 = save_customer.then_some(customer));
        state.draft.update(|draft| draft.notes = String::new());
    }
}
