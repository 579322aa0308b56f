//! `cargo xtask fuzz`: runs the fuzz targets, which feed generated input to the parsers of untrusted data.
//!
//! The build has the same instrumentation as that of `cargo fuzz`, but in the workspace's own crates only; dependencies are those
//! that the tests compile, which takes a fraction of the time.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};
use clap::Args;

use crate::tools::cpp;
use crate::{command, paths};

struct FuzzTarget {
    name: &'static str,
    /// Folders with initial inputs.
    seeds: &'static [&'static str],
    max_input_bytes: u32,
}

const TARGETS: [FuzzTarget; 5] = [
    FuzzTarget {
        name: "postcodes",
        seeds: &["fuzz/seeds/postcodes"],
        max_input_bytes: 256,
    },
    FuzzTarget {
        name: "json",
        seeds: &["fuzz/seeds/json"],
        max_input_bytes: 4_096,
    },
    FuzzTarget {
        name: "menus",
        seeds: &["backend/src/menus/fixtures"],
        max_input_bytes: 8_192,
    },
    FuzzTarget {
        name: "providers",
        seeds: &["backend/src/geocode/fixtures"],
        max_input_bytes: 4_096,
    },
    FuzzTarget {
        name: "requests",
        seeds: &["fuzz/seeds/requests"],
        max_input_bytes: 8_192,
    },
];
/// Duration of each target in `cargo xtask test`.
const SECONDS_IN_TEST: u64 = 6;
/// Time after which an input counts as a hang.
const INPUT_TIMEOUT_S: u32 = 10;
const MAX_MEMORY_MB: u32 = 2_048;

#[derive(Args)]
pub struct FuzzArguments {
    /// Fuzz target: postcodes, json, menus, providers, requests
    target: String,

    /// Duration; until Ctrl-C or a finding by default
    #[arg(long, value_name = "N")]
    seconds: Option<u64>,

    /// Run the target once on this file, such as a finding of an earlier run
    #[arg(long, value_name = "FILE")]
    input: Option<PathBuf>,
}

pub fn run(arguments: &FuzzArguments) -> anyhow::Result<()> {
    let Some(target) = TARGETS
        .iter()
        .find(|target| target.name == arguments.target)
    else {
        let names = TARGETS.map(|target| target.name).join(", ");
        bail!(
            "there is no fuzz target `{}`; the targets are {names}",
            arguments.target
        );
    };
    build()?;
    if let Some(input) = &arguments.input {
        return command::run(program(target).arg(input));
    }
    let corpus = folder().join("corpus").join(target.name);
    run_target(target, &corpus, |fuzzer| {
        if let Some(seconds) = arguments.seconds {
            fuzzer.arg(format!("-max_total_time={seconds}"));
        }
        command::run(fuzzer)
    })
}

/// Runs every target for some seconds, from its seeds alone, so that a run does not depend on earlier ones.
pub fn run_in_test() -> anyhow::Result<()> {
    build()?;
    for target in &TARGETS {
        let corpus = folder().join("test").join(target.name);
        if corpus.exists() {
            fs::remove_dir_all(&corpus)
                .with_context(|| format!("cannot remove {}", corpus.display()))?;
        }
        run_target(target, &corpus, |fuzzer| {
            fuzzer.arg(format!("-max_total_time={SECONDS_IN_TEST}"));
            run_with_summary(target, fuzzer)
        })?;
    }
    Ok(())
}

fn build() -> anyhow::Result<()> {
    cpp::ensure("fuzzing")?;
    command::run(
        command::program("cargo")
            .env(
                "RUSTC_WORKSPACE_WRAPPER",
                paths::root().join("fuzz/rustc.sh"),
            )
            .args(["build", "--quiet", "-p", "fuzz", "--bins"]),
    )
}

/// Runs the fuzzer and prints one line; only a finding prints the fuzzer's whole output.
fn run_with_summary(target: &FuzzTarget, fuzzer: &mut Command) -> anyhow::Result<()> {
    let output = fuzzer.output().context("cannot start the fuzzer")?;
    let log = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        bail!(
            "{log}\nthe fuzzer found a failing input ({})",
            output.status
        );
    }
    let figure = |name: &str| {
        let line = log.lines().find(|line| line.starts_with(name));
        line.and_then(|line| line.split_whitespace().last())
            .unwrap_or("?")
            .to_owned()
    };
    println!(
        "  {:<10} {:>8} inputs, {:>5} reached new code, {:>4} MB at most",
        target.name,
        figure("stat::number_of_executed_units"),
        figure("stat::new_units_added"),
        figure("stat::peak_rss_mb"),
    );
    Ok(())
}

/// Prepares the fuzzer for `target` and runs it. The folder `corpus` keeps the inputs that reached new code.
fn run_target(
    target: &FuzzTarget,
    corpus: &Path,
    run: impl FnOnce(&mut Command) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let findings = folder().join("found");
    for folder in [corpus, &findings] {
        fs::create_dir_all(folder)
            .with_context(|| format!("cannot create the folder {}", folder.display()))?;
    }
    // A file system in memory, where there is one: a replica syncs every write, which is slow on a disk.
    let memory = Path::new("/dev/shm");
    let scratch = if memory.is_dir() {
        memory.join(format!("tiffin-fuzz-{}", std::process::id()))
    } else {
        folder().join("scratch")
    };
    fs::create_dir_all(&scratch)
        .with_context(|| format!("cannot create the folder {}", scratch.display()))?;
    let mut fuzzer = program(target);
    fuzzer
        .env("TMPDIR", &scratch)
        .arg(format!("-timeout={INPUT_TIMEOUT_S}"))
        .arg(format!("-rss_limit_mb={MAX_MEMORY_MB}"))
        .arg(format!("-max_len={}", target.max_input_bytes))
        .arg(format!(
            "-artifact_prefix={}/{}-",
            findings.display(),
            target.name
        ))
        .args(["-print_final_stats=1", "-print_funcs=0"]);
    fuzzer.arg(corpus);
    fuzzer.args(target.seeds.iter().map(|seeds| paths::root().join(seeds)));
    let result = run(&mut fuzzer).with_context(|| {
        format!(
            "the failing input is in {}; `cargo xtask fuzz {} --input FILE` repeats it",
            findings.display(),
            target.name
        )
    });
    // The fuzzer exits without running destructors, so temporary folders stay.
    fs::remove_dir_all(&scratch).with_context(|| format!("cannot remove {}", scratch.display()))?;
    result
}

fn program(target: &FuzzTarget) -> Command {
    command::program(paths::target().join("debug").join(target.name))
}

fn folder() -> PathBuf {
    paths::target().join("fuzz")
}
