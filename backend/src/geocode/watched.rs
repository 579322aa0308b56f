//! A provider with its breaker, its timeout and its record. Nobody asks a provider in any other way.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use model::Postcode;
use model::place::Source;
use model::status::ProviderStatus;
use process::clock::SharedClock;

use super::breaker::{Breaker, Change};
use super::provider::{Answer, Failure, Provider};

pub struct Watched {
    provider: Box<dyn Provider>,
    timeout: Duration,
    clock: SharedClock,
    record: Mutex<Record>,
}

#[derive(Default)]
struct Record {
    breaker: Breaker,
    last_success_ms: Option<i64>,
    last_failure_ms: Option<i64>,
    last_error: Option<String>,
    successes: u64,
    failures: u64,
}

impl Watched {
    #[must_use]
    pub fn new(provider: Box<dyn Provider>, timeout: Duration, clock: SharedClock) -> Self {
        Self {
            provider,
            timeout,
            clock,
            record: Mutex::default(),
        }
    }

    #[must_use]
    pub fn source(&self) -> Source {
        self.provider.source()
    }

    #[must_use]
    pub fn knows_absence(&self) -> bool {
        self.provider.knows_absence()
    }

    /// Leave to ask once, if the breaker and the provider's own rules give it now.
    #[must_use]
    pub fn admit(self: &Arc<Self>) -> Option<Leave> {
        // The provider's own rule first: a probe that the breaker has admitted must go out.
        let admitted = self.provider.admits() && self.lock().breaker.admit(self.clock.now_ms());
        admitted.then(|| Leave {
            watched: Arc::clone(self),
            reported: false,
        })
    }

    #[must_use]
    pub fn status(&self) -> ProviderStatus {
        let record = self.lock();
        ProviderStatus {
            name: self.source().name().to_owned(),
            breaker: record.breaker.shown(),
            last_success_ms: record.last_success_ms,
            last_failure_ms: record.last_failure_ms,
            last_error: record.last_error.clone(),
            successes: record.successes,
            failures: record.failures,
        }
    }

    fn succeeded(&self) {
        let mut record = self.lock();
        record.successes += 1;
        record.last_success_ms = Some(self.clock.now_ms());
        if record.breaker.succeeded() == Change::Closed {
            tracing::info!(
                provider = self.source().name(),
                "a geocoding provider is back"
            );
        }
    }

    fn failed(&self, failure: &Failure) {
        let now_ms = self.clock.now_ms();
        let mut record = self.lock();
        record.failures += 1;
        record.last_failure_ms = Some(now_ms);
        record.last_error = Some(failure.to_string());
        let provider = self.source().name();
        match record.breaker.failed(now_ms) {
            Change::Opened { for_ms } => tracing::warn!(
                provider,
                %failure,
                for_ms,
                "a geocoding provider keeps failing and is left alone for a while"
            ),
            Change::None | Change::Closed => {
                tracing::debug!(provider, %failure, "a geocoding provider failed");
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Record> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The right to ask once. Reports how it went whatever happens, because a breaker waits for its probe's result.
pub struct Leave {
    watched: Arc<Watched>,
    reported: bool,
}

impl Leave {
    /// Asks. Takes no longer than the timeout.
    ///
    /// # Errors
    /// If the provider gives no answer in time.
    pub async fn ask(mut self, postcode: &Postcode) -> Result<Answer, Failure> {
        let timeout = self.watched.timeout;
        let answer = tokio::time::timeout(timeout, self.watched.provider.look_up(postcode))
            .await
            .unwrap_or(Err(Failure::TimedOut(timeout)));
        self.reported = true;
        match &answer {
            Ok(_) => self.watched.succeeded(),
            Err(failure) => self.watched.failed(failure),
        }
        answer
    }
}

impl Drop for Leave {
    fn drop(&mut self) {
        if !self.reported {
            self.watched.failed(&Failure::Abandoned);
        }
    }
}
