//! The clients: built by trunk as one page with two programs, made smaller, and given a page each.

mod compress;
mod page;
mod program;

use std::env;
use std::ffi::OsString;
use std::fs;
use std::process::Command;

use anyhow::Context;

use crate::tools::{node, wasm};
use crate::{command, paths};
pub use compress::Compressed;

/// A page of the build, and what it makes a browser fetch.
pub struct Client {
    pub page: &'static str,
    pub files: Vec<Compressed>,
}

impl Client {
    /// Page, script, style, icon and wasm as sent with brotli.
    pub fn brotli_bytes(&self) -> u64 {
        self.files.iter().map(|file| file.brotli_bytes).sum()
    }
}

/// Builds the clients for release into `dist/`, with `.br` and `.gz` beside each file.
pub fn build() -> anyhow::Result<Vec<Client>> {
    let environment = environment()?;
    command::run(trunk_command(&environment)?.args(["build", "--release"]))?;
    let dist = paths::dist();
    let html = dist.join("index.html");
    let built = fs::read_to_string(&html).context("trunk made no page")?;
    let mut pages = Vec::new();
    for kind in [&page::SHOP, &page::PANEL] {
        let program = program::finish(&dist, kind.program)?;
        let made = page::make(&built, kind, &program)?;
        fs::write(dist.join(kind.file), &made)
            .with_context(|| format!("cannot write {}", kind.file))?;
        pages.push((kind.file, made, program));
    }
    let files = compress::all_below(&dist)?;
    let mut clients = Vec::new();
    for (page, html, program) in pages {
        let of_page = |file: &Compressed| {
            file.name == page || file.name == program.wasm || html.contains(&file.name)
        };
        let own = files.iter().filter(|file| of_page(file)).cloned().collect();
        clients.push(Client { page, files: own });
    }
    Ok(clients)
}

/// Runs trunk with any arguments.
pub fn trunk(arguments: &[String]) -> anyhow::Result<()> {
    let environment = environment()?;
    command::run(trunk_command(&environment)?.args(arguments))
}

/// Prints the environment as shell commands.
pub fn print_environment() -> anyhow::Result<()> {
    for (variable, value) in variables(&environment()?)? {
        println!(
            "export {variable}='{}'",
            value.to_string_lossy().replace('\'', r"'\''")
        );
    }
    println!("unset NO_COLOR");
    Ok(())
}

fn environment() -> anyhow::Result<wasm::Environment> {
    let mut environment = wasm::ensure()?;
    environment.folders.extend(node::ensure_wasm_tools()?);
    Ok(environment)
}

fn variables(environment: &wasm::Environment) -> anyhow::Result<Vec<(&'static str, OsString)>> {
    let mut variables = environment.variables.clone();
    variables.push(("PATH", command::path_with(&environment.folders)?));
    Ok(variables)
}

fn trunk_command(environment: &wasm::Environment) -> anyhow::Result<Command> {
    // By its path: the PATH given to a child does not count for finding the child itself.
    let program = environment
        .folders
        .iter()
        .map(|folder| folder.join("trunk"))
        .find(|file| file.is_file());
    let mut command = command::program(program.context("trunk was installed but is not there")?);
    command.envs(variables(environment)?);
    // trunk reads NO_COLOR as true or false and refuses the usual 1.
    if env::var_os("NO_COLOR").is_some() {
        command.env("NO_COLOR", "true");
    }
    Ok(command)
}
