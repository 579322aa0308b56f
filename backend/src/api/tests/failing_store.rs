//! A store in which every operation fails.

use async_trait::async_trait;
use model::feed::OrderEvent;
use model::order::Order;

use crate::domain::NewOrder;
use crate::domain::expiry::Deadlines;
use crate::domain::supply::Supply;
use crate::store::{
    Cancellation, Fingerprint, KitchenOrder, Placement, StaffAccount, StaffOutcome, StaffStep,
    StockWish, Store, StoreError, Tended,
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

    async fn placed_before(
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

    async fn step_by_staff(&self, _wanted: StaffStep) -> Result<StaffOutcome, StoreError> {
        self.fail()
    }

    async fn supply(
        &self,
        _restaurant: &str,
        _slots_from_ms: Option<i64>,
    ) -> Result<Supply, StoreError> {
        self.fail()
    }

    async fn set_stock(&self, _wanted: StockWish) -> Result<StaffOutcome, StoreError> {
        self.fail()
    }

    async fn tend(
        &self,
        _now_ms: i64,
        _ran_ms: Option<i64>,
        _deadlines: Deadlines,
    ) -> Result<Tended, StoreError> {
        self.fail()
    }

    async fn drop_personal_data(&self, _before_ms: i64) -> Result<u32, StoreError> {
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

    async fn events_after(&self, _after: i64, _most: u32) -> Result<Vec<OrderEvent>, StoreError> {
        self.fail()
    }

    async fn events_of_restaurant(
        &self,
        _restaurant: &str,
        _after: i64,
        _until: i64,
        _most: u32,
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
