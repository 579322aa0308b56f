//! What is short in a run: the places in slots of some restaurants, and the portions of some dishes.

use std::fs;
use std::path::Path;

use anyhow::{Context, ensure};
use model::menu::Menu;

/// Restaurants of Durham with so many places in each slot. The others take any number, so that there is always something to order.
pub const PLACES: u32 = 12;
const RESTAURANTS: usize = 2;
/// Portions of each dish that is counted; in each restaurant with staff so many are.
pub const PORTIONS: u32 = 40;
const DISHES: usize = 2;

/// Copies the menus, and gives some of the restaurants a number of places; those, by slug.
///
/// # Errors
/// If a menu cannot be copied, or none is of Durham.
pub fn with_places(menus: &Path, into: &Path) -> anyhow::Result<Vec<String>> {
    let mut files: Vec<_> = fs::read_dir(menus)?
        .map(|file| anyhow::Ok(file?.path()))
        .collect::<Result<_, _>>()?;
    files.sort();
    let mut limited = Vec::new();
    for file in files {
        let name = file.file_name().context("a file has a name")?;
        let mut text = fs::read_to_string(&file)?;
        let slug = file.file_stem().and_then(|stem| stem.to_str());
        if text.contains("\npostcode = \"DH") && limited.len() < RESTAURANTS {
            text = text.replace(
                "[ordering]",
                &format!("[ordering]\norders_per_slot = {PLACES}"),
            );
            limited.push(slug.context("a menu is named after its slug")?.to_owned());
        }
        fs::write(into.join(name), text)?;
    }
    ensure!(!limited.is_empty(), "no menu is of Durham");
    Ok(limited)
}

/// The dishes of this menu that are counted.
pub fn counted(menu: &Menu) -> impl Iterator<Item = &str> {
    let dishes = menu.categories.iter().flat_map(|category| &category.dishes);
    dishes
        .filter(|dish| dish.available)
        .take(DISHES)
        .map(|dish| dish.id.as_str())
}
