//! `cargo xtask drill`: test orders, a broken replica, and what customers would have noticed; on an installation that runs, or on
//! one of its own.

use std::env;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use crate::up::supervisor::{self, Plan, Started};
use crate::{command, paths};

/// As many as `cargo xtask up` starts.
const REPLICAS: u16 = 3;

/// What `arguments` are is the drill program's to say.
pub fn run(arguments: &[String]) -> anyhow::Result<()> {
    let binaries = match env::var_os("TIFFIN_BINARIES") {
        Some(given) => PathBuf::from(given),
        None => {
            command::build_optimised(&["drill"])?;
            paths::target().join("release")
        }
    };
    let program = binaries.join("drill");
    let elsewhere = |it: &String| it == "--url" || it.starts_with("--url=");
    let asks_for_help = |it: &String| it == "--help" || it == "-h";
    if arguments
        .iter()
        .any(|it| elsewhere(it) || asks_for_help(it))
    {
        return command::run(command::program(program).args(arguments));
    }
    let mut folder = tempfile::Builder::new().prefix("tiffin-drill-").tempdir()?;
    let outcome = on_our_own(&binaries, folder.path(), &program, arguments);
    if outcome.is_err() {
        // What went wrong is in the logs.
        folder.disable_cleanup(true);
        println!("Data and logs stay in {}", folder.path().display());
    }
    outcome
}

fn on_our_own(
    binaries: &Path,
    folder: &Path,
    program: &Path,
    arguments: &[String],
) -> anyhow::Result<()> {
    let plan = Plan {
        binaries: binaries.to_owned(),
        replicas: REPLICAS,
        addresses: vec![SocketAddr::from((Ipv4Addr::LOCALHOST, 0))],
        data: folder.to_owned(),
        logs: folder.join("logs"),
    };
    fs::create_dir_all(&plan.logs)
        .with_context(|| format!("cannot make the folder {}", plan.logs.display()))?;
    let drill = |started: &Started| {
        let password = started.password.as_deref().unwrap_or_default();
        command::program(program)
            .args(["--url", &started.url])
            .args(arguments)
            .env("TIFFIN_OPERATOR_PASSWORD", password)
            .spawn()
            .map(Some)
            .with_context(|| format!("cannot start {}", program.display()))
    };
    match supervisor::run(&plan, drill)? {
        Some(status) if status.success() => Ok(()),
        Some(_) => bail!("the drill did not end well; what it printed above says why"),
        None => bail!("the drill was interrupted"),
    }
}
