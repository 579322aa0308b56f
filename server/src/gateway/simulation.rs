//! Runs the whole gateway against replicas on a simulated network and in simulated time, so that no busy machine makes anything late.

mod tests;

use std::collections::HashSet;
use std::convert::Infallible;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use clap::Parser;
use http::{HeaderValue, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use model::api;
use model::status::{AdminState, Event, ReplicaReport};
use process::clock::Clock;
use registry::{Registration, Role, Snapshot};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::Instant;
use turmoil::net::TcpListener;
use turmoil::{Builder, Sim};

use super::{Fleet, Gateway};
use crate::fleet_history::FleetHistory;
use crate::settings::ServerSettings;
use crate::sync::lock;

const REPLICAS: usize = 3;
const SERVER: &str = "server";
const PORT: u16 = 80;
const ORDER_TIME: Duration = Duration::from_millis(5);
/// One order in a hundred takes this long on slow replicas.
const SLOW_ORDER_TIME: Duration = Duration::from_millis(150);
/// Largest latency from one host to another.
const MAX_NETWORK_LATENCY: Duration = Duration::from_millis(1);
/// Time between two orders.
const ORDER_INTERVAL: Duration = Duration::from_millis(1);
/// Time between two rounds.
const ROUND_PAUSE: Duration = Duration::from_secs(1);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// The machine is gone, so that connecting to it does not even fail, and comes back.
    Killed,
    /// Nothing passes between the replica and the server; packets in flight arrive later.
    Hangs,
    /// The replica answers its checks, and no order until the round is over.
    Grey,
}

/// A fault of some replicas at once.
#[derive(Clone, Debug)]
struct Round {
    fault: Fault,
    replicas: HashSet<usize>,
    duration: Duration,
}

#[derive(Default)]
struct Replica {
    grey: watch::Sender<bool>,
    slow: bool,
    /// Keys of the orders that it has placed.
    placed_keys: Mutex<Vec<String>>,
}

/// What a customer got.
#[derive(Clone, Copy, Debug)]
struct OrderAnswer {
    status: StatusCode,
    took: Duration,
}

#[derive(Debug)]
struct SimulationResult {
    answers: Vec<OrderAnswer>,
    /// How often the primary changed.
    primary_changes: usize,
    /// How often orders were placed again after the first time.
    repeats: usize,
}

impl SimulationResult {
    fn failed(&self) -> usize {
        let failed = |answer: &&OrderAnswer| answer.status != StatusCode::CREATED;
        self.answers.iter().filter(failed).count()
    }

    fn slowest(&self) -> Duration {
        let took = self.answers.iter().map(|answer| answer.took);
        took.max().unwrap_or_default()
    }
}

/// Counts from the start of the simulation.
struct SimulatedClock;

impl Clock for SimulatedClock {
    fn now_ms(&self) -> i64 {
        let elapsed = turmoil::sim_elapsed().unwrap_or_default();
        elapsed.as_millis() as i64
    }
}

fn host(replica: usize) -> String {
    format!("replica-{}", replica + 1)
}

impl Replica {
    /// # Errors
    /// If the simulation refuses the port.
    async fn serve(self: Arc<Self>) -> turmoil::Result {
        let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, PORT)).await?;
        loop {
            let (stream, _) = listener.accept().await?;
            let replica = Arc::clone(&self);
            let service = service_fn(move |request| Arc::clone(&replica).answer(request));
            tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    }

    async fn answer(
        self: Arc<Self>,
        request: Request<Incoming>,
    ) -> Result<Response<Full<Bytes>>, Infallible> {
        let (status, body) = match request.uri().path() {
            api::HEALTH_LIVE => (StatusCode::OK, Bytes::from_static(b"alive")),
            api::HEALTH_READY => (StatusCode::OK, ready()),
            _ => {
                let key = request.headers().get(api::IDEMPOTENCY_KEY);
                let key = key.and_then(|key| key.to_str().ok()).unwrap_or_default();
                self.place_order(key).await;
                (StatusCode::CREATED, Bytes::new())
            }
        };
        let mut response = Response::new(Full::new(body));
        *response.status_mut() = status;
        Ok(response)
    }

    async fn place_order(&self, key: &str) {
        // The sender lives as long as the replica.
        let _ = self.grey.subscribe().wait_for(|grey| !grey).await;
        let number = lock(&self.placed_keys).len();
        let slow = self.slow && number % 100 == 99;
        lock(&self.placed_keys).push(key.to_owned());
        tokio::time::sleep(if slow { SLOW_ORDER_TIME } else { ORDER_TIME }).await;
    }
}

fn ready() -> Bytes {
    let report = ReplicaReport {
        id: "replica".to_owned(),
        version: "1".to_owned(),
        ready: true,
        reason: None,
        admin_state: AdminState::Up,
        in_flight: 0,
        providers: Vec::new(),
        ended: None,
    };
    serde_json::to_vec(&report).unwrap().into()
}

fn registered(simulation: &Sim<'_>) -> Snapshot {
    let registration = |replica: usize| Registration {
        id: host(replica),
        role: Role::Replica,
        address: format!("{}:{PORT}", simulation.lookup(host(replica))),
        public_url: None,
        version: "1".to_owned(),
        started_at_ms: 0,
        process_id: 1,
        position: replica as i64 + 1,
        registered_at_ms: 0,
        expires_at_ms: i64::MAX,
        admin_state: AdminState::Up,
    };
    Snapshot {
        registrations: (0..REPLICAS).map(registration).collect(),
        readable: true,
        read_at_ms: 0,
        reason: None,
    }
}

