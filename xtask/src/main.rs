//! The project's own commands. `cargo xtask up` installs what is missing, builds and runs the whole system; `cargo xtask
//! test` does the same for all tests.

mod api;
mod bench;
mod chaos;
mod client;
mod command;
mod drill;
mod fuzz;
mod gazetteer;
mod paths;
mod test;
mod tools;
mod up;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Tiffin's own commands")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Install what is missing, build, and run replicas and a front-end server until Ctrl-C
    Up(up::Settings),
    /// Install what is missing and run every test
    Test(test::Settings),
    /// Run trunk with the environment that this machine's wasm build needs: `cargo xtask trunk serve`
    Trunk {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Print that environment for a shell: `eval "$(cargo xtask wasm-env)"`
    WasmEnv,
    /// Rebuild the table of postcodes that ships with the backend, from an ONS Postcode Directory CSV
    Gazetteer { csv: std::path::PathBuf },
    /// Measure, in one run: what the front-end server costs (gateway), what customers see of each fault beside HAProxy and nginx
    /// where they are installed (failover [RUNS]), what is still done under too much load (overload)
    Bench {
        #[arg(default_value = "gateway")]
        arguments: Vec<String>,
    },
    /// Break a whole Tiffin while customers order, and check what they were told
    Chaos(chaos::Settings),
    /// Send test orders while a replica is broken, and tell what customers would have noticed: on three replicas of its own, or
    /// on a running installation (--url URL); --help tells more
    #[command(disable_help_flag = true)]
    Drill {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Hold what the servers say of their API against what they answer
    Api(api::Settings),
    /// Read from a fuzzer what is otherwise read from strangers
    Fuzz(fuzz::Settings),
    /// Build the client for release, compressed, into dist/
    Client,
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Up(settings) => up::run(&settings),
        Command::Test(settings) => test::run(&settings),
        Command::Trunk { arguments } => client::trunk(&arguments),
        Command::WasmEnv => client::print_environment(),
        Command::Gazetteer { csv } => {
            gazetteer::run(&csv, &paths::root().join("backend/data/gazetteer.bin"))
        }
        Command::Bench { arguments } => bench::run(&arguments),
        Command::Chaos(settings) => chaos::run(&settings),
        Command::Drill { arguments } => drill::run(&arguments),
        Command::Api(settings) => api::run(&settings),
        Command::Fuzz(settings) => fuzz::run(&settings),
        Command::Client => client::build().map(|_| ()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\n{error:#}");
            ExitCode::FAILURE
        }
    }
}
