//! What can be read off the gateway at any moment, for those who measure it. Reads only.

use model::status::Health;

use super::fleet::Fleet;
use crate::sync::lock;

/// One replica, as this server treats it.
pub struct ReplicaGauges {
    pub id: String,
    pub available: bool,
    pub primary: bool,
    /// It hangs, or may: its requests go to others as well.
    pub distrusted: bool,
    pub in_flight: u32,
    /// How many requests it is given at once.
    pub limit: u32,
    pub queued: usize,
    /// After so many seconds an answer of it counts as late.
    pub late_s: f64,
}

impl Fleet {
    pub fn gauges(&self) -> Vec<ReplicaGauges> {
        let state = lock(&self.state);
        let primary = state
            .primary
            .as_ref()
            .map(|elected| elected.endpoint.id.as_str());
        let members = state.members.iter().map(|member| {
            let endpoint = &member.endpoint;
            let gate = endpoint.gate(true);
            ReplicaGauges {
                id: endpoint.id.clone(),
                available: member.judge.health() == Health::Available,
                primary: primary == Some(endpoint.id.as_str()),
                distrusted: endpoint.is_distrusted(),
                in_flight: endpoint.in_flight(),
                limit: gate.limit(),
                queued: gate.queued(),
                late_s: endpoint.late().as_secs_f64(),
            }
        });
        members.collect()
    }

    /// How many requests may be sent a second time just now.
    pub fn repeats_left(&self) -> f64 {
        self.budget.left()
    }
}
