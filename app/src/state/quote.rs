//! The price of a basket, renewed as the basket changes. It must not know how a price comes about: the backend computes it.

use leptos::prelude::*;
use model::basket::{Basket, Quote};

use super::browser::sleep;
use super::resource::{ApiResource, use_api};
use crate::api::{self, ApiError};

/// The debounce before a quote is requested, in milliseconds: long enough that a row of taps or a typed postcode makes one request,
/// short enough not to be felt.
const DEBOUNCE_MS: u32 = 250;

/// A quote and the basket that it is for.
#[derive(Clone, PartialEq)]
struct PricedBasket {
    basket: Basket,
    quote: Quote,
}

/// Copies share the state.
#[derive(Clone, Copy)]
pub struct BasketQuote {
    basket: Memo<Basket>,
    /// `None` inside: the basket is empty, and nothing is requested.
    resource: ApiResource<Option<PricedBasket>>,
    /// A quote that arrived in another way: see [`Self::accept`].
    accepted: RwSignal<Option<PricedBasket>>,
}

impl BasketQuote {
    pub fn new(basket: Memo<Basket>) -> Self {
        let resource = use_api(move || {
            let basket = basket.get();
            async move {
                if basket.lines.is_empty() {
                    return Ok(None);
                }
                sleep(DEBOUNCE_MS).await;
                let quote = api::quote(&basket).await?;
                Ok(Some(PricedBasket { basket, quote }))
            }
        });
        let accepted = RwSignal::new(None);
        Effect::new(move |_| {
            // A newer answer replaces what was accepted.
            resource.track();
            accepted.set(None);
        });
        Self {
            basket,
            resource,
            accepted,
        }
    }

    /// The quote of the basket as it is now; `None` while it is being computed. Tracks.
    #[must_use]
    pub fn current(self) -> Option<Quote> {
        let basket = self.basket.get();
        self.newest()
            .filter(|priced| priced.basket == basket)
            .map(|priced| priced.quote)
    }

    /// The newest quote, which may be of an earlier basket; `None` if the basket is empty. Tracks.
    #[must_use]
    pub fn latest(self) -> Option<Quote> {
        if self.basket.with(|basket| basket.lines.is_empty()) {
            return None;
        }
        self.newest().map(|priced| priced.quote)
    }

    /// Why the last request brought no quote. Tracks.
    #[must_use]
    pub fn error(self) -> Option<ApiError> {
        self.resource.get()?.err()
    }

    /// Requests the quote again.
    pub fn refresh(self) {
        self.resource.refetch();
    }

    /// Takes `quote` as that of the basket as it is now, as an order's rejection carries it.
    pub fn accept(self, quote: Quote) {
        self.accepted.set(Some(PricedBasket {
            basket: self.basket.get_untracked(),
            quote,
        }));
    }

    fn newest(self) -> Option<PricedBasket> {
        self.accepted
            .get()
            .or_else(|| self.resource.get()?.ok().flatten())
    }
}
