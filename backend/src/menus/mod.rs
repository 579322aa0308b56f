//! Restaurants and menus as their owners write them, in `menus/*.toml`: reading and checking.
//!
//! One file a restaurant. Every mistake of every file is found in one go and told in a sentence with file, line, field and
//! what to do. Knows nothing of HTTP, of orders or of the time.

mod dishes;
mod mistake;
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

pub use mistake::{CatalogueError, Mistake};
use reader::Reader;

/// All restaurants of a folder.
///
/// # Errors
/// If the folder cannot be read or has no restaurant, or with all mistakes of all files.
pub fn load(folder: &Path) -> Result<Catalogue, CatalogueError> {
    let mut restaurants = Vec::new();
    let mut mistakes = Vec::new();
    let mut slugs: BTreeMap<String, String> = BTreeMap::new();
    for file in files(folder)? {
        let shown = file.display().to_string();
        let text = match fs::read_to_string(&file) {
            Ok(text) => text,
            Err(error) => {
                mistakes.push(Mistake::of_file(
                    &shown,
                    format!("cannot be read ({error}); make it a readable file of UTF-8 text"),
                ));
                continue;
            }
        };
        let stem = file
            .file_stem()
            .map(|stem| stem.to_string_lossy().into_owned())
            .unwrap_or_default();
        let reader = Reader::new(&shown, &text);
        let restaurant = restaurant::read(&reader, &stem, &mut slugs);
        mistakes.extend(reader.into_mistakes());
        restaurants.extend(restaurant);
    }
    if mistakes.is_empty() {
        Ok(Catalogue::new(restaurants))
    } else {
        Err(CatalogueError::Mistakes(mistakes))
    }
}

/// The restaurant in one file's text; `stem` is the file's name without `.toml`.
///
/// # Errors
/// All mistakes in it.
pub fn parse(stem: &str, text: &str) -> Result<Restaurant, CatalogueError> {
    let file = format!("{stem}.toml");
    let reader = Reader::new(&file, text);
    let restaurant = restaurant::read(&reader, stem, &mut BTreeMap::new());
    let mistakes = reader.into_mistakes();
    match restaurant {
        Some(restaurant) if mistakes.is_empty() => Ok(restaurant),
        _ => Err(CatalogueError::Mistakes(mistakes)),
    }
}

/// What drills order from. It ships with the replica and is on no list.
///
/// # Errors
/// Never, as a test sees to.
pub fn drill_kitchen() -> Result<Restaurant, CatalogueError> {
    let kitchen = parse("drill", include_str!("../../data/drill.toml"))?;
    Ok(kitchen.with_slug(drill::RESTAURANT))
}

/// In order of their names, so that mistakes come in the same order every time.
fn files(folder: &Path) -> Result<Vec<PathBuf>, CatalogueError> {
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
