//! What the parts of the checkout share: the basket and the form as signals, and what the servers said of them.

use crate::prelude::*;
use model::Postcode;
use model::basket::{self as wire, Obstacle, ObstacleCode, Quote};
use model::menu::Menu;
use model::order::{Customer, PlaceOrder};
use model::problem::Code;
use model::restaurant::{Fulfilment, Slot, Slots};

use super::fields::{self, Field, Mistake};
use crate::api;
use crate::paths;
use crate::state::AppState;
use crate::state::basket::Basket;
use crate::state::browser::{hidden, sleep};
use crate::state::load::Loader;
use crate::state::submission::Phase;
use crate::state::ticker::on_visibility;

/// A quote and the basket that it is about.
#[derive(Clone, Debug, PartialEq)]
pub struct Priced {
    pub basket: wire::Basket,
    pub quote: Quote,
}

/// Long enough that typing a postcode asks once, short enough not to be felt.
const QUOTE_AFTER_MS: u32 = 250;

/// `Copy`: goes into every closure of the page.
#[derive(Clone, Copy)]
pub struct Checkout {
    pub state: AppState,
    pub slug: StoredValue<String>,
    pub basket: Memo<Basket>,
    /// As the backend wants it.
    pub wanted: Memo<wire::Basket>,
    pub menu: Loader<Menu>,
    pub slots: Loader<Slots>,
    pub priced: Loader<Priced>,
    /// As typed.
    pub postcode: RwSignal<String>,
    pub customer: RwSignal<Customer>,
    pub notes: RwSignal<String>,
    pub remember: RwSignal<bool>,
    /// A time is to be chosen, or is chosen.
    pub wants_time: RwSignal<bool>,
    pub mistakes: RwSignal<Vec<Mistake>>,
    pub phase: RwSignal<Phase>,
    /// When the next try goes, while nobody is there to take the order.
    pub next_try_ms: RwSignal<Option<i64>>,
}

impl Checkout {
    pub fn new(state: AppState, slug: String) -> Self {
        let slug = StoredValue::new(slug);
        let draft = state.draft.get_untracked();
        let remembered = state.remembered.get_untracked().0;
        let remember = draft.remember.unwrap_or(remembered.is_some());
        let customer = RwSignal::new(draft.customer.or(remembered).unwrap_or_default());
        let notes = RwSignal::new(draft.notes);
        let remember = RwSignal::new(remember);
        let postcode = RwSignal::new(state.postcode.get_untracked());
        let basket = memo(move || slug.with_value(|slug| state.basket(slug)));
        let wanted = memo(move || {
            // A postcode that is not whole yet would only bring an obstacle; the form says what is missing.
            let postcode = postcode.with(|text| {
                Postcode::parse(text).map_or_else(|_| String::new(), |known| known.to_string())
            });
            slug.with_value(|slug| basket.with(|basket| basket.to_wire(slug, &postcode)))
        });
        let slots_for = memo(move || wanted.with(|wanted| wanted.fulfilment));
        let page = Self {
            state,
            slug,
            basket,
            wanted,
            menu: Loader::new(move || {
                let slug = slug.get_value();
                Some(async move { api::menu(&slug).await })
            }),
            slots: Loader::new(move || {
                let (slug, fulfilment) = (slug.get_value(), slots_for.get());
                Some(async move { api::slots(&slug, fulfilment).await })
            }),
            priced: Loader::new(move || {
                let basket = wanted.get();
                (!basket.lines.is_empty()).then_some(async move {
                    sleep(QUOTE_AFTER_MS).await;
                    let quote = api::quote(&basket).await?;
                    Ok(Priced { basket, quote })
                })
            }),
            postcode,
            customer,
            notes,
            remember,
            wants_time: RwSignal::new(basket.with_untracked(|basket| basket.slot.is_some())),
            mistakes: RwSignal::new(Vec::new()),
            phase: RwSignal::new(Phase::Idle),
            next_try_ms: RwSignal::new(None),
        };
        page.keep_draft();
        page.keep_fresh();
        page.keep_possible();
        page
    }

    /// What is typed survives a reload of this tab.
    fn keep_draft(self) {
        effect(move |_| {
            let customer = self.customer.get();
            let notes = self.notes.get();
            let remember = self.remember.get();
            self.state.draft.update(|draft| {
                draft.customer = (customer != Customer::default()).then_some(customer);
                draft.notes = notes;
                draft.remember = Some(remember);
            });
        });
        effect(move |_| {
            if let Ok(postcode) = self.postcode.with(|text| Postcode::parse(text)) {
                self.state.postcode.set(postcode.to_string());
            }
        });
    }

    /// Times and prices are asked for anew when the page is looked at again.
    fn keep_fresh(self) {
        on_visibility(move || {
            if !hidden() && !self.phase.with_untracked(Phase::is_busy) {
                self.priced.reload();
                self.slots.reload();
            }
        });
    }

    /// A way of getting the food that the restaurant does not offer is not left chosen, and while it is closed a time has to
    /// be named: never silently another day.
    fn keep_possible(self) {
        effect(move |_| {
            let offered = self
                .menu
                .value
                .with(|menu| menu.as_ref().map(|menu| (menu.delivers, menu.collects)));
            let other = match (self.fulfilment(), offered) {
                (Fulfilment::Delivery, Some((false, true))) => Fulfilment::Collection,
                (Fulfilment::Collection, Some((true, false))) => Fulfilment::Delivery,
                _ => return,
            };
            self.choose_fulfilment(other);
        });
        effect(move |_| {
            if !self.asap_offered() {
                self.wants_time.set(true);
            }
        });
    }

