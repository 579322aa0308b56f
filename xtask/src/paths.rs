//! Folders of the checkout and of cargo's output.

use std::env;
use std::path::{Path, PathBuf};

/// Variable in which cargo names the package's folder when it runs this program.
pub const MANIFEST_VARIABLE: &str = "CARGO_MANIFEST_DIR";

/// The checkout's top folder. The variable at run time has precedence over the one at build time: the executable may have been built
/// in another checkout that shares the target folder.
pub fn root() -> PathBuf {
    let package =
        env::var_os(MANIFEST_VARIABLE).unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    Path::new(&package)
        .parent()
        .expect("xtask is a folder of the checkout")
        .to_path_buf()
}

/// Cargo's output.
pub fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// Tools that the project installs for itself, so that nothing of them is installed on the user's system.
pub fn tools() -> PathBuf {
    target().join("tools")
}

/// The built client.
pub fn dist() -> PathBuf {
    root().join("dist")
}
