//! The top of a menu: picture, name, whether it is open, and what delivery to the postcode costs.

use crate::prelude::*;
use model::Postcode;
use model::menu::Menu;
use model::place::Finding;
use model::restaurant::{Fulfilment, RestaurantCard};

use crate::components::{Glyph, Hero, Icon, terms};
use crate::paths;

/// What the search knows of this restaurant and a postcode.
#[derive(Clone, PartialEq)]
pub struct Terms {
    pub postcode: Postcode,
    pub finding: Finding,
    pub card: Option<RestaurantCard>,
}

impl Terms {
    pub fn delivers(&self) -> bool {
        self.card
            .as_ref()
            .is_some_and(|card| card.delivery.is_some())
    }
}

/// How the order would get to the customer, in one line.
pub fn how(menu: &Menu, terms: Option<&Terms>, fulfilment: Fulfilment) -> String {
    let card = terms.and_then(|terms| terms.card.as_ref());
    match (fulfilment, terms) {
        (Fulfilment::Collection, _) => match card.and_then(|card| card.collection) {
            Some(collection) => [
                "Collection in ",
                &collection.ready_minutes.to_string(),
                " min",
            ]
            .concat(),
            None => "Collection".to_owned(),
        },
        (Fulfilment::Delivery, None) if menu.delivers => "Delivery".to_owned(),
        (Fulfilment::Delivery, None) => "No delivery".to_owned(),
        (Fulfilment::Delivery, Some(terms)) => {
            match card.and_then(|card| card.delivery) {
                Some(delivery) => [
                    "Delivery to ",
                    terms.postcode.as_str(),
                    " in ",
                    &terms::minutes(&delivery),
                ]
                .concat(),
                // Not known is not the same as no.
                None if terms.finding == Finding::CouldNotCheck && menu.delivers => {
                    ["We could not check ", terms.postcode.as_str(), " just now"].concat()
                }
                None => ["No delivery to ", terms.postcode.as_str()].concat(),
            }
        }
    }
}

/// Everything above the dishes.
#[component]
pub fn Head(
    /// The menu.
    menu: Menu,
    /// What is known of delivery; nothing before it is loaded, or without a postcode.
    #[prop(into)]
    terms: Signal<Option<Terms>>,
    /// The postcode that the page is for.
    #[prop(into)]
    postcode: Signal<Option<Postcode>>,
) -> View {
    let restaurant = menu.restaurant.clone();
    let opening = terms::opening(&menu.opening, &restaurant);
    let call = ["tel:", &restaurant.phone.replace(' ', "")].concat();
    let address = [restaurant.address.as_str(), ", ", &restaurant.postcode].concat();
    let about = menu.about.clone();
    let hours = menu.hours.clone();
    let open = menu.opening.open;
    let menu = StoredValue::new(menu);
    let delivery = move || {
        let Some(known) = terms.get() else {
            return match postcode.get() {
                Some(_) => {
                    view! { <p class="delivery"><span class="skeleton"></span></p> }
                }
                None => view! {
                    <p class="delivery">
                        <a class="link" href="/restaurants">
                            "Enter your postcode"
                        </a>
                        " to see whether they deliver to you."
                    </p>
                },
            };
        };
        let how = menu.with_value(|menu| how(menu, Some(&known), Fulfilment::Delivery));
        let delivery = known.card.as_ref().and_then(|card| card.delivery);
        let collect = known
            .card
            .as_ref()
            .and_then(|card| card.collection)
            .filter(|_| delivery.is_none())
            .map(|collection| {
                ["Collect in ", &collection.ready_minutes.to_string(), " min"].concat()
            });
        view! {
            <div class="delivery">
                <Icon glyph=if delivery.is_some() { Glyph::Bike } else { Glyph::Bag } />
                <ul class="facts">
                    <li>{how}</li>
                    {delivery
                        .map(|delivery| {
                            view! {
                                <li>{terms::fee(delivery.fee_pence)}</li>
                                <li>{terms::minimum(delivery.minimum_pence)}</li>
                            }
                        })} {collect.map(|collect| view! { <li>{collect}</li> })}
                </ul>
                <a class="link small" href=paths::restaurants(&known.postcode)>
                    "Change"
                    <span class="visually-hidden">" the postcode"</span>
                </a>
            </div>
        }
    };
    view! {
        <div class="menu-picture">
            <Hero
                slug=restaurant.slug
                colours=restaurant.colours
                cuisines=restaurant.cuisines
            />
        </div>
        <div class="menu-head">
            <h1>{restaurant.name}</h1>
            <p class="soft">{restaurant.tagline}</p>
            <details class="about">
                <summary>
                    <span class:closed-now=!open>{opening}</span>
                    <span class="soft">"Hours and address"</span>
                    <Icon glyph=Glyph::Chevron />
                </summary>
                <div class="about-text">
                    <p>{about}</p>
                    <dl class="hours">
                        {hours
                            .into_iter()
                            .map(|day| {
                                view! {
                                    <div>
                                        <dt>{day.day}</dt>
                                        <dd>{day.hours}</dd>
                                    </div>
                                }
                            })
                            .collect_view()}
                    </dl>
                    <p class="contact">
                        <Icon glyph=Glyph::Location />
                        {address}
                    </p>
                    <a class="link contact" href=call>
                        <Icon glyph=Glyph::Phone />
                        {restaurant.phone}
                    </a>
                </div>
            </details>
            {delivery}
        </div>
    }
}
