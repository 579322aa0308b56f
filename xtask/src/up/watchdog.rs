//! Detects a hung process by the heartbeats that it sends as to systemd: sd_notify(3). Knows nothing of what follows from a hang.

use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use std::{env, fs, process};

use anyhow::Context;

/// Silence after which a process that has sent a heartbeat counts as hung. Shorter, and a busy machine is taken for a hang; longer,
/// and a hung process stays longer.
pub const HANG_TIMEOUT: Duration = Duration::from_secs(10);
const HEARTBEAT: &[u8] = b"WATCHDOG=1";

/// The socket for the heartbeats of one process, and when the last one came.
pub struct Watchdog {
    socket: UnixDatagram,
    path: PathBuf,
    /// Time of the last heartbeat; `None` while the process is still starting.
    last_heartbeat: Option<Instant>,
    last_check: Instant,
}

impl Watchdog {
    /// Opens the socket for the process `name`.
    pub fn bind(name: &str) -> anyhow::Result<Self> {
        let path = env::temp_dir().join(format!("tiffin-{}-{name}.socket", process::id()));
        // Remains of an earlier supervisor with this process id.
        let _ = fs::remove_file(&path);
        let socket = UnixDatagram::bind(&path)
            .with_context(|| format!("cannot listen at {}", path.display()))?;
        socket.set_nonblocking(true)?;
        Ok(Self {
            socket,
            path,
            last_heartbeat: None,
            last_check: Instant::now(),
        })
    }

    /// The socket's path, for the process's environment.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns whether the process hangs at `now`; called several times a second. After a long pause between two calls, as when
    /// Ctrl-Z stopped the supervisor and all processes together, the silence does not count as a hang.
    pub fn hangs(&mut self, now: Instant) -> bool {
        let mut message = [0; 256];
        while let Ok(length) = self.socket.recv(&mut message) {
            if message[..length]
                .split(|byte| *byte == b'\n')
                .any(|line| line == HEARTBEAT)
            {
                self.last_heartbeat = Some(now);
            }
        }
        if now.duration_since(self.last_check) > HANG_TIMEOUT / 4 {
            self.last_heartbeat = self.last_heartbeat.map(|_| now);
        }
        self.last_check = now;
        self.last_heartbeat
            .is_some_and(|heartbeat| now.duration_since(heartbeat) > HANG_TIMEOUT)
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use std::ops::RangeInclusive;

    use super::*;

    const STEP: Duration = Duration::from_secs(1);

    /// Checks in each of the `seconds` after `start`; returns whether the process hung in the last.
    fn check(watchdog: &mut Watchdog, start: Instant, seconds: RangeInclusive<u32>) -> bool {
        seconds
            .map(|second| watchdog.hangs(start + STEP * second))
            .last()
            == Some(true)
    }

    fn send(watchdog: &Watchdog, message: &str) {
        let child = UnixDatagram::unbound().unwrap();
        child.send_to(message.as_bytes(), watchdog.path()).unwrap();
    }

    #[test]
    fn a_process_without_heartbeats_hangs() {
        let mut watchdog = Watchdog::bind("silent").unwrap();
        let start = Instant::now();
        send(&watchdog, "READY=1\nWATCHDOG=1\n");
        assert!(!check(&mut watchdog, start, 0..=10));
        send(&watchdog, "WATCHDOG=1\n");
        assert!(!check(&mut watchdog, start, 11..=21));
        assert!(check(&mut watchdog, start, 22..=22));
    }

    #[test]
    fn a_process_before_its_first_heartbeat_is_still_starting() {
        let mut watchdog = Watchdog::bind("starting").unwrap();
        send(&watchdog, "READY=1\n");
        assert!(!check(&mut watchdog, Instant::now(), 0..=60));
    }

    #[test]
    fn a_pause_between_checks_is_not_a_hang() {
        let mut watchdog = Watchdog::bind("paused").unwrap();
        let start = Instant::now();
        send(&watchdog, "WATCHDOG=1\n");
        assert!(!check(&mut watchdog, start, 0..=1));
        assert!(!check(&mut watchdog, start, 60..=70));
        assert!(check(&mut watchdog, start, 71..=71));
    }

    #[test]
    fn the_socket_is_removed_with_the_watchdog() {
        let watchdog = Watchdog::bind("removed").unwrap();
        let path = watchdog.path().to_owned();
        assert!(path.exists());
        drop(watchdog);
        assert!(!path.exists());
    }
}
