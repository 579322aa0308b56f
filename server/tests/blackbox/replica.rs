//! A replica that behaves as it is told, registered like a real one.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use model::api;
use model::status::{AdminState, EndedProcess, ReplicaReport};
use registry::{LeaseTiming, Membership, NewRegistration, Role};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::client::DEADLINE;
use crate::server::{Server, Site};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behaviour {
    Answers,
    /// Takes the request in and says nothing.
    Hangs,
    /// Takes the request in and ends the connection.
    Breaks,
    /// Ends the connection in the middle of its answer, of so many bytes.
    BreaksMidway(u32),
    /// 503.
    Busy,
    /// 504: drops the request at the deadline that came with it.
    Late,
    /// A megabyte, in pieces, of a length not told beforehand.
    Streams,
    /// An answer with headers that speak of one connection.
    HopHeaders,
    /// Says that its answer stays the same for so many milliseconds.
    StaysFresh(u32),
}

#[derive(Clone, Debug)]
pub struct Seen {
    pub method: Method,
    pub path: String,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Seen {
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
    play: Arc<Play>,
    life: Mutex<Option<CancellationToken>>,
    membership: Mutex<Option<Membership>>,
    obeying: Mutex<Option<JoinHandle<()>>>,
}

/// What is shared with the connections.
struct Play {
    id: String,
    credential: String,
    behaviour: Mutex<Behaviour>,
    health: Mutex<Behaviour>,
    admin_state: Mutex<AdminState>,
    ended: Mutex<Option<EndedProcess>>,
    seen: Mutex<Vec<Seen>>,
    checks: AtomicUsize,
    open: AtomicUsize,
    break_all: Mutex<CancellationToken>,
    accepting: Mutex<CancellationToken>,
}

impl Replica {
    /// Binds a free port, serves and registers.
    pub async fn join(site: &Site, id: &str) -> Arc<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let replica = Arc::new(Self {
            id: id.to_owned(),
            address: listener.local_addr().unwrap(),
            play: Arc::new(Play {
                id: id.to_owned(),
                credential: site.credential(),
                behaviour: Mutex::new(Behaviour::Answers),
                health: Mutex::new(Behaviour::Answers),
                admin_state: Mutex::default(),
                ended: Mutex::default(),
                seen: Mutex::default(),
                checks: AtomicUsize::new(0),
                open: AtomicUsize::new(0),
                break_all: Mutex::default(),
                accepting: Mutex::default(),
            }),
            life: Mutex::default(),
            membership: Mutex::default(),
            obeying: Mutex::default(),
        });
        replica.serve(listener);
        replica.register(site);
        replica
    }

    /// The primary and the one that is asked next, both available.
    pub async fn join_two(site: &Site, server: &Server) -> [Arc<Self>; 2] {
        let first = Self::join(site, "replica-1").await;
        server.has_available(&["replica-1"]).await;
        let second = Self::join(site, "replica-2").await;
        server.has_available(&["replica-1", "replica-2"]).await;
        [first, second]
    }

    pub fn behave(&self, behaviour: Behaviour) {
        *self.play.behaviour.lock().unwrap() = behaviour;
    }

    pub fn behave_when_checked(&self, behaviour: Behaviour) {
        *self.play.health.lock().unwrap() = behaviour;
    }

    /// Reports from now on that it ended so many processes, this one last.
    pub fn has_ended(&self, process_id: u32, count: u32) {
        *self.play.ended.lock().unwrap() = Some(EndedProcess { process_id, count });
    }

    /// Requests seen, health checks apart.
    pub fn seen(&self) -> Vec<Seen> {
        self.play.seen.lock().unwrap().clone()
    }

