//! Tells of the fleet's changes as events: the sentences, and what is worth one.

use std::sync::Arc;
use std::time::Duration;

use model::status::{AdminState, EndedProcess, EventKind, Health, ReplicaReport};
use registry::{Registration, Role, Snapshot};
use tokio::time::Instant;

use super::endpoint::Endpoint;
use super::fleet::{Fleet, Member, State};
use super::health::Standing;
use crate::fleet_history::format_ms;
use crate::sync::lock;

/// While the registry was away nobody could keep a lease. When it is back, a replica that answers its checks has this long to
/// register again before it is taken off the list.
const GRACE: Duration = Duration::from_secs(5);

impl Fleet {
    pub(super) fn tell_health(&self, member: &mut Member, before: Health, now: Instant) {
        let id = &member.registration.id;
        match member.judge.health() {
            Health::Unavailable => {
                member.endpoint.pool.clear();
                let asked_for = member.registration.admin_state != AdminState::Up
                    || member
                        .report
                        .as_ref()
                        .is_some_and(|report| report.admin_state != AdminState::Up);
                // One that has not been ready yet is not gone, nor is one that says why, or that the operator switched off.
                if before == Health::Available && member.judge.silent() && !asked_for {
                    let reason = member.judge.reason().unwrap_or("it is not available");
                    member.gone = Some(now);
                    let message = format!("{id} gone: {reason}");
                    self.events
                        .record(EventKind::Killed, Some(id), message, None);
                }
            }
            Health::Available => {
                if let Some(gone) = member.gone.take() {
                    let away_ms = now.duration_since(gone).as_secs_f64() * 1000.0;
                    let message = format!("{id} is back after {}", format_ms(away_ms));
                    self.events
                        .record(EventKind::Recovered, Some(id), message, Some(away_ms));
                }
            }
            Health::Starting => {}
        }
    }

    /// Tells of a stopped replica that this one ended since it last reported. What it did before we knew it is not news.
    pub(super) fn tell_ended(
        &self,
        state: &State,
        endpoint: &Arc<Endpoint>,
        report: &ReplicaReport,
    ) {
        let reporting = state
            .members
            .iter()
            .find(|member| Arc::ptr_eq(&member.endpoint, endpoint));
        let Some(before) = reporting.and_then(|member| member.report.as_ref()) else {
            return;
        };
        let Some(EndedProcess { process_id, count }) = report.ended else {
            return;
        };
        if count <= before.ended.map_or(0, |ended| ended.count) {
            return;
        }
        self.tell_ended_process(process_id, &report.id);
    }

    /// Tells of a process that stood still with a database's lock, and by whom it was ended.
    pub fn tell_ended_process(&self, process_id: u32, by: &str) {
        // Its successor may have taken its place in the list already.
        let is_it = |registration: &&Registration| registration.process_id == process_id;
        let ended = self
            .registry
            .borrow()
            .registrations
            .iter()
            .find(is_it)
            .cloned();
        let name = ended.as_ref().map_or_else(
            || format!("process {process_id}"),
            |registration| registration.id.clone(),
        );
        let message = format!(
            "{name} stood still with a lock in its hand that the others needed, and was ended by {by}"
        );
        let ended = ended.filter(|registration| registration.role == Role::Replica);
        let ended = ended.as_ref().map(|registration| registration.id.as_str());
        self.events.record(EventKind::Killed, ended, message, None);
    }

    pub(super) fn tell_registry(&self, state: &mut State, snapshot: &Snapshot) {
        match (snapshot.readable, state.registry_lost) {
            (false, None) => {
                state.registry_lost = Some(Instant::now());
                let message = "the registry cannot be read; its last list stays in use";
                self.events
                    .record(EventKind::RegistryLost, None, message.to_owned(), None);
            }
            (true, Some(since)) => {
                state.registry_lost = None;
                state.grace_until = Some(Instant::now() + GRACE);
                let away_ms = since.elapsed().as_secs_f64() * 1000.0;
                let message = format!(
                    "the registry can be read again after {}",
                    format_ms(away_ms)
                );
                self.events
                    .record(EventKind::RegistryBack, None, message, Some(away_ms));
            }
            _ => {}
        }
    }

    pub(super) fn tell_failovers(&self) {
        // Let go of before the state is looked at: elsewhere the state is held when the ledger is needed.
        let finished = lock(&self.ledger).finished(Instant::now());
        for tally in finished {
            let what = &self.how_it_is(&tally.from);
            self.events.record(
                EventKind::FailedOver,
                Some(&tally.from),
                tally.sentence(what),
                tally.took_ms(),
            );
        }
    }

    fn how_it_is(&self, id: &str) -> String {
        let state = lock(&self.state);
        let member = state
            .members
            .iter()
            .find(|member| member.registration.id == id);
        let Some(member) = member else {
            return "gone".to_owned();
        };
        let what = match (member.registration.admin_state, member.judge.standing()) {
            (AdminState::Down, _) => "switched down",
            (AdminState::Draining, _) => "draining",
            (AdminState::Up, Standing::First) => "failed for a moment",
            (AdminState::Up, Standing::Suspect) => "does not answer",
            (AdminState::Up, _) if member.judge.silent() => "gone",
            (AdminState::Up, _) => {
                let reason = member.judge.reason().unwrap_or("it does not say why");
                return format!("not ready ({reason})");
            }
        };
        what.to_owned()
    }
}
