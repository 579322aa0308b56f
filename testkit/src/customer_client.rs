//! HTTP client of a customer or the operator: the API as the pages use it.

use std::time::Duration;

use anyhow::{Context, bail};
use model::basket::{Basket, BasketChoice, BasketLine, Quote};
use model::drill::{Drill, DrillPlan};
use model::menu::{Dish, Menu};
use model::order::{Customer, Order, PlaceOrder};
use model::restaurant::{Fulfilment, RestaurantSearch, SearchResult};
use model::status::{AdminState, AdminStateChange, SignIn, Status};
use model::{Pence, Problem, api};
use reqwest::{Client, ClientBuilder, Response, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A postcode in the delivery area of every restaurant in Durham.
pub const POSTCODE: &str = "DH1 3LE";

/// A client with a connection pool and cookies of its own. It retries nothing.
#[derive(Clone)]
pub struct CustomerClient {
    url: String,
    client: Client,
}

/// The API's response to placing an order.
#[derive(Debug)]
pub enum PlaceResult {
    Order(Box<Order>),
    Problem(Box<Problem>),
}

impl CustomerClient {
    #[must_use]
    pub fn new(url: &str) -> Self {
        let client = session_client().expect("a client with fixed settings can always be built");
        Self {
            url: url.to_owned(),
            client,
        }
    }

    /// Reads the status of the system.
    ///
    /// # Errors
    /// If the request fails.
    pub async fn status(&self) -> anyhow::Result<Status> {
        parse(self.get(api::STATUS).await?).await
    }

    /// Signs in as the operator; later requests carry the session.
    ///
    /// # Errors
    /// If the password is refused.
    pub async fn sign_in(&self, password: &str) -> anyhow::Result<()> {
        self.create_session(password).await.map(|_| ())
    }

    /// Signs in as the operator and returns the value of the session cookie.
    ///
    /// # Errors
    /// If the password is refused.
    pub async fn operator_session(&self, password: &str) -> anyhow::Result<String> {
        let response = self.create_session(password).await?;
        let cookie = response.headers().get("set-cookie");
        let cookie = cookie
            .context("no cookie in the response to a sign-in")?
            .to_str()?;
        let pair = cookie.split(';').next().unwrap_or_default();
        let (_, value) = pair
            .split_once('=')
            .context("the session cookie has no value")?;
        Ok(value.to_owned())
    }

    async fn create_session(&self, password: &str) -> anyhow::Result<Response> {
        let body = SignIn {
            password: password.to_owned(),
        };
        let response = self
            .client
            .post(self.at(api::STATUS) + "/session")
            .json(&body)
            .send()
            .await?;
        response
            .error_for_status()
            .context("the operator cannot sign in")
    }

    /// Sets the admin state of a replica, as the operator.
    ///
    /// # Errors
    /// If the change is refused.
    pub async fn set_admin_state(
        &self,
        replica: &str,
        admin_state: AdminState,
    ) -> anyhow::Result<()> {
        let address = format!("{}/replicas/{replica}/admin-state", self.at(api::STATUS));
        let response = self
            .client
            .put(address)
            .json(&AdminStateChange { admin_state })
            .send()
            .await?;
        response
            .error_for_status()
            .map(|_| ())
            .context("the change of the admin state was refused")
    }

    /// Starts a drill, as the operator; returns status and body of the response.
    ///
    /// # Errors
    /// If the connection fails.
    pub async fn start_drill(&self, plan: &DrillPlan) -> anyhow::Result<(StatusCode, String)> {
        let request = self.client.post(self.at(api::DRILLS)).json(plan);
        let response = request.send().await?;
        Ok((response.status(), response.text().await?))
    }

    /// Reads the running drill, or the last one.
    ///
    /// # Errors
    /// If there has been none.
    pub async fn drill(&self) -> anyhow::Result<Drill> {
        parse(self.get(api::CURRENT_DRILL).await?).await
    }

    /// Stops the running drill.
    ///
    /// # Errors
    /// If the connection fails, or this client is not signed in.
    pub async fn cancel_drill(&self) -> anyhow::Result<()> {
        let response = self
            .client
            .delete(self.at(api::CURRENT_DRILL))
            .send()
            .await?;
        response.error_for_status()?;
        Ok(())
    }

    /// Searches the restaurants that deliver to a postcode.
    ///
    /// # Errors
    /// If the request fails.
    pub async fn search(&self, postcode: &str) -> anyhow::Result<SearchResult> {
        let body = RestaurantSearch {
            postcode: postcode.to_owned(),
        };
        self.post_json(api::RESTAURANT_SEARCHES, &body).await
    }

    /// Reads a menu.
    ///
    /// # Errors
    /// If the request fails.
    pub async fn menu(&self, slug: &str) -> anyhow::Result<Menu> {
        parse(
            self.get(&format!("{}/{slug}/menu", api::RESTAURANTS))
                .await?,
        )
        .await
    }

    /// Prices a basket.
    ///
    /// # Errors
    /// If the request fails.
    pub async fn quote(&self, basket: &Basket) -> anyhow::Result<Quote> {
        self.post_json(api::QUOTES, basket).await
    }

    /// Prepares an order that can be placed now: one dish, above the minimum, of the first restaurant that delivers to
    /// [`POSTCODE`].
    ///
    /// # Errors
    /// If no restaurant delivers there, or the quote has an obstacle.
    pub async fn prepare_order(&self) -> anyhow::Result<PlaceOrder> {
        let search = self.search(POSTCODE).await?;
        let card = search
            .restaurants
            .iter()
            .find(|card| card.delivery.is_some() && card.opening.open)
            .context("no restaurant delivers there now")?;
        let menu = self.menu(&card.restaurant.slug).await?;
        let dish = menu
            .categories
            .iter()
            .flat_map(|category| &category.dishes)
            .find(|dish| dish.available && dish.price_pence >= Pence(500))
            .context("no dish of the menu can be ordered")?;
        let basket = Basket {
            restaurant: menu.restaurant.slug.clone(),
            fulfilment: Fulfilment::Delivery,
            postcode: Some(POSTCODE.to_owned()),
            slot_start_ms: None,
            lines: vec![BasketLine {
                dish: dish.id.clone(),
                quantity: 6,
                choices: required_choices(dish),
            }],
        };
        let agreed = self.quote(&basket).await?;
        if !agreed.orderable() {
            bail!("the basket cannot be ordered: {:?}", agreed.obstacles);
        }
        Ok(PlaceOrder {
            basket,
            agreed,
            customer: Customer {
                name: "Ada Lovelace".to_owned(),
                phone: "0191 498 0001".to_owned(),
                address: "1 Palace Green".to_owned(),
            },
            notes: String::new(),
        })
    }

    /// Places an order with one request; returns status and body of the response, so that repeats can be compared byte for byte.
    ///
    /// # Errors
    /// If the connection fails.
    pub async fn send_order(
        &self,
        key: &str,
        order: &PlaceOrder,
    ) -> anyhow::Result<(StatusCode, String)> {
        let request = self
            .client
            .post(self.at(api::ORDERS))
            .header(api::IDEMPOTENCY_KEY, key)
            .json(order);
        let response = request.send().await?;
        Ok((response.status(), response.text().await?))
    }

    /// Places an order with one request.
    ///
    /// # Errors
    /// If the connection fails, or the response is neither an order nor a problem.
    pub async fn place(&self, key: &str, order: &PlaceOrder) -> anyhow::Result<PlaceResult> {
        let (status, body) = self.send_order(key, order).await?;
        if status == StatusCode::CREATED {
            Ok(PlaceResult::Order(serde_json::from_str(&body)?))
        } else {
            Ok(PlaceResult::Problem(
                serde_json::from_str(&body).with_context(|| format!("{status}: {body}"))?,
            ))
        }
    }

    /// Looks an order up by its idempotency key; `None` where there is none.
    ///
    /// # Errors
    /// If the request fails.
    pub async fn order_by_key(&self, key: &str) -> anyhow::Result<Option<Order>> {
        let response = self.get(&format!("{}/{key}", api::ORDERS_BY_KEY)).await?;
        if response.status() == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        parse(response).await.map(Some)
    }

    /// Sends a `GET` for any path and returns the response, whatever its status.
    ///
    /// # Errors
    /// If the connection fails.
    pub async fn get(&self, path: &str) -> anyhow::Result<Response> {
        Ok(self.client.get(self.at(path)).send().await?)
    }

    /// Sends a `POST` without body or key and returns the response, whatever its status.
    ///
    /// # Errors
    /// If the connection fails.
    pub async fn post(&self, path: &str) -> anyhow::Result<Response> {
        Ok(self.client.post(self.at(path)).send().await?)
    }

    /// Opens the stream of an order's events, resumed after the event `after`.
    ///
    /// # Errors
    /// If the connection fails.
    pub async fn subscribe(&self, order: &str, after: Option<i64>) -> anyhow::Result<Response> {
        let mut request = self
            .client
            .get(self.at(&format!("{}/{order}/events", api::ORDERS)));
        if let Some(after) = after {
            request = request.header("last-event-id", after);
        }
        Ok(request.send().await?)
    }

    async fn post_json<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> anyhow::Result<T> {
        parse(self.client.post(self.at(path)).json(body).send().await?).await
    }

    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }
}

