//! Tools of the client's build: the WebAssembly target of the compiler, trunk and wasm-bindgen.

mod download;
mod programs;
mod target;

pub use target::Environment;

/// Installs what is missing of the target, trunk and wasm-bindgen, and returns the environment that a build with them needs. The
/// folder that contains `trunk` is one of the environment's folders.
pub fn ensure() -> anyhow::Result<Environment> {
    let mut environment = target::ensure()?;
    environment.folders.extend(programs::ensure()?);
    Ok(environment)
}