/// Places orders through one server for this time.
async fn place_orders(
    snapshot: Snapshot,
    time: Duration,
    events: Arc<FleetHistory>,
) -> Vec<OrderAnswer> {
    let settings = ServerSettings::parse_from(["server"]);
    let credential = HeaderValue::from_static("credential");
    // The sender is kept until the end, because the fleet stops when the registry is gone.
    let (_registry, snapshots) = watch::channel(snapshot);
    let clock = Arc::new(SimulatedClock);
    let config = settings.gateway_config(credential);
    let fleet = Fleet::new(snapshots, config.clone(), clock, events);
    let gateway = Arc::new(Gateway::new(Arc::clone(&fleet), config));
    let running = tokio::spawn(Arc::clone(&gateway).run());
    while fleet.table().targets().len() < REPLICAS {
        tokio::time::sleep(ORDER_INTERVAL).await;
    }
    let mut orders = JoinSet::new();
    let began = Instant::now();
    for number in 0.. {
        let at = ORDER_INTERVAL * number;
        if at > time {
            break;
        }
        tokio::time::sleep_until(began + at).await;
        let gateway = Arc::clone(&gateway);
        orders.spawn(async move {
            let sent = Instant::now();
            let key = format!("00000000-0000-4000-8000-{number:012}");
            let status = gateway.place_for_drill(&key).await.status();
            let took = sent.elapsed();
            (number, OrderAnswer { status, took })
        });
    }
    let mut answers = orders.join_all().await;
    running.abort();
    answers.sort_by_key(|(number, _)| *number);
    answers.into_iter().map(|(_, answer)| answer).collect()
}

/// Simulates orders during these rounds. Every round begins a second after the previous one has ended.
fn simulate(seed: u64, slow: bool, rounds: &[Round]) -> SimulationResult {
    let mut simulation = Builder::new()
        .rng_seed(seed)
        .min_message_latency(Duration::ZERO)
        .max_message_latency(MAX_NETWORK_LATENCY)
        .tcp_capacity(4_096)
        .simulation_duration(Duration::from_secs(3_600))
        .build();
    let replicas: Vec<Arc<Replica>> = (0..REPLICAS)
        .map(|_| {
            Arc::new(Replica {
                slow,
                ..Replica::default()
            })
        })
        .collect();
    for (index, replica) in replicas.iter().enumerate() {
        let replica = Arc::clone(replica);
        simulation.host(host(index), move || Arc::clone(&replica).serve());
    }
    let snapshot = registered(&simulation);
    let total: Duration = rounds
        .iter()
        .map(|round| round.duration + ROUND_PAUSE)
        .sum();
    let events = Arc::new(FleetHistory::new(Arc::new(SimulatedClock)));
    let answers = Arc::new(Mutex::new(Vec::new()));
    let (events_of_server, answers_of_client) = (Arc::clone(&events), Arc::clone(&answers));
    simulation.client(SERVER, async move {
        let answers = place_orders(snapshot, total + ROUND_PAUSE, events_of_server).await;
        *lock(&answers_of_client) = answers;
        Ok(())
    });
    let mut finished = false;
    let mut until = |simulation: &mut Sim<'_>, time: Duration| {
        while !finished && simulation.elapsed() < time {
            finished = simulation.step().unwrap();
        }
    };
    let mut time = ROUND_PAUSE;
    for round in rounds {
        until(&mut simulation, time);
        round.begin(&mut simulation, &replicas);
        time += round.duration;
        until(&mut simulation, time);
        round.end(&mut simulation, &replicas);
        time += ROUND_PAUSE;
    }
    until(&mut simulation, Duration::MAX);
    let mut placed: Vec<String> = Vec::new();
    for replica in &replicas {
        placed.append(&mut lock(&replica.placed_keys));
    }
    let distinct: HashSet<&String> = placed.iter().collect();
    let is_primary_change = |event: &&Event| event.message.contains("is primary now");
    SimulationResult {
        answers: std::mem::take(&mut *lock(&answers)),
        primary_changes: events
            .newest_first()
            .iter()
            .filter(is_primary_change)
            .count(),
        repeats: placed.len() - distinct.len(),
    }
}

impl Round {
    fn begin(&self, simulation: &mut Sim<'_>, replicas: &[Arc<Replica>]) {
        for &replica in &self.replicas {
            match self.fault {
                Fault::Killed => simulation.crash(host(replica)),
                Fault::Hangs => simulation.hold(SERVER, host(replica)),
                Fault::Grey => drop(replicas[replica].grey.send_replace(true)),
            }
        }
    }

    fn end(&self, simulation: &mut Sim<'_>, replicas: &[Arc<Replica>]) {
        for &replica in &self.replicas {
            match self.fault {
                Fault::Killed => simulation.bounce(host(replica)),
                Fault::Hangs => simulation.release(SERVER, host(replica)),
                Fault::Grey => drop(replicas[replica].grey.send_replace(false)),
            }
        }
    }

    fn of_the_primary(fault: Fault, duration_ms: u64) -> Self {
        Self {
            fault,
            replicas: HashSet::from([0]),
            duration: Duration::from_millis(duration_ms),
        }
    }
}
