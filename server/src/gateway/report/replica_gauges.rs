//! Each replica's present figures, for metrics.

use model::status::Health;

use super::snapshot::FleetSnapshot;

/// The gauges of one replica, from the view of this server.
pub struct ReplicaGauges {
    pub id: String,
    pub available: bool,
    pub primary: bool,
    /// The replica hangs or may hang, so that its requests are hedged.
    pub suspect: bool,
    pub in_flight: u32,
    pub concurrency_limit: u32,
    pub queued: usize,
    pub hedge_delay_s: f64,
}

impl ReplicaGauges {
    pub fn all_of(snapshot: FleetSnapshot) -> Vec<Self> {
        let primary = snapshot.primary.map(|primary| primary.replica);
        let replicas = snapshot.replicas.into_iter().map(|replica| Self {
            available: replica.health == Health::Available,
            primary: primary.as_ref() == Some(&replica.registration.id),
            id: replica.registration.id,
            suspect: replica.suspect,
            in_flight: replica.in_flight,
            concurrency_limit: replica.concurrency_limit,
            queued: replica.queued,
            hedge_delay_s: replica.hedge_delay.as_secs_f64(),
        });
        replicas.collect()
    }
}
