//! A simulated client's connections to both front-end servers, and its failover between them.

use super::history::Outcome;
use super::recording_client::RecordingClient;

#[derive(Clone)]
pub struct ClientPair {
    /// The preferred one first.
    clients: [RecordingClient; 2],
    current: usize,
}

impl ClientPair {
    pub fn new(preferred: RecordingClient, other: RecordingClient) -> Self {
        Self {
            clients: [preferred, other],
            current: 0,
        }
    }

    pub fn current(&self) -> &RecordingClient {
        &self.clients[self.current]
    }

    pub fn other(&self) -> &RecordingClient {
        &self.clients[1 - self.current]
    }

    /// Switches to the other front-end server.
    pub fn fail_over(&mut self) {
        self.current = 1 - self.current;
    }

    /// Switches to the other front-end server where the current one did not respond. A client with a faulty link stays, since that
    /// link is the likely cause.
    pub fn fail_over_if_unanswered(&mut self, outcome: &Outcome) {
        if outcome.is_unanswered() && !self.current().has_faulty_link() {
            self.fail_over();
        }
    }

    pub fn return_to_preferred(&mut self) {
        self.current = 0;
    }
}
