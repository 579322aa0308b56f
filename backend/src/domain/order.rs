//! Checking an order before the store places it: fields, a new quote, and the comparison with the quote that the customer agreed to.

use model::basket::{Quote, QuoteChange};
use model::order::{
    Customer, Order, OrderRestaurant, OrderState, PaymentState, PlaceOrder, StateChange,
};
use model::place::Place;
use model::problem::FieldError;
use model::restaurant::Fulfilment;

use super::customer::{Address, CustomerName, Notes, Phone};
use super::digest::digest_quote;
use super::inventory::{Demand, Inventory};
use super::quote::quote_basket;
use super::quote_diff::diff_quotes;
use super::{Restaurant, slots};

/// An order that has passed every check and may be stored. Only [`check_order`] makes one.
#[derive(Clone, Debug)]
pub struct NewOrder {
    restaurant: OrderRestaurant,
    quote: Quote,
    name: CustomerName,
    phone: Phone,
    /// `None` for collection.
    address: Option<Address>,
    notes: Notes,
    placed_at_ms: i64,
    demand: Demand,
    expires_at_ms: Option<i64>,
    auto_accept: bool,
}

/// Why [`check_order`] refuses an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CheckOrderError {
    /// Fields that the customer typed are invalid.
    Invalid(Vec<FieldError>),
    /// The basket cannot be ordered; the quote's obstacles say why.
    NotOrderable(Box<Quote>),
    /// The deal differs from the one agreed to, or other orders have taken a slot or stock since: the changes and the current quote.
    QuoteChanged {
        changes: Vec<QuoteChange>,
        quote: Box<Quote>,
    },
}

/// Checks an order's fields, quotes its basket again and compares that with the quote that the customer agreed to. `place` is the
/// result of geocoding the basket's postcode. The digest of the agreed quote is recomputed from its content, because the client
/// could send any digest.
///
/// # Errors
/// Checks in this order: invalid fields, obstacles, changes of the quote.
pub fn check_order(
    request: &PlaceOrder,
    restaurant: &Restaurant,
    place: Option<&Place>,
    inventory: &Inventory,
    now_ms: i64,
) -> Result<NewOrder, CheckOrderError> {
    let mut errors = Vec::new();
    let mut check = Checker(&mut errors);
    let name = check.field("customer.name", CustomerName::parse(&request.customer.name));
    let phone = check.field("customer.phone", Phone::parse(&request.customer.phone));
    let address = match request.basket.fulfilment {
        Fulfilment::Delivery => check
            .field(
                "customer.address",
                Address::parse(&request.customer.address),
            )
            .map(Some),
        Fulfilment::Collection => Some(None),
    };
    let notes = check.field("notes", Notes::parse(&request.notes));
    let (Some(name), Some(phone), Some(address), Some(notes)) = (name, phone, address, notes)
    else {
        return Err(CheckOrderError::Invalid(errors));
    };

    let current = quote_basket(restaurant, &request.basket, place, inventory, now_ms);
    if !current.orderable() {
        let no_limits = Inventory::default();
        let inventory_is_short =
            quote_basket(restaurant, &request.basket, place, &no_limits, now_ms).orderable();
        return Err(if inventory_is_short {
            inventory_changed(request, restaurant, current)
        } else {
            CheckOrderError::NotOrderable(Box::new(current))
        });
    }
    if digest_quote(&request.agreed) != current.digest {
        return Err(CheckOrderError::QuoteChanged {
            changes: diff_quotes(&request.agreed, &current, restaurant.zone()),
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
        demand: Demand::new(
            restaurant,
            current
                .slot
                .or(current.expected)
                .map(|window| slots::containing_slot_start_ms(restaurant, window)),
            &current.lines,
        ),
        quote: current,
        name,
        phone,
        address,
        notes,
        placed_at_ms: now_ms,
        expires_at_ms: None,
        auto_accept: restaurant.ordering().auto_accept,
    })
}

/// Reports as a change that other orders have taken the slot or the stock since the customer saw the quote.
fn inventory_changed(
    request: &PlaceOrder,
    restaurant: &Restaurant,
    current: Quote,
) -> CheckOrderError {
    let agreed = Quote {
        obstacles: Vec::new(),
        ..request.agreed.clone()
    };
    CheckOrderError::QuoteChanged {
        changes: diff_quotes(&agreed, &current, restaurant.zone()),
        quote: Box::new(current),
    }
}

/// Collects the errors of all fields, so that the customer sees them at once.
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

    /// What the order takes from the restaurant's inventory.
    #[must_use]
    pub fn demand(&self) -> &Demand {
        &self.demand
    }

    /// Sets the time at which the order expires unless it is accepted.
    #[must_use]
    pub fn expiring_at(self, expires_at_ms: i64) -> Self {
        Self {
            expires_at_ms: Some(expires_at_ms),
            ..self
        }
    }

    /// `None`: order maintenance sets the deadline.
    #[must_use]
    pub fn expires_at_ms(&self) -> Option<i64> {
        self.expires_at_ms
    }

    /// Whether the restaurant has orders accepted automatically.
    #[must_use]
    pub fn is_auto_accepted(&self) -> bool {
        self.auto_accept
    }

    /// The customer's checked and normalised data; the address is empty for collection.
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

    /// The delivery address on one line with the postcode; `None` for collection.
    #[must_use]
    pub fn delivery_address(&self) -> Option<String> {
        let address = self.address.as_ref()?;
        let postcode = self.quote.postcode.as_deref()?;
        Some(format!("{}, {postcode}", address.as_str()))
    }

    /// Builds the order as its customer sees it, with the token and number that the store gives it.
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
