//! Providers that do as they are told, without a network, so that time can be paused.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use model::Postcode;
use model::place::Source;
use tokio::time::sleep;

use crate::geocode::provider::{Answer, Failure, Provider};

/// What it does when asked next, and from then on.
#[derive(Clone)]
pub struct Behaviour {
    pub after: Duration,
    pub answer: Result<Answer, Failure>,
}

/// Told from outside while the geocoder has its provider.
#[derive(Clone)]
pub struct Script {
    source: Source,
    behaviour: Arc<Mutex<Behaviour>>,
    asked: Arc<AtomicUsize>,
    panics: bool,
}

impl Script {
    pub fn new(source: Source, answer: Result<Answer, Failure>) -> Self {
        let behaviour = Behaviour {
            after: Duration::from_millis(20),
            answer,
        };
        Self {
            source,
            behaviour: Arc::new(Mutex::new(behaviour)),
            asked: Arc::default(),
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

    pub fn now_answers(&self, answer: Result<Answer, Failure>) {
        self.behaviour.lock().unwrap().answer = answer;
    }

    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl Provider for Script {
    fn source(&self) -> Source {
        self.source
    }

    fn knows_absence(&self) -> bool {
        self.source != Source::GetTheData
    }

    async fn look_up(&self, _postcode: &Postcode) -> Result<Answer, Failure> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let Behaviour { after, answer } = self.behaviour.lock().unwrap().clone();
        sleep(after).await;
        assert!(!self.panics, "as scripted");
        answer
    }
}
