//! A provider with its circuit breaker, its timeout and its statistics. Every request to a provider goes through a [`Permit`] of
//! this module. Must not know other providers.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use model::Postcode;
use model::place::Source;
use model::status::ProviderStatus;
use process::clock::SharedClock;

use super::breaker::{Breaker, BreakerEvent};
use super::provider::{Provider, ProviderAnswer, ProviderError};

pub struct GuardedProvider {
    provider: Box<dyn Provider>,
    timeout: Duration,
    clock: SharedClock,
    stats: Mutex<ProviderStats>,
}

#[derive(Default)]
struct ProviderStats {
    breaker: Breaker,
    last_success_ms: Option<i64>,
    last_failure_ms: Option<i64>,
    last_error: Option<String>,
    successes: u64,
    failures: u64,
}

impl GuardedProvider {
    #[must_use]
    pub fn new(provider: Box<dyn Provider>, timeout: Duration, clock: SharedClock) -> Self {
        Self {
            provider,
            timeout,
            clock,
            stats: Mutex::default(),
        }
    }

    #[must_use]
    pub fn source(&self) -> Source {
        self.provider.source()
    }

    #[must_use]
    pub fn is_authoritative(&self) -> bool {
        self.provider.is_authoritative()
    }

    /// Grants one request, if the provider's rate limit and the breaker allow it now.
    #[must_use]
    pub fn try_acquire(self: &Arc<Self>) -> Option<Permit> {
        // The rate limit first: a probe that the breaker has admitted must be sent.
        let admitted = self.provider.take_quota() && self.lock().breaker.admit(self.clock.now_ms());
        admitted.then(|| Permit {
            provider: Arc::clone(self),
            reported: false,
        })
    }

    #[must_use]
    pub fn status(&self) -> ProviderStatus {
        let stats = self.lock();
        ProviderStatus {
            name: self.source().name().to_owned(),
            breaker: stats.breaker.status(),
            last_success_ms: stats.last_success_ms,
            last_failure_ms: stats.last_failure_ms,
            last_error: stats.last_error.clone(),
            successes: stats.successes,
            failures: stats.failures,
        }
    }

    fn record_success(&self) {
        let mut stats = self.lock();
        stats.successes += 1;
        stats.last_success_ms = Some(self.clock.now_ms());
        if stats.breaker.record_success() == Some(BreakerEvent::Closed) {
            tracing::info!(
                provider = self.source().name(),
                "a geocoding provider answers again: its circuit breaker is closed"
            );
        }
    }

    fn record_failure(&self, error: &ProviderError) {
        let now_ms = self.clock.now_ms();
        let mut stats = self.lock();
        stats.failures += 1;
        stats.last_failure_ms = Some(now_ms);
        stats.last_error = Some(error.to_string());
        let provider = self.source().name();
        match stats.breaker.record_failure(now_ms) {
            Some(BreakerEvent::Opened { for_ms }) => tracing::warn!(
                provider,
                %error,
                for_ms,
                "a geocoding provider keeps failing: its circuit breaker is open"
            ),
            Some(BreakerEvent::Closed) | None => {
                tracing::debug!(provider, %error, "a geocoding provider failed");
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, ProviderStats> {
        self.stats.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Permission for one request to a provider. Its result is recorded even when the permit is dropped unused, because a half-open
/// breaker waits for the result of its probe.
pub struct Permit {
    provider: Arc<GuardedProvider>,
    reported: bool,
}

impl Permit {
    /// Sends the request and waits for at most the provider's timeout.
    ///
    /// # Errors
    /// If the provider fails or does not answer in time.
    pub async fn look_up(mut self, postcode: &Postcode) -> Result<ProviderAnswer, ProviderError> {
        let timeout = self.provider.timeout;
        let answer = tokio::time::timeout(timeout, self.provider.provider.look_up(postcode))
            .await
            .unwrap_or(Err(ProviderError::TimedOut(timeout)));
        self.reported = true;
        match &answer {
            Ok(_) => self.provider.record_success(),
            Err(error) => self.provider.record_failure(error),
        }
        answer
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if !self.reported {
            self.provider.record_failure(&ProviderError::Abandoned);
        }
    }
}
