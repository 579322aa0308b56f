//! A TCP proxy that injects network faults, in the manner of Toxiproxy: latency, slicing, a black hole, half-close, reset.
//!
//! It does not interpret the bytes. What it does to a connection follows from its seed and the connection's number, so that a run
//! can be repeated.

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

/// Size of a slice and the delay after it: an order of two kilobytes takes a second.
const SLICE_BYTES: usize = 64;
const SLICE_DELAY: Duration = Duration::from_millis(30);

/// What the proxy does to the bytes that pass; named after Toxiproxy's toxics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Toxic {
    /// Bytes pass unchanged.
    None,
    /// Each chunk is delayed by a random time of up to `max_ms`.
    Latency { max_ms: u64 },
    /// Bytes pass in small slices with a delay between them.
    Slicer,
    /// Connections are accepted and nothing passes. Held bytes are delivered once the toxic is removed.
    BlackHole,
    /// One direction of each connection is closed in the middle of the data; the other stays open.
    HalfClose,
    /// Connections are reset: existing ones at once, new ones in the middle of the data.
    ResetPeer,
}

/// Listens until it is dropped, which closes its connections.
pub struct FaultProxy {
    pub address: SocketAddr,
    upstream: watch::Sender<Option<SocketAddr>>,
    shared: Arc<Shared>,
    accept_loop: JoinHandle<()>,
}

struct Shared {
    seed: u64,
    toxic: watch::Sender<Toxic>,
    faults: AtomicU64,
}

/// The connection is to be reset on both sides.
struct Reset;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    Upstream,
    Downstream,
}

impl FaultProxy {
    /// Starts to accept connections, which wait until [`FaultProxy::set_upstream`] is called.
    ///
    /// # Errors
    /// If it cannot listen.
    pub async fn start(seed: u64) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            seed,
            toxic: watch::Sender::new(Toxic::None),
            faults: AtomicU64::new(0),
        });
        let (upstream, upstream_changes) = watch::channel(None);
        let accept_loop = tokio::spawn(accept_connections(
            listener,
            Arc::clone(&shared),
            upstream_changes,
        ));
        Ok(Self {
            address,
            upstream,
            shared,
            accept_loop,
        })
    }

    pub fn set_upstream(&self, upstream: SocketAddr) {
        self.upstream.send_replace(Some(upstream));
    }

    pub fn set_toxic(&self, toxic: Toxic) {
        self.shared.toxic.send_replace(toxic);
    }

    /// Returns how often a toxic took effect: chunks delayed, directions held or closed, connections reset.
    #[must_use]
    pub fn fault_count(&self) -> u64 {
        self.shared.faults.load(Ordering::Relaxed)
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        self.accept_loop.abort();
    }
}

async fn accept_connections(
    listener: TcpListener,
    shared: Arc<Shared>,
    upstream: watch::Receiver<Option<SocketAddr>>,
) {
    let mut connections = JoinSet::new();
    let mut number = 0;
    // Accepting fails only when this process has no more sockets; the client then sees a reset.
    while let Ok((client, _)) = listener.accept().await {
        number += 1;
        connections.spawn(forward(
            client,
            Arc::clone(&shared),
            upstream.clone(),
            number,
        ));
        while connections.try_join_next().is_some() {}
    }
}

async fn forward(
    mut client: TcpStream,
    shared: Arc<Shared>,
    mut upstream: watch::Receiver<Option<SocketAddr>>,
    number: u64,
) {
    let mut toxic = shared.toxic.subscribe();
    if *toxic.borrow() == Toxic::BlackHole {
        shared.count_fault();
        let removed = toxic.wait_for(|toxic| *toxic != Toxic::BlackHole);
        if removed.await.is_err() {
            return;
        }
    }
    let Ok(Some(address)) = upstream
        .wait_for(Option::is_some)
        .await
        .map(|address| *address)
    else {
        return;
    };
    if let Some(mut server) = connect(address).await {
        let (client_in, client_out) = client.split();
        let (server_in, server_out) = server.split();
        let both = tokio::try_join!(
            pump(client_in, server_out, &shared, number, Direction::Upstream),
            pump(
                server_in,
                client_out,
                &shared,
                number,
                Direction::Downstream
            ),
        );
        if both.is_ok() {
            return;
        }
        reset_on_close(server);
    }
    reset_on_close(client);
}

async fn connect(address: SocketAddr) -> Option<TcpStream> {
    let stream = TcpStream::connect(address).await.ok()?;
    // Where nothing listens on an ephemeral port, TCP's simultaneous open can connect a socket to itself.
    let is_self_connection = stream.local_addr().ok()? == address;
    (!is_self_connection).then_some(stream)
}

/// Closes a connection with a reset instead of an orderly end.
fn reset_on_close(stream: TcpStream) {
    // Fails only where the connection has ended already.
    let _ = stream.set_zero_linger();
}

