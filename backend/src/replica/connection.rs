//! One connection: serves requests, applies the operator's switch, and shuts down gracefully.

use std::convert::Infallible;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use hyper::body::{Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper::service::Service;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use model::status::AdminState;
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

use super::ReplicaHandle;
use super::handle::InFlightGuard;

/// How long a connection may be idle before the replica closes it. Longer than front-end servers keep an idle connection, so that they
/// close it: they could not distinguish a request that crosses with the replica's close from one that the replica started.
const IDLE_TIMEOUT: Duration = Duration::from_secs(150);

/// Serves `stream` until it closes. Cancelling `closing` lets the current request finish and then closes the connection. Switching the
/// replica `down` breaks the connection at once, as the end of the process would, unless its current request is a health request.
pub async fn serve(
    stream: TcpStream,
    router: Router,
    handle: ReplicaHandle,
    closing: CancellationToken,
) {
    let mut admin_state = handle.watch_admin_state();
    let busy = Arc::new(AtomicBool::new(false));
    let service = SwitchedService {
        router: TowerToHyperService::new(router),
        handle,
        busy: Arc::clone(&busy),
    };
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(IDLE_TIMEOUT)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    let mut is_closing = false;
    loop {
        tokio::select! {
            biased;
            Ok(()) = admin_state.changed() => {
                let down = *admin_state.borrow_and_update() == AdminState::Down;
                if down && busy.load(Ordering::Relaxed) {
                    return;
                }
            }
            () = closing.cancelled(), if !is_closing => {
                is_closing = true;
                connection.as_mut().graceful_shutdown();
            }
            ended = connection.as_mut() => {
                if let Err(error) = ended {
                    tracing::debug!(%error, "a connection failed");
                }
                return;
            }
        }
    }
}

/// Passes requests to the router, or breaks the connection where the replica is switched down.
struct SwitchedService {
    router: TowerToHyperService<Router>,
    handle: ReplicaHandle,
    /// Whether the connection carries a request that switching down breaks.
    busy: Arc<AtomicBool>,
}

/// Returned to hyper, which then closes the connection without a response.
#[derive(Debug, thiserror::Error)]
#[error("the replica is switched down")]
struct SwitchedDown;

type ResponseFuture =
    Pin<Box<dyn Future<Output = Result<Response<CountedBody>, SwitchedDown>> + Send>>;

impl Service<Request<Incoming>> for SwitchedService {
    type Response = Response<CountedBody>;
    type Error = SwitchedDown;
    type Future = ResponseFuture;

    fn call(&self, request: Request<Incoming>) -> ResponseFuture {
        let active = if request.uri().path().starts_with("/health/") {
            None
        } else if self.handle.admin_state() == AdminState::Down {
            return Box::pin(std::future::ready(Err(SwitchedDown)));
        } else {
            Some(ActiveRequest::new(&self.handle, &self.busy))
        };
        let response = self.router.call(request);
        Box::pin(async move {
            let response = response
                .await
                .unwrap_or_else(|never: Infallible| match never {});
            Ok(response.map(|body| CountedBody {
                body,
                _active: active,
            }))
        })
    }
}

/// A request in flight, from its head to the last byte of its response.
struct ActiveRequest {
    busy: Arc<AtomicBool>,
    _in_flight: InFlightGuard,
}

impl ActiveRequest {
    fn new(handle: &ReplicaHandle, busy: &Arc<AtomicBool>) -> Self {
        busy.store(true, Ordering::Relaxed);
        Self {
            busy: Arc::clone(busy),
            _in_flight: handle.count_request(),
        }
    }
}

impl Drop for ActiveRequest {
    fn drop(&mut self) {
        self.busy.store(false, Ordering::Relaxed);
    }
}

/// A response body that counts its request as in flight until it is sent or dropped.
struct CountedBody {
    body: Body,
    _active: Option<ActiveRequest>,
}

impl hyper::body::Body for CountedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
