//! The server as a process: its output, its errors at start, and its end.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use rustix::process::{Pid, Signal, kill_process};

fn command(data: &Path, listen: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_server"));
    command
        .env_clear()
        .current_dir(data)
        .args(["--data", "data", "--listen", listen]);
    command
}

struct RunningServer {
    child: Child,
    /// The output up to the line with the address.
    lines: Vec<String>,
}

impl RunningServer {
    fn start(data: &Path) -> Self {
        let mut child = command(data, "127.0.0.1:0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = Vec::new();
        for line in BufReader::new(child.stdout.as_mut().unwrap()).lines() {
            lines.push(line.unwrap());
            if lines.last().unwrap().contains(" serves at ") {
                break;
            }
        }
        Self { child, lines }
    }

    fn address(&self) -> &str {
        let line = self.lines.last().unwrap();
        assert!(line.starts_with("server-"), "{line}");
        line.split_once(" serves at http://").unwrap().1
    }

    fn terminate(mut self) {
        kill_process(Pid::from_child(&self.child), Signal::TERM).unwrap();
        let status = self.child.wait().unwrap();
        assert!(status.success(), "{status}");
        let mut more = String::new();
        let mut out = self.child.stdout.take().unwrap();
        out.read_to_string(&mut more).unwrap();
        assert_eq!(more, "");
    }
}

fn start_error(command: &mut Command) -> String {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().unwrap();
    assert_eq!(status.code(), Some(1));
    assert!(stdout.is_empty());
    let output = String::from_utf8(stderr).unwrap();
    // The other lines are log lines.
    let sentence = output.lines().find(|line| line.starts_with("server: "));
    sentence.unwrap_or_else(|| panic!("{output}")).to_owned()
}

#[test]
fn the_password_is_printed_on_the_first_start_only() {
    let folder = tempfile::tempdir().unwrap();
    let first = RunningServer::start(folder.path());
    assert_eq!(first.lines.len(), 2, "{:?}", first.lines);
    assert!(first.lines[0].starts_with("operator password: "));
    first.terminate();
    let second = RunningServer::start(folder.path());
    assert_eq!(second.lines.len(), 1, "{:?}", second.lines);
    second.terminate();
}

#[test]
fn a_port_in_use_is_reported_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let running = RunningServer::start(folder.path());
    let error = start_error(&mut command(folder.path(), running.address()));
    assert!(
        error.contains("is in use; ") && error.contains("--listen"),
        "{error}"
    );
    running.terminate();
}

#[test]
fn a_faulty_configuration_is_reported_with_file_and_key() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("tiffin.toml"), "[server]\nlissen = 1").unwrap();
    let error = start_error(&mut command(folder.path(), "127.0.0.1:0"));
    assert!(
        error.contains("tiffin.toml") && error.contains("lissen"),
        "{error}"
    );
}
