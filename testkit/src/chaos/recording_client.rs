//! An HTTP client of a customer or of staff that records each operation in the history. It retries nothing; its users decide what
//! to do next.

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

use super::history::{
    HistoryRecorder, Invocation, Operation, Outcome, PriceBreakdown, Record, RecordedResponse,
};
use super::staff_transition::StaffTransition;
use crate::customer_client::http_client_builder;
use crate::sse::EventStream;

/// How long clients retry an operation: longer than any fault lasts.
pub const RETRY_TIMEOUT: Duration = Duration::from_secs(60);

/// Timeout of one request. A front-end server responds within the documented 10 s; the rest is for a busy machine.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(15);

/// Idle time after which a connection is not reused. The front-end server closes it after 20 s; a request that crosses with the
/// close would fail.
const IDLE_TIMEOUT: Duration = Duration::from_secs(8);

/// A front-end server and the way to it.
#[derive(Clone)]
pub struct Target {
    pub server: u16,
    pub url: String,
    /// The way leads through the customers' fault proxy.
    pub faulty_link: bool,
}

#[derive(Clone)]
pub struct RecordingClient {
    pub client: u32,
    target: Target,
    /// The bearer token of staff.
    bearer: Option<String>,
    http: Client,
    pub history: Arc<HistoryRecorder>,
}

impl RecordingClient {
    /// # Errors
    /// If the HTTP client cannot be built.
    pub fn new(
        client: u32,
        target: &Target,
        history: &Arc<HistoryRecorder>,
    ) -> anyhow::Result<Self> {
        Ok(Self {
            client,
            target: target.clone(),
            bearer: None,
            http: http_client_builder()
                .pool_idle_timeout(IDLE_TIMEOUT)
                .build()?,
            history: Arc::clone(history),
        })
    }

    /// Authenticates all requests as staff.
    #[must_use]
    pub fn with_bearer(self, bearer: &str) -> Self {
        Self {
            bearer: Some(bearer.to_owned()),
            ..self
        }
    }

    #[must_use]
    pub fn has_faulty_link(&self) -> bool {
        self.target.faulty_link
    }

    pub async fn search(&self, postcode: &str) -> anyhow::Result<Outcome> {
        let body = RestaurantSearch {
            postcode: postcode.to_owned(),
        };
        let request = self.post(api::RESTAURANT_SEARCHES).json(&body);
        self.execute(Invocation::Search, request, None).await
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
        self.execute(Invocation::Slots, self.get(&path), None).await
    }

    pub async fn quote(&self, basket: &Basket) -> anyhow::Result<Outcome> {
        let request = self.post(api::QUOTES).json(basket);
        self.execute(Invocation::Quote, request, None).await
    }

    /// Places an order; abandons the request after `abandon_after` where that is given.
    pub async fn place(
        &self,
        key: &str,
        order: &PlaceOrder,
        abandon_after: Option<Duration>,
    ) -> anyhow::Result<Outcome> {
        let invocation = Invocation::Place {
            key: key.to_owned(),
            agreed: PriceBreakdown::from(&order.agreed),
        };
        let request = self
            .post(api::ORDERS)
            .header(api::IDEMPOTENCY_KEY, key)
            .json(order);
        self.execute(invocation, request, abandon_after).await
    }

    pub async fn find_by_key(&self, key: &str) -> anyhow::Result<Outcome> {
        let invocation = Invocation::FindByKey {
            key: key.to_owned(),
        };
        let request = self.get(&format!("{}/{key}", api::ORDERS_BY_KEY));
        self.execute(invocation, request, None).await
    }

    pub async fn read(&self, token: &str) -> anyhow::Result<Outcome> {
        let invocation = Invocation::Read {
            token: token.to_owned(),
        };
        let request = self.get(&format!("{}/{token}", api::ORDERS));
        self.execute(invocation, request, None).await
    }

    pub async fn cancel(&self, token: &str) -> anyhow::Result<Outcome> {
        let invocation = Invocation::Cancel {
            token: token.to_owned(),
        };
        let request = self.post(&format!("{}/{token}{}", api::ORDERS, api::CANCELLATION));
        self.execute(invocation, request, None).await
    }

