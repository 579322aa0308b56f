//! Stand-ins for the providers' servers on loopback, each on a free port, correct or faulty.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// Web server that gives the same answer to every request and records the requests.
pub struct StandIn {
    pub url: String,
    requests: Arc<Mutex<Vec<RecordedRequest>>>,
}

#[derive(Clone, Debug)]
pub struct RecordedRequest {
    /// Path and query.
    pub target: String,
    pub user_agent: String,
}

#[derive(Clone)]
pub struct CannedReply {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
}

impl CannedReply {
    pub fn json(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            headers: vec![("content-type", "application/json".to_owned())],
            body: body.into(),
        }
    }
}

impl StandIn {
    pub async fn answering(reply: CannedReply) -> Self {
        let requests: Arc<Mutex<Vec<RecordedRequest>>> = Arc::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new()
            .fallback(record_and_reply)
            .with_state((reply, Arc::clone(&requests)));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, requests }
    }

    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.requests.lock().unwrap().clone()
    }
}

type ServerState = (CannedReply, Arc<Mutex<Vec<RecordedRequest>>>);

async fn record_and_reply(
    State((reply, requests)): State<ServerState>,
    request: Request,
) -> Response {
    let user_agent = request.headers().get("user-agent");
    requests.lock().unwrap().push(RecordedRequest {
        target: request.uri().to_string(),
        user_agent: user_agent
            .map(|value| value.to_str().unwrap().to_owned())
            .unwrap_or_default(),
    });
    let mut response = Response::builder().status(StatusCode::from_u16(reply.status).unwrap());
    for (name, value) in &reply.headers {
        response = response.header(*name, value);
    }
    response.body(Body::from(reply.body)).unwrap()
}

/// End of a connection that was answered with raw bytes.
#[derive(Clone, Copy)]
pub enum Ending {
    Closed,
    /// Kept open and silent.
    Held,
}

/// Starts a server that writes `bytes` to every connection, valid HTTP or not; returns its address.
pub async fn serve_raw(bytes: &'static [u8], ending: Ending) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let mut held = Vec::new();
        loop {
            let Ok((mut stream, _)) = listener.accept().await else {
                return;
            };
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await;
            let _ = stream.write_all(bytes).await;
            if let Ending::Held = ending {
                held.push(stream);
            }
        }
    });
    url
}

/// Returns an address without a listener.
pub async fn unused_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}
