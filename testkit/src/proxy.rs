//! A TCP proxy between two parts that lets everything pass, or delays, trickles, swallows, half-closes and cuts it.
//!
//! It knows nothing of what passes. What it does to a connection follows from its seed and the connection's number.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde::Serialize;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

/// Bytes of a trickle, and the pause behind them: an order of two kilobytes takes a second.
const TRICKLE_BYTES: usize = 64;
const TRICKLE_PAUSE: Duration = Duration::from_millis(30);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Weather {
    Fair,
    /// What passes waits, each piece up to so long.
    Delayed {
        most_ms: u64,
    },
    /// It passes a few bytes at a time.
    Trickling,
    /// Connections are made, and nothing passes. What waits goes on when the weather changes.
    BlackHole,
    /// Of each connection one direction ends in the middle of what passes, and the other stays open.
    HalfClosing,
    /// Connections are reset: those that there are at once, new ones in the middle of what passes.
    Cutting,
}

/// Listens until it is dropped, which ends its connections.
pub struct Proxy {
    pub address: SocketAddr,
    target: watch::Sender<Option<SocketAddr>>,
    shared: Arc<Shared>,
    listening: JoinHandle<()>,
}

struct Shared {
    seed: u64,
    weather: watch::Sender<Weather>,
    struck: AtomicU64,
}

/// The connection is to be reset on both sides.
struct Severed;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    Requests,
    Answers,
}

impl Proxy {
    /// Takes connections, which wait until [`Proxy::lead_to`] says where to.
    ///
    /// # Errors
    /// If it cannot listen.
    pub async fn start(seed: u64) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            seed,
            weather: watch::Sender::new(Weather::Fair),
            struck: AtomicU64::new(0),
        });
        let (target, leads_to) = watch::channel(None);
        let listening = tokio::spawn(listen(listener, Arc::clone(&shared), leads_to));
        Ok(Self {
            address,
            target,
            shared,
            listening,
        })
    }

    pub fn lead_to(&self, target: SocketAddr) {
        self.target.send_replace(Some(target));
    }

    pub fn set(&self, weather: Weather) {
        self.shared.weather.send_replace(weather);
    }

    /// How often bad weather struck: pieces delayed, directions held up or ended, connections reset.
    #[must_use]
    pub fn struck(&self) -> u64 {
        self.shared.struck.load(Ordering::Relaxed)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn listen(
    listener: TcpListener,
    shared: Arc<Shared>,
    leads_to: watch::Receiver<Option<SocketAddr>>,
) {
    let mut connections = JoinSet::new();
    let mut number = 0;
    // Refused only when this process has no more sockets: whoever connected sees it as a reset.
    while let Ok((near, _)) = listener.accept().await {
        number += 1;
        connections.spawn(carry(near, Arc::clone(&shared), leads_to.clone(), number));
        while connections.try_join_next().is_some() {}
    }
}

async fn carry(
    mut near: TcpStream,
    shared: Arc<Shared>,
    mut leads_to: watch::Receiver<Option<SocketAddr>>,
    number: u64,
) {
    let mut weather = shared.weather.subscribe();
    if *weather.borrow() == Weather::BlackHole {
        shared.strike();
        let passed = weather.wait_for(|weather| *weather != Weather::BlackHole);
        if passed.await.is_err() {
            return;
        }
    }
    let Ok(Some(target)) = leads_to.wait_for(Option::is_some).await.map(|found| *found) else {
        return;
    };
    if let Some(mut far) = connect(target).await {
        let (near_in, near_out) = near.split();
        let (far_in, far_out) = far.split();
        let both = tokio::try_join!(
            pump(near_in, far_out, &shared, number, Direction::Requests),
            pump(far_in, near_out, &shared, number, Direction::Answers),
        );
        if both.is_ok() {
            return;
        }
        reset(far);
    }
    reset(near);
}

async fn connect(target: SocketAddr) -> Option<TcpStream> {
    let far = TcpStream::connect(target).await.ok()?;
    // Where nobody listens, a socket may come to be connected with itself.
    let itself = far.local_addr().ok()? == target;
    (!itself).then_some(far)
}

fn reset(stream: TcpStream) {
    // Fails only where the connection has ended already.
    let _ = stream.set_zero_linger();
}

async fn pump(
    mut from: ReadHalf<'_>,
    mut to: WriteHalf<'_>,
    shared: &Shared,
    number: u64,
    direction: Direction,
) -> Result<(), Severed> {
    let mut dice = StdRng::seed_from_u64(shared.seed ^ (number * 2 + direction as u64));
    // One direction of each connection.
    let ends = number.is_multiple_of(2) == (direction == Direction::Answers);
    let mut weather = shared.weather.subscribe();
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let now = *weather.borrow_and_update();
        let most = match now {
            Weather::Trickling => TRICKLE_BYTES,
            Weather::BlackHole => {
                shared.strike();
                weather.changed().await.map_err(|_| Severed)?;
                continue;
            }
            _ => buffer.len(),
        };
        let read = tokio::select! {
            biased;
            changed = weather.changed() => {
                if changed.is_err() || *weather.borrow() == Weather::Cutting {
                    shared.strike();
                    return Err(Severed);
                }
                continue;
            }
            read = from.read(&mut buffer[..most]) => read.map_err(|_| Severed)?,
        };
        if read == 0 {
            let _ = to.shutdown().await;
            return Ok(());
        }
        let mut passing = &buffer[..read];
        match now {
            Weather::Delayed { most_ms } => {
                shared.strike();
                tokio::time::sleep(Duration::from_millis(dice.random_range(0..=most_ms))).await;
            }
            Weather::Trickling => {
                shared.strike();
                tokio::time::sleep(TRICKLE_PAUSE).await;
            }
            Weather::HalfClosing if ends => {
                shared.strike();
                passing = &passing[..dice.random_range(0..read)];
                to.write_all(passing).await.map_err(|_| Severed)?;
                let _ = to.shutdown().await;
                // What still comes is taken in, as from a peer that does not notice.
                while from.read(&mut buffer).await.map_err(|_| Severed)? > 0 {}
                return Ok(());
            }
            // Half of the time later, so that requests arrive and their answers are lost.
            Weather::Cutting if dice.random_bool(0.5) => {
                shared.strike();
                passing = &passing[..dice.random_range(0..read)];
                let _ = to.write_all(passing).await;
                return Err(Severed);
            }
            _ => {}
        }
        to.write_all(passing).await.map_err(|_| Severed)?;
    }
}

