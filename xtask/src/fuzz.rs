//! `cargo xtask fuzz`: reads from a fuzzer what is otherwise read from strangers.
//!
//! Builds what `cargo fuzz` would, but instruments our own crates alone and takes the others as the tests have them, which is a
//! fraction of the time.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};
use clap::Args;

use crate::tools::cpp;
use crate::{command, paths};

struct Target {
    name: &'static str,
    /// Folders with inputs to begin with.
    seeds: &'static [&'static str],
    longest_bytes: u32,
}

const TARGETS: [Target; 5] = [
    Target {
        name: "postcodes",
        seeds: &["fuzz/seeds/postcodes"],
        longest_bytes: 256,
    },
    Target {
        name: "json",
        seeds: &["fuzz/seeds/json"],
        longest_bytes: 4_096,
    },
    Target {
        name: "menus",
        seeds: &["backend/src/menus/fixtures"],
        longest_bytes: 8_192,
    },
    Target {
        name: "providers",
        seeds: &["backend/src/geocode/fixtures"],
        longest_bytes: 4_096,
    },
    Target {
        name: "requests",
        seeds: &["fuzz/seeds/requests"],
        longest_bytes: 8_192,
    },
];
/// For each target, where all of them are run.
const SECONDS_IN_TEST: u64 = 6;
/// Longer, and an input hangs.
const PATIENCE_S: u32 = 10;
const MOST_MEMORY_MB: u32 = 2_048;

#[derive(Args)]
pub struct Settings {
    /// What is read: postcodes, json, menus, providers, requests
    target: String,

    /// For how long; otherwise until Ctrl-C or a finding
    #[arg(long, value_name = "N")]
    seconds: Option<u64>,

    /// Read this file once instead: what an earlier run has found
    #[arg(long, value_name = "FILE")]
    input: Option<PathBuf>,
}

pub fn run(settings: &Settings) -> anyhow::Result<()> {
    let Some(target) = TARGETS.iter().find(|it| it.name == settings.target) else {
        let names = TARGETS.map(|target| target.name).join(", ");
        bail!(
            "no target is called `{}`; there are {names}",
            settings.target
        );
    };
    build()?;
    if let Some(input) = &settings.input {
        return command::run(program(target).arg(input));
    }
    let kept = folder().join("corpus").join(target.name);
    fuzz(target, &kept, |fuzzer| {
        if let Some(seconds) = settings.seconds {
            fuzzer.arg(format!("-max_total_time={seconds}"));
        }
        command::run(fuzzer)
    })
}

/// Every target for some seconds, from its seeds alone, so that a run does not depend on earlier ones.
pub fn run_in_test() -> anyhow::Result<()> {
    build()?;
    for target in &TARGETS {
        let fresh = folder().join("test").join(target.name);
        if fresh.exists() {
            fs::remove_dir_all(&fresh)
                .with_context(|| format!("cannot remove {}", fresh.display()))?;
        }
        fuzz(target, &fresh, |fuzzer| {
            fuzzer.arg(format!("-max_total_time={SECONDS_IN_TEST}"));
            briefly(target, fuzzer)
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

/// Tells all that the fuzzer has to say only where it found something.
fn briefly(target: &Target, fuzzer: &mut Command) -> anyhow::Result<()> {
    let output = fuzzer.output().context("cannot start the fuzzer")?;
    let said = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        bail!("{said}\nthe fuzzer has found something ({})", output.status);
    }
    let figure = |name: &str| {
        let line = said.lines().find(|line| line.starts_with(name));
        line.and_then(|line| line.split_whitespace().last())
            .unwrap_or("?")
            .to_owned()
    };
    println!(
        "  {:<10} {:>8} inputs, {:>5} reached something new, {:>4} MB at most",
        target.name,
        figure("stat::number_of_executed_units"),
        figure("stat::new_units_added"),
        figure("stat::peak_rss_mb"),
    );
    Ok(())
}

/// `corpus` keeps the inputs that reached something new.
fn fuzz(
    target: &Target,
    corpus: &Path,
    run: impl FnOnce(&mut Command) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let found = folder().join("found");
    for folder in [corpus, &found] {
        fs::create_dir_all(folder)
            .with_context(|| format!("cannot make the folder {}", folder.display()))?;
    }
    // What a replica writes is synced to disk again and again; a file system in memory is quicker, and spares the disk.
    let memory = Path::new("/dev/shm");
    let scratch = if memory.is_dir() {
        memory.join(format!("tiffin-fuzz-{}", std::process::id()))
    } else {
        folder().join("scratch")
    };
    fs::create_dir_all(&scratch)
        .with_context(|| format!("cannot make the folder {}", scratch.display()))?;
    let mut fuzzer = program(target);
    fuzzer
        .env("TMPDIR", &scratch)
        .arg(format!("-timeout={PATIENCE_S}"))
        .arg(format!("-rss_limit_mb={MOST_MEMORY_MB}"))
        .arg(format!("-max_len={}", target.longest_bytes))
        .arg(format!(
            "-artifact_prefix={}/{}-",
            found.display(),
            target.name
        ))
        .args(["-print_final_stats=1", "-print_funcs=0"]);
    fuzzer.arg(corpus);
    fuzzer.args(target.seeds.iter().map(|seeds| paths::root().join(seeds)));
    let outcome = run(&mut fuzzer).with_context(|| {
        format!(
            "an input that breaks it is in {}; `cargo xtask fuzz {} --input FILE` reads it again",
            found.display(),
            target.name
        )
    });
    // The fuzzer leaves without tidying up.
    fs::remove_dir_all(&scratch).with_context(|| format!("cannot remove {}", scratch.display()))?;
    outcome
}

fn program(target: &Target) -> Command {
    command::program(paths::target().join("debug").join(target.name))
}

fn folder() -> PathBuf {
    paths::target().join("fuzz")
}
