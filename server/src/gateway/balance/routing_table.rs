//! The replicas that requests may go to, best first. The fleet publishes it and replaces it as a whole.

use std::sync::Arc;

use super::target::Target;

#[derive(Default)]
pub struct RoutingTable {
    targets: Vec<Arc<Target>>,
    /// How many of the targets, the last ones, are on probation.
    on_probation: usize,
}

impl RoutingTable {
    pub fn new(targets: Vec<Arc<Target>>, on_probation: usize) -> Self {
        Self {
            targets,
            on_probation,
        }
    }

    /// All targets, best first.
    pub fn targets(&self) -> &[Arc<Target>] {
        &self.targets
    }

    /// Whether there is no healthy upstream.
    pub fn is_empty(&self) -> bool {
        self.targets.is_empty()
    }

    /// The best target for a second attempt: neither suspect nor among `used`, or else one on probation.
    pub fn best_besides(&self, used: &[Arc<Target>]) -> Option<&Arc<Target>> {
        let is_unused = |target: &&Arc<Target>| {
            let mut used = used.iter();
            !used.any(|known| Arc::ptr_eq(known, target))
        };
        let on_probation = &self.targets[self.targets.len() - self.on_probation..];
        self.targets
            .iter()
            .filter(|target| !target.endpoint.is_suspect())
            .find(is_unused)
            .or_else(|| on_probation.iter().find(is_unused))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::config::SLOW_REQUEST_LIMIT;
    use crate::gateway::upstream::Endpoint;

    #[tokio::test]
    async fn a_second_attempt_avoids_suspects_and_goes_to_probation_last() {
        let [healthy, suspect, on_probation] = ["replica-1", "replica-2", "replica-3"]
            .map(|id| Target::new(Endpoint::for_tests(id), SLOW_REQUEST_LIMIT));
        suspect.endpoint.set_suspect(true);
        on_probation.endpoint.set_suspect(true);
        let all = [&healthy, &suspect, &on_probation].map(Arc::clone);
        let table = RoutingTable::new(all.to_vec(), 1);
        let best = |used: &[Arc<Target>]| {
            let target = table.best_besides(used);
            target.map(|target| target.endpoint.id.as_str())
        };
        assert_eq!(best(&[]), Some("replica-1"));
        assert_eq!(best(&[healthy]), Some("replica-3"));
        assert_eq!(best(&all), None);
    }
}
