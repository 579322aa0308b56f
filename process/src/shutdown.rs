//! The end of a process: SIGTERM and Ctrl-C ask for an orderly one.

use tokio::signal::unix::{SignalKind, signal};

/// Completes when the process is asked to end.
///
/// # Errors
/// If the signal handlers cannot be installed.
pub async fn requested() -> std::io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}
