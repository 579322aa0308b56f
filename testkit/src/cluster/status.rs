//! The state of a cluster as its front-end server reports it, and the operator's switch.

use model::api;
use model::restaurant::{RestaurantSearch, SearchResult};
use model::status::{AdminState, Health, Status};
use process::secret::SigningKey;

use super::ids::{replica_id, replica_number};
use super::{Cluster, OPERATOR_PASSWORD, SETTLE_TIMEOUT};
use crate::{customer_client, wait};

impl Cluster {
    /// Reads the status of the system from a front-end server.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn status(&self) -> anyhow::Result<Status> {
        self.customer_client().status().await
    }

    /// Waits until there is a primary and returns its number.
    ///
    /// # Errors
    /// If there is none in time.
    pub async fn primary(&self) -> anyhow::Result<u16> {
        wait::until("a primary", SETTLE_TIMEOUT, || async {
            let primary = self.status().await.ok()?.primary?;
            replica_number(&primary.replica).ok()
        })
        .await
    }

    /// Returns the numbers of the replicas that are available and not switched off.
    ///
    /// # Errors
    /// If the status cannot be read.
    pub async fn available(&self) -> anyhow::Result<Vec<u16>> {
        let status = self.status().await?;
        let available = status.replicas.iter().filter(|replica| {
            replica.health == Health::Available && replica.admin_state == AdminState::Up
        });
        available
            .map(|replica| replica_number(&replica.id))
            .collect()
    }

    /// Waits until a request is in flight at a hung replica, or was already retried on another one: the status counted
    /// `repeated_before` retries before the request was sent.
    ///
    /// # Errors
    /// If neither happens in time.
    pub async fn wait_in_flight(&self, number: u16, repeated_before: u64) -> anyhow::Result<()> {
        let id = replica_id(number);
        wait::until(
            "a request in flight at the hung replica",
            SETTLE_TIMEOUT,
            || async {
                let status = self.status().await.ok()?;
                let hung = status.replicas.iter().find(|replica| replica.id == id);
                // A replica that other processes ended because it held a lock receives no request.
                let was_retried = status.traffic.repeated > repeated_before || self.is_dead(number);
                (was_retried || hung.is_some_and(|hung| hung.in_flight > 0)).then_some(())
            },
        )
        .await
    }

    /// Waits until exactly `count` replicas are available.
    ///
    /// # Errors
    /// If that does not happen in time.
    pub async fn wait_available(&self, count: usize) -> anyhow::Result<()> {
        wait::until(
            &format!("{count} available replicas"),
            SETTLE_TIMEOUT,
            || async { (self.available().await.ok()?.len() == count).then_some(()) },
        )
        .await
    }

    /// Reads a replica's clock, by a request straight to it.
    ///
    /// # Errors
    /// If it does not run or does not respond.
    pub async fn replica_now_ms(&self, number: u16) -> anyhow::Result<i64> {
        let address = self.replica_address(number)?;
        let credential = SigningKey::load(None, self.data_folder())?.replica_credential();
        let search: SearchResult = customer_client::http_client_builder()
            .build()?
            .post(format!("http://{address}{}", api::RESTAURANT_SEARCHES))
            .header(api::CREDENTIAL, credential)
            .json(&RestaurantSearch {
                postcode: customer_client::POSTCODE.to_owned(),
            })
            .send()
            .await?
            .json()
            .await?;
        Ok(search.now_ms)
    }

    /// Sets the admin state of a replica, signed in as the operator.
    ///
    /// # Errors
    /// If the change is refused.
    pub async fn set_admin_state(
        &self,
        number: u16,
        admin_state: AdminState,
    ) -> anyhow::Result<()> {
        let operator = self.customer_client();
        operator.sign_in(OPERATOR_PASSWORD).await?;
        operator
            .set_admin_state(&replica_id(number), admin_state)
            .await
    }
}
