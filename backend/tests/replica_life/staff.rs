//! The command `backend staff`, beside a replica that serves.

use axum::http::StatusCode;
use model::api;
use model::staff::StaffSignIn;

use super::installation::{Installation, output_of};

const RESTAURANT: &str = "the-kikar-tree";

async fn sign_in(installation: &Installation, address: &str, password: &str) -> StatusCode {
    let credentials = StaffSignIn {
        restaurant: RESTAURANT.to_owned(),
        name: "kitchen".to_owned(),
        password: password.to_owned(),
        bearer: true,
    };
    let request = installation
        .post(address, api::STAFF_SESSION)
        .json(&credentials);
    request.send().await.unwrap().status()
}

fn password_in(output: &str) -> String {
    let (_, password) = output.split_once("password: ").unwrap();
    password.trim().to_owned()
}

#[tokio::test]
async fn accounts_are_added_listed_changed_and_removed_while_replicas_run() {
    let installation = Installation::new().await;
    let replica = installation.replica(&[]).await;
    let kitchen_account = ["--restaurant", RESTAURANT, "--name", "kitchen"];
    let staff = |command: &'static str| [&["staff", command][..], &kitchen_account].concat();

    let first = password_in(&output_of(&installation, &staff("add"), true).await);
    let status = sign_in(&installation, &replica.address, &first).await;
    assert_eq!(status, StatusCode::OK);
    let list = output_of(&installation, &["staff", "list"], true).await;
    assert_eq!(list, format!("{RESTAURANT}\tkitchen\n"));
    let twice = output_of(&installation, &staff("add"), false).await;
    assert!(twice.contains("already"), "{twice}");

    let second = password_in(&output_of(&installation, &staff("password"), true).await);
    let status = sign_in(&installation, &replica.address, &first).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    let status = sign_in(&installation, &replica.address, &second).await;
    assert_eq!(status, StatusCode::OK);

    output_of(&installation, &staff("remove"), true).await;
    let status = sign_in(&installation, &replica.address, &second).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    for command in ["remove", "password"] {
        let errors = output_of(&installation, &staff(command), false).await;
        assert!(errors.contains("no account"), "{errors}");
    }
    let elsewhere = [
        "staff",
        "add",
        "--restaurant",
        "nowhere",
        "--name",
        "kitchen",
    ];
    let unknown = output_of(&installation, &elsewhere, false).await;
    assert!(unknown.contains(RESTAURANT), "{unknown}");
}
