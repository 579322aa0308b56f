//! The restaurant cards: those that deliver first, then those to collect from, filtered by one cuisine at a time.

use leptos::prelude::*;
use model::Postcode;
use model::restaurant::RestaurantCard as Card;

use crate::components::{Glyph, Icon, RestaurantCard};
use crate::paths;

/// The distance from which a restaurant is listed under "Further away": twenty miles, half an hour's drive for a dinner.
const FAR_M: u32 = 32_000;

/// A section of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Section {
    Delivery,
    Collection,
    /// Too far for most customers, but listed for those who look for it.
    FurtherAway,
}

impl Section {
    fn of(card: &Card) -> Self {
        let far = card.distance_m.is_some_and(|metres| metres > FAR_M);
        if card.delivery.is_some() {
            Self::Delivery
        } else if card.collection.is_some() && !far {
            Self::Collection
        } else {
            Self::FurtherAway
        }
    }
}

const NO_RESTAURANTS: &str = "No restaurant is on Tiffin yet. The first menus will be here soon.";

/// Filter chips and cards for one answer of the search.
#[component]
pub fn RestaurantList(
    restaurants: Vec<Card>,
    /// Passed on in the addresses of the menus.
    postcode: Postcode,
) -> impl IntoView {
    if restaurants.is_empty() {
        return view! { <p class="soft">{NO_RESTAURANTS}</p> }.into_any();
    }
    let cuisine = RwSignal::new(None::<String>);
    let cuisines = cuisines_by_frequency(&restaurants);
    let heading = format!("Delivering to {postcode}");
    let restaurants = StoredValue::new(restaurants);
    let postcode = StoredValue::new(postcode);
    let cards_in = move |section: Section| {
        Memo::new(move |_| {
            let cuisine = cuisine.get();
            let matches = |card: &&Card| match &cuisine {
                Some(cuisine) => card.restaurant.cuisines.contains(cuisine),
                None => true,
            };
            restaurants.with_value(|cards| {
                let in_section = cards.iter().filter(|card| Section::of(card) == section);
                in_section.filter(matches).cloned().collect::<Vec<_>>()
            })
        })
    };
    let delivery = cards_in(Section::Delivery);
    let collection = cards_in(Section::Collection);
    let further_away = cards_in(Section::FurtherAway);
    view! {
        <CuisineFilter cuisines cuisine />
        <Show when=move || !delivery.with(Vec::is_empty)>
            <section class="cards">
                <h2>{heading.clone()}</h2>
                <Cards cards=delivery postcode />
            </section>
        </Show>
        <Show when=move || !collection.with(Vec::is_empty)>
            <section class="cards">
                <h2>"To collect"</h2>
                <Cards cards=collection postcode />
            </section>
        </Show>
        <Show when=move || !further_away.with(Vec::is_empty)>
            <details class="cards more">
                <summary>
                    <h2>"Further away"</h2>
                    <span class="soft">{move || further_away.with(Vec::len)}</span>
                    <Icon glyph=Glyph::Chevron />
                </summary>
                <Cards cards=further_away postcode />
            </details>
        </Show>
    }
    .into_any()
}

#[component]
fn Cards(cards: Memo<Vec<Card>>, postcode: StoredValue<Postcode>) -> impl IntoView {
    let card = move |card: Card| {
        let slug = &card.restaurant.slug;
        let href = postcode.with_value(|postcode| paths::menu(slug, Some(postcode)));
        view! { <RestaurantCard card href /> }
    };
    view! {
        <ul>
            <For each=move || cards.get() key=|card| card.restaurant.slug.clone() children=card />
        </ul>
    }
}

/// One chip for each cuisine; pressed again, or "All", removes the filter.
#[component]
fn CuisineFilter(cuisines: Vec<String>, cuisine: RwSignal<Option<String>>) -> impl IntoView {
    view! {
        <ul class="chips" aria-label="Filter by cuisine">
            <CuisineChip label="All" value=None cuisine />
            {cuisines
                .into_iter()
                .map(|name| view! { <CuisineChip label=name.clone() value=Some(name) cuisine /> })
                .collect_view()}
        </ul>
    }
}

#[component]
fn CuisineChip(
    #[prop(into)] label: String,
    /// The cuisine; `None` for all.
    value: Option<String>,
    /// The filter.
    cuisine: RwSignal<Option<String>>,
) -> impl IntoView {
    let value = StoredValue::new(value);
    let pressed = Memo::new(move |_| value.with_value(|value| cuisine.get() == *value));
    let toggle = move |_| {
        let value = value.get_value().filter(|_| !pressed.get_untracked());
        cuisine.set(value);
    };
    view! {
        <li>
            <button
                class="chip"
                type="button"
                aria-pressed=move || pressed.get().to_string()
                on:click=toggle
            >
                {label}
            </button>
        </li>
    }
}

/// Every cuisine once, the most frequent first.
fn cuisines_by_frequency(cards: &[Card]) -> Vec<String> {
    let mut counted: Vec<(String, usize)> = Vec::new();
    for cuisine in cards.iter().flat_map(|card| &card.restaurant.cuisines) {
        match counted.iter_mut().find(|(name, _)| name == cuisine) {
            Some((_, count)) => *count += 1,
            None => counted.push((cuisine.clone(), 1)),
        }
    }
    counted.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counted.into_iter().map(|(name, _)| name).collect()
}

/// As high as the cards that will be loaded.
#[component]
pub fn RestaurantListSkeleton() -> impl IntoView {
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
                {(0..6)
                    .map(|_| view! { <div class="skeleton card-shape"></div> }.into_any())
                    .collect_view()}
            </div>
        </div>
    }
}
