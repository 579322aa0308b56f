//! A customer, or the operator, over HTTP: the API as the page uses it.

use std::time::Duration;

use anyhow::{Context, bail};
use model::basket::{Basket, BasketChoice, BasketLine, Quote};
use model::drill::{Drill, DrillPlan};
use model::menu::{Dish, Menu};
use model::order::{Customer as Person, Order, PlaceOrder};
use model::restaurant::{Fulfilment, RestaurantSearch, SearchResult};
use model::status::{AdminState, AdminStateChange, SignIn, Status};
use model::{Pence, Problem, api};
use reqwest::{Client, ClientBuilder, Response, StatusCode};
use serde::de::DeserializeOwned;

/// In the delivery area of every restaurant in Durham.
pub const POSTCODE: &str = "DH1 3LE";

#[derive(Clone)]
pub struct Customer {
    url: String,
    client: Client,
}

/// What placing an order came to.
#[derive(Debug)]
pub enum Placed {
    Order(Box<Order>),
    Refused(Box<Problem>),
}

impl Customer {
    #[must_use]
    pub fn new(url: &str) -> Self {
        let client = http()
            .cookie_store(true)
            .timeout(Duration::from_secs(30))
            .build()
            .expect("a client with a provider can always be built");
        Self {
            url: url.to_owned(),
            client,
        }
    }

    /// # Errors
    /// If there is no such answer.
    pub async fn status(&self) -> anyhow::Result<Status> {
        read(self.client.get(self.at(api::STATUS)).send().await?).await
    }

    /// # Errors
    /// If the password is refused.
    pub async fn sign_in(&self, password: &str) -> anyhow::Result<()> {
        self.signed_in(password).await.map(|_| ())
    }

    /// The value of the cookie of a new session.
    ///
    /// # Errors
    /// If the password is refused.
    pub async fn operator_session(&self, password: &str) -> anyhow::Result<String> {
        let answer = self.signed_in(password).await?;
        let cookie = answer.headers().get("set-cookie");
        let cookie = cookie.context("a session is a cookie")?.to_str()?;
        let pair = cookie.split(';').next().unwrap_or_default();
        let (_, value) = pair.split_once('=').context("a cookie has a value")?;
        Ok(value.to_owned())
    }

    async fn signed_in(&self, password: &str) -> anyhow::Result<Response> {
        let body = SignIn {
            password: password.to_owned(),
        };
        let answer = self
            .client
            .post(self.at(api::STATUS) + "/session")
            .json(&body)
            .send()
            .await?;
        answer
            .error_for_status()
            .context("the operator cannot sign in")
    }

    /// # Errors
    /// If the switch is refused.
    pub async fn switch(&self, replica: &str, admin_state: AdminState) -> anyhow::Result<()> {
        let address = format!("{}/replicas/{replica}/admin-state", self.at(api::STATUS));
        let answer = self
            .client
            .put(address)
            .json(&AdminStateChange { admin_state })
            .send()
            .await?;
        answer
            .error_for_status()
            .map(|_| ())
            .context("the switch was refused")
    }

    /// Starts a drill, as the operator; gives status and body as they came.
    ///
    /// # Errors
    /// If the connection fails.
    pub async fn start_drill(&self, plan: &DrillPlan) -> anyhow::Result<(StatusCode, String)> {
        let request = self.client.post(self.at(api::DRILLS)).json(plan);
        let answer = request.send().await?;
        Ok((answer.status(), answer.text().await?))
    }

    /// The drill that runs, or the last one.
    ///
    /// # Errors
    /// If there was none.
    pub async fn drill(&self) -> anyhow::Result<Drill> {
        read(self.get(api::CURRENT_DRILL).await?).await
    }

    /// # Errors
    /// If the connection fails, or nobody is signed in.
    pub async fn cancel_drill(&self) -> anyhow::Result<()> {
        let answer = self
            .client
            .delete(self.at(api::CURRENT_DRILL))
            .send()
            .await?;
        answer.error_for_status()?;
        Ok(())
    }

    /// # Errors
    /// If there is no such answer.
    pub async fn search(&self, postcode: &str) -> anyhow::Result<SearchResult> {
        let body = RestaurantSearch {
            postcode: postcode.to_owned(),
        };
        read(
            self.client
                .post(self.at(api::RESTAURANT_SEARCHES))
                .json(&body)
                .send()
                .await?,
        )
        .await
    }

    /// # Errors
    /// If there is no such answer.
    pub async fn menu(&self, slug: &str) -> anyhow::Result<Menu> {
        read(
            self.client
                .get(format!("{}/{slug}/menu", self.at(api::RESTAURANTS)))
                .send()
                .await?,
        )
        .await
    }

