//! `cargo xtask test`: every check and test, with all of their setup. Continuous integration runs this command and nothing else.

use std::time::Duration;

use anyhow::bail;
use clap::Args;

use crate::tools::{browser, node};
use crate::{api, client, command, fuzz, paths, progress};

/// The most that a page may make a browser load, in bytes after brotli: page, script, style, icon and wasm.
const SIZE_LIMITS: [(&str, u64); 2] = [("index.html", 335_000), ("status.html", 180_000)];

/// Seed of the property tests, unless the variable is set: the same code gets the same inputs on every machine.
const PROPTEST_SEED: (&str, &str) = ("PROPTEST_RNG_SEED", "1");

#[derive(Args)]
pub struct TestArguments {
    /// Run only the steps whose name contains this: format, lint, rust, api, fuzz, client, browser
    #[arg(long, value_name = "STEP")]
    only: Option<String>,
}

/// The steps that the user asked for, and the durations of those that passed.
struct TestRun {
    only: Option<String>,
    passed: Vec<(&'static str, Duration)>,
}

pub fn run(arguments: &TestArguments) -> anyhow::Result<()> {
    let mut run = TestRun {
        only: arguments.only.clone(),
        passed: Vec::new(),
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
        let (name, default) = PROPTEST_SEED;
        let seed = std::env::var(name).unwrap_or_else(|_| default.to_owned());
        let test = ["test", "--workspace", "--exclude", "fuzz", "--quiet"];
        command::run(cargo().args(test).env(name, seed))
    })?;
    run.step("api", || api::run(&api::ApiArguments::for_test()))?;
    run.step("fuzz", fuzz::run_in_test)?;
    run.step("client", build_client)?;
    run.step("browser", browser_tests)?;
    if run.passed.is_empty() {
        bail!(
            "no step has `{}` in its name; the steps are format, lint, rust, api, fuzz, client, browser",
            run.only.unwrap_or_default()
        );
    }
    println!("\nAll passed.");
    for (name, duration) in &run.passed {
        println!("  {name:<8} {}", progress::format_duration(*duration));
    }
    Ok(())
}

impl TestRun {
    /// Runs a step, unless the user asked for others.
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
        let ((), duration) = progress::run_step(name, work)?;
        self.passed.push((name, duration));
        Ok(())
    }
}

fn cargo() -> std::process::Command {
    command::program("cargo")
}

fn build_client() -> anyhow::Result<()> {
    for page in client::build()? {
        for file in &page.files {
            println!(
                "  {:<48} {:>9} bytes, {:>7} with brotli",
                file.name, file.plain_bytes, file.brotli_bytes
            );
        }
        let size = page.brotli_bytes();
        println!("  {:<48} {size:>23} with brotli", page.name);
        let limit = SIZE_LIMITS.iter().find(|(name, _)| *name == page.name);
        if let Some((name, limit)) = limit
            && size > *limit
        {
            bail!("{name} and its files are {size} bytes with brotli; the limit is {limit}");
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
