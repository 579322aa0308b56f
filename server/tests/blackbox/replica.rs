//! A stand-in for a replica whose behaviour a test sets, registered like a real one.

mod behaviour;

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use model::api;
use model::status::{AdminState, EndedProcess, ReplicaReport};
use registry::{LeaseTiming, Membership, NewRegistration, Role};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub use behaviour::{Behaviour, TAG};
use behaviour::{ReplicaResponse, whole_response};

use crate::client::DEADLINE;
use crate::site::{Server, Site};

#[derive(Clone, Debug)]
pub struct ReceivedRequest {
    pub method: Method,
    pub path: String,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl ReceivedRequest {
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }
}

pub struct Replica {
    pub id: String,
    pub address: SocketAddr,
    shared: Arc<Shared>,
    /// Cancelled by [`Replica::kill`].
    running: Mutex<Option<CancellationToken>>,
    membership: Mutex<Option<Membership>>,
    switching: Mutex<Option<JoinHandle<()>>>,
}

/// The state that the connections share.
struct Shared {
    id: String,
    credential: String,
    behaviour: Mutex<Behaviour>,
    health: Mutex<Behaviour>,
    admin_state: Mutex<AdminState>,
    ended: Mutex<Option<EndedProcess>>,
    received: Mutex<Vec<ReceivedRequest>>,
    checks: AtomicUsize,
    open: AtomicUsize,
    break_all: Mutex<CancellationToken>,
    accepting: Mutex<CancellationToken>,
}

