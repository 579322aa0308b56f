//! A log that cannot be written is no reason to stop work.

use std::fs::File;
use std::io::Read;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// More than a pipe holds.
const LINES: usize = 10_000;
const PATIENCE: Duration = Duration::from_secs(20);

#[test]
#[ignore = "run by the other tests, in a process whose standard error takes nothing, or is read"]
fn says_something() {
    let _log = process::logs::init("info").unwrap();
    for line in 0..LINES {
        tracing::info!(line, "something");
    }
}

fn somebody_who_says_something() -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["says_something", "--exact", "--ignored", "--nocapture"]);
    command
}

#[test]
fn a_full_disk_ends_nobody_who_logs() {
    let full = File::options().write(true).open("/dev/full").unwrap();
    let said = somebody_who_says_something().stderr(full).output().unwrap();
    let told = String::from_utf8_lossy(&said.stdout);
    assert!(said.status.success(), "{told}");
    assert!(told.contains("1 passed"), "{told}");
}

#[test]
fn nobody_who_logs_waits_for_a_reader() {
    let mut child = somebody_who_says_something()
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdout = child.stdout.take().unwrap();
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        let mut text = String::new();
        let _ = stdout.read_to_string(&mut text);
        tell.send(text)
    });
    let told = told.recv_timeout(PATIENCE);
    child.kill().unwrap();
    child.wait().unwrap();
    let told = told.expect("it waits for whoever reads its log");
    assert!(told.contains("1 passed"), "{told}");
}

#[test]
fn what_was_said_is_written_before_the_end() {
    let said = somebody_who_says_something().output().unwrap();
    let log = String::from_utf8_lossy(&said.stderr);
    let last = format!("something line={}", LINES - 1);
    assert!(log.contains(&last), "{} bytes", log.len());
}
