//! The whole gateway, as it ships, before replicas on a simulated network and in simulated time: no busy machine makes anything late.

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
use proptest::prelude::*;
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
const AN_ORDER: Duration = Duration::from_millis(5);
/// One order in a hundred takes this long where replicas are said to be slow.
const A_SLOW_ORDER: Duration = Duration::from_millis(150);
/// On the way from one host to another, at most.
const ON_THE_WAY: Duration = Duration::from_millis(1);
/// Between two orders.
const EVERY: Duration = Duration::from_millis(1);
const SETTLES: Duration = Duration::from_secs(1);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// Its machine is gone, so that connecting to it does not even fail, and comes back.
    Killed,
    /// Nothing passes between it and the server; what was on its way arrives later.
    Hangs,
    /// It answers its checks, and no order until it is over.
    Grey,
}

/// A fault of some replicas at the same moment, and how long it lasts.
#[derive(Clone, Debug)]
struct Round {
    fault: Fault,
    replicas: HashSet<usize>,
    lasts: Duration,
}

#[derive(Default)]
struct Replica {
    grey: watch::Sender<bool>,
    slow: bool,
    /// Keys of the orders that it carried out.
    done: Mutex<Vec<String>>,
}

/// What a customer saw.
#[derive(Clone, Copy, Debug)]
struct Told {
    status: StatusCode,
    took: Duration,
}

#[derive(Debug)]
struct Seen {
    told: Vec<Told>,
    /// How often the primary changed.
    switches: usize,
    /// How often orders were carried out beyond the first time.
    repeats: usize,
}

impl Seen {
    fn failed(&self) -> usize {
        let failed = |told: &&Told| told.status != StatusCode::CREATED;
        self.told.iter().filter(failed).count()
    }

    fn slowest(&self) -> Duration {
        let took = self.told.iter().map(|told| told.took);
        took.max().unwrap_or_default()
    }
}

/// Counts from the beginning of the simulation.
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
                self.carry_out(key).await;
                (StatusCode::CREATED, Bytes::new())
            }
        };
        let mut response = Response::new(Full::new(body));
        *response.status_mut() = status;
        Ok(response)
    }

    async fn carry_out(&self, key: &str) {
        // The sender is the replica's own.
        let _ = self.grey.subscribe().wait_for(|grey| !grey).await;
        let number = lock(&self.done).len();
        let slow = self.slow && number % 100 == 99;
        lock(&self.done).push(key.to_owned());
        tokio::time::sleep(if slow { A_SLOW_ORDER } else { AN_ORDER }).await;
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

/// Orders for as long as there are rounds, through one server.
async fn order(snapshot: Snapshot, time: Duration, events: Arc<FleetHistory>) -> Vec<Told> {
    let settings = ServerSettings::parse_from(["server"]);
    let credential = HeaderValue::from_static("credential");
    // Kept until the end: a registry that is gone is another test.
    let (_registry, snapshots) = watch::channel(snapshot);
    let clock = Arc::new(SimulatedClock);
    let fleet = Fleet::new(
        snapshots,
        settings.asking(credential.clone()),
        clock,
        events,
    );
    let following = tokio::spawn(Arc::clone(&fleet).follow());
    let gateway = Arc::new(Gateway::new(
        Arc::clone(&fleet),
        credential,
        settings.limits(),
    ));
    while fleet.table().preferred.len() < REPLICAS {
        tokio::time::sleep(EVERY).await;
    }
    let mut orders = JoinSet::new();
    let began = Instant::now();
    for number in 0.. {
        let at = EVERY * number;
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
            (number, Told { status, took })
        });
    }
    let mut told = orders.join_all().await;
    following.abort();
    told.sort_by_key(|(number, _)| *number);
    told.into_iter().map(|(_, told)| told).collect()
}

