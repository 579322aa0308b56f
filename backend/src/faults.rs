//! What a drill does to the process that it runs in: ends it at once, or stops it for a moment.

use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, getpid, kill_process};

/// Ends the process as `SIGKILL` from outside does: nothing is finished, said or deregistered.
pub fn die() -> ! {
    // The first process of a container cannot be killed from within; nothing is finished by this either.
    if let Err(error) = kill_process(getpid(), Signal::KILL) {
        tracing::error!(%error, "the system does not let the process kill itself");
    }
    std::process::abort()
}

/// Stops the whole process with `SIGSTOP`, with whatever it has in hand, and returns when it goes on. Blocks.
///
/// # Errors
/// If nobody could be found who wakes it again, or the system does not let it be stopped; nothing was done then.
pub fn hang(for_: Duration) -> io::Result<()> {
    let own = getpid();
    if own == Pid::INIT {
        return Err(io::Error::other(
            "the first process of a container cannot be stopped",
        ));
    }
    // Started first, and in a group of its own: Ctrl-C in a terminal must not end it and leave us standing.
    let mut waker = Command::new("sh")
        .args(["-c", r#"sleep "$0"; kill -CONT "$1""#])
        .arg(format!("{:.3}", for_.as_secs_f64()))
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
