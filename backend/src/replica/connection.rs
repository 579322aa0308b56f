//! One connection: serving it, the operator's switch, and its orderly end.

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
use super::handle::InFlight;

/// After this long without a request the connection is closed. Longer than front-end servers keep an idle one, so that it is
/// they who close it: a request that crosses with our closing could not be told from one that we began.
const IDLE_LIMIT: Duration = Duration::from_secs(150);

/// Serves `stream` until its end. `ending` lets the request that it carries finish, then closes it. The operator's `down`
/// breaks it at once, as the death of the process would, unless all that it carries is a health request.
pub async fn serve(
    stream: TcpStream,
    router: Router,
    handle: ReplicaHandle,
    ending: CancellationToken,
) {
    let mut admin_state = handle.watch_admin_state();
    let busy = Arc::new(AtomicBool::new(false));
    let gate = Gate {
        router: TowerToHyperService::new(router),
        handle,
        busy: Arc::clone(&busy),
    };
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(IDLE_LIMIT)
        .serve_connection(TokioIo::new(stream), gate);
    let mut connection = pin!(connection);
    let mut asked_to_end = false;
    loop {
        tokio::select! {
            biased;
            Ok(()) = admin_state.changed() => {
                let down = *admin_state.borrow_and_update() == AdminState::Down;
                if down && busy.load(Ordering::Relaxed) {
                    return;
                }
            }
            () = ending.cancelled(), if !asked_to_end => {
                asked_to_end = true;
                connection.as_mut().graceful_shutdown();
            }
            ended = connection.as_mut() => {
                if let Err(error) = ended {
                    tracing::debug!(%error, "a connection broke");
                }
                return;
            }
        }
    }
}

/// Lets requests through to the router, or breaks the connection.
struct Gate {
    router: TowerToHyperService<Router>,
    handle: ReplicaHandle,
    /// The connection carries a request that the switch breaks.
    busy: Arc<AtomicBool>,
}

/// Returned to hyper, which then closes the connection without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the replica is switched down")]
struct SwitchedDown;

type Answering = Pin<Box<dyn Future<Output = Result<Response<CountedBody>, SwitchedDown>> + Send>>;

impl Service<Request<Incoming>> for Gate {
    type Response = Response<CountedBody>;
    type Error = SwitchedDown;
    type Future = Answering;

    fn call(&self, request: Request<Incoming>) -> Answering {
        let begun = if request.uri().path().starts_with("/health/") {
            None
        } else if self.handle.admin_state() == AdminState::Down {
            return Box::pin(std::future::ready(Err(SwitchedDown)));
        } else {
            Some(Begun::new(&self.handle, &self.busy))
        };
        let answer = self.router.call(request);
        Box::pin(async move {
            let response = answer
                .await
                .unwrap_or_else(|never: Infallible| match never {});
            Ok(response.map(|body| CountedBody {
                body,
                _begun: begun,
            }))
        })
    }
}

/// A request, from its head to the last byte of its answer.
struct Begun {
    busy: Arc<AtomicBool>,
    _counted: InFlight,
}

impl Begun {
    fn new(handle: &ReplicaHandle, busy: &Arc<AtomicBool>) -> Self {
        busy.store(true, Ordering::Relaxed);
        Self {
            busy: Arc::clone(busy),
            _counted: handle.begin(),
        }
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        self.busy.store(false, Ordering::Relaxed);
    }
}

/// The answer's body; the request counts as in flight until it is sent or given up.
struct CountedBody {
    body: Body,
    _begun: Option<Begun>,
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
