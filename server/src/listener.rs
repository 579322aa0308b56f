//! Accepts connections and lets hyper serve them: bounded in number, and in how long and how large a client may be.
//!
//! Knows nothing of what is asked; `routes` does.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

use crate::client_body::ClientBody;
use crate::gateway::Peer;
use crate::patience::Patient;
use crate::routes::Routes;
use crate::seats::{Leave, Seat, Seats};
use crate::workers::Workers;

/// Longest request line and headers. Browsers send one or two kilobytes, cookies included.
const LARGEST_HEAD_BYTES: usize = 16 * 1024;
/// Buffer of one connection, for reading and writing alike.
const BUFFER_BYTES: usize = 64 * 1024;
/// After an error that concerns this machine (no file descriptors left), before accepting again.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

#[derive(Clone, Copy, Debug)]
pub struct ClientLimits {
    pub max_connections: usize,
    /// To send headers (idle time between requests included), to send the rest, or to take in a part of the answer.
    pub patience: Duration,
}

/// Serves until `stop`, then ends each connection after the answer that it is at; `workers` are finished with the last.
pub async fn serve(
    listener: TcpListener,
    routes: Arc<Routes>,
    limits: ClientLimits,
    stop: CancellationToken,
    workers: Arc<Workers>,
) {
    let seats = Seats::new(limits.max_connections);
    loop {
        let accepted = async {
            let (stream, peer) = listener.accept().await?;
            // Taken from this runtime: the worker's own is to watch it.
            let stream = stream.into_std()?;
            Ok::<_, std::io::Error>((stream, peer, seats.take().await))
        };
        let accepted = tokio::select! {
            () = stop.cancelled() => return seats.close(),
            accepted = accepted => accepted,
        };
        match accepted {
            Ok((stream, peer, seat)) => {
                let serving = connection(stream, peer, Arc::clone(&routes), limits.patience, seat);
                workers.spawn(serving);
            }
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn connection(
    stream: std::net::TcpStream,
    peer: SocketAddr,
    routes: Arc<Routes>,
    patience: Duration,
    seat: Arc<Seat>,
) {
    let stream = match TcpStream::from_std(stream) {
        Ok(stream) => stream,
        Err(error) => {
            tracing::warn!(%error, "cannot watch a connection");
            return;
        }
    };
    // Fails only when the client is gone already, which serving will find out.
    let _ = stream.set_nodelay(true);
    let peer = Peer::new(peer.ip());
    let service = service_fn(|request| {
        let (routes, peer, seat) = (&routes, &peer, &seat);
        async move {
            seat.is_busy();
            let request = request.map(|body| ClientBody::new(body, Arc::clone(seat), patience));
            let answer = routes.answer(peer, request).await;
            if answer.body().is_whole() {
                seat.is_idle();
            } else {
                seat.is_listening();
            }
            Ok::<_, std::convert::Infallible>(answer)
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(patience)
        .max_header_size(LARGEST_HEAD_BYTES)
        .max_buf_size(BUFFER_BYTES)
        .serve_connection(TokioIo::new(Patient::new(stream, patience)), service);
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        biased;
        ended = connection.as_mut() => ended,
        why = seat.leaves() => {
            if why == Leave::Needed && !seat.serves() {
                return;
            }
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a client's connection ended early");
    }
}
