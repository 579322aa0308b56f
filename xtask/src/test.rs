//! `cargo xtask test`: every test there is, with all set-up of its own. Continuous integration calls it and nothing else.

use std::time::{Duration, Instant};

use anyhow::bail;
use clap::Args;

use crate::tools::{browser, node};
use crate::{api, client, command, fuzz, paths};

/// What a phone on a slow network can be asked to load before it can order: page, script, style and wasm after brotli.
const CLIENT_LIMIT_BYTES: u64 = 150_000;

/// What properties are drawn from, unless it is set: the same code gets the same inputs wherever it is tested.
const DRAWN_FROM: (&str, &str) = ("PROPTEST_RNG_SEED", "1");

#[derive(Args)]
pub struct Settings {
    /// Only the steps whose name contains this: format, lint, rust, api, fuzz, client, browser
    #[arg(long, value_name = "STEP")]
    only: Option<String>,
}

struct Run {
    only: Option<String>,
    done: Vec<(&'static str, Duration)>,
}

pub fn run(settings: &Settings) -> anyhow::Result<()> {
    let mut run = Run {
        only: settings.only.clone(),
        done: Vec::new(),
    };
    run.step("format", || {
        command::run(cargo().args(["fmt", "--all", "--check"]))
    })?;
    run.step("lint", || {
        command::run(cargo().args([
            "clippy",
            "--workspace",
            "--exclude",
            "fuzz",
            "--all-targets",
            "--quiet",
            "--",
            "-D",
            "warnings",
        ]))
    })?;
    run.step("rust", || {
        let (name, usual) = DRAWN_FROM;
        let seed = std::env::var(name).unwrap_or_else(|_| usual.to_owned());
        let test = ["test", "--workspace", "--exclude", "fuzz", "--quiet"];
        command::run(cargo().args(test).env(name, seed))
    })?;
    run.step("api", || api::run(&api::Settings::in_test()))?;
    run.step("fuzz", fuzz::run_in_test)?;
    run.step("client", build_client)?;
    run.step("browser", browser_tests)?;
    if run.done.is_empty() {
        bail!(
            "no step is called `{}`; the steps are format, lint, rust, api, fuzz, client, browser",
            run.only.unwrap_or_default()
        );
    }
    println!("\nAll passed.");
    for (name, took) in &run.done {
        println!("  {name:<8} {}", command::duration(*took));
    }
    Ok(())
}

impl Run {
    fn step(
        &mut self,
        name: &'static str,
        work: impl FnOnce() -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        if self
            .only
            .as_ref()
            .is_some_and(|only| !name.contains(only.as_str()))
        {
            return Ok(());
        }
        let start = Instant::now();
        command::step(name, work)?;
        self.done.push((name, start.elapsed()));
        Ok(())
    }
}

fn cargo() -> std::process::Command {
    command::program("cargo")
}

fn build_client() -> anyhow::Result<()> {
    for client in client::build()? {
        for file in &client.files {
            println!(
                "  {:<48} {:>9} bytes, {:>7} with brotli",
                file.name, file.plain_bytes, file.brotli_bytes
            );
        }
        let together = client.brotli_bytes();
        println!("  {:<48} {together:>23} with brotli", client.page);
        if together > CLIENT_LIMIT_BYTES {
            bail!(
                "{} and what it loads weigh {together} bytes with brotli; the limit is {CLIENT_LIMIT_BYTES}",
                client.page
            );
        }
    }
    Ok(())
}

fn browser_tests() -> anyhow::Result<()> {
    let chromium = browser::ensure()?;
    node::ensure_end2end()?;
    command::run(cargo().args(["build", "-p", "backend", "-p", "server", "-p", "testkit"]))?;
    command::run(
        command::program("npm")
            .current_dir(paths::root().join("end2end"))
            .env("TIFFIN_CHROMIUM", chromium)
            .env("TIFFIN_BINARIES", paths::target().join("debug"))
            .args(["test", "--silent"]),
    )
}