async fn pump(
    mut from: ReadHalf<'_>,
    mut to: WriteHalf<'_>,
    shared: &Shared,
    number: u64,
    direction: Direction,
) -> Result<(), Reset> {
    let mut rng = StdRng::seed_from_u64(shared.seed ^ (number * 2 + direction as u64));
    // HalfClose closes one direction: upstream on odd connections, downstream on even ones.
    let is_half_closed = number.is_multiple_of(2) == (direction == Direction::Downstream);
    let mut toxic = shared.toxic.subscribe();
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let current = *toxic.borrow_and_update();
        let max_bytes = match current {
            Toxic::Slicer => SLICE_BYTES,
            Toxic::BlackHole => {
                shared.count_fault();
                toxic.changed().await.map_err(|_| Reset)?;
                continue;
            }
            _ => buffer.len(),
        };
        let read = tokio::select! {
            biased;
            changed = toxic.changed() => {
                if changed.is_err() || *toxic.borrow() == Toxic::ResetPeer {
                    shared.count_fault();
                    return Err(Reset);
                }
                continue;
            }
            read = from.read(&mut buffer[..max_bytes]) => read.map_err(|_| Reset)?,
        };
        if read == 0 {
            let _ = to.shutdown().await;
            return Ok(());
        }
        let mut chunk = &buffer[..read];
        match current {
            Toxic::Latency { max_ms } => {
                shared.count_fault();
                tokio::time::sleep(Duration::from_millis(rng.random_range(0..=max_ms))).await;
            }
            Toxic::Slicer => {
                shared.count_fault();
                tokio::time::sleep(SLICE_DELAY).await;
            }
            Toxic::HalfClose if is_half_closed => {
                shared.count_fault();
                chunk = &chunk[..rng.random_range(0..read)];
                to.write_all(chunk).await.map_err(|_| Reset)?;
                let _ = to.shutdown().await;
                // Later bytes are read and dropped, as by a peer that has not noticed the close.
                while from.read(&mut buffer).await.map_err(|_| Reset)? > 0 {}
                return Ok(());
            }
            // With a probability of one half per chunk, so that some requests arrive and only their responses are lost.
            Toxic::ResetPeer if rng.random_bool(0.5) => {
                shared.count_fault();
                chunk = &chunk[..rng.random_range(0..read)];
                let _ = to.write_all(chunk).await;
                return Err(Reset);
            }
            _ => {}
        }
        to.write_all(chunk).await.map_err(|_| Reset)?;
    }
}

impl Shared {
    fn count_fault(&self) {
        self.faults.fetch_add(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;

    use super::*;

    async fn start_echo_server() -> SocketAddr {
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

    async fn echo_through(toxic: Toxic) -> FaultProxy {
        let proxy = FaultProxy::start(7).await.unwrap();
        proxy.set_upstream(start_echo_server().await);
        proxy.set_toxic(toxic);
        proxy
    }

    /// Sends `bytes` bytes and returns how many come back before the end.
    async fn send(proxy: &FaultProxy, bytes: usize) -> std::io::Result<usize> {
        let mut stream = TcpStream::connect(proxy.address).await?;
        stream.write_all(&vec![b'x'; bytes]).await?;
        stream.shutdown().await?;
        let mut received = Vec::new();
        stream.read_to_end(&mut received).await
    }

    #[tokio::test]
    async fn without_a_toxic_everything_passes_and_ends() {
        let proxy = echo_through(Toxic::None).await;
        assert_eq!(send(&proxy, 100_000).await.unwrap(), 100_000);
        assert_eq!(proxy.fault_count(), 0);
    }

    #[tokio::test]
    async fn latency_and_slicer_lose_nothing() {
        for toxic in [Toxic::Latency { max_ms: 5 }, Toxic::Slicer] {
            let proxy = echo_through(toxic).await;
            assert_eq!(send(&proxy, 300).await.unwrap(), 300);
            assert!(proxy.fault_count() > 0);
        }
    }

    #[tokio::test]
    async fn bytes_held_by_a_black_hole_are_delivered_afterwards() {
        let proxy = echo_through(Toxic::BlackHole).await;
        let mut sending = Box::pin(send(&proxy, 300));
        let result = tokio::time::timeout(Duration::from_millis(50), &mut sending).await;
        assert!(result.is_err(), "{result:?}");
        assert!(proxy.fault_count() > 0);
        proxy.set_toxic(Toxic::None);
        assert_eq!(sending.await.unwrap(), 300);
    }

    #[tokio::test]
    async fn reset_peer_resets_existing_connections() {
        let proxy = echo_through(Toxic::None).await;
        let mut stream = TcpStream::connect(proxy.address).await.unwrap();
        stream.write_all(b"x").await.unwrap();
        assert_eq!(stream.read_u8().await.unwrap(), b'x');
        proxy.set_toxic(Toxic::ResetPeer);
        let error = stream.read_u8().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    }

    #[tokio::test]
    async fn half_close_truncates_the_echo() {
        let proxy = echo_through(Toxic::HalfClose).await;
        // The first connection loses its upstream direction, the second its downstream direction.
        for _ in 0..2 {
            assert!(send(&proxy, 300).await.unwrap() < 300);
        }
        assert_eq!(proxy.fault_count(), 2);
    }

    #[tokio::test]
    async fn a_dropped_proxy_refuses_connections() {
        let proxy = echo_through(Toxic::None).await;
        let address = proxy.address;
        drop(proxy);
        crate::wait::until("a refused connection", Duration::from_secs(5), || async {
            let error = TcpStream::connect(address).await.err()?;
            (error.kind() == ErrorKind::ConnectionRefused).then_some(())
        })
        .await
        .unwrap();
    }
}
