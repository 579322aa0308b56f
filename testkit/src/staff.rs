//! A restaurant's staff over HTTP: what a board does.

use std::time::Duration;

use anyhow::{Context, bail};
use model::api;
use model::staff::{SignedIn, StaffOrders, StaffSignIn, StockChange};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use serde_json::Value;

/// Signed in.
#[derive(Clone)]
pub struct Staff {
    url: String,
    client: Client,
    session: Session,
}

#[derive(Clone)]
enum Session {
    /// As a page has it: the client keeps it.
    Cookie,
    Token(String),
}

/// How the session is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum As {
    Page,
    Program,
}

impl Staff {
    /// # Errors
    /// If the account is refused.
    pub async fn sign_in(
        url: &str,
        restaurant: &str,
        name: &str,
        password: &str,
        kept: As,
    ) -> anyhow::Result<Self> {
        // As for a customer: the first provider stays.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .cookie_store(true)
            .timeout(Duration::from_secs(30))
            .no_proxy()
            .build()?;
        let wanted = StaffSignIn {
            restaurant: restaurant.to_owned(),
            name: name.to_owned(),
            password: password.to_owned(),
            bearer: kept == As::Program,
        };
        let answer = client
            .post(format!("{url}{}", api::STAFF_SESSION))
            .json(&wanted)
            .send()
            .await?;
        let (status, body) = (answer.status(), answer.text().await?);
        if !status.is_success() {
            bail!("{status}: {body}");
        }
        let signed_in: SignedIn = serde_json::from_str(&body)?;
        let session = match kept {
            As::Page => Session::Cookie,
            As::Program => Session::Token(signed_in.token.context("a token was asked for")?),
        };
        Ok(Self {
            url: url.to_owned(),
            client,
            session,
        })
    }

    /// The bearer token of a program; a page has none.
    #[must_use]
    pub fn token(&self) -> Option<&str> {
        match &self.session {
            Session::Cookie => None,
            Session::Token(token) => Some(token),
        }
    }

    /// Something about orders.
    fn ask(&self, method: Method, below: &str) -> RequestBuilder {
        let address = format!("{}{}{below}", self.url, api::STAFF_ORDERS);
        self.signed(self.client.request(method, address))
    }

    fn signed(&self, request: RequestBuilder) -> RequestBuilder {
        match &self.session {
            Session::Cookie => request,
            Session::Token(token) => request.bearer_auth(token),
        }
    }

    /// The restaurant's open orders.
    ///
    /// # Errors
    /// If there is no such answer.
    pub async fn orders(&self) -> anyhow::Result<StaffOrders> {
        let answer = self.ask(Method::GET, "").send().await?.error_for_status()?;
        Ok(serde_json::from_str(&answer.text().await?)?)
    }

    /// Opens the stream of the restaurant's events after the one that was heard last.
    ///
    /// # Errors
    /// If there is no answer.
    pub async fn listen(&self, after: Option<i64>) -> anyhow::Result<Response> {
        let address = format!("{}{}", self.url, api::STAFF_EVENTS);
        let mut request = self.signed(self.client.get(address));
        if let Some(after) = after {
            request = request.header("last-event-id", after);
        }
        Ok(request.send().await?)
    }

    /// Says what there is of a dish.
    ///
    /// # Errors
    /// If that is not taken.
    pub async fn count(&self, key: &str, dish: &str, stock: &StockChange) -> anyhow::Result<()> {
        let address = format!("{}{}/{dish}", self.url, api::STAFF_DISHES);
        let request = self.client.put(address);
        let answer = self.signed(request).header(api::IDEMPOTENCY_KEY, key);
        answer.json(stock).send().await?.error_for_status()?;
        Ok(())
    }

    /// Sends a step (`acceptance`, `preparation`, …) once, without any retry of its own, and gives status and body as they
    /// came.
    ///
    /// # Errors
    /// If the connection fails.
    pub async fn step(
        &self,
        key: &str,
        order: &str,
        step: &str,
        body: &Value,
    ) -> anyhow::Result<(StatusCode, String)> {
        let answer = self
            .ask(Method::POST, &format!("/{order}/{step}"))
            .header(api::IDEMPOTENCY_KEY, key)
            .json(body)
            .send()
            .await?;
        Ok((answer.status(), answer.text().await?))
    }
}