impl Shared {
    fn strike(&self) {
        self.struck.fetch_add(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;

    use super::*;

    /// Says what it hears.
    async fn echo() -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let (mut from, mut to) = stream.split();
                    tokio::io::copy(&mut from, &mut to).await
                });
            }
        });
        address
    }

    async fn proxy(weather: Weather) -> Proxy {
        let proxy = Proxy::start(7).await.unwrap();
        proxy.lead_to(echo().await);
        proxy.set(weather);
        proxy
    }

    /// Sends so many bytes and gives what comes back until the end.
    async fn say(proxy: &Proxy, bytes: usize) -> std::io::Result<usize> {
        let mut stream = TcpStream::connect(proxy.address).await?;
        stream.write_all(&vec![b'x'; bytes]).await?;
        stream.shutdown().await?;
        let mut heard = Vec::new();
        stream.read_to_end(&mut heard).await
    }

    #[tokio::test]
    async fn in_fair_weather_everything_passes_and_ends() {
        let proxy = proxy(Weather::Fair).await;
        assert_eq!(say(&proxy, 100_000).await.unwrap(), 100_000);
        assert_eq!(proxy.struck(), 0);
    }

    #[tokio::test]
    async fn delays_and_trickles_lose_nothing() {
        for weather in [Weather::Delayed { most_ms: 5 }, Weather::Trickling] {
            let proxy = proxy(weather).await;
            assert_eq!(say(&proxy, 300).await.unwrap(), 300);
            assert!(proxy.struck() > 0);
        }
    }

    #[tokio::test]
    async fn what_a_black_hole_holds_goes_on_afterwards() {
        let proxy = proxy(Weather::BlackHole).await;
        let mut saying = Box::pin(say(&proxy, 300));
        let waited = tokio::time::timeout(Duration::from_millis(50), &mut saying).await;
        assert!(waited.is_err(), "{waited:?}");
        assert!(proxy.struck() > 0);
        proxy.set(Weather::Fair);
        assert_eq!(saying.await.unwrap(), 300);
    }

    #[tokio::test]
    async fn cutting_resets_what_there_is() {
        let proxy = proxy(Weather::Fair).await;
        let mut stream = TcpStream::connect(proxy.address).await.unwrap();
        stream.write_all(b"x").await.unwrap();
        assert_eq!(stream.read_u8().await.unwrap(), b'x');
        proxy.set(Weather::Cutting);
        let error = stream.read_u8().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    }

    #[tokio::test]
    async fn half_closing_ends_an_answer_early() {
        let proxy = proxy(Weather::HalfClosing).await;
        // Of the first connection the requests end, of the second the answers.
        for _ in 0..2 {
            assert!(say(&proxy, 300).await.unwrap() < 300);
        }
        assert_eq!(proxy.struck(), 2);
    }

    #[tokio::test]
    async fn dropped_it_refuses_connections() {
        let proxy = proxy(Weather::Fair).await;
        let address = proxy.address;
        drop(proxy);
        crate::wait::until("a refusal", Duration::from_secs(5), || async {
            let refused = TcpStream::connect(address).await.err()?;
            (refused.kind() == ErrorKind::ConnectionRefused).then_some(())
        })
        .await
        .unwrap();
    }
}
