//! Loading from the API: a [`LocalResource`] that retries by itself.

use std::time::Duration;

use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;

use crate::api::ApiError;

/// The waits before a failed request is repeated, in milliseconds; the last one repeats.
const RETRY_AFTER_MS: [u64; 4] = [2_000, 4_000, 6_000, 10_000];

/// A resource whose value is the answer of an API function.
pub type ApiResource<T> = LocalResource<Result<T, ApiError>>;

/// Creates a resource that loads at once, again whenever a signal changes that `fetcher` reads before its first `await`, and again
/// after a wait while the request fails for a transient reason. Views show the error meanwhile.
///
/// A request whose page has unmounted, or whose signals have changed, is aborted: its future is dropped.
pub fn use_api<T, Fut>(fetcher: impl Fn() -> Fut + 'static) -> ApiResource<T>
where
    T: Clone + 'static,
    Fut: Future<Output = Result<T, ApiError>> + 'static,
{
    let resource = LocalResource::new(move || abort_on_cleanup(fetcher()));
    let failures = StoredValue::new(0);
    let timer = StoredValue::new(None::<TimeoutHandle>);
    let cancel_timer = move || {
        if let Some(timer) = timer.try_update_value(Option::take).flatten() {
            timer.clear();
        }
    };
    Effect::new(move |_| {
        cancel_timer();
        let Some(answer) = resource.map(|answer| answer.as_ref().err().cloned()) else {
            return;
        };
        if !answer.is_some_and(|error| error.is_transient()) {
            failures.set_value(0);
            return;
        }
        let wait_ms = RETRY_AFTER_MS[failures.get_value().min(RETRY_AFTER_MS.len() - 1)];
        failures.update_value(|failures| *failures += 1);
        let retry = move || resource.refetch();
        timer.set_value(set_timeout_with_handle(retry, Duration::from_millis(wait_ms)).ok());
    });
    on_cleanup(cancel_timer);
    resource
}

/// Drops `request` when the reactive owner under which this is called is cleaned up; the result is never read then.
fn abort_on_cleanup<T>(
    request: impl Future<Output = Result<T, ApiError>>,
) -> impl Future<Output = Result<T, ApiError>> {
    let (request, abort) = futures_util::future::abortable(request);
    on_cleanup(move || abort.abort());
    async move { request.await.unwrap_or(Err(ApiError::Network)) }
}
