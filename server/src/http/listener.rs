//! Accepts connections and serves HTTP/1.1 on them with hyper, with limits on the number of connections and on what one client may
//! take in time and size.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

use super::connection_slots::{CloseReason, ConnectionSlots, Slot};
use super::peer::Peer;
use super::request_body::RequestBodyTimeout;
use super::response_body::ResponseBody;
use super::workers::Workers;
use super::write_timeout::with_write_timeout;

/// Longest request line and headers. Browsers send one or two kilobytes, cookies included.
const MAX_HEAD_BYTES: usize = 16 * 1024;
/// Largest buffer of one connection, for reading and writing each.
const MAX_BUFFER_BYTES: usize = 64 * 1024;
/// Pause after an error of `accept` that concerns the machine (no file descriptors left) and would come again at once.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

#[derive(Clone, Copy, Debug)]
pub struct ClientLimits {
    pub max_connections: usize,
    /// Bounds each of three waits: for a request's headers (idle time between requests included), for its whole body, and for the
    /// client to read a part of the response.
    pub timeout: Duration,
}

/// Answers the requests of all connections.
pub trait RequestHandler: Send + Sync + 'static {
    fn handle(
        &self,
        peer: &Peer,
        request: Request<RequestBodyTimeout>,
    ) -> impl Future<Output = Response<ResponseBody>> + Send;
}

/// Serves until `stop`, then closes each connection after the response that is under way. Connections run on `workers`, which are
/// finished with the last of them.
pub async fn serve(
    listener: TcpListener,
    handler: Arc<impl RequestHandler>,
    limits: ClientLimits,
    stop: CancellationToken,
    workers: Arc<Workers>,
) {
    let slots = ConnectionSlots::new(limits.max_connections);
    loop {
        let accept = async {
            let (stream, peer) = listener.accept().await?;
            // Deregisters the socket from this runtime: the worker's own runtime is to poll it.
            let stream = stream.into_std()?;
            Ok::<_, std::io::Error>((stream, peer, slots.acquire().await))
        };
        let accepted = tokio::select! {
            () = stop.cancelled() => return slots.shut_down(),
            accepted = accept => accepted,
        };
        match accepted {
            Ok((stream, peer, slot)) => {
                let handler = Arc::clone(&handler);
                workers.spawn(serve_connection(
                    stream,
                    peer,
                    handler,
                    limits.timeout,
                    slot,
                ));
            }
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn serve_connection(
    stream: std::net::TcpStream,
    peer: SocketAddr,
    handler: Arc<impl RequestHandler>,
    timeout: Duration,
    slot: Arc<Slot>,
) {
    let stream = match TcpStream::from_std(stream) {
        Ok(stream) => stream,
        Err(error) => {
            tracing::warn!(%error, "cannot register a connection with its worker");
            return;
        }
    };
    // Fails only when the client is gone already, which the next read notices.
    let _ = stream.set_nodelay(true);
    let peer = Peer::new(peer.ip());
    let service = service_fn(|request: Request<hyper::body::Incoming>| {
        let (handler, peer, slot) = (&handler, &peer, &slot);
        async move {
            slot.set_processing();
            let request =
                request.map(|body| RequestBodyTimeout::new(body, Arc::clone(slot), timeout));
            let response = handler.handle(peer, request).await;
            if response.body().has_known_length() {
                slot.set_idle();
            } else {
                slot.set_streaming();
            }
            Ok::<_, std::convert::Infallible>(response)
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(timeout)
        .max_header_size(MAX_HEAD_BYTES)
        .max_buf_size(MAX_BUFFER_BYTES)
        .serve_connection(TokioIo::new(with_write_timeout(stream, timeout)), service);
    let mut connection = std::pin::pin!(connection);
    let result = tokio::select! {
        biased;
        result = connection.as_mut() => result,
        reason = slot.closed() => {
            if reason == CloseReason::Reclaimed && !slot.is_processing() {
                return;
            }
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = result {
        tracing::debug!(%error, "a client's connection ended early");
    }
}
