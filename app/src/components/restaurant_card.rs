//! One restaurant in the list: picture, name, and what ordering from it means, in one line.

use crate::prelude::*;
use model::restaurant::RestaurantCard as Card;

use super::hero::Hero;
use super::icon::{Glyph, Icon};
use super::terms;

/// A card that is one link as a whole.
#[component]
pub fn RestaurantCard(
    /// What the search says of it.
    card: Card,
    /// Where it leads.
    href: String,
) -> View {
    let Card {
        restaurant,
        distance_m,
        delivery,
        collection,
        opening,
    } = card;
    let when = (!opening.open).then(|| terms::opening(&opening, &restaurant));
    let mut kind = restaurant.cuisines.join(" · ");
    if let Some(distance_m) = distance_m {
        kind.push_str(" · ");
        kind.push_str(&terms::miles(distance_m));
    }
    let collect = collection.map(|terms| {
        let word = if delivery.is_some() {
            "or collect in "
        } else {
            "Collect in "
        };
        [word, &terms.ready_minutes.to_string(), " min"].concat()
    });
    view! {
        <li class="card" class:closed=!opening.open>
            <div class="card-picture">
                <Hero
                    slug=restaurant.slug
                    colours=restaurant.colours
                    cuisines=restaurant.cuisines
                />
                {when
                    .map(|when| {
                        view! {
                            <p class="pill">
                                <Icon glyph=Glyph::Clock />
                                {when}
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
                {match delivery {
                    Some(delivery) => {
                        view! {
                            <ul class="facts">
                                <li>{terms::minutes(&delivery)}</li>
                                <li>{terms::fee(delivery.fee_pence)}</li>
                                <li>{terms::minimum(delivery.minimum_pence)}</li>
                            </ul>
                            <p class="soft small">{collect}</p>
                        }
                    }
                    None => {
                        view! {
                            <ul class="facts">
                                <li>
                                    <Icon glyph=Glyph::Bag />
                                    {collect.unwrap_or_else(|| "Does not deliver here".to_owned())}
                                </li>
                            </ul>
                        }
                    }
                }}
            </div>
        </li>
    }
}
