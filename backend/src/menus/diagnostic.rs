//! Diagnostics of menu files, in sentences for the people who write the files. Must not know what a menu contains.

use std::fmt;
use std::path::PathBuf;

/// One error in a file: `menus/the-copper-pan.toml, line 12, ordering.prepare_minutes: must be a whole number from 1 to 240`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    file: String,
    /// From 1; absent for an error of the whole file.
    line: Option<usize>,
    /// Absent where the text is not TOML.
    field: Option<String>,
    message: String,
}

impl Diagnostic {
    pub(super) fn of_file(file: &str, message: String) -> Self {
        Self {
            file: file.to_owned(),
            line: None,
            field: None,
            message,
        }
    }

    pub(super) fn of_line(file: &str, line: usize, field: Option<&str>, message: String) -> Self {
        Self {
            file: file.to_owned(),
            line: Some(line),
            field: field.map(ToOwned::to_owned),
            message,
        }
    }

    pub(super) fn line(&self) -> Option<usize> {
        self.line
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        if let Some(field) = &self.field {
            write!(f, ", {field}")?;
        }
        write!(f, ": {}", self.message)
    }
}

/// Reason why a folder gives no catalogue.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    #[error("cannot read the folder {} ({error}); make it readable or name another", folder.display())]
    Folder {
        folder: PathBuf,
        error: std::io::Error,
    },
    #[error("no restaurant in {}/: add one file for each", folder.display())]
    Empty { folder: PathBuf },
    /// By file, then by line.
    #[error("{}", join_lines(.0))]
    Invalid(Vec<Diagnostic>),
}

fn join_lines(diagnostics: &[Diagnostic]) -> String {
    let lines: Vec<String> = diagnostics.iter().map(ToString::to_string).collect();
    lines.join("\n")
}
