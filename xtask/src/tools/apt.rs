//! Debian's package manager: the one place where something is installed on the system itself, and only after saying so.

use anyhow::bail;

use crate::command;

/// Whether packages can be had from Debian's package manager at all.
pub fn present() -> bool {
    command::find("apt-get").is_some()
}

/// Installs `packages`; where that needs rights that this user lacks, says what to run.
pub fn install(purpose: &str, packages: &[&str]) -> anyhow::Result<()> {
    let list = packages.join(" ");
    if !rustix::process::geteuid().is_root() {
        bail!(
            "{purpose} needs packages that only root can install. Run this once, then the same command again:\n  \
             sudo apt-get update && sudo apt-get install -y --no-install-recommends {list}"
        );
    }
    println!("Installing on this system with apt-get, for {purpose}: {list}");
    command::run(command::program("apt-get").args(["update", "-q"]))?;
    command::run(
        command::program("apt-get")
            .env("DEBIAN_FRONTEND", "noninteractive")
            .args(["install", "-y", "-q", "--no-install-recommends"])
            .args(packages),
    )
}
