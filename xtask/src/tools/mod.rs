//! Tools that the build and the tests need: found where they are, installed where they are missing, into the target folder
//! unless they come from the system's package manager.

pub mod apt;
pub mod browser;
pub mod bundler;
pub mod cpp;
pub mod node;
pub mod python;
pub mod wasm;
