//! Parsers for the files of `/proc/PID`, see proc(5). Pure: they take the file's text.

use anyhow::Context;

/// The fields of `/proc/PID/stat` that the tests and benches use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProcessStat {
    pub pid: i32,
    pub parent_pid: i32,
    /// User and kernel time in clock ticks.
    pub cpu_ticks: u64,
    state: char,
}

impl ProcessStat {
    /// Parses the text of `/proc/PID/stat`.
    ///
    /// # Errors
    /// If a field is missing or not a number.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        // The program's name stands in brackets and may itself contain spaces and brackets.
        let (before, after) = text.rsplit_once(')').context("no program name in stat")?;
        let fields: Vec<&str> = after.split_whitespace().collect();
        let field = |number: usize| {
            fields
                .get(number - 3)
                .with_context(|| format!("no field {number} in stat"))
        };
        Ok(Self {
            pid: before
                .split(' ')
                .next()
                .context("no process id in stat")?
                .parse()?,
            parent_pid: field(4)?.parse()?,
            cpu_ticks: field(14)?.parse::<u64>()? + field(15)?.parse::<u64>()?,
            state: field(3)?.chars().next().context("an empty state in stat")?,
        })
    }

    /// Whether a signal (`SIGSTOP`) has stopped the process.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.state == 'T'
    }

    /// Whether the process has ended and its parent has not collected it yet.
    #[must_use]
    pub fn is_zombie(&self) -> bool {
        self.state == 'Z'
    }
}

/// Returns the value of a field of `/proc/PID/status`, such as `VmRSS`.
#[must_use]
pub fn status_field<'a>(status: &'a str, name: &str) -> Option<&'a str> {
    status.lines().find_map(|line| {
        let (field, value) = line.split_once(':')?;
        (field == name).then_some(value.trim())
    })
}

/// Returns the resident memory in kilobytes from the text of `/proc/PID/status`.
///
/// # Errors
/// If there is no such field, as for a zombie.
pub fn resident_kb(status: &str) -> anyhow::Result<u64> {
    let value = status_field(status, "VmRSS").context("no VmRSS in the process status")?;
    Ok(value.trim_end_matches(" kB").parse()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stat_is_parsed_although_the_program_name_has_brackets() {
        let text = "42 (a) b) T 7 42 42 0 -1 4194560 100 0 0 0 30 12 0 0 20 0 1 0 5";
        let stat = ProcessStat::parse(text).unwrap();
        assert_eq!((stat.pid, stat.parent_pid, stat.cpu_ticks), (42, 7, 42));
        assert!(stat.is_stopped());
        assert!(!stat.is_zombie());
        assert!(ProcessStat::parse("42 (backend) Z").is_err());
    }

    #[test]
    fn status_fields_are_found_by_their_whole_name() {
        let status = "State:\tT (stopped)\nVmRSS:\t  5120 kB\nTracerPid:\t9\n";
        assert_eq!(resident_kb(status).unwrap(), 5_120);
        assert_eq!(status_field(status, "TracerPid"), Some("9"));
        assert_eq!(status_field(status, "Vm"), None);
    }
}
