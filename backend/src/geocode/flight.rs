//! One piece of work in flight per key: who asks for what is under way already waits for that. The work is nobody's own, so
//! a caller that goes away does not take it from the others.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;

pub struct Flights<T> {
    under_way: Mutex<HashMap<String, watch::Receiver<Option<T>>>>,
}

impl<T: Clone + Send + Sync + 'static> Flights<T> {
    #[must_use]
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            under_way: Mutex::default(),
        })
    }

    /// The result of what is under way for `key`, or else of `work`, which then is. `None` if it broke off in a panic.
    pub async fn join<F>(self: &Arc<Self>, key: &str, work: F) -> Option<T>
    where
        F: Future<Output = T> + Send + 'static,
    {
        let mut result = self.board(key, work);
        // The error says that the sender is gone without a result.
        let landed = result.wait_for(Option::is_some).await.ok()?;
        landed.clone()
    }

    fn board<F>(self: &Arc<Self>, key: &str, work: F) -> watch::Receiver<Option<T>>
    where
        F: Future<Output = T> + Send + 'static,
    {
        let mut under_way = self
            .under_way
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(result) = under_way.get(key) {
            return result.clone();
        }
        let (sender, result) = watch::channel(None);
        under_way.insert(key.to_owned(), result.clone());
        let landing = Landing {
            flights: Arc::clone(self),
            key: key.to_owned(),
        };
        tokio::spawn(async move {
            let value = work.await;
            // Off the list before the result is out, so that who comes after it starts anew.
            drop(landing);
            sender.send_replace(Some(value));
        });
        result
    }
}

/// Takes a flight off the list, also when it ends in a panic.
struct Landing<T> {
    flights: Arc<Flights<T>>,
    key: String,
}

impl<T> Drop for Landing<T> {
    fn drop(&mut self) {
        self.flights
            .under_way
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&self.key);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use tokio::time::sleep;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn many_callers_one_piece_of_work() {
        let flights = Flights::new();
        let started = Arc::new(AtomicUsize::new(0));
        let work = || {
            let started = Arc::clone(&started);
            async move {
                let number = started.fetch_add(1, Ordering::SeqCst);
                sleep(Duration::from_millis(100)).await;
                number
            }
        };
        let callers = (0..50).map(|_| flights.join("DH1 3EL", work()));
        let results = futures_util::future::join_all(callers).await;
        assert!(results.iter().all(|result| *result == Some(0)));
        assert_eq!(flights.join("DH1 3EL", work()).await, Some(1));
    }

    #[tokio::test(start_paused = true)]
    async fn different_keys_fly_side_by_side() {
        let flights = Flights::new();
        let work = |number: u32| async move {
            sleep(Duration::from_millis(100)).await;
            number
        };
        let started = tokio::time::Instant::now();
        let results = tokio::join!(flights.join("a", work(1)), flights.join("b", work(2)));
        assert_eq!(results, (Some(1), Some(2)));
        assert_eq!(started.elapsed(), Duration::from_millis(100));
    }

    #[tokio::test(start_paused = true)]
    async fn a_caller_that_goes_away_takes_nothing_from_the_others() {
        let flights = Flights::new();
        let work = async {
            sleep(Duration::from_millis(100)).await;
            7
        };
        let first = tokio::time::timeout(Duration::from_millis(10), flights.join("a", work));
        assert!(first.await.is_err(), "the first caller left");
        let second = flights.join("a", async { 8 }).await;
        assert_eq!(second, Some(7));
    }

    #[tokio::test]
    async fn a_panic_ends_the_flight_and_the_next_starts_anew() {
        let flights: Arc<Flights<u32>> = Flights::new();
        let broken = flights.join("a", async { panic!("in the air") }).await;
        assert_eq!(broken, None);
        assert_eq!(flights.join("a", async { 1 }).await, Some(1));
    }
}
