//! A store in which every operation fails.

use async_trait::async_trait;
use model::feed::OrderEvent;
use model::order::Order;

use crate::domain::NewOrder;
use crate::domain::expiry::Deadlines;
use crate::domain::inventory::Inventory;
use crate::store::{
    Cancellation, ExpiryReport, Fingerprint, KitchenOrder, Placement, SetStock, StaffAccount,
    StaffOutcome, StaffTransition, Store, StoreError,
};

#[derive(Clone, Copy)]
pub(super) enum FailingStore {
    Unavailable,
    Damaged,
    Panics,
}

impl FailingStore {
    fn fail<T>(self) -> Result<T, StoreError> {
        match self {
            Self::Unavailable => Err(StoreError::Unavailable("locked by a secret".to_owned())),
            Self::Damaged => Err(StoreError::Failed("a secret is damaged".to_owned())),
            Self::Panics => panic!("a secret went wrong"),
        }
    }
}

#[async_trait]
impl Store for FailingStore {
    async fn place_order(
        &self,
        _key: &str,
        _fingerprint: Fingerprint,
        _order: NewOrder,
    ) -> Result<Placement, StoreError> {
        self.fail()
    }

    async fn find_placement(
        &self,
        _key: &str,
        _fingerprint: Fingerprint,
    ) -> Result<Option<Placement>, StoreError> {
        self.fail()
    }

    async fn order_by_token(&self, _token: &str) -> Result<Option<Order>, StoreError> {
        self.fail()
    }

    async fn order_by_key(&self, _key: &str) -> Result<Option<Order>, StoreError> {
        self.fail()
    }

    async fn cancel_by_customer(
        &self,
        _token: &str,
        _now_ms: i64,
    ) -> Result<Cancellation, StoreError> {
        self.fail()
    }

    async fn transition_by_staff(
        &self,
        _requested: StaffTransition,
    ) -> Result<StaffOutcome, StoreError> {
        self.fail()
    }

    async fn inventory(
        &self,
        _restaurant: &str,
        _slots_from_ms: Option<i64>,
    ) -> Result<Inventory, StoreError> {
        self.fail()
    }

    async fn set_stock(&self, _requested: SetStock) -> Result<StaffOutcome, StoreError> {
        self.fail()
    }

    async fn expire_due_orders(
        &self,
        _now_ms: i64,
        _last_run_ms: Option<i64>,
        _deadlines: Deadlines,
    ) -> Result<ExpiryReport, StoreError> {
        self.fail()
    }

    async fn purge_personal_data(&self, _before_ms: i64) -> Result<u32, StoreError> {
        self.fail()
    }

    async fn open_orders(&self, _restaurant: &str) -> Result<Vec<KitchenOrder>, StoreError> {
        self.fail()
    }

    async fn kitchen_order(
        &self,
        _restaurant: &str,
        _token: &str,
    ) -> Result<Option<KitchenOrder>, StoreError> {
        self.fail()
    }

    async fn staff_account(&self, _id: i64) -> Result<Option<StaffAccount>, StoreError> {
        self.fail()
    }

    async fn staff_account_named(
        &self,
        _restaurant: &str,
        _name: &str,
    ) -> Result<Option<StaffAccount>, StoreError> {
        self.fail()
    }

    async fn events_after(&self, _after: i64, _limit: u32) -> Result<Vec<OrderEvent>, StoreError> {
        self.fail()
    }

    async fn events_of_restaurant(
        &self,
        _restaurant: &str,
        _after: i64,
        _until: i64,
        _limit: u32,
    ) -> Result<Vec<OrderEvent>, StoreError> {
        self.fail()
    }

    async fn events_of_order(&self, _token: &str) -> Result<Vec<OrderEvent>, StoreError> {
        self.fail()
    }

    async fn last_event(&self) -> Result<i64, StoreError> {
        self.fail()
    }

    async fn drill_keys(&self, _prefix: &str) -> Result<Vec<String>, StoreError> {
        self.fail()
    }

    async fn ready(&self) -> Result<(), StoreError> {
        self.fail()
    }
}
