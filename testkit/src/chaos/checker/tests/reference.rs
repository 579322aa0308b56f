//! A reference implementation without faults: it produces the history that clients record and the store that belongs to it.

use std::collections::BTreeMap;

use model::basket::QuoteLine;
use model::machine::{self, Actor};
use model::order::{Order, OrderRestaurant, OrderState, PaymentState, StateChange};
use model::problem::Code;
use model::restaurant::Fulfilment;
use model::{Pence, Problem, VatClass};
use serde::Serialize;

use crate::chaos::history::{
    Inventory, Invocation, KeyClosure, Operation, Outcome, PriceBreakdown, ReceivedEvent, Record,
    RecordedResponse, SubscriptionEnd,
};
use crate::chaos::store_snapshot::{
    StoreSnapshot, StoredEvent, StoredOrder, StoredPlacement, StoredStock,
};

#[derive(Default)]
pub struct ReferenceSystem {
    pub records: Vec<Record>,
    pub store: StoreSnapshot,
    now_us: u64,
    /// How many events the subscriber of each key has received.
    received: BTreeMap<usize, usize>,
}

pub fn key(number: usize) -> String {
    format!("key-number-{number:08}")
}

pub fn price() -> PriceBreakdown {
    let line = QuoteLine {
        dish: "dal".to_owned(),
        name: "Dal".to_owned(),
        quantity: 2,
        choices: Vec::new(),
        unit_pence: Pence(600),
        total_pence: Pence(1_200),
        vat: VatClass::Standard,
    };
    PriceBreakdown {
        lines: vec![line],
        goods_pence: Pence(1_200),
        delivery_fee_pence: Pence(150),
        total_pence: Pence(1_350),
        vat_pence: Pence(225),
    }
}

/// The slot of every order.
const SLOT_MS: i64 = 1_000;

impl ReferenceSystem {
    /// Limits the stock of the one dish, and the orders in each slot.
    pub fn with_inventory(portions: u32, slot_capacity: u32) -> Self {
        let mut system = Self::default();
        let restaurant = || "the-copper-pan".to_owned();
        for (dish, limit) in [(Some("dal".to_owned()), portions), (None, slot_capacity)] {
            system.records.push(Record::Inventory(Inventory {
                restaurant: restaurant(),
                dish,
                limit,
            }));
        }
        system.store.stock.push(StoredStock {
            restaurant: restaurant(),
            dish: "dal".to_owned(),
            remaining: Some(portions.into()),
        });
        system
    }

    /// Takes portions from the stock where it is counted; gives back a negative number.
    fn take_stock(&mut self, portions: i64) {
        for stock in &mut self.store.stock {
            stock.remaining = stock.remaining.map(|remaining| remaining - portions);
        }
    }

    /// Places an order and acknowledges it; a repeat gets the saved response.
    pub fn place(&mut self, number: usize) {
        let key = key(number);
        self.insert(&key);
        let placement = self.stored_placement(&key).expect("just placed");
        let response = placement.response.clone();
        self.respond(Self::placement(&key), 201, response);
        self.records.push(Record::KeyClosed(KeyClosure {
            client: 1,
            at_us: self.now_us,
            key,
            must_be_placed: true,
        }));
    }

    /// Places an order whose response is lost.
    pub fn place_with_lost_response(&mut self, number: usize) {
        let key = key(number);
        self.insert(&key);
        self.refuse_with(Self::placement(&key), Code::TimedOut);
    }

    /// Refuses an order, unless it was placed before.
    pub fn place_refused(&mut self, number: usize) {
        let key = key(number);
        if self.stored_placement(&key).is_none() {
            self.refuse_with(Self::placement(&key), Code::QuoteChanged);
        }
    }

    pub fn find(&mut self, number: usize) {
        let key = key(number);
        let invocation = Invocation::FindByKey { key: key.clone() };
        match self
            .stored_placement(&key)
            .map(|placement| placement.order_id)
        {
            Some(id) => self.respond(invocation, 200, json(&self.order(id))),
            None => self.refuse_with(invocation, Code::NotPlaced),
        }
    }

    pub fn read(&mut self, number: usize) {
        if let Some(order) = self.by_key(number) {
            let token = order.token.clone();
            self.respond(Invocation::Read { token }, 200, json(&order));
        }
    }

    pub fn cancel(&mut self, number: usize) {
        let Some(order) = self.by_key(number) else {
            return;
        };
        let invocation = Invocation::Cancel {
            token: order.token.clone(),
        };
        match order.state {
            OrderState::Placed => self.append_event(number, OrderState::Cancelled),
            OrderState::Cancelled => {}
            _ => {
                let mut problem = Problem::new(Code::OrderConflict, "", "");
                problem.order = Some(Box::new(order));
                return self.respond(invocation, 409, json(&problem));
            }
        }
        let now = self.by_key(number).expect("it was placed");
        self.respond(invocation, 200, json(&now));
    }

    pub fn accept(&mut self, number: usize) {
        if let Some(order) = self.by_key(number)
            && order.state == OrderState::Placed
        {
            self.append_event(number, OrderState::Accepted);
        }
    }

    /// Opens an event stream and receives all events so far.
    pub fn subscribe(&mut self, number: usize) {
        let Some(order) = self.by_key(number) else {
            return;
        };
        let after = self.received.get(&number).copied().unwrap_or_default();
        let invocation = Invocation::Subscribe {
            token: order.token.clone(),
            after: None,
        };
        self.respond(invocation, 200, String::new());
        for version in after..order.history.len() {
            self.receive(number, version as u32 + 1);
        }
        self.received.insert(number, order.history.len());
    }

