//! Faults that a drill injects into its own process: a kill, or a suspension for a while.

use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, getpid, kill_process};

/// Ends the process as `SIGKILL` from outside does: without finishing requests, logging or deregistering.
pub fn kill() -> ! {
    // The first process of a container cannot kill itself by a signal; `abort` below finishes nothing either.
    if let Err(error) = kill_process(getpid(), Signal::KILL) {
        tracing::error!(%error, "the process could not kill itself by a signal and aborts instead");
    }
    std::process::abort()
}

/// Suspends the whole process with `SIGSTOP` for `duration`, with all its requests, and returns when it continues. Blocks.
///
/// # Errors
/// If the helper process that continues this one cannot be started, or the signal fails; then nothing was suspended.
pub fn suspend(duration: Duration) -> io::Result<()> {
    let own = getpid();
    if own == Pid::INIT {
        return Err(io::Error::other(
            "the first process of a container cannot be suspended",
        ));
    }
    // The helper starts first, and in a process group of its own: Ctrl-C in a terminal must not end it and leave this process
    // suspended.
    let mut waker = Command::new("sh")
        .args(["-c", r#"sleep "$0"; kill -CONT "$1""#])
        .arg(format!("{:.3}", duration.as_secs_f64()))
        .arg(own.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()?;
    let stopped = kill_process(own, Signal::STOP);
    if stopped.is_err() {
        waker.kill()?;
    }
    waker.wait()?;
    Ok(stopped?)
}
