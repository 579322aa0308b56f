//! The listener and its connections, from the first to the last.

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

/// When the process is out of file descriptors, the next attempt waits for some connection to end.
const AFTER_FAILED_ACCEPT: Duration = Duration::from_millis(50);

/// # Errors
/// If the address cannot be listened on; says what to do.
pub fn bind(address: SocketAddr) -> anyhow::Result<TcpListener> {
    process::listening::listen(address).with_context(|| {
        format!(
            "cannot listen on {address}; give another address with --listen, where port 0 takes a free one"
        )
    })
}

/// Serves until `ending`, then lets requests finish for as long as `drain`, and breaks what is left.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    handle: ReplicaHandle,
    ending: CancellationToken,
    drain: Duration,
) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    // Answers are small and written at once; waiting to fill a packet would only delay them.
                    if let Err(error) = stream.set_nodelay(true) {
                        tracing::debug!(%error, "a connection was gone before it was served");
                        continue;
                    }
                    let served =
                        connection::serve(stream, router.clone(), handle.clone(), ending.clone());
                    connections.spawn(served);
                }
                Err(error) => wait_after(&error).await,
            },
            Some(ended) = connections.join_next() => report(ended),
            () = ending.cancelled() => break,
        }
    }
    // New connections are refused from here on, which tells the caller that nothing was begun.
    drop(listener);
    let finished = async {
        while let Some(ended) = connections.join_next().await {
            report(ended);
        }
    };
    if timeout(drain, finished).await.is_err() {
        tracing::warn!(
            in_flight = handle.in_flight(),
            "requests did not finish in time and are broken off"
        );
        connections.shutdown().await;
    }
}

async fn wait_after(error: &io::Error) {
    let gone_before_accepted = matches!(
        error.kind(),
        ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset | ErrorKind::ConnectionRefused
    );
    if !gone_before_accepted {
        tracing::error!(%error, "cannot accept connections");
        sleep(AFTER_FAILED_ACCEPT).await;
    }
}

fn report(ended: Result<(), JoinError>) {
    if let Err(error) = ended {
        tracing::error!(%error, "a connection's task failed");
    }
}
