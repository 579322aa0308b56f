//! The top of a menu: picture, name, opening hours, and the terms of delivery to the postcode.

use leptos::prelude::*;
use model::Postcode;
use model::menu::Menu;
use model::place::Finding;
use model::restaurant::{Fulfilment, Restaurant, RestaurantCard};

use crate::components::{Glyph, Hero, Icon, terms};
use crate::paths;

/// What the search knows about this restaurant and a postcode.
#[derive(Clone, PartialEq)]
pub struct DeliveryTerms {
    pub postcode: Postcode,
    pub finding: Finding,
    /// Absent: the search did not find the restaurant.
    pub card: Option<RestaurantCard>,
}

impl DeliveryTerms {
    pub fn delivers(&self) -> bool {
        self.card
            .as_ref()
            .is_some_and(|card| card.delivery.is_some())
    }
}

/// How the order would reach the customer, in one line.
pub fn fulfilment_line(
    menu: &Menu,
    terms: Option<&DeliveryTerms>,
    fulfilment: Fulfilment,
) -> String {
    let card = terms.and_then(|terms| terms.card.as_ref());
    if fulfilment == Fulfilment::Collection {
        return match card.and_then(|card| card.collection) {
            Some(collection) => format!("Collection in {} min", collection.ready_minutes),
            None => "Collection".to_owned(),
        };
    }
    let Some(known) = terms else {
        return if menu.delivers {
            "Delivery".to_owned()
        } else {
            "No delivery".to_owned()
        };
    };
    let postcode = &known.postcode;
    match card.and_then(|card| card.delivery) {
        Some(delivery) => format!("Delivery to {postcode} in {}", terms::minutes(&delivery)),
        // "Could not check" is never shown as "no".
        None if known.finding == Finding::CouldNotCheck && menu.delivers => {
            format!("We could not check {postcode} just now")
        }
        None => format!("No delivery to {postcode}"),
    }
}

/// Everything above the dishes.
#[component]
pub fn MenuHeader(
    menu: Menu,
    /// What is known about delivery; `None` while it is loading, or without a postcode.
    terms: Memo<Option<DeliveryTerms>>,
    /// The postcode that the page is for.
    postcode: Memo<Option<Postcode>>,
) -> impl IntoView {
    let restaurant = menu.restaurant.clone();
    view! {
        <div class="menu-picture">
            <Hero slug=restaurant.slug colours=restaurant.colours cuisines=restaurant.cuisines />
        </div>
        <div class="menu-head">
            <h1>{restaurant.name}</h1>
            <p class="soft">{restaurant.tagline}</p>
            <AboutRestaurant menu=menu.clone() />
            <DeliveryLine menu terms postcode />
        </div>
    }
}

/// Opening hours, address and telephone number, behind a summary.
#[component]
fn AboutRestaurant(menu: Menu) -> impl IntoView {
    let Restaurant {
        address,
        postcode,
        phone,
        ..
    } = menu.restaurant.clone();
    let call = format!("tel:{}", phone.replace(' ', ""));
    let opening = terms::opening(&menu.opening, &menu.restaurant);
    let hours = menu
        .hours
        .into_iter()
        .map(|day| {
            view! {
                <div>
                    <dt>{day.day}</dt>
                    <dd>{day.hours}</dd>
                </div>
            }
            .into_any()
        })
        .collect_view();
    view! {
        <details class="about">
            <summary>
                <span class:closed-now=!menu.opening.open>{opening}</span>
                <span class="soft">"Hours and address"</span>
                <Icon glyph=Glyph::Chevron />
            </summary>
            <div class="about-text">
                <p>{menu.about}</p>
                <dl class="hours">{hours}</dl>
                <p class="contact">
                    <Icon glyph=Glyph::Location />
                    {format!("{address}, {postcode}")}
                </p>
                <a class="link contact" href=call>
                    <Icon glyph=Glyph::Phone />
                    {phone}
                </a>
            </div>
        </details>
    }
}

/// The terms of delivery, or of collection where there is no delivery.
#[component]
fn DeliveryLine(
    menu: Menu,
    terms: Memo<Option<DeliveryTerms>>,
    postcode: Memo<Option<Postcode>>,
) -> impl IntoView {
    move || match (terms.get(), postcode.get()) {
        (Some(terms), _) => view! { <KnownTerms menu=menu.clone() terms /> }.into_any(),
        (None, Some(_)) => view! {
            <p class="delivery">
                <span class="skeleton"></span>
            </p>
        }
        .into_any(),
        (None, None) => view! {
            <p class="delivery">
                <a class="link" href=paths::RESTAURANTS>
                    "Enter your postcode"
                </a>
                " to see whether they deliver to you."
            </p>
        }
        .into_any(),
    }
}

#[component]
fn KnownTerms(menu: Menu, terms: DeliveryTerms) -> impl IntoView {
    let line = fulfilment_line(&menu, Some(&terms), Fulfilment::Delivery);
    let change_postcode = paths::restaurants(&terms.postcode);
    let (delivery, collection) = match terms.card {
        Some(card) => (card.delivery, card.collection),
        None => (None, None),
    };
    let glyph = match delivery {
        Some(_) => Glyph::Bike,
        None => Glyph::Bag,
    };
    let delivery_facts = delivery.map(|delivery| {
        view! {
            <li>{terms::fee(delivery.fee_pence)}</li>
            <li>{terms::minimum(delivery.minimum_pence)}</li>
        }
    });
    let collection_fact = collection.filter(|_| delivery.is_none()).map(
        |collection| view! { <li>{format!("Collect in {} min", collection.ready_minutes)}</li> },
    );
    view! {
        <div class="delivery">
            <Icon glyph />
            <ul class="facts">
                <li>{line}</li>
                {delivery_facts}
                {collection_fact}
            </ul>
            <a class="link small" href=change_postcode>
                "Change"
                <span class="visually-hidden">" the postcode"</span>
            </a>
        </div>
    }
}
