//! Progress of long work on standard error: numbered steps, and for each long command its title, the time that it is expected to
//! take on two cores, the elapsed time and its latest line of output. Knows nothing of what the commands do.
//!
//! Standard output stays free for results, such as the shell commands of `cargo xtask wasm-env`.

use std::io::{self, BufRead, BufReader, IsTerminal, PipeReader, Write};
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use crate::command;

/// Interval of the live line on a terminal.
const REFRESH_INTERVAL: Duration = Duration::from_secs(1);
/// Interval of progress lines where the output is no terminal: often enough to show that the command runs, rare enough not to fill
/// the log of continuous integration.
const LOG_INTERVAL: Duration = Duration::from_secs(30);
/// Width of the live line. A line that wraps could not be overwritten.
const LINE_WIDTH: usize = 79;

/// Counter of the steps of one command, printed as `[2/4] Client`.
pub struct Steps {
    number: u32,
    total: u32,
}

impl Steps {
    pub fn new(total: u32) -> Self {
        Self { number: 0, total }
    }

    /// Announces the next step.
    pub fn announce(&mut self, title: &str) {
        self.number += 1;
        eprintln!("\n[{}/{}] {title}", self.number, self.total);
    }
}

/// Runs `command` to its end and shows its progress in place of its output.
///
/// # Errors
/// If the command cannot start or fails; the error contains the command's whole output.
pub fn run(title: &str, expected: Option<Duration>, mut command: Command) -> anyhow::Result<()> {
    let shown = command::display(&command);
    let (output, writer) = io::pipe().context("cannot open a pipe")?;
    let mut child = command
        .stdin(Stdio::null())
        .stdout(writer.try_clone().context("cannot open a pipe")?)
        .stderr(writer)
        .spawn()
        .with_context(|| format!("cannot start `{shown}`"))?;
    // Closes this process's copies of the pipe, so that reading ends when the child does.
    drop(command);
    let mut line = ProgressLine::start(title, expected);
    let log = collect_output(&receive_lines(output), &mut line);
    let status = child.wait()?;
    line.finish();
    if !status.success() {
        bail!("{}\n`{shown}` failed ({status})", log.join("\n"));
    }
    Ok(())
}

/// Runs `work` between two lines that name it and its duration; the commands in it show their own output.
pub fn run_step<T>(
    title: &str,
    work: impl FnOnce() -> anyhow::Result<T>,
) -> anyhow::Result<(T, Duration)> {
    eprintln!("\n── {title}");
    let start = Instant::now();
    let result = work()?;
    let elapsed = start.elapsed();
    eprintln!("── {title}: {}", format_duration(elapsed));
    Ok((result, elapsed))
}

/// Formats a measured time: `4.2 s`, `3 min 05 s`.
pub fn format_duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    if seconds < 60 {
        format!("{:.1} s", duration.as_secs_f64())
    } else {
        format!("{} min {:02} s", seconds / 60, seconds % 60)
    }
}

/// Formats an expected time: `about 40 s`, `about 3 min`.
fn format_expected(duration: Duration) -> String {
    let seconds = duration.as_secs();
    if seconds < 60 {
        format!("about {seconds} s")
    } else {
        format!("about {} min", (seconds + 30) / 60)
    }
}

/// Reads lines on a thread of their own, so that the live line also moves while the command prints nothing.
fn receive_lines(output: PipeReader) -> Receiver<String> {
    let (sender, lines) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(output).split(b'\n').map_while(Result::ok) {
            if sender
                .send(String::from_utf8_lossy(&line).into_owned())
                .is_err()
            {
                break;
            }
        }
    });
    lines
}

fn collect_output(lines: &Receiver<String>, progress: &mut ProgressLine) -> Vec<String> {
    let mut log = Vec::new();
    loop {
        match lines.recv_timeout(REFRESH_INTERVAL) {
            Ok(line) => log.push(line),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return log,
        }
        progress.update(log.last().map_or("", String::as_str));
    }
}

/// The line about one running command: rewritten on a terminal, repeated now and then elsewhere.
struct ProgressLine {
    title: String,
    expected: String,
    start: Instant,
    last_print: Instant,
    is_terminal: bool,
}

impl ProgressLine {
    fn start(title: &str, expected: Option<Duration>) -> Self {
        let now = Instant::now();
        let line = Self {
            title: title.to_owned(),
            expected: expected
                .map(|expected| format!(", {}", format_expected(expected)))
                .unwrap_or_default(),
            start: now,
            last_print: now,
            is_terminal: io::stderr().is_terminal(),
        };
        if line.is_terminal {
            line.rewrite(&line.text(Duration::ZERO, ""));
        } else {
            eprintln!("  {}{}", line.title, line.expected);
        }
        line
    }

    fn update(&mut self, output: &str) {
        let elapsed = self.start.elapsed();
        if self.is_terminal {
            self.rewrite(&self.text(elapsed, output));
        } else if self.last_print.elapsed() >= LOG_INTERVAL {
            self.last_print = Instant::now();
            eprintln!("{}", self.text(elapsed, output));
        }
    }

    fn finish(&self) {
        let line = format!(
            "  {}: {}",
            self.title,
            format_duration(self.start.elapsed())
        );
        if self.is_terminal {
            self.rewrite(&line);
            eprintln!();
        } else {
            eprintln!("{line}");
        }
    }

    /// The whole line: title, expected and elapsed time, and as much of the output as fits.
    fn text(&self, elapsed: Duration, output: &str) -> String {
        let seconds = elapsed.as_secs();
        let (title, expected) = (&self.title, &self.expected);
        let line = format!("  {title}{expected}: {seconds} s  {}", output.trim());
        line.trim_end().chars().take(LINE_WIDTH).collect()
    }

    fn rewrite(&self, line: &str) {
        let mut terminal = io::stderr().lock();
        // A terminal that is gone stops no build.
        let _ = write!(terminal, "\r\x1b[2K{line}");
        let _ = terminal.flush();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = command::program("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn times_are_shown_in_seconds_and_minutes() {
        assert_eq!(format_duration(Duration::from_millis(4_200)), "4.2 s");
        assert_eq!(format_duration(Duration::from_secs(185)), "3 min 05 s");
        assert_eq!(format_expected(Duration::from_secs(40)), "about 40 s");
        assert_eq!(format_expected(Duration::from_secs(100)), "about 2 min");
    }

    #[test]
    fn a_line_has_title_times_and_output_and_does_not_wrap() {
        let line = ProgressLine {
            title: "Compiling trunk".to_owned(),
            expected: ", about 3 min".to_owned(),
            start: Instant::now(),
            last_print: Instant::now(),
            is_terminal: true,
        };
        assert_eq!(
            line.text(Duration::from_secs(65), "   Compiling syn v2.0.1\r"),
            "  Compiling trunk, about 3 min: 65 s  Compiling syn v2.0.1"
        );
        let long = line.text(Duration::ZERO, &"ü".repeat(200));
        assert_eq!(long.chars().count(), LINE_WIDTH);
    }

    #[test]
    fn a_failure_contains_all_output_in_its_order() {
        run("Succeeding", None, shell("echo out")).unwrap();
        let error = run("Failing", None, shell("echo out; echo err >&2; exit 3")).unwrap_err();
        let error = format!("{error:#}");
        assert!(error.starts_with("out\nerr\n"), "{error}");
        assert!(error.contains("exit status: 3"), "{error}");
    }

    #[test]
    fn steps_are_counted() {
        let mut steps = Steps::new(2);
        steps.announce("first");
        steps.announce("second");
        assert_eq!(steps.number, steps.total);
    }
}