impl Replica {
    /// Serves at a free port and registers.
    pub async fn join(site: &Site, id: &str) -> Arc<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let replica = Arc::new(Self {
            id: id.to_owned(),
            address: listener.local_addr().unwrap(),
            shared: Arc::new(Shared {
                id: id.to_owned(),
                credential: site.credential(),
                behaviour: Mutex::new(Behaviour::Responds),
                health: Mutex::new(Behaviour::Responds),
                admin_state: Mutex::default(),
                ended: Mutex::default(),
                received: Mutex::default(),
                checks: AtomicUsize::new(0),
                open: AtomicUsize::new(0),
                break_all: Mutex::default(),
                accepting: Mutex::default(),
            }),
            running: Mutex::default(),
            membership: Mutex::default(),
            switching: Mutex::default(),
        });
        replica.serve(listener);
        replica.register(site);
        replica
    }

    /// Joins two replicas and waits until both are available. The first is the primary.
    pub async fn join_two(site: &Site, server: &Server) -> [Arc<Self>; 2] {
        let first = Self::join(site, "replica-1").await;
        server.wait_for_available(&["replica-1"]).await;
        let second = Self::join(site, "replica-2").await;
        server.wait_for_available(&["replica-1", "replica-2"]).await;
        [first, second]
    }

    pub fn set_behaviour(&self, behaviour: Behaviour) {
        *self.shared.behaviour.lock().unwrap() = behaviour;
    }

    pub fn set_health_behaviour(&self, behaviour: Behaviour) {
        *self.shared.health.lock().unwrap() = behaviour;
    }

    /// Has the replica report that it has ended `count` processes, this one last.
    pub fn report_ended_process(&self, process_id: u32, count: u32) {
        *self.shared.ended.lock().unwrap() = Some(EndedProcess { process_id, count });
    }

    /// The requests received so far, without health checks.
    pub fn received(&self) -> Vec<ReceivedRequest> {
        self.shared.received.lock().unwrap().clone()
    }

    /// Waits until this many requests have arrived.
    pub async fn wait_for_requests(&self, number: usize) {
        let waiting = async {
            while self.received().len() < number {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        tokio::time::timeout(DEADLINE, waiting).await.unwrap();
    }

    /// Waits until this many more health checks have arrived.
    pub async fn wait_for_health_checks(&self, times: usize) {
        let expected = self.shared.checks.load(Ordering::SeqCst) + times;
        let waiting = async {
            while self.shared.checks.load(Ordering::SeqCst) < expected {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        tokio::time::timeout(DEADLINE, waiting).await.unwrap();
    }

    /// Does what `kill -9` does: the port refuses, connections break, and the lease stays until it expires.
    pub async fn kill(&self) {
        let running = self.running.lock().unwrap().take().unwrap();
        running.cancel();
        let waiting = async {
            while self.shared.open.load(Ordering::SeqCst) > 0 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        tokio::time::timeout(DEADLINE, waiting).await.unwrap();
    }

    /// Makes the port refuse new connections; open ones stay.
    pub async fn stop_accepting(&self) {
        self.shared.accepting.lock().unwrap().cancel();
        let waiting = async {
            while tokio::net::TcpStream::connect(self.address).await.is_ok() {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        tokio::time::timeout(DEADLINE, waiting).await.unwrap();
    }

    /// Serves at the same address again.
    pub async fn revive(&self) {
        self.serve(TcpListener::bind(self.address).await.unwrap());
    }

    pub fn break_connections(&self) {
        self.shared.break_connections();
    }

    /// Deregisters and continues to serve.
    pub async fn leave(&self) {
        let membership = self.membership.lock().unwrap().take().unwrap();
        membership.leave().await;
    }

    fn serve(&self, listener: TcpListener) {
        let running = CancellationToken::new();
        *self.running.lock().unwrap() = Some(running.clone());
        let shared = Arc::clone(&self.shared);
        shared.open.fetch_add(1, Ordering::SeqCst);
        let accepting = running.child_token();
        *shared.accepting.lock().unwrap() = accepting.clone();
        tokio::spawn(async move {
            loop {
                let accepted = tokio::select! {
                    () = accepting.cancelled() => break,
                    accepted = listener.accept() => accepted,
                };
                let (stream, _) = accepted.unwrap();
                let (shared, running) = (Arc::clone(&shared), running.clone());
                let break_all = shared.break_all.lock().unwrap().clone();
                shared.open.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(async move {
                    let service = service_fn(|request| shared.handle(request));
                    let connection =
                        http1::Builder::new().serve_connection(TokioIo::new(stream), service);
                    tokio::select! {
                        () = running.cancelled() => {}
                        () = break_all.cancelled() => {}
                        _ = connection => {}
                    }
                    shared.open.fetch_sub(1, Ordering::SeqCst);
                });
            }
            drop(listener);
            shared.open.fetch_sub(1, Ordering::SeqCst);
        });
    }

    /// Stops renewing the lease, which then expires.
    pub fn stop_heartbeats(&self) {
        self.membership.lock().unwrap().take();
    }

    pub fn register(&self, site: &Site) {
        let membership = Membership::start(
            site.registry(),
            NewRegistration {
                id: self.id.clone(),
                role: Role::Replica,
                address: self.address.to_string(),
                public_url: None,
                version: "1.2.3".to_owned(),
                started_at_ms: 1,
                process_id: std::process::id(),
            },
            LeaseTiming::new(site.lease),
        );
        let mut admin_state = membership.admin_state();
        let shared = Arc::clone(&self.shared);
        let switching = tokio::spawn(async move {
            while admin_state.changed().await.is_ok() {
                let state = *admin_state.borrow_and_update();
                *shared.admin_state.lock().unwrap() = state;
                if state == AdminState::Down {
                    shared.break_connections();
                }
            }
        });
        *self.membership.lock().unwrap() = Some(membership);
        *self.switching.lock().unwrap() = Some(switching);
    }
}

impl Shared {
    fn break_connections(&self) {
        let mut break_all = self.break_all.lock().unwrap();
        break_all.cancel();
        *break_all = CancellationToken::new();
    }

    fn admin_state(&self) -> AdminState {
        *self.admin_state.lock().unwrap()
    }

    async fn handle(&self, request: Request<Incoming>) -> Result<ReplicaResponse, &'static str> {
        if request.uri().path() == api::HEALTH_LIVE {
            self.checks.fetch_add(1, Ordering::SeqCst);
            let health = *self.health.lock().unwrap();
            return health.respond(&self.id, None).await;
        }
        if request.uri().path() == api::HEALTH_READY {
            let credential = request.headers().get(api::CREDENTIAL);
            if credential.is_none_or(|value| value.as_bytes() != self.credential.as_bytes()) {
                return Ok(whole_response(StatusCode::OK, "{\"ready\":true}"));
            }
            self.checks.fetch_add(1, Ordering::SeqCst);
            let health = *self.health.lock().unwrap();
            return health.respond(&self.id, Some(self.report())).await;
        }
        if request
            .headers()
            .get(api::CREDENTIAL)
            .map(|value| value.as_bytes())
            != Some(self.credential.as_bytes())
        {
            return Ok(whole_response(StatusCode::FORBIDDEN, "wrong credential"));
        }
        if self.admin_state() == AdminState::Down {
            return Err("down");
        }
        if request.uri().path() == api::EVENTS {
            // The front-end server's own requests for the event log, which do not count as received.
            return Ok(whole_response(StatusCode::NOT_FOUND, "no log here"));
        }
        let (parts, body) = request.into_parts();
        let received = ReceivedRequest {
            method: parts.method,
            path: parts.uri.to_string(),
            headers: parts.headers,
            body: body.collect().await.map_err(|_| "broken")?.to_bytes(),
        };
        self.received.lock().unwrap().push(received);
        let behaviour = *self.behaviour.lock().unwrap();
        let mut response = behaviour.respond(&self.id, None).await?;
        let id = self.id.parse().unwrap();
        response.headers_mut().insert(api::REPLICA, id);
        Ok(response)
    }

    fn report(&self) -> ReplicaReport {
        let admin_state = self.admin_state();
        ReplicaReport {
            id: self.id.clone(),
            version: "1.2.3".to_owned(),
            ready: admin_state == AdminState::Up,
            reason: None,
            admin_state,
            in_flight: 0,
            providers: Vec::new(),
            ended: *self.ended.lock().unwrap(),
        }
    }
}
