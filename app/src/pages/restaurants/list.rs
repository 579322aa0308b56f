//! The cards: those that deliver first, then those to collect from, narrowed by one cuisine at a time.

use crate::prelude::*;
use model::Postcode;
use model::restaurant::{RestaurantCard as Card, SearchResult};

use crate::components::{Glyph, Icon, RestaurantCard};
use crate::paths;

/// Filters and cards for one answer.
#[component]
pub fn List(
    /// What was found.
    found: SearchResult,
    /// Goes along in the addresses of the menus.
    postcode: Postcode,
) -> View {
    if found.restaurants.is_empty() {
        return view! {
            <p class="soft">"No restaurant is on Tiffin yet. The first menus will be here soon."</p>
        };
    }
    let chosen = RwSignal::new(None::<String>);
    let cuisines = cuisines(&found.restaurants);
    let found = StoredValue::new(found.restaurants);
    let postcode = StoredValue::new(postcode);
    let section = move |group: Group| {
        let cards: Vec<Card> = chosen.with(|chosen| {
            found.with_value(|cards| {
                cards
                    .iter()
                    .filter(|card| Group::of(card) == group)
                    .filter(|card| {
                        chosen
                            .as_ref()
                            .is_none_or(|cuisine| card.restaurant.cuisines.contains(cuisine))
                    })
                    .cloned()
                    .collect()
            })
        });
        if cards.is_empty() {
            return None;
        }
        let count = cards.len().to_string();
        let cards = view! {
            <ul>
                {cards
                    .into_iter()
                    .map(|card| {
                        let href = postcode
                            .with_value(|postcode| {
                                paths::menu(&card.restaurant.slug, Some(postcode))
                            });
                        view! { <RestaurantCard card href /> }
                    })
                    .collect_view()}
            </ul>
        };
        Some(match group {
            Group::Delivers => {
                let title =
                    postcode.with_value(|postcode| ["Delivering to ", postcode.as_str()].concat());
                view! {
                    <section class="cards">
                        <h2>{title}</h2>
                        {cards}
                    </section>
                }
            }
            Group::Collect => view! {
                <section class="cards">
                    <h2>"To collect"</h2>
                    {cards}
                </section>
            },
            Group::Far => view! {
                <details class="cards more">
                    <summary>
                        <h2>"Further away"</h2>
                        <span class="soft">{count}</span>
                        <Icon glyph=Glyph::Chevron />
                    </summary>
                    {cards}
                </details>
            },
        })
    };
    view! {
        <Filters cuisines chosen />
        {move || section(Group::Delivers)}
        {move || section(Group::Collect)}
        {move || section(Group::Far)}
    }
}

/// Where a card stands in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Group {
    Delivers,
    Collect,
    /// Too far to be of use to somebody hungry, but not hidden from somebody who looks for it.
    Far,
}

impl Group {
    /// Twenty miles: half an hour's drive for a dinner.
    const FAR_M: u32 = 32_000;

    fn of(card: &Card) -> Self {
        let far = card.distance_m.is_some_and(|metres| metres > Self::FAR_M);
        if card.delivery.is_some() {
            Self::Delivers
        } else if card.collection.is_some() && !far {
            Self::Collect
        } else {
            Self::Far
        }
    }
}

/// One chip a cuisine; pressed again, or "All", shows everything.
#[component]
fn Filters(cuisines: Vec<String>, chosen: RwSignal<Option<String>>) -> View {
    let chip = move |label: String, value: Option<String>| {
        let value = StoredValue::new(value);
        let pressed = move || {
            value
                .with_value(|value| chosen.with(|chosen| chosen == value))
                .to_string()
        };
        view! {
            <li>
                <button
                    class="chip"
                    type="button"
                    aria-pressed=pressed
                    on:click=move |_| {
                        let value = value.get_value();
                        chosen.update(|chosen| *chosen = if *chosen == value { None } else { value });
                    }
                >
                    {label}
                </button>
            </li>
        }
    };
    view! {
        <ul class="chips" aria-label="Filter by cuisine">
            {chip("All".to_owned(), None)}
            {cuisines
                .into_iter()
                .map(|cuisine| chip(cuisine.clone(), Some(cuisine)))
                .collect_view()}
        </ul>
    }
}

/// Every cuisine once, the commonest first.
fn cuisines(cards: &[Card]) -> Vec<String> {
    let mut counted: Vec<(String, usize)> = Vec::new();
    for cuisine in cards.iter().flat_map(|card| &card.restaurant.cuisines) {
        match counted.iter_mut().find(|(name, _)| name == cuisine) {
            Some((_, count)) => *count += 1,
            None => counted.push((cuisine.clone(), 1)),
        }
    }
    // Taken out one by one: the library's sort is five kilobytes, and this list is short.
    let mut sorted = Vec::new();
    while let Some(most) = counted.iter().map(|(_, count)| *count).max() {
        let (first, rest): (Vec<_>, Vec<_>) =
            counted.into_iter().partition(|(_, count)| *count == most);
        sorted.extend(first.into_iter().map(|(name, _)| name));
        counted = rest;
    }
    sorted
}

/// As high as the cards that will come.
#[component]
pub fn Skeletons() -> View {
    view! {
        <p class="visually-hidden" role="status">
            "Looking for restaurants"
        </p>
        <div class="chips" aria-hidden="true">
            <span class="skeleton chip-shape"></span>
            <span class="skeleton chip-shape"></span>
            <span class="skeleton chip-shape"></span>
        </div>
        <div class="cards" aria-hidden="true">
            <div class="skeleton title-shape"></div>
            <div class="card-shapes">
                {(0..6).map(|_| view! { <div class="skeleton card-shape"></div> }).collect_view()}
            </div>
        </div>
    }
}
