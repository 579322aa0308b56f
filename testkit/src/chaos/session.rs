//! Requests of a customer or of staff, each recorded with what came of it. Sends once and repeats nothing; what to do next is theirs.

use std::error::Error;
use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use model::api;
use model::basket::Basket;
use model::order::PlaceOrder;
use model::restaurant::{Fulfilment, RestaurantSearch};
use reqwest::{Client, Method, RequestBuilder, Response};
use tokio::time::timeout;

use super::history::{Answer, Ask, Deal, Exchange, Journal, Outcome, Record};
use super::staff::Step;
use crate::customer;
use crate::events::Events;

/// A front-end server answers every request within 10 s, as documented; the rest is for a busy machine.
const DEADLINE: Duration = Duration::from_secs(15);

/// A connection that was idle for so long is not used again: the front-end server closes it after 20 s, and a request that crosses
/// with that is broken.
const IDLE: Duration = Duration::from_secs(8);

/// To a front-end server.
#[derive(Clone)]
pub struct Way {
    pub server: u16,
    pub url: String,
    /// It breaks now and then.
    pub bad_line: bool,
}

#[derive(Clone)]
pub struct Session {
    pub client: u32,
    way: Way,
    /// Of staff.
    bearer: Option<String>,
    http: Client,
    pub journal: Arc<Journal>,
}

impl Session {
    #[must_use]
    pub fn has_bad_line(&self) -> bool {
        self.way.bad_line
    }

    /// # Errors
    /// If no HTTP client can be made.
    pub fn new(client: u32, way: &Way, journal: &Arc<Journal>) -> anyhow::Result<Self> {
        Ok(Self {
            client,
            way: way.clone(),
            bearer: None,
            http: customer::http().pool_idle_timeout(IDLE).build()?,
            journal: Arc::clone(journal),
        })
    }

    /// The same for somebody who is signed in.
    #[must_use]
    pub fn of_staff(self, bearer: &str) -> Self {
        Self {
            bearer: Some(bearer.to_owned()),
            ..self
        }
    }

    pub async fn search(&self, postcode: &str) -> anyhow::Result<Outcome> {
        let body = RestaurantSearch {
            postcode: postcode.to_owned(),
        };
        let request = self.post(api::RESTAURANT_SEARCHES).json(&body);
        self.exchange(Ask::Search, request, None).await
    }

    pub async fn slots(&self, restaurant: &str, fulfilment: Fulfilment) -> anyhow::Result<Outcome> {
        let fulfilment = match fulfilment {
            Fulfilment::Delivery => "delivery",
            Fulfilment::Collection => "collection",
        };
        let path = format!(
            "{}/{restaurant}/slots?fulfilment={fulfilment}",
            api::RESTAURANTS
        );
        self.exchange(Ask::Slots, self.get(&path), None).await
    }

    pub async fn quote(&self, basket: &Basket) -> anyhow::Result<Outcome> {
        let request = self.post(api::QUOTES).json(basket);
        self.exchange(Ask::Quote, request, None).await
    }

    /// Leaves without an answer after `leave_after` where that is given.
    pub async fn place(
        &self,
        key: &str,
        order: &PlaceOrder,
        leave_after: Option<Duration>,
    ) -> anyhow::Result<Outcome> {
        let ask = Ask::Place {
            key: key.to_owned(),
            agreed: Deal::from(&order.agreed),
        };
        let request = self
            .post(api::ORDERS)
            .header(api::IDEMPOTENCY_KEY, key)
            .json(order);
        self.exchange(ask, request, leave_after).await
    }

    pub async fn find(&self, key: &str) -> anyhow::Result<Outcome> {
        let ask = Ask::FindByKey {
            key: key.to_owned(),
        };
        let request = self.get(&format!("{}/{key}", api::ORDERS_BY_KEY));
        self.exchange(ask, request, None).await
    }

    pub async fn read(&self, token: &str) -> anyhow::Result<Outcome> {
        let ask = Ask::Read {
            token: token.to_owned(),
        };
        let request = self.get(&format!("{}/{token}", api::ORDERS));
        self.exchange(ask, request, None).await
    }

    pub async fn cancel(&self, token: &str) -> anyhow::Result<Outcome> {
        let ask = Ask::Cancel {
            token: token.to_owned(),
        };
        let request = self.post(&format!("{}/{token}{}", api::ORDERS, api::CANCELLATION));
        self.exchange(ask, request, None).await
    }

