//! Replicas whose lease ran out although they answer: somebody may keep the registry locked, so that nobody can renew theirs.
//!
//! They stay in use for as long as they answer, behind those with a lease: one that alone has none may be the one that cannot write.

use std::time::Duration;

use model::status::{EventKind, Health};
use registry::Registry;

use super::discovery;
use super::fleet::{Fleet, Member, State};
use super::health::Standing;
use crate::sync::lock;

/// Longer than anybody keeps the registry locked; whoever lost their lease before is gone.
const LATELY: Duration = Duration::from_secs(600);
/// So long a replica without a lease that has just become known may take until its first check passes.
const FIRST_ANSWER_MS: i64 = 1_000;

impl Fleet {
    /// Takes in those whose leases ran out lately where nobody has one. For a server that starts: before [`Fleet::follow`].
    pub async fn try_without_lease(&self, registry: &dyn Registry) {
        if !lock(&self.state).members.is_empty() {
            return;
        }
        let lately = registry.lapsed(LATELY).await.unwrap_or_else(|error| {
            // Whoever follows the registry says that it cannot be read.
            tracing::debug!(%error, "nobody knows who was there lately");
            Vec::new()
        });
        let mut state = lock(&self.state);
        for registration in discovery::replicas(&lately) {
            let how = "may be there, although its lease ran out";
            self.join(&mut state, registration, how);
            if let Some(member) = state.members.last_mut() {
                member.lapsed = true;
            }
        }
        self.elect(&mut state);
    }

    /// Whether it stays although it is not on the list any more. Who leaves of their own accord does so with a lease that would have
    /// gone on.
    pub(super) fn stays_without_lease(&self, state: &mut State, id: &str) -> bool {
        let now_ms = self.clock.now_ms();
        let stays = |member: &&mut Member| {
            let answers = match member.judge.health() {
                Health::Available => true,
                Health::Starting => now_ms - member.since_ms < FIRST_ANSWER_MS,
                Health::Unavailable => false,
            };
            answers && member.registration.id == id && member.registration.expires_at_ms <= now_ms
        };
        let Some(member) = state.members.iter_mut().find(stays) else {
            return false;
        };
        if !std::mem::replace(&mut member.lapsed, true) {
            let message = format!("{id} could not renew its lease; it answers, so it stays in use");
            self.events
                .record(EventKind::RegistryLost, Some(id), message, None);
        }
        true
    }

    /// Also keeps up with the leases, which are no news.
    pub(super) fn somebody_lapsed(&self) -> bool {
        let mut state = lock(&self.state);
        let snapshot = self.registry.borrow();
        for member in &mut state.members {
            if let Some(new) = snapshot
                .replicas()
                .find(|new| discovery::same(&member.registration, new))
            {
                member.registration.expires_at_ms = new.expires_at_ms;
            }
        }
        state.members.iter().any(|member| member.lapsed)
    }
}

impl Member {
    pub(super) fn standing(&self) -> Standing {
        let least = if self.lapsed {
            Standing::LastResort
        } else {
            Standing::First
        };
        self.judge.standing().max(least)
    }
}