    /// # Errors
    /// If there is no such answer.
    pub async fn quote(&self, basket: &Basket) -> anyhow::Result<Quote> {
        read(
            self.client
                .post(self.at(api::QUOTES))
                .json(basket)
                .send()
                .await?,
        )
        .await
    }

    /// An order that can be placed now: enough of the first restaurant that delivers to [`POSTCODE`].
    ///
    /// # Errors
    /// If none delivers there, or the quote has an obstacle.
    pub async fn prepare(&self) -> anyhow::Result<PlaceOrder> {
        let found = self.search(POSTCODE).await?;
        let card = found
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
            .context("no dish can be ordered")?;
        let basket = Basket {
            restaurant: menu.restaurant.slug.clone(),
            fulfilment: Fulfilment::Delivery,
            postcode: Some(POSTCODE.to_owned()),
            slot_start_ms: None,
            lines: vec![BasketLine {
                dish: dish.id.clone(),
                quantity: 6,
                choices: least_choices(dish),
            }],
        };
        let agreed = self.quote(&basket).await?;
        if !agreed.orderable() {
            bail!("the basket cannot be ordered: {:?}", agreed.obstacles);
        }
        Ok(PlaceOrder {
            basket,
            agreed,
            customer: Person {
                name: "Ada Lovelace".to_owned(),
                phone: "0191 498 0001".to_owned(),
                address: "1 Palace Green".to_owned(),
            },
            notes: String::new(),
        })
    }

    /// Sends an order once, without any retry of its own, and gives status and body as they came.
    ///
    /// # Errors
    /// If the connection fails.
    pub async fn send(
        &self,
        key: &str,
        order: &PlaceOrder,
    ) -> anyhow::Result<(StatusCode, String)> {
        let request = self
            .client
            .post(self.at(api::ORDERS))
            .header(api::IDEMPOTENCY_KEY, key)
            .json(order);
        let answer = request.send().await?;
        Ok((answer.status(), answer.text().await?))
    }

    /// Places an order.
    ///
    /// # Errors
    /// If the connection fails or the answer is neither an order nor a problem.
    pub async fn place(&self, key: &str, order: &PlaceOrder) -> anyhow::Result<Placed> {
        let (status, body) = self.send(key, order).await?;
        if status == StatusCode::CREATED {
            Ok(Placed::Order(serde_json::from_str(&body)?))
        } else {
            Ok(Placed::Refused(
                serde_json::from_str(&body).with_context(|| format!("{status}: {body}"))?,
            ))
        }
    }

    /// # Errors
    /// If there is no such answer.
    pub async fn order_by_key(&self, key: &str) -> anyhow::Result<Option<Order>> {
        let answer = self
            .client
            .get(format!("{}/{key}", self.at(api::ORDERS_BY_KEY)))
            .send()
            .await?;
        if answer.status() == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        read(answer).await.map(Some)
    }

    /// A GET of any path, as it comes.
    ///
    /// # Errors
    /// If the connection fails.
    pub async fn get(&self, path: &str) -> anyhow::Result<Response> {
        Ok(self.client.get(self.at(path)).send().await?)
    }

    /// A `POST` without body or key.
    ///
    /// # Errors
    /// If there is no answer.
    pub async fn post(&self, path: &str) -> anyhow::Result<Response> {
        Ok(self.client.post(self.at(path)).send().await?)
    }

    /// Opens the stream of an order's events after the one that was heard last.
    ///
    /// # Errors
    /// If there is no answer.
    pub async fn listen(&self, order: &str, after: Option<i64>) -> anyhow::Result<Response> {
        let mut request = self
            .client
            .get(self.at(&format!("{}/{order}/events", api::ORDERS)));
        if let Some(after) = after {
            request = request.header("last-event-id", after);
        }
        Ok(request.send().await?)
    }

    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }
}

/// A client of HTTP, to be built.
pub(crate) fn http() -> ClientBuilder {
    // It is built without a provider of its own and wants one even for plain HTTP; the first one stays.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().no_proxy()
}

/// A new idempotency key.
#[must_use]
pub fn new_key() -> String {
    uuid::Uuid::new_v4().to_string()
}

/// As few as the dish must have.
pub(crate) fn least_choices(dish: &Dish) -> Vec<BasketChoice> {
    dish.options
        .iter()
        .flat_map(|group| {
            let wanted = usize::try_from(group.minimum).unwrap_or(usize::MAX);
            group
                .choices
                .iter()
                .filter(|choice| choice.available)
                .take(wanted)
                .map(|choice| BasketChoice {
                    group: group.id.clone(),
                    choice: choice.id.clone(),
                })
        })
        .collect()
}

async fn read<T: DeserializeOwned>(answer: Response) -> anyhow::Result<T> {
    let status = answer.status();
    let body = answer.text().await?;
    if !status.is_success() {
        bail!("{status}: {body}");
    }
    serde_json::from_str(&body).with_context(|| format!("not of the expected shape: {body}"))
}
