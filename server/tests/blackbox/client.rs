//! An HTTP client for tests, on one connection for each request or on one that stays open. Bodies are whole in memory.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use model::Problem;
use tokio::net::TcpStream;
use tokio_util::task::AbortOnDropHandle;

/// Timeout of every wait in these tests. Longer than any of them takes on a busy machine.
pub const DEADLINE: Duration = Duration::from_secs(20);

pub struct TestResponse {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl TestResponse {
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub fn replica(&self) -> &str {
        self.header(model::api::REPLICA)
    }

    pub fn problem(&self) -> Problem {
        assert_eq!(self.header("content-type"), model::problem::CONTENT_TYPE);
        let problem: Problem = serde_json::from_slice(&self.body).unwrap();
        assert_eq!(problem.status, self.status.as_u16());
        problem
    }
}

/// A request to one server that has not been sent.
pub struct TestRequest {
    address: SocketAddr,
    request: Request<Full<Bytes>>,
}

impl TestRequest {
    pub fn new(address: SocketAddr, method: Method, path: &str) -> Self {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", address.to_string())
            .body(Full::default())
            .unwrap();
        Self { address, request }
    }

    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        self.request
            .headers_mut()
            .append(name, value.parse().unwrap());
        self
    }

    pub fn keyed(self) -> Self {
        self.header(
            model::api::IDEMPOTENCY_KEY,
            "5f0c3a52-8f0e-4d5c-9a53-1f1f7e2d9d11",
        )
    }

    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        *self.request.body_mut() = Full::new(body.into());
        self
    }

    pub fn json(self, body: impl Into<Bytes>) -> Self {
        self.header("content-type", "application/json").body(body)
    }

    pub async fn send(self) -> TestResponse {
        ClientConnection::open(self.address).await.send(self).await
    }
}

/// A connection that stays open between requests.
pub struct ClientConnection {
    sender: SendRequest<Full<Bytes>>,
    _driver: AbortOnDropHandle<hyper::Result<()>>,
}

impl ClientConnection {
    pub async fn open(address: SocketAddr) -> Self {
        let opening = async {
            let stream = TcpStream::connect(address).await.unwrap();
            http1::handshake(TokioIo::new(stream)).await.unwrap()
        };
        let (sender, connection) = tokio::time::timeout(DEADLINE, opening).await.unwrap();
        Self {
            sender,
            _driver: AbortOnDropHandle::new(tokio::spawn(connection)),
        }
    }

    pub async fn send(&mut self, request: TestRequest) -> TestResponse {
        let sending = async {
            self.sender.ready().await.unwrap();
            let response = self.sender.send_request(request.request).await.unwrap();
            let (parts, body) = response.into_parts();
            TestResponse {
                status: parts.status,
                headers: parts.headers,
                body: body.collect().await.unwrap().to_bytes(),
            }
        };
        tokio::time::timeout(DEADLINE, sending).await.unwrap()
    }
}
