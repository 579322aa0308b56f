//! The client: each of its pages is built by trunk, then all are compressed into `dist/`.

mod compress;
mod csp;

use std::collections::BTreeSet;
use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Context;

use crate::tools::{node, wasm};
use crate::{command, paths};
pub use compress::Compressed;

/// The pages, each of them an HTML file in `app/` with a program of its own.
const PAGES: [&str; 2] = ["index.html", "status.html"];

/// A built page, and the files that a browser loads for it.
pub struct BuiltPage {
    pub name: &'static str,
    pub files: Vec<Compressed>,
}

impl BuiltPage {
    /// The size of page, script, wasm, style and icon as sent with brotli.
    pub fn brotli_bytes(&self) -> u64 {
        self.files.iter().map(|file| file.brotli_bytes).sum()
    }
}

/// Builds all pages for release into `dist/`, with `.br` and `.gz` beside each file.
pub fn build() -> anyhow::Result<Vec<BuiltPage>> {
    let environment = environment()?;
    let staging = paths::target().join("client");
    let mut built = Vec::new();
    for name in PAGES {
        // A folder for each page: trunk empties the folder that it builds into.
        let folder = staging.join(name.trim_end_matches(".html"));
        fs::create_dir_all(&folder)
            .with_context(|| format!("cannot create {}", folder.display()))?;
        let mut build = trunk_command(&environment)?;
        build.args(["build", "--release", "--html-output", name, "--dist"]);
        build.arg(&folder).arg(Path::new("app").join(name));
        command::run(&mut build)?;
        let files = compress::all_below(&folder)?;
        built.push((folder, BuiltPage { name, files }));
    }
    let folders: Vec<_> = built.iter().map(|(folder, _)| folder.as_path()).collect();
    publish(&folders, &paths::dist())?;
    Ok(built.into_iter().map(|(_, page)| page).collect())
}

/// Replaces the content of `dist` by that of the folders. Pages are copied last, and old files removed after them, so that a server
/// that serves `dist` meanwhile never has a page whose files are missing.
fn publish(folders: &[&Path], dist: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(dist).with_context(|| format!("cannot create {}", dist.display()))?;
    let mut files = Vec::new();
    for folder in folders {
        for entry in fs::read_dir(folder)? {
            files.push(entry?.path());
        }
    }
    files.sort_by_key(|file| is_page(file));
    let mut current = BTreeSet::new();
    for file in &files {
        let name = file.file_name().context("a file without a name")?;
        fs::copy(file, dist.join(name))
            .with_context(|| format!("cannot copy {} into dist", file.display()))?;
        current.insert(name.to_owned());
    }
    for entry in fs::read_dir(dist)? {
        let entry = entry?;
        if !current.contains(&entry.file_name()) && entry.file_type()?.is_file() {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Whether a file is a page, or a compressed form of one.
fn is_page(file: &Path) -> bool {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    name.contains(".html")
}

/// Writes the `.csp` files of the build that trunk is about to publish; the hook in `Trunk.toml` runs this.
pub fn write_csp_files() -> anyhow::Result<()> {
    let folder = env::var_os("TRUNK_STAGING_DIR").context(
        "`cargo xtask csp` is run by trunk, which names the folder in TRUNK_STAGING_DIR; run `trunk build` instead",
    )?;
    csp::write_files(Path::new(&folder))
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
    // For trunk's hook: this executable, because `cargo xtask` might be rebuilt with the client's compiler.
    command.env("TIFFIN_XTASK", env::current_exe()?);
    // trunk reads NO_COLOR as true or false and refuses the usual 1.
    if env::var_os("NO_COLOR").is_some() {
        command.env("NO_COLOR", "true");
    }
    Ok(command)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn publishing_replaces_what_was_there_before() {
        let folder = tempfile::tempdir().unwrap();
        let (shop, status) = (folder.path().join("shop"), folder.path().join("status"));
        let dist = folder.path().join("dist");
        for (page, files) in [
            (&shop, ["index.html", "shop-1.js"]),
            (&status, ["status.html", "status-1.js"]),
            (&dist, ["index.html", "shop-0.js"]),
        ] {
            fs::create_dir(page).unwrap();
            for file in files {
                fs::write(page.join(file), page.display().to_string()).unwrap();
            }
        }

        publish(&[&shop, &status], &dist).unwrap();

        let mut names: Vec<_> = fs::read_dir(&dist)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        assert_eq!(
            names,
            ["index.html", "shop-1.js", "status-1.js", "status.html"]
        );
        assert_eq!(
            fs::read_to_string(dist.join("index.html")).unwrap(),
            shop.display().to_string()
        );
    }
}
