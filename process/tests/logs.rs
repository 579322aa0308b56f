//! Logging never blocks or ends the process, even if the log cannot be written.

use std::fs::File;
use std::io::Read;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// More lines than a pipe's buffer holds.
const LINES: usize = 10_000;
const DEADLINE: Duration = Duration::from_secs(20);

#[test]
#[ignore = "run by the other tests as a child process, whose standard error is full, unread, or read"]
fn log_many_lines() {
    let _log = process::logs::init("info").unwrap();
    for line in 0..LINES {
        tracing::info!(line, "something");
    }
}

fn logging_child() -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["log_many_lines", "--exact", "--ignored", "--nocapture"]);
    command
}

#[test]
fn a_full_disk_does_not_end_the_process() {
    let full = File::options().write(true).open("/dev/full").unwrap();
    let output = logging_child().stderr(full).output().unwrap();
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{stdout}");
    assert!(stdout.contains("1 passed"), "{stdout}");
}

#[test]
fn an_unread_pipe_does_not_block_the_process() {
    let mut child = logging_child()
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdout = child.stdout.take().unwrap();
    let (sender, outputs) = mpsc::channel();
    thread::spawn(move || {
        let mut text = String::new();
        let _ = stdout.read_to_string(&mut text);
        sender.send(text)
    });
    let output = outputs.recv_timeout(DEADLINE);
    child.kill().unwrap();
    child.wait().unwrap();
    let output = output.expect("the process waits for a reader of its log");
    assert!(output.contains("1 passed"), "{output}");
}

#[test]
fn buffered_lines_are_written_before_the_process_ends() {
    let output = logging_child().output().unwrap();
    let log = String::from_utf8_lossy(&output.stderr);
    let last = format!("something line={}", LINES - 1);
    assert!(log.contains(&last), "{} bytes", log.len());
}
