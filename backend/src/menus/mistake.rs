//! What is wrong with the files, in sentences for the people who wrote them.

use std::fmt;
use std::path::PathBuf;

/// One mistake: `menus/the-copper-pan.toml, line 12, ordering.prepare_minutes: must be a whole number from 1 to 240`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    file: String,
    /// From 1; absent when the whole file is meant.
    line: Option<usize>,
    /// Absent where the text is not even TOML.
    field: Option<String>,
    what: String,
}

impl Mistake {
    pub(super) fn of_file(file: &str, what: String) -> Self {
        Self {
            file: file.to_owned(),
            line: None,
            field: None,
            what,
        }
    }

    pub(super) fn of_line(file: &str, line: usize, field: Option<&str>, what: String) -> Self {
        Self {
            file: file.to_owned(),
            line: Some(line),
            field: field.map(ToOwned::to_owned),
            what,
        }
    }

    pub(super) fn line(&self) -> Option<usize> {
        self.line
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        if let Some(field) = &self.field {
            write!(f, ", {field}")?;
        }
        write!(f, ": {}", self.what)
    }
}

/// Why there is no catalogue.
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
    #[error("{}", lines(.0))]
    Mistakes(Vec<Mistake>),
}

fn lines(mistakes: &[Mistake]) -> String {
    let lines: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
    lines.join("\n")
}
