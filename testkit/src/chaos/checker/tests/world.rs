//! A Tiffin without faults, in a few lines: what its customers are told and what its store has.

use std::collections::BTreeMap;

use model::basket::QuoteLine;
use model::machine::{self, Actor};
use model::order::{Order, OrderRestaurant, OrderState, PaymentState, StateChange};
use model::problem::Code;
use model::restaurant::Fulfilment;
use model::{Pence, Problem, VatClass};
use serde::Serialize;

use crate::chaos::history::{
    Answer, Ask, Deal, Ended, Exchange, Heard, Listened, Outcome, Record, Supply,
};
use crate::chaos::stored::{Stored, StoredEvent, StoredOrder, StoredPlacement, StoredStock};

#[derive(Default)]
pub struct World {
    pub records: Vec<Record>,
    pub stored: Stored,
    now_us: u64,
    /// By key: how many events its listener has heard.
    heard: BTreeMap<usize, usize>,
}

pub fn key(number: usize) -> String {
    format!("key-number-{number:08}")
}

pub fn deal() -> Deal {
    let line = QuoteLine {
        dish: "dal".to_owned(),
        name: "Dal".to_owned(),
        quantity: 2,
        choices: Vec::new(),
        unit_pence: Pence(600),
        total_pence: Pence(1_200),
        vat: VatClass::Standard,
    };
    Deal {
        lines: vec![line],
        goods_pence: Pence(1_200),
        delivery_fee_pence: Pence(150),
        total_pence: Pence(1_350),
        vat_pence: Pence(225),
    }
}

/// Where every order has its place.
const SLOT_MS: i64 = 1_000;

impl World {
    /// There is so much of the one dish, and so many places in each slot.
    pub fn supplied(portions: u32, places: u32) -> Self {
        let mut world = Self::default();
        let restaurant = || "the-copper-pan".to_owned();
        for (dish, most) in [(Some("dal".to_owned()), portions), (None, places)] {
            world.records.push(Record::Supply(Supply {
                restaurant: restaurant(),
                dish,
                most,
            }));
        }
        world.stored.stock.push(StoredStock {
            restaurant: restaurant(),
            dish: "dal".to_owned(),
            left: Some(portions.into()),
        });
        world
    }

    /// Takes so many portions, where they are counted.
    fn take(&mut self, portions: i64) {
        for stock in &mut self.stored.stock {
            stock.left = stock.left.map(|left| left - portions);
        }
    }

    /// Placed and told so; again, told the same.
    pub fn place(&mut self, number: usize) {
        let key = key(number);
        self.insert(&key);
        let placement = self.placement(&key).expect("just placed").answer.clone();
        self.tell(Self::placing(&key), 201, placement);
        self.records.push(Record::Ended(Ended {
            client: 1,
            at_us: self.now_us,
            key,
            must_be_done: true,
        }));
    }

    /// Placed, and the answer was lost.
    pub fn lose(&mut self, number: usize) {
        let key = key(number);
        self.insert(&key);
        self.refused(Self::placing(&key), Code::TimedOut);
    }

    /// Not placed, and told so, unless it was placed before.
    pub fn refuse(&mut self, number: usize) {
        let key = key(number);
        if self.placement(&key).is_none() {
            self.refused(Self::placing(&key), Code::QuoteChanged);
        }
    }

    pub fn find(&mut self, number: usize) {
        let key = key(number);
        let ask = Ask::FindByKey { key: key.clone() };
        match self.placement(&key).map(|placement| placement.order_id) {
            Some(id) => self.tell(ask, 200, json(&self.order(id))),
            None => self.refused(ask, Code::NotPlaced),
        }
    }

    pub fn read(&mut self, number: usize) {
        if let Some(order) = self.by_key(number) {
            let token = order.token.clone();
            self.tell(Ask::Read { token }, 200, json(&order));
        }
    }

    pub fn cancel(&mut self, number: usize) {
        let Some(order) = self.by_key(number) else {
            return;
        };
        let ask = Ask::Cancel {
            token: order.token.clone(),
        };
        match order.state {
            OrderState::Placed => self.move_to(number, OrderState::Cancelled),
            OrderState::Cancelled => {}
            _ => {
                let mut problem = Problem::new(Code::OrderConflict, "", "");
                problem.order = Some(Box::new(order));
                return self.tell(ask, 409, json(&problem));
            }
        }
        let now = self.by_key(number).expect("it is there");
        self.tell(ask, 200, json(&now));
    }

    pub fn accept(&mut self, number: usize) {
        if let Some(order) = self.by_key(number)
            && order.state == OrderState::Placed
        {
            self.move_to(number, OrderState::Accepted);
        }
    }

    /// Somebody listens for it, and hears all that there is by now.
    pub fn listen(&mut self, number: usize) {
        let Some(order) = self.by_key(number) else {
            return;
        };
        let after = self.heard.get(&number).copied().unwrap_or_default();
        let ask = Ask::Listen {
            token: order.token.clone(),
            after: None,
        };
        self.tell(ask, 200, String::new());
        for version in after..order.history.len() {
            self.hear(number, version as u32 + 1);
        }
        self.heard.insert(number, order.history.len());
    }

