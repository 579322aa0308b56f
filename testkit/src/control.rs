//! A cluster for the browser tests: they speak to it over HTTP on loopback.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Serialize;
use tokio::net::TcpListener;
use tokio::sync::Mutex;

use crate::Cluster;
use crate::providers::Mode;

/// What the browser tests learn first, as one line of JSON on standard output.
#[derive(Serialize)]
pub struct Announcement {
    /// The front-end server.
    pub url: String,
    /// This interface.
    pub control: String,
    pub operator_password: String,
}

type Shared = Arc<Mutex<Cluster>>;

/// Serves the control interface of `cluster` until the runtime ends.
///
/// # Errors
/// If it cannot listen.
pub async fn serve(cluster: Cluster) -> anyhow::Result<Announcement> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let announcement = Announcement {
        url: cluster.url().to_owned(),
        control: format!("http://{}", listener.local_addr()?),
        operator_password: cluster.operator_password().to_owned(),
    };
    let router = Router::new()
        .route("/primary", get(primary))
        .route("/orders", get(orders))
        .route("/replicas/{number}/{action}", post(replica))
        .route("/servers", post(start_server))
        .route("/servers/{number}/{action}", post(server))
        .route("/providers/{mode}", post(providers))
        .with_state(Arc::new(Mutex::new(cluster)));
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(announcement)
}

async fn primary(State(cluster): State<Shared>) -> Response {
    match cluster.lock().await.primary().await {
        Ok(number) => Json(number).into_response(),
        Err(error) => failed(&error),
    }
}

async fn orders(State(cluster): State<Shared>) -> Response {
    let stored = cluster.lock().await.stored_orders();
    match stored {
        Ok(orders) => Json(orders).into_response(),
        Err(error) => failed(&error),
    }
}

async fn replica(
    State(cluster): State<Shared>,
    Path((number, action)): Path<(u16, String)>,
) -> Response {
    let mut cluster = cluster.lock().await;
    let outcome = match action.as_str() {
        "kill" => cluster.kill(number).await,
        "terminate" => cluster.terminate(number).await.map(|_| ()),
        "start" => cluster.start_replica(number).await,
        "hang" => cluster.hang(number),
        "resume" => cluster.resume(number).map(|_| ()),
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    match outcome {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => failed(&error),
    }
}

/// Another front-end server; answers with where it is.
async fn start_server(State(cluster): State<Shared>) -> Response {
    match cluster.lock().await.start_server().await {
        Ok(url) => Json(url).into_response(),
        Err(error) => failed(&error),
    }
}

async fn server(
    State(cluster): State<Shared>,
    Path((number, action)): Path<(u16, String)>,
) -> Response {
    let mut cluster = cluster.lock().await;
    let done = match action.as_str() {
        "kill" => cluster.kill_server(number).await,
        "hang" => cluster.hang_server(number),
        "resume" => cluster.resume_server(number).map(|_| ()),
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    match done {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => failed(&error),
    }
}

async fn providers(State(cluster): State<Shared>, Path(mode): Path<String>) -> Response {
    let Some(mode) = Mode::named(&mode) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let cluster = cluster.lock().await;
    cluster.postcodes_io.set(mode);
    cluster.findthatpostcode.set(mode);
    StatusCode::NO_CONTENT.into_response()
}

fn failed(error: &anyhow::Error) -> Response {
    (StatusCode::INTERNAL_SERVER_ERROR, format!("{error:#}\n")).into_response()
}
