//! Debian's package manager: the only way in which something is installed on the system itself, always with a message that names it.

use anyhow::bail;

use crate::{command, progress};

/// Returns whether this system has apt-get.
pub fn is_available() -> bool {
    command::find("apt-get").is_some()
}

/// Installs `packages` if this user is root; otherwise fails with the command that an administrator has to run.
pub fn install(purpose: &str, packages: &[&str]) -> anyhow::Result<()> {
    let list = packages.join(" ");
    if !rustix::process::geteuid().is_root() {
        bail!(
            "{purpose} needs packages that only root can install. Run this once, then the same command again:\n  \
             sudo apt-get update && sudo apt-get install -y --no-install-recommends {list}"
        );
    }
    eprintln!("Installing on this system with apt-get, for {purpose}: {list}");
    let mut update = command::program("apt-get");
    update.args(["update", "-q"]);
    progress::run("Updating the package lists", None, update)?;
    let mut install = command::program("apt-get");
    install
        .env("DEBIAN_FRONTEND", "noninteractive")
        .args(["install", "-y", "-q", "--no-install-recommends"])
        .args(packages);
    progress::run("Installing the packages", None, install)
}