    /// An event reaches the listener of this key.
    pub fn hear(&mut self, number: usize, version: u32) {
        let id = self.placement(&key(number)).expect("placed").order_id;
        let mut own = self
            .stored
            .events
            .iter()
            .filter(|event| event.order_id == id);
        let event = own.nth(version as usize - 1).expect("it has happened");
        self.records.push(Record::Heard(Heard {
            listener: number as u32,
            at_us: self.now_us,
            token: format!("token-{id}"),
            sequence: event.sequence,
            version,
            state: event.to,
        }));
    }

    /// Whoever listens hears the rest and goes.
    pub fn close(&mut self) {
        for number in self.heard.clone().into_keys() {
            self.listen(number);
            let order = self.by_key(number).expect("it was listened for");
            self.records.push(Record::Listened(Listened {
                listener: number as u32,
                at_us: self.now_us,
                token: order.token,
                owed: order.version,
            }));
        }
    }

    /// Whether anybody was told that there is an order with this key.
    pub fn acknowledged(&self, key: &str) -> bool {
        self.records.iter().any(|record| match record {
            Record::Exchange(Exchange {
                ask: Ask::Place { key: own, .. } | Ask::FindByKey { key: own },
                outcome: Outcome::Answered(answer),
                ..
            }) => own == key && answer.status < 300,
            _ => false,
        })
    }

    pub fn move_to(&mut self, number: usize, to: OrderState) {
        let id = self.placement(&key(number)).expect("placed").order_id;
        let sequence = self.stored.events.len() as i64 + 1;
        let row = self.row(id);
        let from = Some(row.state);
        row.state = to;
        row.version += 1;
        if matches!(
            to,
            OrderState::Rejected | OrderState::Expired | OrderState::Cancelled
        ) {
            self.take(-2);
        }
        let actor = Actor::ALL.into_iter().rev().find(|by| {
            from.is_some_and(|from| machine::allows(*by, from, to, Fulfilment::Delivery))
        });
        self.stored.events.push(StoredEvent {
            sequence,
            order_id: id,
            actor: actor.unwrap_or(Actor::System),
            from,
            to,
        });
    }

    pub fn exchange(&mut self, ask: Ask, outcome: Outcome) {
        self.now_us += 10;
        self.records.push(Record::Exchange(Exchange {
            client: 1,
            server: 1,
            sent_us: self.now_us,
            ended_us: self.now_us + 5,
            bad_line: false,
            ask,
            outcome,
        }));
    }

    pub fn tell(&mut self, ask: Ask, status: u16, body: String) {
        let answer = Answer {
            status,
            replica: Some("replica-1".to_owned()),
            body,
        };
        self.exchange(ask, Outcome::Answered(answer));
    }

    pub fn refused(&mut self, ask: Ask, code: Code) {
        self.tell(ask, code.status(), json(&Problem::new(code, "", "")));
    }

    pub fn placing(key: &str) -> Ask {
        Ask::Place {
            key: key.to_owned(),
            agreed: deal(),
        }
    }

    pub fn by_key(&self, number: usize) -> Option<Order> {
        Some(self.order(self.placement(&key(number))?.order_id))
    }

    fn placement(&self, key: &str) -> Option<&StoredPlacement> {
        self.stored
            .placements
            .iter()
            .find(|placement| placement.key == key)
    }

    fn row(&mut self, id: i64) -> &mut StoredOrder {
        let mut rows = self.stored.orders.iter_mut();
        rows.find(|row| row.id == id).expect("it is there")
    }

    fn insert(&mut self, key: &str) {
        if self.placement(key).is_some() {
            return;
        }
        let id = self.stored.orders.len() as i64 + 1;
        self.take(2);
        self.stored.orders.push(StoredOrder {
            id,
            token: format!("token-{id}"),
            restaurant: "the-copper-pan".to_owned(),
            number: id as u32,
            fulfilment: Fulfilment::Delivery,
            state: OrderState::Placed,
            version: 1,
            deal: deal(),
            slot_ms: Some(SLOT_MS),
            notes: key.to_owned(),
        });
        self.stored.events.push(StoredEvent {
            sequence: self.stored.events.len() as i64 + 1,
            order_id: id,
            actor: Actor::Customer,
            from: None,
            to: OrderState::Placed,
        });
        self.stored.placements.push(StoredPlacement {
            key: key.to_owned(),
            order_id: id,
            answer: json(&self.order(id)),
        });
    }

    fn order(&self, id: i64) -> Order {
        let row = self.stored.orders.iter().find(|row| row.id == id);
        let row = row.expect("it is there").clone();
        let history = self
            .stored
            .events
            .iter()
            .filter(|event| event.order_id == id);
        Order {
            token: row.token,
            number: row.number,
            restaurant: OrderRestaurant {
                slug: row.restaurant,
                name: String::new(),
                phone: String::new(),
                address: String::new(),
                zone: String::new(),
            },
            state: row.state,
            payment: PaymentState::Unpaid,
            version: row.version,
            placed_at_ms: 0,
            fulfilment: row.fulfilment,
            slot: None,
            expected: None,
            lines: row.deal.lines,
            goods_pence: row.deal.goods_pence,
            delivery_fee_pence: row.deal.delivery_fee_pence,
            total_pence: row.deal.total_pence,
            vat_pence: row.deal.vat_pence,
            customer_name: String::new(),
            delivery_address: None,
            notes: row.notes,
            history: history
                .map(|event| StateChange {
                    state: event.to,
                    at_ms: 0,
                    reason: None,
                })
                .collect(),
        }
    }
}

pub fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("a value of ours is JSON")
}
