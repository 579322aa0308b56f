//! HTTP client of a restaurant's staff: the API as the order board uses it.

use anyhow::{Context, bail};
use model::api;
use model::staff::{StaffOrders, StaffSession, StaffSignIn, StockChange};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use serde_json::Value;

use crate::customer_client::session_client;

/// A client that is signed in to a staff account. It retries nothing.
#[derive(Clone)]
pub struct StaffClient {
    url: String,
    client: Client,
    session: Session,
}

#[derive(Clone)]
enum Session {
    /// Kept in the client's cookie store.
    Cookie,
    Bearer(String),
}

/// How requests are authenticated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionKind {
    /// With a cookie, as a page does.
    Cookie,
    /// With a bearer token, as a program does.
    Bearer,
}

impl StaffClient {
    /// Signs in.
    ///
    /// # Errors
    /// If the account or the password is refused.
    pub async fn sign_in(
        url: &str,
        restaurant: &str,
        name: &str,
        password: &str,
        kind: SessionKind,
    ) -> anyhow::Result<Self> {
        let client = session_client()?;
        let sign_in = StaffSignIn {
            restaurant: restaurant.to_owned(),
            name: name.to_owned(),
            password: password.to_owned(),
            bearer: kind == SessionKind::Bearer,
        };
        let response = client
            .post(format!("{url}{}", api::STAFF_SESSION))
            .json(&sign_in)
            .send()
            .await?;
        let (status, body) = (response.status(), response.text().await?);
        if !status.is_success() {
            bail!("{status}: {body}");
        }
        let signed_in: StaffSession = serde_json::from_str(&body)?;
        let session = match kind {
            SessionKind::Cookie => Session::Cookie,
            SessionKind::Bearer => {
                Session::Bearer(signed_in.token.context("no token in the response")?)
            }
        };
        Ok(Self {
            url: url.to_owned(),
            client,
            session,
        })
    }

    /// Returns the bearer token; a session with a cookie has none.
    #[must_use]
    pub fn token(&self) -> Option<&str> {
        match &self.session {
            Session::Cookie => None,
            Session::Bearer(token) => Some(token),
        }
    }

    /// Builds a request to a path below the staff's orders.
    fn orders_request(&self, method: Method, subpath: &str) -> RequestBuilder {
        let url = format!("{}{}{subpath}", self.url, api::STAFF_ORDERS);
        self.authenticate(self.client.request(method, url))
    }

    fn authenticate(&self, request: RequestBuilder) -> RequestBuilder {
        match &self.session {
            Session::Cookie => request,
            Session::Bearer(token) => request.bearer_auth(token),
        }
    }

    /// Reads the restaurant's open orders.
    ///
    /// # Errors
    /// If the request fails.
    pub async fn orders(&self) -> anyhow::Result<StaffOrders> {
        let request = self.orders_request(Method::GET, "");
        let response = request.send().await?.error_for_status()?;
        Ok(serde_json::from_str(&response.text().await?)?)
    }

    /// Opens the stream of the restaurant's events, resumed after the event `after`.
    ///
    /// # Errors
    /// If the connection fails.
    pub async fn subscribe(&self, after: Option<i64>) -> anyhow::Result<Response> {
        let url = format!("{}{}", self.url, api::STAFF_EVENTS);
        let mut request = self.authenticate(self.client.get(url));
        if let Some(after) = after {
            request = request.header("last-event-id", after);
        }
        Ok(request.send().await?)
    }

    /// Sets the stock of a dish.
    ///
    /// # Errors
    /// If the request fails or is refused.
    pub async fn set_stock(
        &self,
        key: &str,
        dish: &str,
        stock: &StockChange,
    ) -> anyhow::Result<()> {
        let url = format!("{}{}/{dish}", self.url, api::STAFF_DISHES);
        let request = self.client.put(url);
        let request = self.authenticate(request).header(api::IDEMPOTENCY_KEY, key);
        request.json(stock).send().await?.error_for_status()?;
        Ok(())
    }

    /// Requests a transition (`acceptance`, `preparation`, …) of an order with one request; returns status and body of the
    /// response.
    ///
    /// # Errors
    /// If the connection fails.
    pub async fn request_transition(
        &self,
        key: &str,
        order: &str,
        transition: &str,
        body: &Value,
    ) -> anyhow::Result<(StatusCode, String)> {
        let response = self
            .orders_request(Method::POST, &format!("/{order}/{transition}"))
            .header(api::IDEMPOTENCY_KEY, key)
            .json(body)
            .send()
            .await?;
        Ok((response.status(), response.text().await?))
    }
}
