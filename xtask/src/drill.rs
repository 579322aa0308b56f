//! `cargo xtask drill`: test orders, a fault on one replica, and a report of what customers would have noticed; on a running
//! installation, or on one that it starts and ends itself.

use std::env;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};
use clap::Args;
use clap::builder::PossibleValuesParser;

use crate::up::supervisor::{self, Installation, Plan};
use crate::{command, paths};

/// The number that `cargo xtask up` starts by default.
const REPLICAS: u16 = 3;

/// Arguments of the drill program, parsed here as well: a mistake is reported before anything is built or started.
#[derive(Args)]
pub struct DrillArguments {
    /// A front-end server of the installation; without one, an installation is started for the drill and ended after it
    #[arg(long, value_name = "URL", requires = "password")]
    url: Option<String>,

    /// The operator's password; needed with --url
    #[arg(
        long,
        env = "TIFFIN_OPERATOR_PASSWORD",
        hide_env_values = true,
        value_name = "TEXT"
    )]
    password: Option<String>,

    /// Orders a second, 1 to 200
    #[arg(long, default_value = "50", value_name = "N", value_parser = clap::value_parser!(u32).range(1..=200))]
    rate: u32,

    /// Duration of the orders, 5 to 60; the fault starts after a third of it
    #[arg(long, default_value = "15", value_name = "N", value_parser = clap::value_parser!(u32).range(5..=60))]
    seconds: u32,

    /// What happens to the replica
    #[arg(long, default_value = "kill", value_parser = PossibleValuesParser::new(["kill", "hang", "down", "drain", "none"]))]
    fault: String,

    /// The replica's id; the primary by default
    #[arg(long, value_name = "ID")]
    replica: Option<String>,
}

pub fn run(arguments: &DrillArguments) -> anyhow::Result<()> {
    let binaries = match env::var_os("TIFFIN_BINARIES") {
        Some(folder) => PathBuf::from(folder),
        None => {
            command::build_release(&["drill"])?;
            paths::target().join("release")
        }
    };
    if let (Some(url), Some(password)) = (&arguments.url, &arguments.password) {
        return command::run(&mut drill_command(&binaries, arguments, url, password));
    }
    let mut folder = tempfile::Builder::new().prefix("tiffin-drill-").tempdir()?;
    let result = run_on_own_installation(&binaries, folder.path(), arguments);
    if result.is_err() {
        // The logs show the cause of the failure.
        folder.disable_cleanup(true);
        println!("Data and logs stay in {}", folder.path().display());
    }
    result
}

fn run_on_own_installation(
    binaries: &Path,
    folder: &Path,
    arguments: &DrillArguments,
) -> anyhow::Result<()> {
    let plan = Plan {
        binaries: binaries.to_owned(),
        replicas: REPLICAS,
        addresses: vec![SocketAddr::from((Ipv4Addr::LOCALHOST, 0))],
        data: folder.to_owned(),
        logs: folder.join("logs"),
    };
    fs::create_dir_all(&plan.logs)
        .with_context(|| format!("cannot create the folder {}", plan.logs.display()))?;
    let start_drill = |installation: &Installation| {
        let password = installation.password.as_deref().unwrap_or_default();
        drill_command(binaries, arguments, &installation.url, password)
            .spawn()
            .map(Some)
            .context("cannot start the drill program")
    };
    match supervisor::run(&plan, start_drill)? {
        Some(status) if status.success() => Ok(()),
        Some(_) => bail!("the drill failed; its output above shows the cause"),
        None => bail!("the drill was interrupted"),
    }
}

fn drill_command(
    binaries: &Path,
    arguments: &DrillArguments,
    url: &str,
    password: &str,
) -> Command {
    let mut drill = command::program(binaries.join("drill"));
    drill
        .args(["--url", url])
        .args(["--rate", &arguments.rate.to_string()])
        .args(["--seconds", &arguments.seconds.to_string()])
        .args(["--fault", &arguments.fault])
        // In the environment, because other users can read a process's arguments.
        .env("TIFFIN_OPERATOR_PASSWORD", password);
    if let Some(replica) = &arguments.replica {
        drill.args(["--replica", replica]);
    }
    drill
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct CommandLine {
        #[command(flatten)]
        drill: DrillArguments,
    }

    fn parse(arguments: &[&str]) -> Result<DrillArguments, clap::Error> {
        let arguments = std::iter::once(&"drill").chain(arguments);
        CommandLine::try_parse_from(arguments).map(|line| line.drill)
    }

    #[test]
    fn mistaken_arguments_are_rejected_before_anything_starts() {
        for mistake in [
            &["--fault", "fire"][..],
            &["--rate", "0"],
            &["--rate", "201"],
            &["--seconds", "61"],
            &["--second", "15"],
            &["extra"],
        ] {
            assert!(parse(mistake).is_err(), "{mistake:?}");
        }
    }

    #[test]
    fn arguments_reach_the_drill_program() {
        let arguments = parse(&["--rate", "20", "--fault", "hang", "--replica", "b"]).unwrap();
        let command = drill_command(Path::new("bin"), &arguments, "http://localhost", "secret");
        assert_eq!(
            command::display(&command),
            "drill --url http://localhost --rate 20 --seconds 15 --fault hang --replica b"
        );
    }
}
