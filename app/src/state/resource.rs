//! Loading from the API: a [`LocalResource`] that retries by itself.

use std::rc::Rc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;

use super::browser::sleep;
use crate::api::ApiError;

/// The waits before a failed request is repeated, in milliseconds; the last one repeats.
const RETRY_AFTER_MS: [u32; 4] = [2_000, 4_000, 6_000, 10_000];

/// The wait in milliseconds after this many consecutive failures, from 0.
#[must_use]
pub fn retry_after_ms(failures: usize) -> u32 {
    RETRY_AFTER_MS[failures.min(RETRY_AFTER_MS.len() - 1)]
}

/// A resource whose value is the answer of an API function.
pub type ApiResource<T> = LocalResource<Result<T, ApiError>>;

/// Creates a resource that loads at once, again when a signal changes that `fetcher` reads before its first `await`, and again after a
/// wait while the request fails for a transient reason. Views show the error meanwhile.
///
/// The request is aborted when the page unmounts. A change of a signal waits for the request that is under way.
pub fn use_api<T, Fut>(fetcher: impl Fn() -> Fut + 'static) -> ApiResource<T>
where
    T: Clone + 'static,
    Fut: Future<Output = Result<T, ApiError>> + 'static,
{
    load(Rc::new(move || fetcher().boxed_local()))
}

/// Loads an API function's answer.
type Fetcher<T> = dyn Fn() -> LocalBoxFuture<'static, Result<T, ApiError>>;

/// [`use_api`] with a boxed `fetcher`: compiled once for each `T`, since every resource adds kilobytes to the download.
fn load<T: Clone + 'static>(fetcher: Rc<Fetcher<T>>) -> ApiResource<T> {
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
        let Some(error) = resource.map(|answer| answer.as_ref().err().cloned()) else {
            return;
        };
        if !error.is_some_and(|error| error.is_transient()) {
            failures.set_value(0);
            return;
        }
        let wait = Duration::from_millis(retry_after_ms(failures.get_value()).into());
        failures.update_value(|failures| *failures += 1);
        timer.set_value(set_timeout_with_handle(move || resource.refetch(), wait).ok());
    });
    on_cleanup(cancel_timer);
    resource
}

/// Drops `request` when the reactive owner under which this is called is cleaned up; the result is never read then.
fn abort_on_cleanup<T>(
    request: LocalBoxFuture<'static, Result<T, ApiError>>,
) -> impl Future<Output = Result<T, ApiError>> {
    let (request, abort) = futures_util::future::abortable(request);
    on_cleanup(move || abort.abort());
    async move {
        // Drawing the page, sending the request and drawing its answer are tasks of their own: as one they would be long enough to
        // delay a tap on a slow phone.
        sleep(0).await;
        let answer = request.await.unwrap_or(Err(ApiError::Network));
        sleep(0).await;
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_a_maximum() {
        assert_eq!(retry_after_ms(0), 2_000);
        assert_eq!(retry_after_ms(3), 10_000);
        assert_eq!(retry_after_ms(40), 10_000);
    }
}
