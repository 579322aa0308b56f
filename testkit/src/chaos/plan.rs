//! Which faults come when: drawn from a seed, before the run.
//!
//! Two lanes of faults that take one replica each, so that of three at least one is left alone at any moment; a lane of faults
//! around them; one of faults of front-end servers, one at a time; and now and then one that has everything to itself, of which a blackout is the only one that leaves none.

use std::fmt;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};

use crate::providers::Mode;
use crate::proxy::Weather;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `kill -9`, and later started again.
    Kill,
    /// Stopped where it is, and later resumed.
    Hang,
    SwitchDown,
    Drain,
    /// Asked to end, and started again.
    Restart,
    /// Restarted with another clock.
    Clock,
    /// Its writes to files fail.
    NoDisk,
    /// What it wrote does not reach the disk, and it is told so.
    NoSync,
    /// The way from the front-end server to a replica.
    Way(Weather),
    Providers(Mode),
    ProviderWay(Weather),
    /// The way of those customers who have a bad connection.
    CustomerWay(Weather),
    /// One replica after the other is restarted, each when the one before is back.
    RestartInTurn,
    /// Every replica is killed.
    Blackout,
    /// Somebody else keeps the registry locked, for longer than a lease lasts.
    LockRegistry,
    /// A front-end server: `kill -9`, and later started again.
    KillServer,
    /// Stopped where it is, and later resumed.
    HangServer,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    Replica,
    Around,
    Everything,
    /// A front-end server, of which the other is left alone.
    Server,
}

/// Which replica or front-end server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aim {
    Primary,
    /// This one, if it is free.
    Number(u16),
}

#[derive(Clone, Debug)]
pub struct Planned {
    pub kind: Kind,
    pub aim: Aim,
    pub begins: Duration,
    pub ends: Duration,
}

const REPLICA_KINDS: [Kind; 15] = [
    Kind::Kill,
    Kind::Kill,
    Kind::Hang,
    Kind::Hang,
    Kind::SwitchDown,
    Kind::Drain,
    Kind::Restart,
    Kind::Clock,
    Kind::NoDisk,
    Kind::NoSync,
    Kind::Way(DELAYED),
    Kind::Way(Weather::Trickling),
    Kind::Way(Weather::BlackHole),
    Kind::Way(Weather::HalfClosing),
    Kind::Way(Weather::Cutting),
];

const KINDS_AROUND: [Kind; 13] = [
    Kind::Providers(Mode::Away),
    Kind::Providers(Mode::Slow),
    Kind::Providers(Mode::Nonsense),
    Kind::Providers(Mode::Absurd),
    Kind::ProviderWay(DELAYED),
    Kind::ProviderWay(Weather::BlackHole),
    Kind::ProviderWay(Weather::HalfClosing),
    Kind::ProviderWay(Weather::Cutting),
    Kind::CustomerWay(DELAYED),
    Kind::CustomerWay(Weather::Trickling),
    Kind::CustomerWay(Weather::BlackHole),
    Kind::CustomerWay(Weather::HalfClosing),
    Kind::CustomerWay(Weather::Cutting),
];

/// As far as the other side of the world.
const DELAYED: Weather = Weather::Delayed { most_ms: 150 };

const SERVER_KINDS: [Kind; 2] = [Kind::KillServer, Kind::HangServer];
pub const SERVERS: u16 = 2;
/// What is left between two faults of front-end servers.
const SERVER_PAUSE_MS: std::ops::Range<u64> = 3_000..8_000;

const KINDS_ALONE: [Kind; 3] = [Kind::RestartInTurn, Kind::Blackout, Kind::LockRegistry];

/// Between two that have everything to themselves.
const ALONE_EVERY: Duration = Duration::from_secs(25);
/// So long at most no replica is there, besides the time that one takes to start.
const LONGEST_BLACKOUT_MS: u64 = 1_500;
/// What a lane leaves between two faults.
const PAUSE_MS: std::ops::Range<u64> = 500..2_000;