/// Every round begins a second after the one before has ended.
fn simulate(seed: u64, slow: bool, rounds: &[Round]) -> Seen {
    let mut simulation = Builder::new()
        .rng_seed(seed)
        .min_message_latency(Duration::ZERO)
        .max_message_latency(ON_THE_WAY)
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
    let lasts: Duration = rounds.iter().map(|round| round.lasts + SETTLES).sum();
    let events = Arc::new(FleetHistory::new(Arc::new(SimulatedClock)));
    let told = Arc::new(Mutex::new(Vec::new()));
    let (kept, told_to) = (Arc::clone(&events), Arc::clone(&told));
    simulation.client(SERVER, async move {
        let seen = order(snapshot, lasts + SETTLES, kept).await;
        *lock(&told_to) = seen;
        Ok(())
    });
    let mut over = false;
    let mut until = |simulation: &mut Sim<'_>, time: Duration| {
        while !over && simulation.elapsed() < time {
            over = simulation.step().unwrap();
        }
    };
    let mut time = SETTLES;
    for round in rounds {
        until(&mut simulation, time);
        round.begin(&mut simulation, &replicas);
        time += round.lasts;
        until(&mut simulation, time);
        round.end(&mut simulation, &replicas);
        time += SETTLES;
    }
    until(&mut simulation, Duration::MAX);
    let mut done: Vec<String> = Vec::new();
    for replica in &replicas {
        done.append(&mut lock(&replica.done));
    }
    let different: HashSet<&String> = done.iter().collect();
    let switched = |event: &&Event| event.message.contains("is primary now");
    Seen {
        told: std::mem::take(&mut *lock(&told)),
        switches: events.newest_first().iter().filter(switched).count(),
        repeats: done.len() - different.len(),
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

    fn of_the_primary(fault: Fault, lasts_ms: u64) -> Self {
        Self {
            fault,
            replicas: HashSet::from([0]),
            lasts: Duration::from_millis(lasts_ms),
        }
    }
}

#[test]
fn nothing_happens_where_one_order_in_a_hundred_is_slow() {
    let seen = simulate(1, true, &[]);
    assert_eq!((seen.failed(), seen.switches, seen.repeats), (0, 0, 0));
}

#[test]
fn a_primary_whose_machine_dies_costs_milliseconds() {
    let seen = simulate(1, false, &[Round::of_the_primary(Fault::Killed, 1_000)]);
    assert_eq!((seen.failed(), seen.switches), (0, 1));
    assert!(
        seen.slowest() <= Duration::from_millis(25),
        "{:?}",
        seen.slowest()
    );
}

#[test]
fn one_that_hangs_or_answers_only_its_checks_costs_less_than_a_tenth_of_a_second() {
    for fault in [Fault::Hangs, Fault::Grey] {
        let seen = simulate(1, false, &[Round::of_the_primary(fault, 2_000)]);
        assert_eq!((seen.failed(), seen.switches), (0, 1), "{fault:?}");
        assert!(
            seen.slowest() <= Duration::from_millis(75),
            "{fault:?}: {:?}",
            seen.slowest()
        );
    }
}

fn round() -> impl Strategy<Value = Round> {
    let fault = prop_oneof![Just(Fault::Killed), Just(Fault::Hangs), Just(Fault::Grey)];
    let replicas = proptest::collection::hash_set(0..REPLICAS, 1..REPLICAS);
    (fault, replicas, 20_u64..1_500).prop_map(|(fault, replicas, lasts_ms)| Round {
        fault,
        replicas,
        lasts: Duration::from_millis(lasts_ms),
    })
}

#[test]
fn the_one_that_is_left_is_asked_although_it_failed_lately() {
    let round = |fault, replicas: &[usize], lasts_ms| Round {
        fault,
        replicas: replicas.iter().copied().collect(),
        lasts: Duration::from_millis(lasts_ms),
    };
    let cases = [
        vec![
            round(Fault::Grey, &[0], 1_200),
            round(Fault::Hangs, &[1], 1_200),
            round(Fault::Killed, &[2, 0], 400),
        ],
        vec![
            round(Fault::Hangs, &[2, 0], 534),
            round(Fault::Grey, &[1, 2], 1_344),
        ],
    ];
    for rounds in cases {
        let seen = simulate(20_697, false, &rounds);
        assert_eq!(seen.failed(), 0, "{rounds:?}");
        assert!(
            seen.slowest() <= Duration::from_millis(150),
            "{rounds:?}: {:?}",
            seen.slowest()
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 6,
        max_shrink_iters: 20,
        ..ProptestConfig::default()
    })]

    #[test]
    fn as_long_as_one_replica_is_well_every_order_is_answered(
        seed in any::<u64>(),
        rounds in proptest::collection::vec(round(), 1..4),
    ) {
        let seen = simulate(seed, false, &rounds);
        prop_assert_eq!(seen.failed(), 0);
        prop_assert!(seen.slowest() <= Duration::from_millis(300), "{:?}", seen.slowest());
    }
}
