//! What a page loads: the value, whether a newer one is on its way, and what went wrong. Must not know what is loaded.

use leptos::prelude::*;
use leptos::task::spawn_local_scoped_with_cancellation;

use crate::api::ApiError;

/// Copies share the state. The last value stays while a newer one loads or fails to.
pub struct Loader<T: 'static> {
    pub value: RwSignal<Option<T>>,
    pub error: RwSignal<Option<ApiError>>,
    pub busy: RwSignal<bool>,
    again: RwSignal<u32>,
}

impl<T> Clone for Loader<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Loader<T> {}

impl<T: Clone + Send + Sync + 'static> Loader<T> {
    /// Loads at once and whenever a signal changes that `request` reads before it returns its future. A request that is no
    /// longer wanted (the signal changed, the page went) is aborted. `None` from `request`: nothing to load.
    pub fn new<F>(request: impl Fn() -> Option<F> + 'static) -> Self
    where
        F: Future<Output = Result<T, ApiError>> + 'static,
    {
        let loader = Self {
            value: RwSignal::new(None),
            error: RwSignal::new(None),
            busy: RwSignal::new(true),
            again: RwSignal::new(0),
        };
        Effect::new(move |_| {
            loader.again.track();
            let Some(request) = request() else {
                loader.busy.set(false);
                return;
            };
            loader.busy.set(true);
            spawn_local_scoped_with_cancellation(async move {
                match request.await {
                    Ok(value) => {
                        loader.value.set(Some(value));
                        loader.error.set(None);
                    }
                    Err(error) => loader.error.set(Some(error)),
                }
                loader.busy.set(false);
            });
        });
        loader
    }

    /// Loads anew.
    pub fn reload(self) {
        self.again.update(|count| *count += 1);
    }
}
