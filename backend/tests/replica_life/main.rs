//! The life cycle of real replica processes, seen from outside: registration, connections, shutdown.

mod installation;
mod orders;
#[path = "../samples/orders.rs"]
mod samples;
mod staff;

use axum::http::StatusCode;
use backend::{domain, menus};
use installation::{FAR_TOO_LONG, Installation};
use model::api;
use model::status::AdminState;
use registry::Registry;
use rustix::process::Signal;
use tokio::time::timeout;

#[tokio::test]
async fn replicas_started_without_arguments_get_their_own_ids_and_ports() {
    let installation = Installation::new().await;
    let one = installation.replica(&[]).await;
    let other = installation.replica(&[]).await;
    let registered = installation
        .until_registered(|registered| registered.len() == 2)
        .await;
    assert_ne!(registered[0].id, registered[1].id);
    assert_eq!(registered[0].address, one.address);
    assert_eq!(registered[1].address, other.address);
    for registration in &registered {
        let (status, report) = installation.health(&registration.address).await;
        assert_eq!(
            (status, report.id),
            (StatusCode::OK, registration.id.clone())
        );
    }
    assert!(one.terminate().await.unwrap());
    assert!(other.terminate().await.unwrap());
}

#[tokio::test]
async fn on_sigterm_a_replica_deregisters_finishes_its_requests_and_exits_with_success() {
    let installation = Installation::new().await;
    let replica = installation.replica(&["--id", "replica-1"]).await;
    let address = replica.address.clone();
    let running = tokio::spawn(installation.check_address(&address).send());
    installation.until_provider_is_called().await;
    let (_, report) = installation.health(&address).await;
    assert_eq!(report.in_flight, 1);

    let ending = tokio::spawn(replica.terminate());
    installation.until_registered(<[_]>::is_empty).await;
    installation.release_responses();
    let answer = timeout(FAR_TOO_LONG, running)
        .await
        .unwrap()
        .unwrap()
        .unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let succeeded = timeout(FAR_TOO_LONG, ending)
        .await
        .unwrap()
        .unwrap()
        .unwrap();
    assert!(succeeded);
    let error = installation
        .get(&address, api::HEALTH_LIVE)
        .send()
        .await
        .unwrap_err();
    assert!(error.is_connect(), "{error:?}");
}

#[tokio::test]
async fn switched_down_a_replica_serves_only_health_until_it_is_switched_up() {
    let installation = Installation::new().await;
    let replica = installation.replica(&["--id", "replica-1"]).await;
    let address = &replica.address;
    let running = tokio::spawn(installation.check_address(address).send());
    installation.until_provider_is_called().await;

    let switch = async |admin_state| {
        let switched = installation
            .registry
            .set_admin_state("replica-1", admin_state);
        switched.await.unwrap();
    };
    switch(AdminState::Down).await;
    let broken = timeout(FAR_TOO_LONG, running).await.unwrap().unwrap();
    assert!(broken.is_err(), "{broken:?}");
    let (status, report) = installation.health(address).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(
        (report.ready, report.admin_state, report.in_flight),
        (false, AdminState::Down, 0)
    );
    assert!(report.reason.is_some());
    let live = installation.get(address, api::HEALTH_LIVE).send().await;
    assert_eq!(live.unwrap().status(), StatusCode::OK);
    installation.release_responses();
    for path in ["/", api::RESTAURANTS, "/healthy"] {
        let refused = installation.get(address, path).send().await;
        assert!(refused.is_err(), "{path}: {refused:?}");
    }

    switch(AdminState::Draining).await;
    until_served(&installation, address).await;
    let (status, report) = installation.health(address).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(report.admin_state, AdminState::Draining);

    switch(AdminState::Up).await;
    let ready = async {
        while installation.health(address).await.0 != StatusCode::OK {
            tokio::task::yield_now().await;
        }
    };
    timeout(FAR_TOO_LONG, ready).await.unwrap();
    assert!(replica.terminate().await.unwrap());
}

/// Repeats a request until it gets a response.
async fn until_served(installation: &Installation, address: &str) {
    let served = async {
        while installation.check_address(address).send().await.is_err() {
            tokio::task::yield_now().await;
        }
    };
    timeout(FAR_TOO_LONG, served)
        .await
        .expect("the replica serves again");
}

#[tokio::test]
async fn a_replica_killed_while_switched_down_restarts_down() {
    let installation = Installation::new().await;
    let replica = installation.replica(&["--id", "replica-1"]).await;
    let down = installation
        .registry
        .set_admin_state("replica-1", AdminState::Down);
    down.await.unwrap();
    replica.kill().await.unwrap();
    let again = installation.replica(&["--id", "replica-1"]).await;
    let refused = installation.check_address(&again.address).send().await;
    assert!(refused.is_err(), "{refused:?}");
    let (_, report) = installation.health(&again.address).await;
    assert_eq!(report.admin_state, AdminState::Down);
}

#[tokio::test]
async fn a_replica_suspended_for_longer_than_its_lease_registers_again() {
    let installation = Installation::new().await;
    let replica = installation
        .replica(&["--id", "replica-1", "--lease-ms", "300"])
        .await;
    let before = installation
        .until_registered(|registered| registered.len() == 1)
        .await;
    replica.signal(Signal::STOP).unwrap();
    installation.until_registered(<[_]>::is_empty).await;
    replica.signal(Signal::CONT).unwrap();
    let after = installation
        .until_registered(|registered| registered.len() == 1)
        .await;
    assert!(after[0].position > before[0].position);
    assert!(replica.terminate().await.unwrap());
}

#[tokio::test]
async fn the_newer_of_two_processes_with_one_id_keeps_it() {
    let installation = Installation::new().await;
    let older = installation.run_to_end(&["--id", "replica-1"]);
    let newer = async {
        installation
            .until_registered(|registered| registered.len() == 1)
            .await;
        installation.replica(&["--id", "replica-1"]).await
    };
    let (ended, newer) = tokio::join!(older, newer);
    assert_eq!(ended.status.code(), Some(1));
    let errors = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert!(
        errors.contains("backend: another process has registered as replica-1"),
        "{errors}"
    );
    let registered = installation
        .until_registered(|registered| registered.len() == 1)
        .await;
    assert_eq!(registered[0].address, newer.address);
    assert!(newer.terminate().await.unwrap());
}

#[tokio::test]
async fn a_failed_start_prints_one_sentence_that_says_what_to_do() {
    let installation = Installation::new().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let in_use = listener.local_addr().unwrap().to_string();
    let nowhere = installation.path("nowhere");
    let in_a_file = installation.path("signing.key/data");
    for (arguments, words) in [
        (["--listen", &in_use], [in_use.as_str(), "--listen"]),
        (["--menus", &nowhere], [nowhere.as_str(), "--menus"]),
        (["--data", &in_a_file], [in_a_file.as_str(), "--data"]),
        (["--log", "a=b=c"], ["log filter", "info"]),
    ] {
        let ended = installation.run_to_end(&arguments).await;
        assert_eq!(ended.status.code(), Some(1), "{arguments:?}");
        assert!(ended.stdout.is_empty(), "{arguments:?}");
        let errors = String::from_utf8_lossy(&ended.stderr).into_owned();
        let last = errors.lines().last().unwrap_or_default();
        assert!(last.starts_with("backend: "), "{errors}");
        for word in words {
            assert!(last.contains(word), "{word} in {errors}");
        }
    }
}
