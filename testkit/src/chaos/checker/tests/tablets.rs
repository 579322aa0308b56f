//! Staff of a Tiffin without faults.

use model::Problem;
use model::machine::{self, Actor};
use model::order::{Order, OrderState};
use model::problem::Code;

use super::world::{World, json};
use crate::chaos::history::{Ask, Exchange, Record};
use crate::chaos::stored::StoredStep;

impl World {
    /// Staff take a step, by a key of its own, and are told so; again, told the same.
    pub fn step(&mut self, number: usize, to: OrderState) {
        let seen = self.by_key(number).expect("placed");
        self.move_to(number, to);
        let now = self.by_key(number).expect("placed");
        let key = step_key(&seen.token, seen.version);
        self.stored.steps.push(StoredStep {
            key: key.clone(),
            answer: json(&now),
        });
        self.tell(stepping(&key, &seen, to), 200, json(&now));
    }

    /// Staff take whatever step comes first, from what they see or from what was seen before.
    pub fn move_along(&mut self, number: usize, version: u32) {
        let Some(now) = self.by_key(number) else {
            return;
        };
        if version < now.version {
            return self.overtaken(number, version);
        }
        let next = OrderState::ALL
            .into_iter()
            .find(|to| machine::allows(Actor::Staff, now.state, *to, now.fulfilment));
        if let Some(to) = next {
            self.step(number, to);
        }
    }

    /// Staff want a step from an older version, with another key, and are told that the order has moved on.
    pub fn overtaken(&mut self, number: usize, version: u32) {
        let now = self.by_key(number).expect("placed");
        let mut seen = now.clone();
        seen.version = version;
        let mut problem = Problem::new(Code::OrderConflict, "", "");
        problem.order = Some(Box::new(now));
        let key = format!("late-{}", step_key(&seen.token, version));
        let ask = stepping(&key, &seen, OrderState::Rejected);
        self.tell(ask, 409, json(&problem));
    }

    /// Staff repeat the step that they took from this version, if one was.
    pub fn repeat_step(&mut self, number: usize, version: u32) {
        let Some(seen) = self.by_key(number) else {
            return;
        };
        let key = step_key(&seen.token, version);
        let before = self.records.iter().find_map(|record| match record {
            Record::Exchange(Exchange {
                ask: ask @ Ask::Step { key: own, .. },
                outcome,
                ..
            }) if *own == key => Some((ask.clone(), outcome.clone())),
            _ => None,
        });
        if let Some((ask, outcome)) = before {
            self.exchange(ask, outcome);
        }
    }
}

pub fn stepping(key: &str, seen: &Order, to: OrderState) -> Ask {
    Ask::Step {
        key: key.to_owned(),
        token: seen.token.clone(),
        version: seen.version,
        to,
    }
}

fn step_key(token: &str, version: u32) -> String {
    format!("step-{token}-{version}")
}