    /// Opens the stream of an order's events; `None` where it does not open. The caller records the end of the subscription.
    pub async fn subscribe(
        &self,
        token: &str,
        after: Option<i64>,
    ) -> anyhow::Result<Option<EventStream>> {
        let invocation = Invocation::Subscribe {
            token: token.to_owned(),
            after,
        };
        let mut request = self.get(&format!("{}/{token}/events", api::ORDERS));
        if let Some(after) = after {
            request = request.header("last-event-id", after);
        }
        let invoked_us = self.history.now_us();
        let opening = async {
            let response = request.send().await?;
            if response.status().is_success() {
                return Ok((record_head(&response), Some(EventStream::new(response))));
            }
            Ok((record_response(response).await?, None))
        };
        let (outcome, stream) = match timeout(REQUEST_TIMEOUT, opening).await {
            Ok(Ok((response, stream))) => (Outcome::Response(response), stream),
            Ok(Err(error)) => (connection_error(&error), None),
            Err(_) => (Outcome::TimedOut, None),
        };
        self.record(invocation, invoked_us, outcome)?;
        Ok(stream)
    }

    pub async fn list_open_orders(&self) -> anyhow::Result<Outcome> {
        let request = self.get(api::STAFF_ORDERS);
        self.execute(Invocation::ListOpenOrders, request, None)
            .await
    }

    pub async fn request_transition(
        &self,
        key: &str,
        transition: &StaffTransition,
    ) -> anyhow::Result<Outcome> {
        let invocation = Invocation::Transition {
            key: key.to_owned(),
            token: transition.token.clone(),
            version: transition.version,
            to: transition.to,
        };
        let (segment, body) = transition.request();
        let path = format!("{}/{}/{segment}", api::STAFF_ORDERS, transition.token);
        let request = self
            .post(&path)
            .header(api::IDEMPOTENCY_KEY, key)
            .json(&body);
        self.execute(invocation, request, None).await
    }

    fn get(&self, path: &str) -> RequestBuilder {
        self.request(Method::GET, path)
    }

    fn post(&self, path: &str) -> RequestBuilder {
        self.request(Method::POST, path)
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self
            .http
            .request(method, format!("{}{path}", self.target.url));
        match &self.bearer {
            Some(bearer) => request.bearer_auth(bearer),
            None => request,
        }
    }

    async fn execute(
        &self,
        invocation: Invocation,
        request: RequestBuilder,
        abandon_after: Option<Duration>,
    ) -> anyhow::Result<Outcome> {
        let invoked_us = self.history.now_us();
        let response = async { record_response(request.send().await?).await };
        let outcome = match timeout(abandon_after.unwrap_or(REQUEST_TIMEOUT), response).await {
            Ok(Ok(response)) => Outcome::Response(response),
            Ok(Err(error)) => connection_error(&error),
            Err(_) if abandon_after.is_some() => Outcome::Abandoned,
            Err(_) => Outcome::TimedOut,
        };
        let mut recorded = outcome.clone();
        if let (
            Invocation::Quote | Invocation::Search | Invocation::Slots | Invocation::ListOpenOrders,
            Outcome::Response(response),
        ) = (&invocation, &mut recorded)
            && response.status == 200
        {
            // Replaced instead of cleared, which would keep the allocation.
            response.body = String::new();
        }
        self.record(invocation, invoked_us, recorded)?;
        Ok(outcome)
    }

    fn record(
        &self,
        invocation: Invocation,
        invoked_us: u64,
        outcome: Outcome,
    ) -> anyhow::Result<()> {
        self.history.record(Record::Operation(Operation {
            client: self.client,
            server: self.target.server,
            invoked_us,
            completed_us: self.history.now_us(),
            faulty_link: self.target.faulty_link,
            invocation,
            outcome,
        }))
    }
}

async fn record_response(response: Response) -> reqwest::Result<RecordedResponse> {
    let head = record_head(&response);
    Ok(RecordedResponse {
        body: response.text().await?,
        ..head
    })
}

/// Records a response without its body.
fn record_head(response: &Response) -> RecordedResponse {
    let replica = response.headers().get(api::REPLICA);
    RecordedResponse {
        status: response.status().as_u16(),
        replica: replica.and_then(|id| Some(id.to_str().ok()?.to_owned())),
        body: String::new(),
    }
}

/// Records an error with all its causes.
fn connection_error(error: &reqwest::Error) -> Outcome {
    let mut reason = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        // Writing to a string cannot fail.
        let _ = write!(reason, ": {cause}");
        source = cause.source();
    }
    Outcome::ConnectionError { reason }
}
