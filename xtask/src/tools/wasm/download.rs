//! Programs that their authors publish ready to run: an archive and its SHA-256 sum, fetched with curl and unpacked with tar.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, bail, ensure};
use sha2::{Digest, Sha256};

use crate::{command, progress};

/// Limits of curl, in seconds: where the network does not reach the host, or reaches it and stalls, the build goes on with compiling
/// soon.
const CURL_LIMITS: [(&str, &str); 4] = [
    ("--connect-timeout", "4"),
    ("--speed-time", "5"),
    ("--speed-limit", "1000"),
    ("--max-time", "300"),
];

/// A published archive with one program for this machine.
pub struct Release {
    program: &'static str,
    archive_url: String,
    checksum_url: String,
}

impl Release {
    /// Names the archive for this machine.
    ///
    /// # Errors
    /// If the authors publish none for it.
    pub fn of(program: &'static str, version: &str) -> anyhow::Result<Self> {
        let machine = (std::env::consts::OS, std::env::consts::ARCH);
        let (archive_url, checksum_suffix) = match (program, machine) {
            ("trunk", ("linux", arch @ ("x86_64" | "aarch64"))) => (
                format!(
                    "https://github.com/trunk-rs/trunk/releases/download/v{version}/trunk-{arch}-unknown-linux-musl.tar.gz"
                ),
                "sha256",
            ),
            ("wasm-bindgen", ("linux", arch @ ("x86_64" | "aarch64"))) => {
                let library = if arch == "x86_64" { "musl" } else { "gnu" };
                (
                    format!(
                        "https://github.com/wasm-bindgen/wasm-bindgen/releases/download/{version}/\
                         wasm-bindgen-{version}-{arch}-unknown-linux-{library}.tar.gz"
                    ),
                    "sha256sum",
                )
            }
            (_, (system, arch)) => {
                bail!("no archive of {program} is known for {system} on {arch}")
            }
        };
        Ok(Self {
            program,
            checksum_url: format!("{archive_url}.{checksum_suffix}"),
            archive_url,
        })
    }
}

/// Fetches the published SHA-256 sum, which also shows whether the network reaches the archive at all.
pub fn fetch_checksum(release: &Release) -> anyhow::Result<String> {
    let output = curl(&release.checksum_url)
        .output()
        .context("curl cannot start")?;
    let reason = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{}", reason.trim());
    parse_checksum(&String::from_utf8_lossy(&output.stdout))
}

/// Fetches the archive and puts its program into the folder `bin`, if the archive has the SHA-256 sum `checksum`.
pub fn install(release: &Release, checksum: &str, bin: &Path) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let archive = folder.path().join("archive.tar.gz");
    let mut fetch = curl(&release.archive_url);
    fetch.arg("--output").arg(&archive);
    let title = format!("Downloading {}", release.program);
    progress::run(&title, None, fetch)?;
    unpack(&archive, checksum, release.program, bin)
}

fn curl(url: &str) -> Command {
    let mut curl = command::program("curl");
    curl.args(["--fail", "--silent", "--show-error", "--location"]);
    for (option, seconds) in CURL_LIMITS {
        curl.args([option, seconds]);
    }
    curl.arg(url);
    curl
}

/// Reads the sum from a file of the sum alone or in the format of sha256sum(1).
fn parse_checksum(text: &str) -> anyhow::Result<String> {
    let sum = text.split_whitespace().next().unwrap_or_default();
    let is_sum = sum.len() == 64 && sum.bytes().all(|digit| digit.is_ascii_hexdigit());
    ensure!(is_sum, "the published checksum is not a SHA-256 sum");
    Ok(sum.to_ascii_lowercase())
}

/// Puts `program` into `bin` in one step, wherever in the archive it is.
fn unpack(archive: &Path, checksum: &str, program: &str, bin: &Path) -> anyhow::Result<()> {
    let content = fs::read(archive).context("cannot read the downloaded archive")?;
    ensure!(
        hex::encode(Sha256::digest(&content)) == checksum,
        "the downloaded archive has another checksum than the published one"
    );
    fs::create_dir_all(bin)
        .with_context(|| format!("cannot create the folder {}", bin.display()))?;
    // Beside its destination, because a file cannot be renamed to another file system.
    let folder = tempfile::tempdir_in(bin)?;
    let status = command::program("tar")
        .arg("--extract")
        .arg("--gzip")
        .arg("--file")
        .arg(archive)
        .arg("--directory")
        .arg(folder.path())
        .status()
        .context("tar cannot start")?;
    ensure!(status.success(), "tar cannot unpack the downloaded archive");
    let unpacked = find_file(folder.path(), program)?
        .with_context(|| format!("the downloaded archive contains no {program}"))?;
    fs::rename(unpacked, bin.join(program))
        .with_context(|| format!("cannot write {}", bin.join(program).display()))
}

fn find_file(folder: &Path, name: &str) -> anyhow::Result<Option<std::path::PathBuf>> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            if let Some(found) = find_file(&path, name)? {
                return Ok(Some(found));
            }
        } else if path.file_name().is_some_and(|file| file == name) {
            return Ok(Some(path));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SUM: &str = "3c11e08c37a06e707db364be01f6d6568082ff5470e38565bfed21e45b742b8e";

    #[test]
    fn both_formats_of_a_checksum_are_read() {
        for text in [format!("{SUM}\n"), format!("{SUM} *archive.tar.gz\n")] {
            assert_eq!(parse_checksum(&text).unwrap(), SUM);
        }
        for text in ["", "Not Found", &SUM[1..]] {
            assert!(parse_checksum(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_program_is_unpacked_only_from_the_archive_that_was_published() {
        let folder = tempfile::tempdir().unwrap();
        let (source, bin) = (folder.path().join("source"), folder.path().join("bin"));
        fs::create_dir_all(source.join("tool-1.0")).unwrap();
        fs::write(source.join("tool-1.0/tool"), "#!/bin/sh\necho tool 1.0\n").unwrap();
        let archive = folder.path().join("tool.tar.gz");
        let packed = command::program("tar")
            .arg("-C")
            .arg(&source)
            .arg("-czf")
            .arg(&archive)
            .arg("tool-1.0")
            .status();
        assert!(packed.unwrap().success());
        let sum = hex::encode(Sha256::digest(fs::read(&archive).unwrap()));

        assert!(unpack(&archive, SUM, "tool", &bin).is_err());
        assert!(!bin.join("tool").exists());
        assert!(unpack(&archive, &sum, "other", &bin).is_err());
        unpack(&archive, &sum, "tool", &bin).unwrap();
        assert!(bin.join("tool").is_file());
        assert_eq!(fs::read_dir(&bin).unwrap().count(), 1);
    }

    #[test]
    fn an_address_without_a_server_fails_at_once() {
        let release = Release {
            program: "tool",
            archive_url: String::new(),
            // Port 1 of this machine: refused, and not a name that a resolver would look for.
            checksum_url: "http://127.0.0.1:1/tool.sha256".to_owned(),
        };
        assert!(fetch_checksum(&release).is_err());
    }
}
