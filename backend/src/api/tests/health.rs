//! Liveness and readiness of a replica.

use model::status::{AdminState, ReplicaReport};

use super::failing_store::FailingStore;
use super::*;

async fn without_credential(replica: &Replica, path: &str) -> TestResponse {
    let request = Request::get(path).body(Body::empty()).unwrap();
    replica.send(request).await
}

#[tokio::test]
async fn liveness_needs_no_credential() {
    let shared = SharedStore::new();
    let answer = without_credential(&shared.replica(), api::HEALTH_LIVE).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header(api::REPLICA), "replica-7");
}

#[tokio::test]
async fn readiness_reports_details_to_a_front_end_server() {
    let shared = SharedStore::new();
    let replica = shared.replica();
    let report: ReplicaReport = replica.get(api::HEALTH_READY).await.read(200);
    assert_eq!((report.id.as_str(), report.ready), ("replica-7", true));
    assert_eq!(report.reason, None);
    assert_eq!(report.admin_state, AdminState::Up);
    assert_eq!(report.providers.len(), 1);
}

#[tokio::test]
async fn without_the_credential_only_readiness_is_reported() {
    let shared = SharedStore::new();
    let answer = without_credential(&shared.replica(), api::HEALTH_READY).await;
    let body: serde_json::Value = answer.read(200);
    assert_eq!(body, serde_json::json!({"ready": true, "reason": null}));
}

#[tokio::test]
async fn a_replica_that_the_operator_switched_off_is_not_ready() {
    let shared = SharedStore::new();
    let replica = shared.replica();
    for admin_state in [AdminState::Draining, AdminState::Down] {
        replica.handle.set_admin_state(admin_state);
        let report: ReplicaReport = replica.get(api::HEALTH_READY).await.read(503);
        assert!(!report.ready && report.reason.is_some());
        assert_eq!(report.admin_state, admin_state);
    }
    replica.handle.set_admin_state(AdminState::Up);
    let report: ReplicaReport = replica.get(api::HEALTH_READY).await.read(200);
    assert!(report.ready);
}

#[tokio::test]
async fn a_replica_without_its_store_is_not_ready() {
    let replica = Replica::on(Arc::new(FailingStore::Unavailable), [samples::shop(SHOP)]);
    let report: ReplicaReport = replica.get(api::HEALTH_READY).await.read(503);
    assert_eq!(report.reason.as_deref(), Some("the store does not answer"));
    let live = replica.get(api::HEALTH_LIVE).await;
    assert_eq!(live.status, StatusCode::OK);
}
