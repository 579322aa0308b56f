//! Staff transitions of the reference system.

use model::Problem;
use model::machine::{self, Actor};
use model::order::{Order, OrderState};
use model::problem::Code;

use super::reference::{ReferenceSystem, json};
use crate::chaos::history::{Invocation, Operation, Record};
use crate::chaos::store_snapshot::StoredStaffRequest;

impl ReferenceSystem {
    /// Executes and acknowledges a transition with a key of its own.
    pub fn execute_transition(&mut self, number: usize, to: OrderState) {
        let before = self.by_key(number).expect("placed");
        self.append_event(number, to);
        let after = self.by_key(number).expect("placed");
        let key = transition_key(&before.token, before.version);
        self.store.staff_requests.push(StoredStaffRequest {
            key: key.clone(),
            response: json(&after),
        });
        self.respond(transition_invocation(&key, &before, to), 200, json(&after));
    }

    /// Requests the first legal transition from a version: executed at the current one, refused at an earlier one.
    pub fn move_along(&mut self, number: usize, version: u32) {
        let Some(now) = self.by_key(number) else {
            return;
        };
        if version < now.version {
            return self.refuse_transition(number, version);
        }
        let next = OrderState::ALL
            .into_iter()
            .find(|to| machine::allows(Actor::Staff, now.state, *to, now.fulfilment));
        if let Some(to) = next {
            self.execute_transition(number, to);
        }
    }

    /// Refuses a transition with another key from a version, with the current order in the response.
    pub fn refuse_transition(&mut self, number: usize, version: u32) {
        let now = self.by_key(number).expect("placed");
        let mut read = now.clone();
        read.version = version;
        let mut problem = Problem::new(Code::OrderConflict, "", "");
        problem.order = Some(Box::new(now));
        let key = format!("late-{}", transition_key(&read.token, version));
        let invocation = transition_invocation(&key, &read, OrderState::Rejected);
        self.respond(invocation, 409, json(&problem));
    }

    /// Repeats the transition from this version, if there was one, and gets the same outcome.
    pub fn repeat_transition(&mut self, number: usize, version: u32) {
        let Some(order) = self.by_key(number) else {
            return;
        };
        let key = transition_key(&order.token, version);
        let earlier = self.records.iter().find_map(|record| match record {
            Record::Operation(Operation {
                invocation: invocation @ Invocation::Transition { key: own, .. },
                outcome,
                ..
            }) if *own == key => Some((invocation.clone(), outcome.clone())),
            _ => None,
        });
        if let Some((invocation, outcome)) = earlier {
            self.record_operation(invocation, outcome);
        }
    }
}

pub fn transition_invocation(key: &str, read: &Order, to: OrderState) -> Invocation {
    Invocation::Transition {
        key: key.to_owned(),
        token: read.token.clone(),
        version: read.version,
        to,
    }
}

fn transition_key(token: &str, version: u32) -> String {
    format!("transition-{token}-{version}")
}