    /// The subscriber of this key receives one event.
    pub fn receive(&mut self, number: usize, version: u32) {
        let id = self
            .stored_placement(&key(number))
            .expect("placed")
            .order_id;
        let mut own = self
            .store
            .events
            .iter()
            .filter(|event| event.order_id == id);
        let event = own.nth(version as usize - 1).expect("it is in the log");
        self.records.push(Record::EventReceived(ReceivedEvent {
            subscriber: number as u32,
            at_us: self.now_us,
            token: format!("token-{id}"),
            sequence: event.sequence,
            version,
            state: event.to,
        }));
    }

    /// Every subscriber receives the remaining events and ends.
    pub fn end_subscriptions(&mut self) {
        for number in self.received.clone().into_keys() {
            self.subscribe(number);
            let order = self.by_key(number).expect("it has a subscriber");
            self.records
                .push(Record::SubscriptionEnded(SubscriptionEnd {
                    subscriber: number as u32,
                    at_us: self.now_us,
                    token: order.token,
                    expected_version: order.version,
                }));
        }
    }

    /// Whether a response has acknowledged an order with this key.
    pub fn is_acknowledged(&self, key: &str) -> bool {
        self.records.iter().any(|record| match record {
            Record::Operation(Operation {
                invocation: Invocation::Place { key: own, .. } | Invocation::FindByKey { key: own },
                outcome: Outcome::Response(response),
                ..
            }) => own == key && response.status < 300,
            _ => false,
        })
    }

    /// Appends a transition to the log and updates the row, without a response to a client.
    pub fn append_event(&mut self, number: usize, to: OrderState) {
        let id = self
            .stored_placement(&key(number))
            .expect("placed")
            .order_id;
        let sequence = self.store.events.len() as i64 + 1;
        let row = self.row(id);
        let from = Some(row.state);
        row.state = to;
        row.version += 1;
        if matches!(
            to,
            OrderState::Rejected | OrderState::Expired | OrderState::Cancelled
        ) {
            self.take_stock(-2);
        }
        let actor = Actor::ALL.into_iter().rev().find(|by| {
            from.is_some_and(|from| machine::allows(*by, from, to, Fulfilment::Delivery))
        });
        self.store.events.push(StoredEvent {
            sequence,
            order_id: id,
            actor: actor.unwrap_or(Actor::System),
            from,
            to,
        });
    }

    pub fn record_operation(&mut self, invocation: Invocation, outcome: Outcome) {
        self.now_us += 10;
        self.records.push(Record::Operation(Operation {
            client: 1,
            server: 1,
            invoked_us: self.now_us,
            completed_us: self.now_us + 5,
            faulty_link: false,
            invocation,
            outcome,
        }));
    }

    pub fn respond(&mut self, invocation: Invocation, status: u16, body: String) {
        let response = RecordedResponse {
            status,
            replica: Some("replica-1".to_owned()),
            body,
        };
        self.record_operation(invocation, Outcome::Response(response));
    }

    pub fn refuse_with(&mut self, invocation: Invocation, code: Code) {
        self.respond(invocation, code.status(), json(&Problem::new(code, "", "")));
    }

    pub fn placement(key: &str) -> Invocation {
        Invocation::Place {
            key: key.to_owned(),
            agreed: price(),
        }
    }

    pub fn by_key(&self, number: usize) -> Option<Order> {
        Some(self.order(self.stored_placement(&key(number))?.order_id))
    }

    fn stored_placement(&self, key: &str) -> Option<&StoredPlacement> {
        self.store
            .placements
            .iter()
            .find(|placement| placement.key == key)
    }

    fn row(&mut self, id: i64) -> &mut StoredOrder {
        let mut rows = self.store.orders.iter_mut();
        rows.find(|row| row.id == id).expect("it was placed")
    }

    fn insert(&mut self, key: &str) {
        if self.stored_placement(key).is_some() {
            return;
        }
        let id = self.store.orders.len() as i64 + 1;
        self.take_stock(2);
        self.store.orders.push(StoredOrder {
            id,
            token: format!("token-{id}"),
            restaurant: "the-copper-pan".to_owned(),
            number: id as u32,
            fulfilment: Fulfilment::Delivery,
            state: OrderState::Placed,
            version: 1,
            price: price(),
            slot_start_ms: Some(SLOT_MS),
            notes: key.to_owned(),
        });
        self.store.events.push(StoredEvent {
            sequence: self.store.events.len() as i64 + 1,
            order_id: id,
            actor: Actor::Customer,
            from: None,
            to: OrderState::Placed,
        });
        self.store.placements.push(StoredPlacement {
            key: key.to_owned(),
            order_id: id,
            response: json(&self.order(id)),
        });
    }

    fn order(&self, id: i64) -> Order {
        let row = self.store.orders.iter().find(|row| row.id == id);
        let row = row.expect("it was placed").clone();
        let history = self
            .store
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
            lines: row.price.lines,
            goods_pence: row.price.goods_pence,
            delivery_fee_pence: row.price.delivery_fee_pence,
            total_pence: row.price.total_pence,
            vat_pence: row.price.vat_pence,
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
    serde_json::to_string(value).expect("it serializes")
}