impl Kind {
    #[must_use]
    pub fn scope(self) -> Scope {
        match self {
            Self::Providers(_) | Self::ProviderWay(_) | Self::CustomerWay(_) => Scope::Around,
            Self::RestartInTurn | Self::Blackout | Self::LockRegistry => Scope::Everything,
            Self::KillServer | Self::HangServer => Scope::Server,
            _ => Scope::Replica,
        }
    }

    fn lasts(self, dice: &mut StdRng) -> Duration {
        Duration::from_millis(match self {
            Self::Hang | Self::HangServer => dice.random_range(50..5_000),
            Self::Restart | Self::RestartInTurn => 0,
            Self::Blackout => dice.random_range(200..LONGEST_BLACKOUT_MS),
            Self::LockRegistry => dice.random_range(4_000..8_000),
            Self::Providers(_) | Self::ProviderWay(_) | Self::CustomerWay(_) => {
                dice.random_range(1_500..4_000)
            }
            _ => dice.random_range(400..4_000),
        })
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Kill => "killed",
            Self::Hang => "hung",
            Self::SwitchDown => "switched down",
            Self::Drain => "drained",
            Self::Restart => "restarted",
            Self::Clock => "restarted with another clock",
            Self::NoDisk => "disk refuses writes",
            Self::NoSync => "fsync fails",
            Self::RestartInTurn => "all restarted in turn",
            Self::Blackout => "all killed",
            Self::LockRegistry => "registry locked by somebody else",
            Self::KillServer => "front-end server killed",
            Self::HangServer => "front-end server hung",
            Self::Way(weather) => return write!(f, "way to replica {}", name(*weather)),
            Self::ProviderWay(weather) => return write!(f, "way to providers {}", name(*weather)),
            Self::CustomerWay(weather) => return write!(f, "way of customers {}", name(*weather)),
            Self::Providers(Mode::Well) => "providers well",
            Self::Providers(Mode::Away) => "providers away",
            Self::Providers(Mode::Slow) => "providers slow",
            Self::Providers(Mode::Nonsense) => "providers talk nonsense",
            Self::Providers(Mode::Absurd) => "providers absurd",
        })
    }
}

fn name(weather: Weather) -> &'static str {
    match weather {
        Weather::Fair => "fair",
        Weather::Delayed { .. } => "delayed",
        Weather::Trickling => "trickling",
        Weather::BlackHole => "swallowing",
        Weather::HalfClosing => "half-closing",
        Weather::Cutting => "cutting",
    }
}

/// Kinds in random order, each once before any comes again.
struct Bag<'a> {
    kinds: &'a [Kind],
    left: Vec<Kind>,
}

impl<'a> Bag<'a> {
    fn new(kinds: &'a [Kind]) -> Self {
        Self {
            kinds,
            left: Vec::new(),
        }
    }

    fn draw(&mut self, dice: &mut StdRng) -> Kind {
        if self.left.is_empty() {
            self.left = self.kinds.to_vec();
            self.left.shuffle(dice);
        }
        self.left.pop().expect("there are kinds to draw from")
    }
}

/// The faults that begin before `end`, in the order of their beginnings.
#[must_use]
pub fn plan(seed: u64, end: Duration, replicas: u16) -> Vec<Planned> {
    let mut dice = StdRng::seed_from_u64(seed);
    let mut planned = replica_faults(&mut dice, end, replicas);
    let mut bag = Bag::new(&KINDS_AROUND);
    let mut at = pause(&mut dice);
    while at < end {
        let fault = next(&mut bag, &mut dice, at, replicas);
        at = fault.ends + pause(&mut dice);
        planned.push(fault);
    }
    let mut bag = Bag::new(&SERVER_KINDS);
    let mut at = pause(&mut dice);
    while at < end {
        let mut fault = next(&mut bag, &mut dice, at, SERVERS);
        fault.aim = Aim::Number(dice.random_range(1..=SERVERS));
        at = fault.ends + Duration::from_millis(dice.random_range(SERVER_PAUSE_MS));
        planned.push(fault);
    }
    planned.sort_by_key(|fault| fault.begins);
    planned
}

