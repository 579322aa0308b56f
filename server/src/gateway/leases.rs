//! Replicas whose lease ran out although they answer: somebody may keep the registry locked, so that nobody can renew theirs.
//!
//! They stay in use for as long as they answer, behind those with a lease: one that alone has none may be the one that cannot write.

use model::status::{EventKind, Health};
use registry::Registration;

use super::discovery;
use super::fleet::{Fleet, Member, State};
use super::health::Standing;
use crate::sync::locked;

/// So long a replica without a lease that has just become known may take until its first check passes.
const FIRST_ANSWER_MS: i64 = 1_000;

impl Fleet {
    /// Takes in replicas whose leases have run out, for a server that found nobody with one when it started.
    pub fn try_without_lease(&self, registrations: &[Registration]) {
        let mut state = locked(&self.state);
        for registration in discovery::replicas(registrations) {
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
                .tell(EventKind::RegistryLost, Some(id), message, None);
        }
        true
    }

    /// Also keeps up with the leases, which are no news.
    pub(super) fn somebody_lapsed(&self) -> bool {
        let mut state = locked(&self.state);
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
