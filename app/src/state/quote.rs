//! The price of a basket, renewed as the basket changes. It must not know how a price comes about: the backend computes it.

use leptos::prelude::*;
use leptos::task::spawn_local_scoped_with_cancellation;
use model::basket::{Basket, Quote};

use super::browser::sleep;
use super::resource::retry_after_ms;
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
///
/// Not a resource: a change of the basket aborts the request for the former basket, while a resource completes it first.
#[derive(Clone, Copy)]
pub struct BasketQuote {
    basket: Memo<Basket>,
    priced: RwSignal<Option<PricedBasket>>,
    error: RwSignal<Option<ApiError>>,
    /// Notified to request the quote again.
    restart: Trigger,
}

impl BasketQuote {
    pub fn new(basket: Memo<Basket>) -> Self {
        let quote = Self {
            basket,
            priced: RwSignal::new(None),
            error: RwSignal::new(None),
            restart: Trigger::new(),
        };
        Effect::new(move |_| {
            quote.restart.track();
            let basket = basket.get();
            if !basket.lines.is_empty() {
                spawn_local_scoped_with_cancellation(quote.request(basket));
            }
        });
        quote
    }

    /// Requests the quote of `basket`, again after a wait while that fails for a transient reason.
    async fn request(self, basket: Basket) {
        sleep(DEBOUNCE_MS).await;
        for failures in 0.. {
            match api::quote(&basket).await {
                Ok(quote) => {
                    self.error.set(None);
                    self.priced.set(Some(PricedBasket { basket, quote }));
                    return;
                }
                Err(error) => {
                    let transient = error.is_transient();
                    self.error.set(Some(error));
                    if !transient {
                        return;
                    }
                }
            }
            sleep(retry_after_ms(failures)).await;
        }
    }

    /// The quote of the basket as it is now; `None` while it is being computed. Tracks.
    #[must_use]
    pub fn current(self) -> Option<Quote> {
        let basket = self.basket.get();
        let priced = self.priced.get();
        priced
            .filter(|priced| priced.basket == basket)
            .map(|priced| priced.quote)
    }

    /// The newest quote, which may be of an earlier basket; `None` if the basket is empty. Tracks.
    #[must_use]
    pub fn latest(self) -> Option<Quote> {
        if self.basket.with(|basket| basket.lines.is_empty()) {
            return None;
        }
        self.priced.get().map(|priced| priced.quote)
    }

    /// The error of the last request, if it brought no quote. Tracks.
    #[must_use]
    pub fn error(self) -> Option<ApiError> {
        self.error.get()
    }

    /// Requests the quote again.
    pub fn refresh(self) {
        self.restart.notify();
    }

    /// Takes `quote` as that of the basket as it is now, as an order's rejection carries it.
    pub fn accept(self, quote: Quote) {
        self.priced.set(Some(PricedBasket {
            basket: self.basket.get_untracked(),
            quote,
        }));
    }
}
