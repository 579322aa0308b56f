//! Providers with scripted answers, without a network, so that time can be paused.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use model::Postcode;
use model::place::Source;
use tokio::time::sleep;

use crate::geocode::provider::{Provider, ProviderAnswer, ProviderError};

/// ProviderAnswer to the following requests, and its delay.
#[derive(Clone)]
pub struct Behaviour {
    pub after: Duration,
    pub answer: Result<ProviderAnswer, ProviderError>,
}

/// Provider whose answer the test changes while the geocoder holds a clone.
#[derive(Clone)]
pub struct ScriptedProvider {
    source: Source,
    behaviour: Arc<Mutex<Behaviour>>,
    requests: Arc<AtomicUsize>,
    panics: bool,
}

impl ScriptedProvider {
    pub fn new(source: Source, answer: Result<ProviderAnswer, ProviderError>) -> Self {
        let behaviour = Behaviour {
            after: Duration::from_millis(20),
            answer,
        };
        Self {
            source,
            behaviour: Arc::new(Mutex::new(behaviour)),
            requests: Arc::default(),
            panics: false,
        }
    }

    pub fn after(self, milliseconds: u64) -> Self {
        self.behaviour.lock().unwrap().after = Duration::from_millis(milliseconds);
        self
    }

    pub fn panicking(mut self) -> Self {
        self.panics = true;
        self
    }

    pub fn set_answer(&self, answer: Result<ProviderAnswer, ProviderError>) {
        self.behaviour.lock().unwrap().answer = answer;
    }

    pub fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl Provider for ScriptedProvider {
    fn source(&self) -> Source {
        self.source
    }

    fn is_authoritative(&self) -> bool {
        self.source != Source::GetTheData
    }

    async fn look_up(&self, _postcode: &Postcode) -> Result<ProviderAnswer, ProviderError> {
        self.requests.fetch_add(1, Ordering::SeqCst);
        let Behaviour { after, answer } = self.behaviour.lock().unwrap().clone();
        sleep(after).await;
        assert!(!self.panics, "as scripted");
        answer
    }
}
