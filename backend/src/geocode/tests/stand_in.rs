//! Stand-ins for the providers on loopback, each on a free port, well behaved or not.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// A web server that gives one answer to everything and remembers what it was asked for.
pub struct StandIn {
    pub url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

#[derive(Clone, Debug)]
pub struct Asked {
    /// Path and query.
    pub target: String,
    pub user_agent: String,
}

#[derive(Clone)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn json(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            headers: vec![("content-type", "application/json".to_owned())],
            body: body.into(),
        }
    }
}

impl StandIn {
    pub async fn answering(reply: Reply) -> Self {
        let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new()
            .fallback(answer)
            .with_state((reply, Arc::clone(&asked)));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, asked }
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

type Shared = (Reply, Arc<Mutex<Vec<Asked>>>);

async fn answer(State((reply, asked)): State<Shared>, request: Request) -> Response {
    let user_agent = request.headers().get("user-agent");
    asked.lock().unwrap().push(Asked {
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

/// How a connection ends that was answered with raw bytes.
#[derive(Clone, Copy)]
pub enum Ending {
    Closed,
    /// Kept open and silent.
    Held,
}

/// A server that writes `bytes` to whoever asks, whatever that makes of HTTP. Gives its address.
pub async fn raw(bytes: &'static [u8], ending: Ending) -> String {
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

/// An address that nobody listens on.
pub async fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}
