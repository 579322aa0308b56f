//! Shutdown requests: SIGTERM, Ctrl-C and the end of the supervisor all request an orderly shutdown.

use std::io::Read;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;

/// Environment variable set by a supervisor that holds the other end of standard input. The process shuts down when standard input
/// closes, however the supervisor ended, so that no process is left behind.
pub const EXIT_WITH_STDIN: &str = "TIFFIN_EXIT_WITH_STDIN";

/// Completes when a shutdown is requested. Installs the signal handlers when it is first polled.
///
/// # Errors
/// If the signal handlers cannot be installed.
pub async fn wait_for_request() -> std::io::Result<()> {
    install_handlers()?.await;
    Ok(())
}

/// Installs the signal handlers and returns a future that completes when a shutdown is requested. A signal that arrives before the
/// future is awaited is kept, and does not end the process abruptly.
///
/// # Errors
/// If the signal handlers cannot be installed.
pub fn install_handlers() -> std::io::Result<impl Future<Output = ()> + Send + 'static> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
            () = wait_for_supervisor_exit() => {}
        }
    })
}

async fn wait_for_supervisor_exit() {
    if std::env::var_os(EXIT_WITH_STDIN).is_none() {
        return std::future::pending().await;
    }
    let (sender, stdin_closed) = oneshot::channel();
    // A dedicated thread: a read that blocks on a thread of the runtime would keep the runtime from shutting down.
    std::thread::spawn(move || {
        let mut scratch = [0; 64];
        let mut stdin = std::io::stdin().lock();
        while matches!(stdin.read(&mut scratch), Ok(read) if read > 0) {}
        let _ = sender.send(());
    });
    let _ = stdin_closed.await;
}
