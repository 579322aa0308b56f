//! One replica that requests may be routed to: its endpoint, and the admission queues in front of it.

use std::sync::Arc;

use tokio::time::Instant;

use super::admission_queue::AdmissionQueue;
use crate::gateway::config::{LimitBounds, SLOW_REQUEST_LIMIT};
use crate::gateway::upstream::Endpoint;

pub struct Target {
    pub endpoint: Arc<Endpoint>,
    /// For requests whose answer depends on nothing but the replica and its store.
    pub prompt_queue: Arc<AdmissionQueue>,
    /// For requests that may wait for providers or for events.
    pub slow_queue: Arc<AdmissionQueue>,
}

impl Target {
    pub fn new(endpoint: Arc<Endpoint>, limit: LimitBounds) -> Arc<Self> {
        let now = Instant::now();
        Arc::new(Self {
            endpoint,
            prompt_queue: AdmissionQueue::new(limit, now),
            slow_queue: AdmissionQueue::new(SLOW_REQUEST_LIMIT, now),
        })
    }

    /// The queue for a request that does or does not expect a prompt answer.
    pub fn queue(&self, prompt: bool) -> &Arc<AdmissionQueue> {
        if prompt {
            &self.prompt_queue
        } else {
            &self.slow_queue
        }
    }
}
