//! Where things are in the checkout.

use std::env;
use std::path::{Path, PathBuf};

/// The checkout's top folder. Cargo tells it when it runs this; what was told when it was built may be another checkout that
/// shares the target folder.
pub fn root() -> PathBuf {
    let own =
        env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    Path::new(&own)
        .parent()
        .expect("xtask lies in the checkout")
        .to_path_buf()
}

/// Cargo's output.
pub fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// Tools that the project installs for itself; nothing of it lands on the user's system.
pub fn tools() -> PathBuf {
    target().join("tools")
}

/// The built client.
pub fn dist() -> PathBuf {
    root().join("dist")
}
