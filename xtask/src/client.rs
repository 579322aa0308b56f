//! The client: built by trunk, compressed once, so that the front-end server need not.

use std::env;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;

use crate::tools::wasm::Aim;
use crate::tools::{bundler, node, wasm};
use crate::{command, paths};

/// Extensions worth compressing; pictures and fonts are compressed already.
const COMPRESSED: [&str; 6] = ["html", "js", "css", "wasm", "svg", "webmanifest"];
const BROTLI_WINDOW_BITS: i32 = 22;
const BROTLI_BEST: i32 = 11;

/// What the client weighs.
pub struct Weight {
    /// Bytes of page, script, style and wasm as sent with brotli.
    pub brotli_bytes: u64,
    pub files: Vec<(String, u64, u64)>,
}

/// Builds the client for release into `dist/`, with `.br` and `.gz` beside each file.
pub fn build() -> anyhow::Result<Weight> {
    let environment = environment(Aim::Release)?;
    command::run(trunk_command(&environment)?.args(["build", "--release"]))?;
    compress(&paths::dist())
}

/// Runs trunk with any arguments.
pub fn trunk(arguments: &[String]) -> anyhow::Result<()> {
    let release = arguments.iter().any(|argument| argument == "--release");
    let environment = environment(if release {
        Aim::Release
    } else {
        Aim::Development
    })?;
    command::run(trunk_command(&environment)?.args(arguments))
}

/// Prints the environment as shell commands.
pub fn print_environment() -> anyhow::Result<()> {
    for (variable, value) in variables(&environment(Aim::Development)?)? {
        println!(
            "export {variable}='{}'",
            value.to_string_lossy().replace('\'', r"'\''")
        );
    }
    println!("unset NO_COLOR");
    Ok(())
}

fn environment(aim: Aim) -> anyhow::Result<wasm::Environment> {
    let mut environment = wasm::ensure(aim)?;
    environment.folders.push(bundler::ensure()?);
    environment.folders.extend(node::ensure_wasm_opt()?);
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

fn compress(dist: &Path) -> anyhow::Result<Weight> {
    let mut files = Vec::new();
    for file in files_below(dist)? {
        let extension = file
            .extension()
            .and_then(|extension| extension.to_str())
            .unwrap_or_default();
        if !COMPRESSED.contains(&extension) {
            continue;
        }
        let plain = fs::metadata(&file)?.len();
        let brotli = write_brotli(&file)?;
        write_gzip(&file)?;
        files.push((
            file.strip_prefix(dist)
                .unwrap_or(&file)
                .display()
                .to_string(),
            plain,
            brotli,
        ));
    }
    let brotli_bytes = files.iter().map(|(_, _, brotli)| brotli).sum();
    Ok(Weight {
        brotli_bytes,
        files,
    })
}

fn write_brotli(file: &Path) -> anyhow::Result<u64> {
    let mut input = BufReader::new(File::open(file)?);
    let mut output = Vec::new();
    let parameters = brotli::enc::BrotliEncoderParams {
        quality: BROTLI_BEST,
        lgwin: BROTLI_WINDOW_BITS,
        ..Default::default()
    };
    brotli::BrotliCompress(&mut input, &mut output, &parameters)
        .with_context(|| format!("cannot compress {}", file.display()))?;
    fs::write(appended(file, "br"), &output)?;
    Ok(output.len() as u64)
}

fn write_gzip(file: &Path) -> anyhow::Result<()> {
    let mut encoder = flate2::write::GzEncoder::new(
        File::create(appended(file, "gz"))?,
        flate2::Compression::best(),
    );
    encoder.write_all(&fs::read(file)?)?;
    encoder
        .finish()
        .with_context(|| format!("cannot compress {}", file.display()))?;
    Ok(())
}

fn appended(file: &Path, extension: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".");
    name.push(extension);
    PathBuf::from(name)
}

fn files_below(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in
            fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?
        {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path)
            } else {
                files.push(path)
            }
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn what_is_compressed_unpacks_to_the_same() {
        let dist = tempfile::tempdir().unwrap();
        fs::create_dir(dist.path().join("icons")).unwrap();
        let text = "tiffin ".repeat(1000);
        fs::write(dist.path().join("index.html"), &text).unwrap();
        fs::write(dist.path().join("icons/tin.svg"), &text).unwrap();
        fs::write(dist.path().join("photo.webp"), &text).unwrap();

        let weight = compress(dist.path()).unwrap();

        let names: Vec<&str> = weight
            .files
            .iter()
            .map(|(name, _, _)| name.as_str())
            .collect();
        assert_eq!(names, ["icons/tin.svg", "index.html"]);
        let mut unpacked = String::new();
        brotli::Decompressor::new(File::open(dist.path().join("index.html.br")).unwrap(), 4096)
            .read_to_string(&mut unpacked)
            .unwrap();
        assert_eq!(unpacked, text);
        let mut unpacked = String::new();
        flate2::read::GzDecoder::new(File::open(dist.path().join("icons/tin.svg.gz")).unwrap())
            .read_to_string(&mut unpacked)
            .unwrap();
        assert_eq!(unpacked, text);
        assert!(!dist.path().join("photo.webp.br").exists());
    }
}