/// Returns the builder of an HTTP client.
pub(crate) fn http_client_builder() -> ClientBuilder {
    // reqwest is compiled without a default crypto provider and needs one even for plain HTTP. Installing fails where one already
    // is installed, which then serves.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().no_proxy()
}

/// Returns an HTTP client that keeps cookies, with a timeout well above the servers' deadlines.
pub(crate) fn session_client() -> reqwest::Result<Client> {
    http_client_builder()
        .cookie_store(true)
        .timeout(Duration::from_secs(30))
        .build()
}

/// Draws a new idempotency key.
#[must_use]
pub fn new_idempotency_key() -> String {
    uuid::Uuid::new_v4().to_string()
}

/// Selects the minimum number of choices that each option group of a dish requires.
pub(crate) fn required_choices(dish: &Dish) -> Vec<BasketChoice> {
    dish.options
        .iter()
        .flat_map(|group| {
            let minimum = usize::try_from(group.minimum).unwrap_or(usize::MAX);
            group
                .choices
                .iter()
                .filter(|choice| choice.available)
                .take(minimum)
                .map(|choice| BasketChoice {
                    group: group.id.clone(),
                    choice: choice.id.clone(),
                })
        })
        .collect()
}

/// Parses a successful response.
async fn parse<T: DeserializeOwned>(response: Response) -> anyhow::Result<T> {
    let status = response.status();
    let body = response.text().await?;
    if !status.is_success() {
        bail!("{status}: {body}");
    }
    serde_json::from_str(&body).with_context(|| format!("unexpected response body: {body}"))
}