fn replica_faults(dice: &mut StdRng, end: Duration, replicas: u16) -> Vec<Planned> {
    let mut bag = Bag::new(&REPLICA_KINDS);
    let mut alone = Bag::new(&KINDS_ALONE);
    let mut planned = Vec::new();
    let mut lanes = [pause(dice), pause(dice)];
    let mut next_alone = ALONE_EVERY;
    loop {
        let earliest = if lanes[0] <= lanes[1] { 0 } else { 1 };
        let at = lanes[earliest];
        if at >= end {
            return planned;
        }
        if at >= next_alone {
            let fault = next(&mut alone, dice, lanes[1 - earliest], replicas);
            lanes = [fault.ends + pause(dice), fault.ends + pause(dice)];
            next_alone = fault.ends + ALONE_EVERY;
            planned.push(fault);
            continue;
        }
        let fault = next(&mut bag, dice, at, replicas);
        lanes[earliest] = fault.ends + pause(dice);
        planned.push(fault);
    }
}

fn next(bag: &mut Bag<'_>, dice: &mut StdRng, begins: Duration, replicas: u16) -> Planned {
    let kind = bag.draw(dice);
    let aim = if kind == Kind::NoSync || dice.random_bool(0.6) {
        Aim::Primary
    } else {
        Aim::Number(dice.random_range(1..=replicas))
    };
    Planned {
        kind,
        aim,
        begins,
        ends: begins + kind.lasts(dice),
    }
}

fn pause(dice: &mut StdRng) -> Duration {
    Duration::from_millis(dice.random_range(PAUSE_MS))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTES: Duration = Duration::from_secs(300);

    fn overlaps(one: &Planned, other: &Planned) -> bool {
        one.begins <= other.ends && other.begins <= one.ends
    }

    #[test]
    fn the_seed_decides() {
        let shown = |seed| format!("{:?}", plan(seed, MINUTES, 3));
        assert_eq!(shown(7), shown(7));
        assert_ne!(shown(7), shown(8));
    }

    #[test]
    fn of_three_replicas_one_is_left_alone_unless_that_is_the_fault() {
        for seed in 0..50 {
            let planned = plan(seed, MINUTES, 3);
            for fault in &planned {
                let of = |scope| {
                    let others = planned
                        .iter()
                        .filter(move |other| other.kind.scope() == scope && overlaps(fault, other));
                    others.count()
                };
                match fault.kind.scope() {
                    Scope::Replica => {
                        assert_eq!(of(Scope::Everything), 0, "{fault:?}");
                        // At its own beginning, itself included.
                        let at_once = planned.iter().filter(|other| {
                            other.kind.scope() == Scope::Replica
                                && other.begins <= fault.begins
                                && fault.begins <= other.ends
                        });
                        assert!(at_once.count() <= 2, "{fault:?}");
                    }
                    Scope::Around => assert_eq!(of(Scope::Around), 1, "{fault:?}"),
                    Scope::Server => assert_eq!(of(Scope::Server), 1, "{fault:?}"),
                    Scope::Everything => assert_eq!(of(Scope::Everything), 1, "{fault:?}"),
                }
            }
        }
    }

    #[test]
    fn every_kind_comes_in_some_minutes() {
        let planned = plan(1, MINUTES, 3);
        for kind in REPLICA_KINDS
            .iter()
            .chain(&KINDS_AROUND)
            .chain(&KINDS_ALONE)
            .chain(&SERVER_KINDS)
        {
            assert!(planned.iter().any(|fault| fault.kind == *kind), "{kind}");
        }
    }
}
