//! The command that makes accounts for a restaurant's staff, beside a replica that serves.

use axum::http::StatusCode;
use model::api;
use model::staff::StaffSignIn;

use super::installation::{Installation, said};

const RESTAURANT: &str = "the-kikar-tree";

async fn signs_in(installation: &Installation, address: &str, password: &str) -> StatusCode {
    let wanted = StaffSignIn {
        restaurant: RESTAURANT.to_owned(),
        name: "kitchen".to_owned(),
        password: password.to_owned(),
        bearer: true,
    };
    let request = installation.post(address, api::STAFF_SESSION).json(&wanted);
    request.send().await.unwrap().status()
}

fn password_in(said: &str) -> String {
    let (_, password) = said.split_once("password: ").unwrap();
    password.trim().to_owned()
}

#[tokio::test]
async fn accounts_are_made_listed_renewed_and_removed_while_replicas_run() {
    let installation = Installation::new().await;
    let replica = installation.replica(&[]).await;
    let of_kitchen = ["--restaurant", RESTAURANT, "--name", "kitchen"];
    let staff = |command: &'static str| [&["staff", command][..], &of_kitchen].concat();

    let first = password_in(&said(&installation, &staff("add"), true).await);
    let status = signs_in(&installation, &replica.address, &first).await;
    assert_eq!(status, StatusCode::OK);
    let list = said(&installation, &["staff", "list"], true).await;
    assert_eq!(list, format!("{RESTAURANT}\tkitchen\n"));
    let twice = said(&installation, &staff("add"), false).await;
    assert!(twice.contains("already"), "{twice}");

    let second = password_in(&said(&installation, &staff("password"), true).await);
    let status = signs_in(&installation, &replica.address, &first).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    let status = signs_in(&installation, &replica.address, &second).await;
    assert_eq!(status, StatusCode::OK);

    said(&installation, &staff("remove"), true).await;
    let status = signs_in(&installation, &replica.address, &second).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    for command in ["remove", "password"] {
        let gone = said(&installation, &staff(command), false).await;
        assert!(gone.contains("no account"), "{gone}");
    }
    let elsewhere = [
        "staff",
        "add",
        "--restaurant",
        "nowhere",
        "--name",
        "kitchen",
    ];
    let unknown = said(&installation, &elsewhere, false).await;
    assert!(unknown.contains(RESTAURANT), "{unknown}");
}
