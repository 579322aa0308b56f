//! The listener: accepts connections until shutdown and lets them finish.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context;
use axum::Router;
use tokio::net::TcpListener;
use tokio::task::{JoinError, JoinSet};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::ReplicaHandle;
use super::connection;

/// Pause after a failed accept. The process is then usually out of file descriptors, and some connection has to end first.
const ACCEPT_RETRY_DELAY: Duration = Duration::from_millis(50);

/// Binds the address.
///
/// # Errors
/// If the address cannot be bound; the error says what to do.
pub fn bind(address: SocketAddr) -> anyhow::Result<TcpListener> {
    process::listening::listen(address).with_context(|| {
        format!(
            "cannot listen on {address}; give another address with --listen, where port 0 takes a free one"
        )
    })
}

/// Serves until `closing` is cancelled, then lets requests finish within `drain`, and breaks the connections that remain.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    handle: ReplicaHandle,
    closing: CancellationToken,
    drain: Duration,
) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    // Responses are small and written at once; waiting to fill a packet would only delay them.
                    if let Err(error) = stream.set_nodelay(true) {
                        tracing::debug!(%error, "a connection closed before it was served");
                        continue;
                    }
                    let served =
                        connection::serve(stream, router.clone(), handle.clone(), closing.clone());
                    connections.spawn(served);
                }
                Err(error) => back_off(&error).await,
            },
            Some(ended) = connections.join_next() => log_failure(ended),
            () = closing.cancelled() => break,
        }
    }
    // From here on new connections are refused, which tells the caller that no request was started.
    drop(listener);
    let finished = async {
        while let Some(ended) = connections.join_next().await {
            log_failure(ended);
        }
    };
    if timeout(drain, finished).await.is_err() {
        tracing::warn!(
            in_flight = handle.in_flight(),
            "requests did not finish in time; their connections are closed"
        );
        connections.shutdown().await;
    }
}

async fn back_off(error: &io::Error) {
    let closed_before_accepted = matches!(
        error.kind(),
        ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset | ErrorKind::ConnectionRefused
    );
    if !closed_before_accepted {
        tracing::error!(%error, "cannot accept connections");
        sleep(ACCEPT_RETRY_DELAY).await;
    }
}

fn log_failure(ended: Result<(), JoinError>) {
    if let Err(error) = ended {
        tracing::error!(%error, "a connection's task failed");
    }
}