    /// Tracks.
    pub fn fulfilment(self) -> Fulfilment {
        self.wanted.with(|wanted| wanted.fulfilment)
    }

    pub fn delivers(self) -> bool {
        self.fulfilment() == Fulfilment::Delivery
    }

    /// True until the restaurant says otherwise. Tracks.
    pub fn asap_offered(self) -> bool {
        self.slots
            .value
            .with(|slots| slots.as_ref().is_none_or(|slots| slots.asap))
    }

    /// Back to the menu, with the postcode that is in force.
    pub fn menu_path(self) -> String {
        let postcode = Postcode::parse(&self.state.postcode.get_untracked()).ok();
        self.slug
            .with_value(|slug| paths::menu(slug, postcode.as_ref()))
    }

    pub fn change(self, change: impl FnOnce(&mut Basket)) {
        self.slug
            .with_value(|slug| self.state.change_basket(slug, change));
    }

    /// The time goes with the way: a slot for delivery is none for collection.
    pub fn choose_fulfilment(self, fulfilment: Fulfilment) {
        self.change(|basket| {
            basket.fulfilment = Some(fulfilment);
            basket.slot = None;
        });
        self.wants_time.set(false);
    }

    pub fn choose_slot(self, slot: Option<Slot>) {
        self.change(|basket| basket.slot = slot);
    }

    /// The restaurant's time zone, once it is known. Tracks.
    pub fn zone(self) -> String {
        let zone = self
            .slots
            .value
            .with(|slots| slots.as_ref().map(|slots| slots.zone.clone()));
        zone.unwrap_or_else(|| "Europe/London".into())
    }

    /// The quote of the basket as it is now; `None` while it is being worked out. Tracks.
    pub fn quote(self) -> Option<Quote> {
        self.priced.value.with(|priced| {
            let priced = priced.as_ref()?;
            self.wanted
                .with(|wanted| *wanted == priced.basket)
                .then(|| priced.quote.clone())
        })
    }

    /// What stands against ordering and is shown at `field`. A postcode that is not typed yet is no news.
    pub fn obstacles_at(self, field: Field) -> Vec<Obstacle> {
        let Some(quote) = self.quote() else {
            return Vec::new();
        };
        quote
            .obstacles
            .into_iter()
            .filter(|obstacle| {
                fields::of_obstacle(obstacle) == field
                    && obstacle.code != ObstacleCode::PostcodeMissing
            })
            .collect()
    }

    /// What is to be said beside a field. Tracks.
    pub fn mistake_at(self, field: Field) -> Option<String> {
        self.mistakes.with(|mistakes| {
            mistakes
                .iter()
                .find(|(at, _)| *at == Some(field))
                .map(|(_, message)| message.clone())
        })
    }

    /// Typing in a field takes back what was said about it.
    pub fn mended(self, field: Field) {
        if self.mistake_at(field).is_some() {
            self.mistakes
                .update(|mistakes| mistakes.retain(|(at, _)| *at != Some(field)));
        }
    }

    /// The basket is another one: what was said about it is to be found out anew.
    pub fn ask_again(self) {
        let about_person = [Field::Address, Field::Name, Field::Phone, Field::Notes];
        let stays = |(at, _): &Mistake| at.is_some_and(|at| about_person.contains(&at));
        if self
            .mistakes
            .with_untracked(|mistakes| !mistakes.iter().all(stays))
        {
            self.mistakes.update(|mistakes| mistakes.retain(stays));
        }
    }

    /// Everything that keeps the form from being sent, in the order of the page.
    pub fn check(self) -> Vec<Mistake> {
        let quote = untrack(|| self.quote());
        let mut mistakes = fields::check(
            untrack(|| self.fulfilment()),
            &self.postcode.get_untracked(),
            &self.customer.get_untracked(),
            &self.notes.get_untracked(),
        );
        if self.wants_time.get_untracked()
            && self.basket.with_untracked(|basket| basket.slot.is_none())
        {
            mistakes.push((Some(Field::Slot), "Choose a time.".into()));
        }
        for obstacle in quote.iter().flat_map(|quote| &quote.obstacles) {
            let field = fields::of_obstacle(obstacle);
            if !mistakes.iter().any(|(at, _)| *at == Some(field)) {
                mistakes.push((Some(field), obstacle.message.clone()));
            }
        }
        mistakes.sort_by_key(|(field, _)| *field);
        mistakes
    }

    /// The body of the request, for this quote.
    pub fn body(self, agreed: Quote) -> Option<String> {
        let order = PlaceOrder {
            basket: self.wanted.get_untracked(),
            customer: Customer {
                // What is not needed is not told.
                address: match agreed.fulfilment {
                    Fulfilment::Delivery => self.customer.with_untracked(|it| it.address.clone()),
                    Fulfilment::Collection => String::new(),
                },
                ..self.customer.get_untracked()
            },
            agreed,
            notes: self.notes.get_untracked(),
        };
        Some(json::to_string(&order))
    }

    /// The quote in force that a refusal carried, when it is for the basket as it is.
    pub fn take_quote(self, quote: &Quote) {
        self.priced.value.set(Some(Priced {
            basket: self.wanted.get_untracked(),
            quote: quote.clone(),
        }));
    }

    /// The refusal says what changed, and one tap can accept it. Tracks.
    pub fn quote_changed(self) -> bool {
        self.phase.with(
            |phase| matches!(phase, Phase::Refused(problem) if problem.code == Code::QuoteChanged),
        )
    }
}
