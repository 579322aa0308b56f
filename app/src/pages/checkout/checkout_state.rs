//! The state that the parts of the checkout share: the basket, the form, and the backend's answers about them.

use leptos::prelude::*;
use model::Postcode;
use model::basket::{self as wire, Obstacle, ObstacleCode, Quote};
use model::menu::Menu;
use model::order::{Customer, PlaceOrder};
use model::problem::Code;
use model::restaurant::{Fulfilment, Slot, Slots};

use super::form_fields::{self, Field, FormError};
use crate::api;
use crate::json;
use crate::paths;
use crate::state::basket::Basket;
use crate::state::browser::hidden;
use crate::state::quote::BasketQuote;
use crate::state::resource::{ApiResource, use_api};
use crate::state::submission::Phase;
use crate::state::ticker::on_visibility;
use crate::state::{AppState, use_state};

/// Copies share the state.
#[derive(Clone, Copy)]
pub struct Checkout {
    pub state: AppState,
    /// The restaurant.
    pub slug: StoredValue<String>,
    pub basket: Memo<Basket>,
    /// The basket in the API's format.
    pub wire_basket: Memo<wire::Basket>,
    menu: ApiResource<Menu>,
    slots: ApiResource<Slots>,
    pub quote: BasketQuote,
    /// As typed.
    pub postcode: RwSignal<String>,
    pub customer: RwSignal<Customer>,
    pub notes: RwSignal<String>,
    /// Whether to save the customer's details on this phone.
    pub save_customer: RwSignal<bool>,
    /// Whether the customer is choosing a time, or has chosen one.
    pub wants_slot: RwSignal<bool>,
    pub errors: RwSignal<Vec<FormError>>,
    pub phase: RwSignal<Phase>,
    /// When the next attempt is made, while no replica can take the order.
    pub next_attempt_ms: RwSignal<Option<i64>>,
}

impl Checkout {
    pub fn new(slug: String) -> Self {
        let state = use_state();
        let slug = StoredValue::new(slug);
        let draft = state.draft.get_untracked();
        let saved_customer = state.saved_customer.get_untracked().0;
        let save_customer = draft.remember.unwrap_or(saved_customer.is_some());
        let customer = draft.customer.or(saved_customer).unwrap_or_default();
        let postcode = RwSignal::new(state.postcode.get_untracked());
        let basket = Memo::new(move |_| slug.with_value(|slug| state.basket(slug)));
        let wire_basket = Memo::new(move |_| {
            // An incomplete postcode would only bring an obstacle; the form says what is missing.
            let postcode = postcode.with(|text| Postcode::parse(text));
            let postcode = postcode.map_or_else(|_| String::new(), |known| known.to_string());
            slug.with_value(|slug| basket.with(|basket| basket.to_wire(slug, &postcode)))
        });
        let fulfilment = Memo::new(move |_| wire_basket.with(|basket| basket.fulfilment));
        let checkout = Self {
            state,
            slug,
            basket,
            wire_basket,
            menu: use_api(move || {
                let slug = slug.get_value();
                async move { api::menu(&slug).await }
            }),
            slots: use_api(move || {
                let (slug, fulfilment) = (slug.get_value(), fulfilment.get());
                async move { api::slots(&slug, fulfilment).await }
            }),
            quote: BasketQuote::new(wire_basket),
            postcode,
            customer: RwSignal::new(customer),
            notes: RwSignal::new(draft.notes),
            save_customer: RwSignal::new(save_customer),
            wants_slot: RwSignal::new(basket.with_untracked(|basket| basket.slot.is_some())),
            errors: RwSignal::new(Vec::new()),
            phase: RwSignal::new(Phase::Idle),
            next_attempt_ms: RwSignal::new(None),
        };
        checkout.save_draft();
        checkout.refresh_when_visible();
        checkout.leave_impossible_choices();
        checkout
    }

    /// Keeps what is typed, for a reload of this tab.
    fn save_draft(self) {
        Effect::new(move |_| {
            let customer = self.customer.get();
            let notes = self.notes.get();
            let save_customer = self.save_customer.get();
            self.state.draft.update(|draft| {
                draft.customer = (customer != Customer::default()).then_some(customer);
                draft.notes = notes;
                draft.remember = Some(save_customer);
            });
        });
        Effect::new(move |_| {
            if let Ok(postcode) = self.postcode.with(|text| Postcode::parse(text)) {
                self.state.postcode.set(postcode.to_string());
            }
        });
    }

    /// Loads times and price again when the page becomes visible.
    fn refresh_when_visible(self) {
        on_visibility(move || {
            if !hidden() && !self.phase.with_untracked(Phase::is_busy) {
                self.quote.refresh();
                self.slots.refetch();
            }
        });
    }

    /// Leaves a fulfilment that the restaurant does not offer, and asks for a time while the restaurant is closed, so that an order is
    /// never moved to another day silently.
    fn leave_impossible_choices(self) {
        Effect::new(move |_| {
            let Some(menu) = self.menu() else { return };
            match self.fulfilment() {
                Fulfilment::Delivery if !menu.delivers && menu.collects => {
                    self.choose_fulfilment(Fulfilment::Collection);
                }
                Fulfilment::Collection if !menu.collects && menu.delivers => {
                    self.choose_fulfilment(Fulfilment::Delivery);
                }
                Fulfilment::Delivery | Fulfilment::Collection => {}
            }
        });
        Effect::new(move |_| {
            if !self.asap_offered() {
                self.wants_slot.set(true);
            }
        });
    }

