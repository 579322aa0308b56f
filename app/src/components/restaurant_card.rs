//! One restaurant in the list: picture, name, and its terms in one line.

use leptos::prelude::*;
use model::restaurant::RestaurantCard as Card;

use super::hero::Hero;
use super::icon::{Glyph, Icon};
use super::terms;

/// A card that is one link as a whole.
#[component]
pub fn RestaurantCard(
    /// The restaurant, as the search found it.
    card: Card,
    /// The address of its menu.
    href: String,
) -> impl IntoView {
    let Card {
        restaurant,
        distance_m,
        delivery,
        collection,
        opening,
    } = card;
    let closed = (!opening.open).then(|| terms::opening(&opening, &restaurant));
    let mut kind = restaurant.cuisines.join(" · ");
    if let Some(distance_m) = distance_m {
        kind = format!("{kind} · {}", terms::miles(distance_m));
    }
    let collect = collection.map(|terms| match delivery {
        Some(_) => format!("or collect in {} min", terms.ready_minutes),
        None => format!("Collect in {} min", terms.ready_minutes),
    });
    let terms = match delivery {
        Some(delivery) => view! {
            <ul class="facts">
                <li>{terms::minutes(&delivery)}</li>
                <li>{terms::fee(delivery.fee_pence)}</li>
                <li>{terms::minimum(delivery.minimum_pence)}</li>
            </ul>
            <p class="soft small">{collect}</p>
        }
        .into_any(),
        None => view! {
            <ul class="facts">
                <li>
                    <Icon glyph=Glyph::Bag />
                    {collect.unwrap_or_else(|| "Does not deliver here".to_owned())}
                </li>
            </ul>
        }
        .into_any(),
    };
    view! {
        <li class="card" class:closed=!opening.open>
            <div class="card-picture">
                <Hero
                    slug=restaurant.slug
                    colours=restaurant.colours
                    cuisines=restaurant.cuisines
                />
                {closed
                    .map(|text| {
                        view! {
                            <p class="pill">
                                <Icon glyph=Glyph::Clock />
                                {text}
                            </p>
                        }
                    })}
            </div>
            <div class="card-text">
                <h3>
                    <a href=href>{restaurant.name}</a>
                </h3>
                <p class="soft clip">{restaurant.tagline}</p>
                <p class="soft small clip">{kind}</p>
                {terms}
            </div>
        </li>
    }
}
