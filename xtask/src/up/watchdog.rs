//! Listens to whether a child is alive, as systemd does: sd_notify(3).

use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use std::{env, fs, process};

use anyhow::Context;

/// A child that spoke once and then says nothing for this long hangs.
pub const PATIENCE: Duration = Duration::from_secs(10);
const ALIVE: &[u8] = b"WATCHDOG=1";

pub struct Watchdog {
    socket: UnixDatagram,
    path: PathBuf,
    /// When the child last said that it is alive; before the first time it is still starting.
    heard: Option<Instant>,
    listened: Instant,
}

impl Watchdog {
    pub fn of(name: &str) -> anyhow::Result<Self> {
        let path = env::temp_dir().join(format!("tiffin-{}-{name}.socket", process::id()));
        // Left behind by an earlier process with this id.
        let _ = fs::remove_file(&path);
        let socket = UnixDatagram::bind(&path)
            .with_context(|| format!("cannot listen at {}", path.display()))?;
        socket.set_nonblocking(true)?;
        Ok(Self {
            socket,
            path,
            heard: None,
            listened: Instant::now(),
        })
    }

    /// Where the child speaks to.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the child hangs at `now`. Asked again and again: who has not listened for long, being stopped with all the others
    /// (Ctrl-Z), does not blame them for their silence.
    pub fn hangs(&mut self, now: Instant) -> bool {
        let mut said = [0; 256];
        while let Ok(length) = self.socket.recv(&mut said) {
            if said[..length]
                .split(|byte| *byte == b'\n')
                .any(|line| line == ALIVE)
            {
                self.heard = Some(now);
            }
        }
        if now.duration_since(self.listened) > PATIENCE / 4 {
            self.heard = self.heard.map(|_| now);
        }
        self.listened = now;
        self.heard
            .is_some_and(|heard| now.duration_since(heard) > PATIENCE)
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

    /// Listens in each of the `seconds` after `start`; tells whether the child hung in the last.
    fn listen(watchdog: &mut Watchdog, start: Instant, seconds: RangeInclusive<u32>) -> bool {
        seconds
            .map(|second| watchdog.hangs(start + STEP * second))
            .last()
            == Some(true)
    }

    fn say(watchdog: &Watchdog, words: &str) {
        let child = UnixDatagram::unbound().unwrap();
        child.send_to(words.as_bytes(), watchdog.path()).unwrap();
    }

    #[test]
    fn who_spoke_and_falls_silent_hangs() {
        let mut watchdog = Watchdog::of("falls-silent").unwrap();
        let start = Instant::now();
        say(&watchdog, "READY=1\nWATCHDOG=1\n");
        assert!(!listen(&mut watchdog, start, 0..=10));
        say(&watchdog, "WATCHDOG=1\n");
        assert!(!listen(&mut watchdog, start, 11..=21));
        assert!(listen(&mut watchdog, start, 22..=22));
    }

    #[test]
    fn who_never_spoke_is_still_starting() {
        let mut watchdog = Watchdog::of("never-spoke").unwrap();
        say(&watchdog, "READY=1\n");
        assert!(!listen(&mut watchdog, Instant::now(), 0..=60));
    }

    #[test]
    fn who_did_not_listen_blames_nobody() {
        let mut watchdog = Watchdog::of("did-not-listen").unwrap();
        let start = Instant::now();
        say(&watchdog, "WATCHDOG=1\n");
        assert!(!listen(&mut watchdog, start, 0..=1));
        assert!(!listen(&mut watchdog, start, 60..=70));
        assert!(listen(&mut watchdog, start, 71..=71));
    }

    #[test]
    fn the_socket_goes_with_it() {
        let watchdog = Watchdog::of("goes").unwrap();
        let path = watchdog.path().to_owned();
        assert!(path.exists());
        drop(watchdog);
        assert!(!path.exists());
    }
}
