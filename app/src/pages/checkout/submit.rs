//! From the press on the button to the truth: runs the state machine of [`crate::state::submission`] against storage and the server.

use crate::prelude::*;
use model::basket::Quote;
use model::order::Order;

use super::fields;
use super::focus::focus;
use super::page::Checkout;
use crate::api;
use crate::router;
use crate::state::basket::Basket;
use crate::state::browser::{TabLock, now_ms, sleep, uuid};
use crate::state::pending::Claim;
use crate::state::submission::{Event, Next, Phase};

/// Where a browser has no locks, two tabs may store a claim at once. The later write wins; after this long both read the same.
const SETTLE_MS: u32 = 80;

/// `Copy`, made once a page: presses and resumes.
#[derive(Clone, Copy)]
pub struct Submit {
    page: Checkout,
    /// The one task that sends, waits and asks; a newer one replaces it.
    task: RwSignal<Option<Task>>,
}

#[derive(Clone)]
struct Task {
    number: u32,
    event: Trigger,
}

/// What somebody saw when they pressed.
#[derive(Clone)]
struct Agreed {
    quote: Quote,
    basket: Basket,
    /// Token of the newest order from this restaurant.
    newest: Option<String>,
}

/// Why nothing was sent.
enum NotSent {
    /// The basket is no longer the one that was shown.
    Changed,
    /// Another tab has ordered this basket: the order's token.
    Ordered(String),
}

/// What starts a task.
#[derive(Clone)]
enum Trigger {
    Pressed {
        agreed: Option<Box<Agreed>>,
    },
    Resumed {
        key: String,
    },
    /// Nothing is open, but this key was used for the basket before: a press given up for lost may have arrived late.
    Recalled {
        key: String,
    },
    GaveUp,
}

impl Submit {
    pub fn new(page: Checkout) -> Self {
        let submit = Self {
            page,
            task: RwSignal::new(None),
        };
        // Going back from the order must not lead to a checkout that is done.
        let replace = router::replace();
        effect(move |_| {
            let Some(task) = submit.task.get() else {
                return;
            };
            spawn(async move {
                if let Some(token) = submit.run(task.event).await {
                    replace(&format!("/orders/{token}"));
                }
            });
        });
        effect(move |before: Option<()>| {
            page.wanted.track();
            if before.is_some() {
                submit.step(Event::Changed);
                page.ask_again();
            }
        });
        submit.follow_other_tabs();
        submit.resume();
        submit
    }

    /// A basket that another tab orders while this one shows it: both tabs go to the order.
    fn follow_other_tabs(self) {
        let before = self.newest_order();
        let replace = router::replace();
        effect(move |_| {
            let gone = self.page.basket.with(Basket::is_empty)
                && self.page.phase.with(|phase| matches!(phase, Phase::Idle));
            if gone
                && let Some(token) = self.newest_order()
                && before.as_ref() != Some(&token)
            {
                replace(&format!("/orders/{token}"));
            }
        });
    }

    /// The button: checks the form, then sends.
    pub fn press(self) {
        if self.page.phase.with_untracked(Phase::is_busy) {
            return;
        }
        let mistakes = self.page.check();
        if !mistakes.is_empty() {
            self.page.mistakes.set(mistakes);
            focus("mistakes");
            return;
        }
        if let Some(quote) = untrack(|| self.page.quote()) {
            self.send(Some(Agreed {
                quote,
                basket: self.page.basket.get_untracked(),
                newest: self.newest_order(),
            }));
        }
    }

    /// Token of the newest order that this phone has placed at the restaurant, in whichever tab.
    fn newest_order(self) -> Option<String> {
        let orders = self.page.state.orders.latest().0;
        self.page.slug.with_value(|slug| {
            let newest = orders.into_iter().find(|order| order.restaurant == *slug);
            newest.map(|order| order.token)
        })
    }

    /// While it is being checked: the stored request once more, byte for byte.
    pub fn again(self) {
        self.send(None);
    }

    pub fn give_up(self) {
        self.start(Trigger::GaveUp);
    }

    fn send(self, agreed: Option<Agreed>) {
        self.page.mistakes.set(Vec::new());
        // At once, before anything is awaited: a second tap meets a button that is disabled.
        self.step(Event::Pressed);
        self.start(Trigger::Pressed {
            agreed: agreed.map(Box::new),
        });
    }

    fn start(self, event: Trigger) {
        self.task.update(|task| {
            let number = task.as_ref().map_or(0, |task| task.number) + 1;
            *task = Some(Task { number, event });
        });
    }

    /// After a reload in the middle: what was sent is asked for before anything else.
    fn resume(self) {
        if let Some(claim) = self.open() {
            self.step(Event::Resumed);
            self.start(Trigger::Resumed { key: claim.key });
            return;
        }
        let pendings = self.page.state.pendings.latest();
        let used = self
            .page
            .slug
            .with_value(|slug| pendings.used_key(slug).map(str::to_owned));
        if let Some(key) = used {
            self.start(Trigger::Recalled { key });
        }
    }

    fn step(self, event: Event) -> Next {
        let (phase, next) = self.page.phase.get_untracked().step(event);
        self.page.phase.set(phase);
        next
    }