    /// Opens the stream of an order's news. How long it lasts is the listener's to record.
    pub async fn listen(&self, token: &str, after: Option<i64>) -> anyhow::Result<Option<Events>> {
        let ask = Ask::Listen {
            token: token.to_owned(),
            after,
        };
        let mut request = self.get(&format!("{}/{token}/events", api::ORDERS));
        if let Some(after) = after {
            request = request.header("last-event-id", after);
        }
        let sent_us = self.journal.now_us();
        let opened = async {
            let response = request.send().await?;
            if response.status().is_success() {
                return Ok((told(&response), Some(Events::of(response))));
            }
            Ok((answer(response).await?, None))
        };
        let (outcome, stream) = match timeout(DEADLINE, opened).await {
            Ok(Ok((answer, stream))) => (Outcome::Answered(answer), stream),
            Ok(Err(error)) => (Outcome::Broken { why: chain(&error) }, None),
            Err(_) => (Outcome::Overdue, None),
        };
        self.record(ask, sent_us, outcome)?;
        Ok(stream)
    }

    pub async fn board(&self) -> anyhow::Result<Outcome> {
        let request = self.get(api::STAFF_ORDERS);
        self.exchange(Ask::Board, request, None).await
    }

    pub async fn step(&self, key: &str, step: &Step) -> anyhow::Result<Outcome> {
        let ask = Ask::Step {
            key: key.to_owned(),
            token: step.token.clone(),
            version: step.version,
            to: step.to,
        };
        let (address, body) = step.request();
        let request = self
            .post(&format!("{}/{}/{address}", api::STAFF_ORDERS, step.token))
            .header(api::IDEMPOTENCY_KEY, key)
            .json(&body);
        self.exchange(ask, request, None).await
    }

    fn get(&self, path: &str) -> RequestBuilder {
        self.ask(Method::GET, path)
    }

    fn post(&self, path: &str) -> RequestBuilder {
        self.ask(Method::POST, path)
    }

    fn ask(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.way.url));
        match &self.bearer {
            Some(bearer) => request.bearer_auth(bearer),
            None => request,
        }
    }

    async fn exchange(
        &self,
        ask: Ask,
        request: RequestBuilder,
        leave_after: Option<Duration>,
    ) -> anyhow::Result<Outcome> {
        let sent_us = self.journal.now_us();
        let answered = async { answer(request.send().await?).await };
        let outcome = match timeout(leave_after.unwrap_or(DEADLINE), answered).await {
            Ok(Ok(answer)) => Outcome::Answered(answer),
            Ok(Err(error)) => Outcome::Broken { why: chain(&error) },
            Err(_) if leave_after.is_some() => Outcome::LeftEarly,
            Err(_) => Outcome::Overdue,
        };
        let mut recorded = outcome.clone();
        if let (Ask::Quote | Ask::Search | Ask::Slots | Ask::Board, Outcome::Answered(answer)) =
            (&ask, &mut recorded)
            && answer.status == 200
        {
            // Not cleared: that would keep the memory.
            answer.body = String::new();
        }
        self.record(ask, sent_us, recorded)?;
        Ok(outcome)
    }

    fn record(&self, ask: Ask, sent_us: u64, outcome: Outcome) -> anyhow::Result<()> {
        self.journal.add(Record::Exchange(Exchange {
            client: self.client,
            server: self.way.server,
            sent_us,
            ended_us: self.journal.now_us(),
            bad_line: self.way.bad_line,
            ask,
            outcome,
        }))
    }
}

async fn answer(response: Response) -> reqwest::Result<Answer> {
    let begun = told(&response);
    Ok(Answer {
        body: response.text().await?,
        ..begun
    })
}

/// What is known before there is a body.
fn told(response: &Response) -> Answer {
    let replica = response.headers().get(api::REPLICA);
    Answer {
        status: response.status().as_u16(),
        replica: replica.and_then(|id| Some(id.to_str().ok()?.to_owned())),
        body: String::new(),
    }
}

fn chain(error: &reqwest::Error) -> String {
    let mut told = error.to_string();
    let mut cause = error.source();
    while let Some(deeper) = cause {
        // Writing to a text cannot fail.
        let _ = write!(told, ": {deeper}");
        cause = deeper.source();
    }
    told
}
