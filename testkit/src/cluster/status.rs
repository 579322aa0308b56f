//! What the parts of a cluster say of it, and the operator's switch.

use anyhow::Context;
use model::api;
use model::restaurant::{RestaurantSearch, SearchResult};
use model::status::{AdminState, Health, Status};
use process::secret::SigningKey;

use super::{Cluster, OPERATOR_PASSWORD, SETTLE};
use crate::{customer, wait};

impl Cluster {
    /// What the front-end server says of the system.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn status(&self) -> anyhow::Result<Status> {
        self.customer().status().await
    }

    /// The number of the replica that requests go to first.
    ///
    /// # Errors
    /// If there is none in time.
    pub async fn primary(&self) -> anyhow::Result<u16> {
        wait::until("a primary", SETTLE, || async {
            let primary = self.status().await.ok()?.primary?;
            primary.replica.strip_prefix("replica-")?.parse().ok()
        })
        .await
    }

    /// Those that are available and not switched off, by number.
    ///
    /// # Errors
    /// If the front-end server does not say.
    pub async fn available(&self) -> anyhow::Result<Vec<u16>> {
        let status = self.status().await?;
        let available = status.replicas.iter().filter(|replica| {
            replica.health == Health::Available && replica.admin_state == AdminState::Up
        });
        available
            .map(|replica| {
                let number = replica.id.strip_prefix("replica-");
                Ok(number.context("a replica of this cluster")?.parse()?)
            })
            .collect()
    }

    /// Waits until a hung replica has a request in hand, or that has gone past it: `repeated_before` requests were sent on
    /// to another before.
    ///
    /// # Errors
    /// If that does not come true.
    pub async fn wait_in_hand(&self, number: u16, repeated_before: u64) -> anyhow::Result<()> {
        let name = format!("replica-{number}");
        wait::until("a request at the hung replica", SETTLE, || async {
            let status = self.status().await.ok()?;
            let hung = status.replicas.iter().find(|replica| replica.id == name);
            // Nothing comes to one that was ended for the lock that it held.
            let passed = status.traffic.repeated > repeated_before || self.is_dead(number);
            (passed || hung.is_some_and(|hung| hung.in_flight > 0)).then_some(())
        })
        .await
    }

    /// Waits until exactly so many replicas are available.
    ///
    /// # Errors
    /// If that does not come true.
    pub async fn wait_available(&self, wanted: usize) -> anyhow::Result<()> {
        wait::until(&format!("{wanted} available replicas"), SETTLE, || async {
            (self.available().await.ok()?.len() == wanted).then_some(())
        })
        .await
    }

    /// What a replica's clock says.
    ///
    /// # Errors
    /// If it does not run or does not answer.
    pub async fn replica_now_ms(&self, number: u16) -> anyhow::Result<i64> {
        let replica = self.replica_address(number)?;
        let credential = SigningKey::load(None, self.data())?.replica_credential();
        let found: SearchResult = customer::http()
            .build()?
            .post(format!("http://{replica}{}", api::RESTAURANT_SEARCHES))
            .header(api::CREDENTIAL, credential)
            .json(&RestaurantSearch {
                postcode: customer::POSTCODE.to_owned(),
            })
            .send()
            .await?
            .json()
            .await?;
        Ok(found.now_ms)
    }

    /// Uses the operator's switch, signed in as the operator.
    ///
    /// # Errors
    /// If the switch does not take.
    pub async fn switch(&self, number: u16, admin_state: AdminState) -> anyhow::Result<()> {
        let operator = self.customer();
        operator.sign_in(OPERATOR_PASSWORD).await?;
        operator
            .switch(&format!("replica-{number}"), admin_state)
            .await
    }
}
