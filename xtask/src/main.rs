//! The project's own commands. `cargo xtask up` installs missing tools, builds and runs the whole system; `cargo xtask test` does the
//! same for all tests.

mod api;
mod bench;
mod chaos;
mod client;
mod command;
mod drill;
mod fuzz;
mod gazetteer;
mod paths;
mod progress;
mod test;
mod tools;
mod up;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    about = "Tiffin's own commands"
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Install missing tools, build, and run replicas and a front-end server until Ctrl-C
    Up(up::UpArguments),
    /// Install missing tools and run every test
    Test(test::TestArguments),
    /// Run trunk with the environment that this machine's WebAssembly build needs: `cargo xtask trunk serve`
    Trunk {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Print that environment for a shell: `eval "$(cargo xtask wasm-env)"`
    WasmEnv,
    /// Rebuild the table of postcodes that ships with the backend, from an ONS Postcode Directory CSV
    Gazetteer { csv: PathBuf },
    /// Measure, in one run: the cost of the front-end server (gateway), what customers see of each fault beside HAProxy and nginx where
    /// they are installed (failover [RUNS]), throughput under too much load (overload)
    Bench {
        /// As `cargo xtask bench help` lists them
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Break parts of a whole cluster while customers order, and check every answer they got
    Chaos(chaos::ChaosArguments),
    /// Send test orders while a replica is broken, and report what customers would have noticed: on three replicas of its own, or
    /// on a running installation (--url URL)
    Drill(drill::DrillArguments),
    /// Test the servers' answers against their OpenAPI descriptions
    Api(api::ApiArguments),
    /// Feed generated input to the parsers of untrusted data
    Fuzz(fuzz::FuzzArguments),
    /// Build the client for release, compressed, into dist/
    Client,
    /// Write the hashes of the pages' inline scripts and styles; run by trunk's hook
    #[command(hide = true)]
    Csp,
}

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Up(arguments) => up::run(&arguments),
        Command::Test(arguments) => test::run(&arguments),
        Command::Trunk { arguments } => client::trunk(&arguments),
        Command::WasmEnv => client::print_environment(),
        Command::Gazetteer { csv } => {
            gazetteer::run(&csv, &paths::root().join("backend/data/gazetteer.bin"))
        }
        Command::Bench { arguments } => bench::run(&arguments),
        Command::Chaos(arguments) => chaos::run(&arguments),
        Command::Drill(arguments) => drill::run(&arguments),
        Command::Api(arguments) => api::run(&arguments),
        Command::Fuzz(arguments) => fuzz::run(&arguments),
        Command::Client => client::build().map(|_| ()),
        Command::Csp => client::write_csp_files(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\n{error:#}");
            ExitCode::FAILURE
        }
    }
}
