//! The control interface of a cluster for the browser tests, over HTTP on loopback.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Serialize;
use tokio::net::TcpListener;
use tokio::sync::Mutex;

use crate::cluster::Cluster;
use crate::providers::ProviderMode;

/// The addresses and the password that the browser tests need, printed as one line of JSON.
#[derive(Serialize)]
pub struct Announcement {
    /// The first front-end server.
    pub url: String,
    /// This interface.
    pub control: String,
    pub operator_password: String,
}

type SharedCluster = Arc<Mutex<Cluster>>;

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
        .route("/primary", get(get_primary))
        .route("/orders", get(list_orders))
        .route("/replicas/{number}/{action}", post(control_replica))
        .route("/servers", post(start_server))
        .route("/servers/{number}/{action}", post(control_server))
        .route("/providers/{mode}", post(set_provider_mode))
        .with_state(Arc::new(Mutex::new(cluster)));
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(announcement)
}

async fn get_primary(State(cluster): State<SharedCluster>) -> Response {
    json_response(cluster.lock().await.primary().await)
}

async fn list_orders(State(cluster): State<SharedCluster>) -> Response {
    json_response(cluster.lock().await.stored_orders())
}

async fn control_replica(
    State(cluster): State<SharedCluster>,
    Path((number, action)): Path<(u16, String)>,
) -> Response {
    let mut cluster = cluster.lock().await;
    empty_response(match action.as_str() {
        "kill" => cluster.kill(number).await,
        "terminate" => cluster.terminate(number).await.map(|_| ()),
        "start" => cluster.start_replica(number).await,
        "hang" => cluster.hang(number),
        "resume" => cluster.resume(number).map(|_| ()),
        _ => return StatusCode::NOT_FOUND.into_response(),
    })
}

/// Starts another front-end server and responds with its URL.
async fn start_server(State(cluster): State<SharedCluster>) -> Response {
    json_response(cluster.lock().await.start_server().await)
}

async fn control_server(
    State(cluster): State<SharedCluster>,
    Path((number, action)): Path<(u16, String)>,
) -> Response {
    let mut cluster = cluster.lock().await;
    empty_response(match action.as_str() {
        "kill" => cluster.kill_server(number).await,
        "hang" => cluster.hang_server(number),
        "resume" => cluster.resume_server(number).map(|_| ()),
        _ => return StatusCode::NOT_FOUND.into_response(),
    })
}

/// Sets the mode of both providers.
async fn set_provider_mode(
    State(cluster): State<SharedCluster>,
    Path(mode): Path<String>,
) -> Response {
    let Some(mode) = ProviderMode::from_name(&mode) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    cluster.lock().await.set_provider_mode(mode);
    StatusCode::NO_CONTENT.into_response()
}

fn json_response<T: Serialize>(result: anyhow::Result<T>) -> Response {
    match result {
        Ok(value) => Json(value).into_response(),
        Err(error) => error_response(&error),
    }
}

fn empty_response(result: anyhow::Result<()>) -> Response {
    match result {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => error_response(&error),
    }
}

fn error_response(error: &anyhow::Error) -> Response {
    (StatusCode::INTERNAL_SERVER_ERROR, format!("{error:#}\n")).into_response()
}