    /// The restaurant's menu, once it is loaded. Tracks.
    pub fn menu(self) -> Option<Menu> {
        self.menu.get()?.ok()
    }

    /// The times that can be ordered for, once they are loaded. Tracks.
    pub fn slots(self) -> Option<Slots> {
        self.slots.get()?.ok()
    }

    /// Tracks.
    pub fn fulfilment(self) -> Fulfilment {
        self.wire_basket.with(|basket| basket.fulfilment)
    }

    /// Whether the order is delivered, not collected. Tracks.
    pub fn is_delivery(self) -> bool {
        self.fulfilment() == Fulfilment::Delivery
    }

    /// Whether the restaurant offers this fulfilment; true until it is known. Tracks.
    pub fn offers(self, fulfilment: Fulfilment) -> bool {
        self.menu().is_none_or(|menu| match fulfilment {
            Fulfilment::Delivery => menu.delivers,
            Fulfilment::Collection => menu.collects,
        })
    }

    /// Whether the order can be made as soon as possible; true until it is known. Tracks.
    pub fn asap_offered(self) -> bool {
        self.slots().is_none_or(|slots| slots.asap)
    }

    /// The address of the menu, with the current postcode.
    pub fn menu_path(self) -> String {
        let postcode = Postcode::parse(&self.state.postcode.get_untracked()).ok();
        self.slug
            .with_value(|slug| paths::menu(slug, postcode.as_ref()))
    }

    pub fn change_basket(self, change: impl FnOnce(&mut Basket)) {
        self.slug
            .with_value(|slug| self.state.change_basket(slug, change));
    }

    /// Changes the fulfilment and clears the time: a slot for delivery is none for collection.
    pub fn choose_fulfilment(self, fulfilment: Fulfilment) {
        self.change_basket(|basket| {
            basket.fulfilment = Some(fulfilment);
            basket.slot = None;
        });
        self.wants_slot.set(false);
    }

    pub fn choose_slot(self, slot: Option<Slot>) {
        self.change_basket(|basket| basket.slot = slot);
    }

    /// The restaurant's time zone. Tracks.
    pub fn zone(self) -> String {
        match self.slots() {
            Some(slots) => slots.zone,
            None => "Europe/London".to_owned(),
        }
    }

    /// The obstacles to ordering that are shown at `field`. A postcode that is not typed yet is not reported.
    pub fn obstacles_at(self, field: Field) -> Vec<Obstacle> {
        let obstacles = self.quote.current().map(|quote| quote.obstacles);
        let shown = |obstacle: &Obstacle| {
            form_fields::field_of_obstacle(obstacle) == field
                && obstacle.code != ObstacleCode::PostcodeMissing
        };
        let obstacles = obstacles.unwrap_or_default().into_iter();
        obstacles.filter(shown).collect()
    }

    /// The error that is shown beside a field. Tracks.
    pub fn error_at(self, field: Field) -> Option<String> {
        self.errors.with(|errors| {
            let error = errors.iter().find(|(at, _)| *at == Some(field));
            error.map(|(_, message)| message.clone())
        })
    }

    /// Removes the error of a field whose input has changed.
    pub fn clear_error(self, field: Field) {
        self.retain_errors(|(at, _)| *at != Some(field));
    }

    /// Removes the errors that a change of the basket may have resolved: all but those about the customer.
    pub fn clear_basket_errors(self) {
        let about_customer = [Field::Address, Field::Name, Field::Phone, Field::Notes];
        self.retain_errors(|(at, _)| at.is_some_and(|at| about_customer.contains(&at)));
    }

    fn retain_errors(self, keep: impl Fn(&FormError) -> bool) {
        if !self
            .errors
            .with_untracked(|errors| errors.iter().all(&keep))
        {
            self.errors.update(|errors| errors.retain(keep));
        }
    }

    /// Everything that prevents the form from being sent, in the order of the page.
    pub fn validate(self) -> Vec<FormError> {
        let quote = untrack(|| self.quote.current());
        let mut errors = form_fields::validate(
            untrack(|| self.fulfilment()),
            &self.postcode.get_untracked(),
            &self.customer.get_untracked(),
            &self.notes.get_untracked(),
        );
        let slot_missing = self.basket.with_untracked(|basket| basket.slot.is_none());
        if self.wants_slot.get_untracked() && slot_missing {
            errors.push((Some(Field::Slot), "Choose a time.".to_owned()));
        }
        for obstacle in quote.iter().flat_map(|quote| &quote.obstacles) {
            let field = form_fields::field_of_obstacle(obstacle);
            if !errors.iter().any(|(at, _)| *at == Some(field)) {
                errors.push((Some(field), obstacle.message.clone()));
            }
        }
        form_fields::sort_by_field(&mut errors);
        errors
    }

    /// The body of the request that places the order with the agreed quote.
    pub fn order_body(self, agreed: Quote) -> Option<String> {
        let mut customer = self.customer.get_untracked();
        if agreed.fulfilment == Fulfilment::Collection {
            // The address is not needed, so it is not sent.
            customer.address.clear();
        }
        let order = PlaceOrder {
            basket: self.wire_basket.get_untracked(),
            customer,
            agreed,
            notes: self.notes.get_untracked(),
        };
        json::to_string(&order)
    }

    /// Whether the last attempt was rejected because the quote has changed; one tap accepts the change. Tracks.
    pub fn quote_changed(self) -> bool {
        self.phase.with(
            |phase| matches!(phase, Phase::Rejected(problem) if problem.code == Code::QuoteChanged),
        )
    }
}