    /// Until this many requests have arrived.
    pub async fn has_seen(&self, number: usize) {
        let waiting = async {
            while self.seen().len() < number {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        tokio::time::timeout(DEADLINE, waiting).await.unwrap();
    }

    /// Until this many more health checks have arrived.
    pub async fn has_been_checked(&self, times: usize) {
        let wanted = self.play.checks.load(Ordering::SeqCst) + times;
        let waiting = async {
            while self.play.checks.load(Ordering::SeqCst) < wanted {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        tokio::time::timeout(DEADLINE, waiting).await.unwrap();
    }

    /// As `kill -9` does: the port refuses, connections break, the lease goes on until it runs out.
    pub async fn kill(&self) {
        let life = self.life.lock().unwrap().take().unwrap();
        life.cancel();
        let waiting = async {
            while self.play.open.load(Ordering::SeqCst) > 0 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        tokio::time::timeout(DEADLINE, waiting).await.unwrap();
    }

    /// The port refuses; connections that are there go on.
    pub async fn stop_accepting(&self) {
        self.play.accepting.lock().unwrap().cancel();
        let waiting = async {
            while tokio::net::TcpStream::connect(self.address).await.is_ok() {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        tokio::time::timeout(DEADLINE, waiting).await.unwrap();
    }

    /// Serves at the former address again.
    pub async fn revive(&self) {
        self.serve(TcpListener::bind(self.address).await.unwrap());
    }

    pub fn break_connections(&self) {
        self.play.break_connections();
    }

    /// Deregisters, and goes on serving.
    pub async fn leave(&self) {
        let membership = self.membership.lock().unwrap().take().unwrap();
        membership.leave().await;
    }

    fn serve(&self, listener: TcpListener) {
        let life = CancellationToken::new();
        *self.life.lock().unwrap() = Some(life.clone());
        let play = Arc::clone(&self.play);
        play.open.fetch_add(1, Ordering::SeqCst);
        let accepting = life.child_token();
        *play.accepting.lock().unwrap() = accepting.clone();
        tokio::spawn(async move {
            loop {
                let accepted = tokio::select! {
                    () = accepting.cancelled() => break,
                    accepted = listener.accept() => accepted,
                };
                let (stream, _) = accepted.unwrap();
                let (play, life) = (Arc::clone(&play), life.clone());
                let break_all = play.break_all.lock().unwrap().clone();
                play.open.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(async move {
                    let service = service_fn(|request| play.answer(request));
                    let connection =
                        http1::Builder::new().serve_connection(TokioIo::new(stream), service);
                    tokio::select! {
                        () = life.cancelled() => {}
                        () = break_all.cancelled() => {}
                        _ = connection => {}
                    }
                    play.open.fetch_sub(1, Ordering::SeqCst);
                });
            }
            drop(listener);
            play.open.fetch_sub(1, Ordering::SeqCst);
        });
    }

    /// The lease runs out by itself.
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
        let play = Arc::clone(&self.play);
        let obeying = tokio::spawn(async move {
            while admin_state.changed().await.is_ok() {
                let wanted = *admin_state.borrow_and_update();
                *play.admin_state.lock().unwrap() = wanted;
                if wanted == AdminState::Down {
                    play.break_connections();
                }
            }
        });
        *self.membership.lock().unwrap() = Some(membership);
        *self.obeying.lock().unwrap() = Some(obeying);
    }
}

impl Play {
    fn break_connections(&self) {
        let mut break_all = self.break_all.lock().unwrap();
        break_all.cancel();
        *break_all = CancellationToken::new();
    }

    fn admin_state(&self) -> AdminState {
        *self.admin_state.lock().unwrap()
    }

    async fn answer(
        &self,
        request: Request<Incoming>,
    ) -> Result<Response<BoxBody<Bytes, &'static str>>, &'static str> {
        if request.uri().path() == api::HEALTH_LIVE {
            self.checks.fetch_add(1, Ordering::SeqCst);
            let health = *self.health.lock().unwrap();
            return self.behave(health, None).await;
        }
        if request.uri().path() == api::HEALTH_READY {
            let credential = request.headers().get(api::CREDENTIAL);
            if credential.is_none_or(|value| value.as_bytes() != self.credential.as_bytes()) {
                return Ok(whole(StatusCode::OK, "{\"ready\":true}"));
            }
            self.checks.fetch_add(1, Ordering::SeqCst);
            let health = *self.health.lock().unwrap();
            return self.behave(health, Some(self.report())).await;
        }
        if request
            .headers()
            .get(api::CREDENTIAL)
            .map(|value| value.as_bytes())
            != Some(self.credential.as_bytes())
        {
            return Ok(whole(StatusCode::FORBIDDEN, "not one of ours"));
        }
        if self.admin_state() == AdminState::Down {
            return Err("down");
        }
        if request.uri().path() == api::EVENTS {
            // A front-end server asks all the time; these tests are about what its clients ask.
            return Ok(whole(StatusCode::NOT_FOUND, "no log here"));
        }
        let (parts, body) = request.into_parts();
        let seen = Seen {
            method: parts.method,
            path: parts.uri.to_string(),
            headers: parts.headers,
            body: body.collect().await.map_err(|_| "broken")?.to_bytes(),
        };
        self.seen.lock().unwrap().push(seen);
        let behaviour = *self.behaviour.lock().unwrap();
        let mut response = self.behave(behaviour, None).await?;
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

    async fn behave(
        &self,
        behaviour: Behaviour,
        report: Option<ReplicaReport>,
    ) -> Result<Response<BoxBody<Bytes, &'static str>>, &'static str> {
        match behaviour {
            Behaviour::Answers => Ok(match report {
                Some(report) => {
                    let status = if report.ready { 200 } else { 503 };
                    let status = StatusCode::from_u16(status).unwrap();
                    whole(status, serde_json::to_vec(&report).unwrap())
                }
                None => whole(StatusCode::OK, format!("from {}", self.id)),
            }),
            Behaviour::Hangs => std::future::pending().await,
            Behaviour::Breaks => Err("broken on purpose"),
            Behaviour::BreaksMidway(bytes) => Ok(Response::builder()
                .header("content-length", bytes)
                .body(in_pieces(vec![
                    Ok("the beginning"),
                    Err("broken on purpose"),
                ]))
                .unwrap()),
            Behaviour::Busy => Ok(whole(StatusCode::SERVICE_UNAVAILABLE, "busy")),
            Behaviour::Late => Ok(whole(StatusCode::GATEWAY_TIMEOUT, "late")),
            Behaviour::Streams => Ok(Response::new(in_pieces(vec![Ok(KILOBYTE); 1_024]))),
            Behaviour::StaysFresh(for_ms) => {
                let mut response = whole(StatusCode::OK, format!("from {}", self.id));
                for (name, value) in [(api::FRESH, for_ms.to_string()), ("etag", TAG.to_owned())] {
                    response.headers_mut().insert(name, value.parse().unwrap());
                }
                Ok(response)
            }
            Behaviour::HopHeaders => {
                let mut response = whole(StatusCode::OK, "hop");
                for (name, value) in [
                    ("connection", "x-hop"),
                    ("x-hop", "1"),
                    ("keep-alive", "timeout=5"),
                    ("x-stays", "1"),
                ] {
                    response.headers_mut().insert(name, value.parse().unwrap());
                }
                Ok(response)
            }
        }
    }
}

/// Of the answer that stays fresh.
pub const TAG: &str = "W/\"1\"";

const KILOBYTE: &str = match std::str::from_utf8(&[b'x'; 1_024]) {
    Ok(text) => text,
    Err(_) => "",
};

fn whole(status: StatusCode, body: impl Into<Bytes>) -> Response<BoxBody<Bytes, &'static str>> {
    let body = Full::new(body.into()).map_err(|never: Infallible| match never {});
    let mut response = Response::new(body.boxed());
    *response.status_mut() = status;
    response
}

fn in_pieces(pieces: Vec<Result<&'static str, &'static str>>) -> BoxBody<Bytes, &'static str> {
    let frames = pieces
        .into_iter()
        .map(|piece| piece.map(|text| Frame::data(Bytes::from_static(text.as_bytes()))));
    BodyExt::boxed(StreamBody::new(stream::iter(frames.collect::<Vec<_>>())))
}
