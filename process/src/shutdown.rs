//! The end of a process: SIGTERM and Ctrl-C ask for an orderly one, and so does the end of the supervisor.

use std::io::Read;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;

/// Set by a supervisor that holds the other end of standard input: when that end closes, however the supervisor died, the
/// process ends too, so that nothing is left behind.
pub const EXIT_WITH_STDIN: &str = "TIFFIN_EXIT_WITH_STDIN";

/// Completes when the process is asked to end. Listens from when it is first polled.
///
/// # Errors
/// If the signal handlers cannot be installed.
pub async fn wait_for_request() -> std::io::Result<()> {
    install_handlers()?.await;
    Ok(())
}

/// Completes when the process is asked to end. Listens from now on: a signal that comes before this is awaited is not missed,
/// and does not end the process abruptly.
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
            () = supervisor_gone() => {}
        }
    })
}

async fn supervisor_gone() {
    if std::env::var_os(EXIT_WITH_STDIN).is_none() {
        return std::future::pending().await;
    }
    let (closed, gone) = oneshot::channel();
    // A thread of its own: a blocked read on the runtime's threads would hold the runtime open at the end.
    std::thread::spawn(move || {
        let mut scratch = [0; 64];
        let mut stdin = std::io::stdin().lock();
        while matches!(stdin.read(&mut scratch), Ok(read) if read > 0) {}
        let _ = closed.send(());
    });
    let _ = gone.await;
}