    /// Goes on until there is nothing to do. The order's token, when its page is to be shown.
    async fn run(self, trigger: Trigger) -> Option<String> {
        let (key, mut next, mut fresh) = match trigger {
            Trigger::Pressed { agreed } => {
                let claim = match self.claim(agreed.map(|agreed| *agreed)).await {
                    Ok(claim) => claim,
                    Err(NotSent::Ordered(token)) => return Some(token),
                    Err(NotSent::Changed) => {
                        self.step(Event::NotSent);
                        self.page.priced.reload();
                        return None;
                    }
                };
                let again = claim.again;
                (claim.key, Next::Send { after_ms: 0 }, !again)
            }
            Trigger::Resumed { key } => (key, Next::Ask { after_ms: 0 }, false),
            Trigger::Recalled { key } => {
                let order = api::order_by_key(&key).await.ok()?;
                self.step(Event::Found(order));
                return self.finish(&key);
            }
            Trigger::GaveUp => {
                let key = self.open()?.key;
                (key, self.step(Event::GaveUp), false)
            }
        };
        loop {
            let event = match next {
                Next::Nothing => return self.finish(&key),
                Next::Send { after_ms } => {
                    self.wait(after_ms).await;
                    let again = !std::mem::replace(&mut fresh, false);
                    let answer = match self.open().filter(|open| open.key == key) {
                        Some(open) => api::place_order(&key, &open.body).await,
                        // Another tab has heard what became of it.
                        None => api::order_by_key(&key).await,
                    };
                    Event::Answered { answer, again }
                }
                Next::Ask { after_ms } => {
                    self.wait(after_ms).await;
                    Event::Asked(api::order_by_key(&key).await)
                }
            };
            next = self.step(event);
        }
    }

    fn open(self) -> Option<Claim> {
        let pendings = self.page.state.pendings.latest();
        self.page.slug.with_value(|slug| pendings.open(slug))
    }

    /// Stores what is about to be sent, alone among the tabs.
    async fn claim(self, agreed: Option<Agreed>) -> Result<Claim, NotSent> {
        let lock = TabLock::acquire("tiffin-order").await;
        let slug = self.page.slug.get_value();
        let state = self.page.state;
        if let Some(open) = state.pendings.latest().open(&slug) {
            return Ok(open);
        }
        let agreed = agreed.ok_or(NotSent::Changed)?;
        let stored = state.baskets.latest().get(&slug).cloned();
        // This page's own basket follows the other tabs, so the two may agree and yet not be what was pressed for.
        if stored.as_ref() != Some(&agreed.basket)
            || self.page.basket.get_untracked() != agreed.basket
        {
            let newest = self.newest_order();
            let gone = stored.is_none_or(|basket| basket.is_empty());
            return Err(match newest {
                Some(token) if gone && agreed.newest.as_ref() != Some(&token) => {
                    NotSent::Ordered(token)
                }
                _ => NotSent::Changed,
            });
        }
        let body = self.page.body(agreed.quote).ok_or(NotSent::Changed)?;
        let mut claim = None;
        state
            .pendings
            .update(|pendings| claim = Some(pendings.claim(&slug, &uuid(), &body)));
        if lock.is_none() {
            sleep(SETTLE_MS).await;
            // The one that is stored is the one that both tabs send; gone again means that the other tab has its answer.
            if let Some(winner) = state.pendings.latest().open(&slug) {
                let again = claim.as_ref() != Some(&winner);
                claim = Some(Claim { again, ..winner });
            }
        }
        claim.ok_or(NotSent::Changed)
    }

    async fn wait(self, ms: u32) {
        if ms > 0 {
            self.page.next_try_ms.set(Some(now_ms() + i64::from(ms)));
            sleep(ms).await;
        }
        self.page.next_try_ms.set(None);
    }

    /// The machine has come to rest: storage is brought in line with what is known.
    fn finish(self, key: &str) -> Option<String> {
        let free = || {
            self.page.slug.with_value(|slug| {
                self.page
                    .state
                    .pendings
                    .update(|pendings| pendings.free(slug, key));
            });
        };
        match self.page.phase.get_untracked() {
            Phase::Placed(order) => {
                self.complete(&order, key);
                return Some(order.token);
            }
            Phase::PlacedEarlier(order) => {
                self.complete(&order, key);
                if self.page.basket.with_untracked(Basket::is_empty) {
                    return Some(order.token);
                }
                focus("outcome");
            }
            Phase::Refused(problem) => {
                free();
                if let Some(quote) = &problem.quote {
                    self.page.take_quote(quote);
                } else {
                    self.page.priced.reload();
                }
                let mistakes = fields::of_problem(&problem);
                let target = if mistakes.is_empty() {
                    "outcome"
                } else {
                    "mistakes"
                };
                self.page.mistakes.set(mistakes);
                focus(target);
            }
            Phase::NotPlaced => {
                free();
                focus("outcome");
            }
            Phase::Idle | Phase::Sending | Phase::Checking(_) | Phase::Waiting { .. } => {}
        }
        None
    }

    /// Remembers the order first, so that nothing is lost should the page go in between.
    fn complete(self, order: &Order, key: &str) {
        let state = self.page.state;
        state.orders.update(|orders| orders.remember(order));
        let slug = self.page.slug.get_value();
        // Another tab may have been first, and the basket be a new one already.
        if state.pendings.latest().holds(&slug, key) {
            state.change_basket(&slug, |basket| basket.take_out(&order.lines));
            state
                .pendings
                .update(|pendings| pendings.retire(&slug, key));
        }
        let customer = self.page.customer.get_untracked();
        let remember = self.page.remember.get_untracked();
        state
            .remembered
            .update(|held| held.0 = remember.then_some(customer));
        state.draft.update(|draft| draft.notes = String::new());
    }
}
