//! What a page loads: the value, whether a newer one is on its way, and what went wrong. Must not know what is loaded.

use std::pin::Pin;
use std::rc::Rc;

use crate::prelude::*;

use super::browser::sleep;
use crate::api::ApiError;

/// One request on its way.
type Call<T> = Pin<Box<dyn Future<Output = Result<T, ApiError>>>>;

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

/// Waits before a failed request is repeated by itself, for as long as the page is there; the last one goes on.
const WAITS_MS: [u32; 4] = [2_000, 4_000, 6_000, 10_000];

impl<T: Send + Sync + 'static> Loader<T> {
    /// Loads at once and whenever a signal changes that `request` reads before it returns its future. A request that is no
    /// longer wanted (the signal changed, the page went) is aborted. `None` from `request`: nothing to load. What fails for
    /// a passing reason is repeated until it succeeds, `error` telling meanwhile.
    pub fn new<F>(request: impl Fn() -> Option<F> + 'static) -> Self
    where
        F: Future<Output = Result<T, ApiError>> + 'static,
    {
        Self::of(Rc::new(move || match request() {
            Some(call) => Some(Box::pin(call)),
            None => None,
        }))
    }

    fn of(request: Rc<dyn Fn() -> Option<Call<T>>>) -> Self {
        let loader = Self {
            value: RwSignal::new(None),
            error: RwSignal::new(None),
            busy: RwSignal::new(true),
            again: RwSignal::new(0),
        };
        effect(move |_| {
            loader.again.track();
            let Some(first) = request() else {
                loader.busy.set(false);
                return;
            };
            loader.busy.set(true);
            let request = Rc::clone(&request);
            spawn(async move {
                let mut next = Some(first);
                let mut failures = 0;
                // Drawing the page, asking and showing what came are tasks of their own: together they would hold up a slow phone
                // for long enough to be felt.
                sleep(0).await;
                while let Some(call) = next {
                    let answer = call.await;
                    sleep(0).await;
                    let Some(error) = loader.settle(answer) else {
                        return;
                    };
                    if !error.is_passing() {
                        return;
                    }
                    sleep(WAITS_MS[failures.min(WAITS_MS.len() - 1)]).await;
                    failures += 1;
                    next = untrack(|| request());
                }
            });
        });
        loader
    }

    fn settle(self, answer: Result<T, ApiError>) -> Option<ApiError> {
        self.busy.set(false);
        match answer {
            Ok(value) => {
                self.value.set(Some(value));
                self.error.set(None);
                None
            }
            Err(error) => {
                self.error.set(Some(error.clone()));
                Some(error)
            }
        }
    }

    /// Loads anew.
    pub fn reload(self) {
        self.again.update(|count| *count += 1);
    }
}
