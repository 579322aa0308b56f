//! An order before it is one: checked, priced again, compared with what the customer agreed to.

use model::basket::{Quote, QuoteChange};
use model::order::{
    Customer, Order, OrderRestaurant, OrderState, PaymentState, PlaceOrder, StateChange,
};
use model::place::Place;
use model::problem::FieldError;
use model::restaurant::Fulfilment;

use super::customer::{Address, CustomerName, Notes, Phone};
use super::supply::{Demand, Supply};
use super::{Restaurant, changes, digest, quote};

/// Everything that is to be stored. It exists only when it may be: made by [`check_order`] alone.
#[derive(Clone, Debug)]
pub struct NewOrder {
    restaurant: OrderRestaurant,
    quote: Quote,
    name: CustomerName,
    phone: Phone,
    /// For delivery.
    address: Option<Address>,
    notes: Notes,
    placed_at_ms: i64,
    demand: Demand,
    expires_at_ms: Option<i64>,
    accepted_at_once: bool,
}

/// Why an order is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// What the customer typed cannot be right; names the fields.
    Invalid(Vec<FieldError>),
    /// The basket cannot be ordered; the quote's obstacles tell why.
    NotOrderable(Box<Quote>),
    /// The deal differs from the one agreed to, or others took what it needs: what has changed, and the quote in force.
    Changed {
        changes: Vec<QuoteChange>,
        quote: Box<Quote>,
    },
}

/// `place` is what is known of the basket's postcode. What was agreed to counts by its content: its own digest is not
/// believed.
///
/// # Errors
/// In this order: what was typed, what stands in the way, what has changed.
pub fn check_order(
    wanted: &PlaceOrder,
    restaurant: &Restaurant,
    place: Option<&Place>,
    supply: &Supply,
    now_ms: i64,
) -> Result<NewOrder, Refusal> {
    let mut errors = Vec::new();
    let mut check = Checker(&mut errors);
    let name = check.field("customer.name", CustomerName::parse(&wanted.customer.name));
    let phone = check.field("customer.phone", Phone::parse(&wanted.customer.phone));
    let address = match wanted.basket.fulfilment {
        Fulfilment::Delivery => check
            .field("customer.address", Address::parse(&wanted.customer.address))
            .map(Some),
        Fulfilment::Collection => Some(None),
    };
    let notes = check.field("notes", Notes::parse(&wanted.notes));
    let (Some(name), Some(phone), Some(address), Some(notes)) = (name, phone, address, notes)
    else {
        return Err(Refusal::Invalid(errors));
    };

    let current = quote(restaurant, &wanted.basket, place, supply, now_ms);
    if !current.orderable() {
        let plenty = Supply::default();
        let was_possible = quote(restaurant, &wanted.basket, place, &plenty, now_ms).orderable();
        return Err(if was_possible {
            others_were_faster(wanted, restaurant, current)
        } else {
            Refusal::NotOrderable(Box::new(current))
        });
    }
    if digest::digest(&wanted.agreed) != current.digest {
        return Err(Refusal::Changed {
            changes: changes(&wanted.agreed, &current, restaurant.zone()),
            quote: Box::new(current),
        });
    }
    let profile = restaurant.profile();
    Ok(NewOrder {
        restaurant: OrderRestaurant {
            slug: profile.slug.clone(),
            name: profile.name.clone(),
            phone: profile.phone.clone(),
            address: profile.address.clone(),
            zone: profile.zone.clone(),
        },
        demand: Demand::of(
            restaurant,
            current.slot.or(current.expected),
            &current.lines,
        ),
        quote: current,
        name,
        phone,
        address,
        notes,
        placed_at_ms: now_ms,
        expires_at_ms: None,
        accepted_at_once: restaurant.ordering().auto_accept,
    })
}

/// Places or portions have gone to others since the customer saw them: told as what has changed.
fn others_were_faster(wanted: &PlaceOrder, restaurant: &Restaurant, current: Quote) -> Refusal {
    let agreed = Quote {
        obstacles: Vec::new(),
        ..wanted.agreed.clone()
    };
    Refusal::Changed {
        changes: changes(&agreed, &current, restaurant.zone()),
        quote: Box::new(current),
    }
}

struct Checker<'a>(&'a mut Vec<FieldError>);

impl Checker<'_> {
    fn field<T>(&mut self, field: &str, parsed: Result<T, String>) -> Option<T> {
        parsed
            .map_err(|message| {
                self.0.push(FieldError {
                    field: field.to_owned(),
                    message,
                });
            })
            .ok()
    }
}

impl NewOrder {
    #[must_use]
    pub fn restaurant(&self) -> &OrderRestaurant {
        &self.restaurant
    }

    #[must_use]
    pub fn quote(&self) -> &Quote {
        &self.quote
    }

    /// What it takes of the restaurant's places and portions.
    #[must_use]
    pub fn demand(&self) -> &Demand {
        &self.demand
    }

    /// The same with the end of its window to be accepted in.
    #[must_use]
    pub fn expiring_at(self, expires_at_ms: i64) -> Self {
        Self {
            expires_at_ms: Some(expires_at_ms),
            ..self
        }
    }

    /// `None`: whoever looks after waiting orders decides.
    #[must_use]
    pub fn expires_at_ms(&self) -> Option<i64> {
        self.expires_at_ms
    }

    /// The restaurant accepts everything that it can prepare.
    #[must_use]
    pub fn is_accepted_at_once(&self) -> bool {
        self.accepted_at_once
    }

    /// As checked, in normal form; the address is empty for collection.
    #[must_use]
    pub fn customer(&self) -> Customer {
        Customer {
            name: self.name.as_str().to_owned(),
            phone: self.phone.as_str().to_owned(),
            address: self
                .address
                .as_ref()
                .map(|address| address.as_str().to_owned())
                .unwrap_or_default(),
        }
    }

    /// On one line with the postcode; absent for collection.
    #[must_use]
    pub fn delivery_address(&self) -> Option<String> {
        let address = self.address.as_ref()?;
        let postcode = self.quote.postcode.as_deref()?;
        Some(format!("{}, {postcode}", address.as_str()))
    }

    /// The order as its customer sees it, once the store has given it a token and a number.
    #[must_use]
    pub fn into_order(self, token: String, number: u32) -> Order {
        let delivery_address = self.delivery_address();
        let Self {
            restaurant,
            quote,
            name,
            notes,
            placed_at_ms,
            ..
        } = self;
        Order {
            token,
            number,
            restaurant,
            state: OrderState::Placed,
            payment: PaymentState::Unpaid,
            version: 1,
            placed_at_ms,
            fulfilment: quote.fulfilment,
            slot: quote.slot,
            expected: quote.expected,
            lines: quote.lines,
            goods_pence: quote.goods_pence,
            delivery_fee_pence: quote.delivery_fee_pence,
            total_pence: quote.total_pence,
            vat_pence: quote.vat_pence,
            customer_name: name.as_str().to_owned(),
            delivery_address,
            notes: notes.as_str().to_owned(),
            history: vec![StateChange {
                state: OrderState::Placed,
                at_ms: placed_at_ms,
                reason: None,
            }],
        }
    }
}

#[cfg(test)]
mod tests;
