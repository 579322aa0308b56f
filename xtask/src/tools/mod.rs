//! Tools of the build and the tests: each `ensure` function finds its tool or installs it, into the target folder or, where it is
//! a package of the system, with apt-get. Knows nothing of the builds and tests that use the tools.

mod apt;
pub mod browser;
pub mod cpp;
pub mod node;
pub mod python;
pub mod wasm;
