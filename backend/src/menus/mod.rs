//! Reader of the files in `menus/*.toml`, in which restaurants describe themselves and their menus. One file per restaurant.
//!
//! All errors of all files are reported together, each in a sentence with file, line, field and remedy. That is why the documents are
//! walked here and not deserialised with serde, which stops at the first error. Must not know HTTP, orders or the time.

mod diagnostic;
mod dishes;
mod hours;
mod options;
mod reader;
mod restaurant;
mod values;

#[cfg(test)]
pub mod fixtures;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::domain::{Catalogue, Restaurant, drill};

pub use diagnostic::{CatalogueError, Diagnostic};
use reader::Reader;

/// Loads all restaurants of a folder.
///
/// # Errors
/// If the folder cannot be read or has no restaurant, or with all errors of all files.
pub fn load(folder: &Path) -> Result<Catalogue, CatalogueError> {
    let mut restaurants = Vec::new();
    let mut diagnostics = Vec::new();
    let mut slugs: BTreeMap<String, String> = BTreeMap::new();
    for file in list_files(folder)? {
        let name = file.display().to_string();
        let text = match fs::read_to_string(&file) {
            Ok(text) => text,
            Err(error) => {
                diagnostics.push(Diagnostic::of_file(
                    &name,
                    format!("cannot be read ({error}); make it a readable file of UTF-8 text"),
                ));
                continue;
            }
        };
        let stem = file
            .file_stem()
            .map(|stem| stem.to_string_lossy().into_owned())
            .unwrap_or_default();
        let reader = Reader::new(&name, &text);
        let restaurant = restaurant::read(&reader, &stem, &mut slugs);
        diagnostics.extend(reader.into_diagnostics());
        restaurants.extend(restaurant);
    }
    if diagnostics.is_empty() {
        Ok(Catalogue::new(restaurants))
    } else {
        Err(CatalogueError::Invalid(diagnostics))
    }
}

/// Parses one file's text; `stem` is the file's name without `.toml`.
///
/// # Errors
/// All errors in the text.
pub fn parse(stem: &str, text: &str) -> Result<Restaurant, CatalogueError> {
    let file = format!("{stem}.toml");
    let reader = Reader::new(&file, text);
    let restaurant = restaurant::read(&reader, stem, &mut BTreeMap::new());
    let diagnostics = reader.into_diagnostics();
    match restaurant {
        Some(restaurant) if diagnostics.is_empty() => Ok(restaurant),
        _ => Err(CatalogueError::Invalid(diagnostics)),
    }
}

/// Loads the restaurant of drill orders, which ships with the replica and is in no catalogue.
///
/// # Errors
/// Never: a test parses it.
pub fn drill_kitchen() -> Result<Restaurant, CatalogueError> {
    let kitchen = parse("drill", include_str!("../../data/drill.toml"))?;
    Ok(kitchen.with_slug(drill::RESTAURANT))
}

/// Lists the TOML files of a folder, sorted by name, so that errors are always reported in the same order.
fn list_files(folder: &Path) -> Result<Vec<PathBuf>, CatalogueError> {
    let unreadable = |error| CatalogueError::Folder {
        folder: folder.to_owned(),
        error,
    };
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "toml")
        {
            files.push(path);
        }
    }
    if files.is_empty() {
        return Err(CatalogueError::Empty {
            folder: folder.to_owned(),
        });
    }
    files.sort();
    Ok(files)
}
