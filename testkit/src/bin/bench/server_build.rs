//! A build of the front-end server, so that one run can compare several.

use std::str::FromStr;

/// A front-end server's program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerBuild {
    pub name: String,
    /// A file name in the folder of the bench's own program, or an absolute path.
    pub program: String,
}

impl Default for ServerBuild {
    /// The build beside the bench.
    fn default() -> Self {
        Self {
            name: "Tiffin".to_owned(),
            program: "server".to_owned(),
        }
    }
}

impl ServerBuild {
    /// The build beside the bench, then `others`.
    pub fn with_present(others: &[Self]) -> impl Iterator<Item = Self> {
        std::iter::once(Self::default()).chain(others.iter().cloned())
    }
}

impl FromStr for ServerBuild {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, program) = text.split_once('=').ok_or("expected NAME=PATH")?;
        let program = std::path::absolute(program).map_err(|error| error.to_string())?;
        if !program.is_file() {
            return Err(format!("{} is no file", program.display()));
        }
        Ok(Self {
            name: name.to_owned(),
            program: program.display().to_string(),
        })
    }
}
