//! The scarce inventory of a run: the slot capacity of some restaurants, and the stock of some dishes.

use std::fs;
use std::path::Path;

use anyhow::{Context, ensure};
use model::menu::Menu;

/// Orders that fit into each slot of a limited restaurant. The other restaurants take any number, so that a customer always finds
/// something to order.
pub const SLOT_CAPACITY: u32 = 12;
/// Restaurants of Durham with a limited slot capacity.
const LIMITED_RESTAURANTS: usize = 2;
/// Initial stock of each counted dish.
pub const DISH_STOCK: u32 = 40;
/// Counted dishes in each restaurant with staff.
const COUNTED_DISHES: usize = 2;

/// Copies the menus and limits the slot capacity of some restaurants; returns the slugs of those.
///
/// # Errors
/// If a menu cannot be copied, or no restaurant is in Durham.
pub fn copy_menus_with_slot_capacity(menus: &Path, into: &Path) -> anyhow::Result<Vec<String>> {
    let mut files: Vec<_> = fs::read_dir(menus)?
        .map(|file| anyhow::Ok(file?.path()))
        .collect::<Result<_, _>>()?;
    files.sort();
    let mut limited = Vec::new();
    for file in files {
        let name = file.file_name().context("a menu file without a name")?;
        let mut text = fs::read_to_string(&file)?;
        let slug = file.file_stem().and_then(|stem| stem.to_str());
        if text.contains("\npostcode = \"DH") && limited.len() < LIMITED_RESTAURANTS {
            text = text.replace(
                "[ordering]",
                &format!("[ordering]\norders_per_slot = {SLOT_CAPACITY}"),
            );
            limited.push(slug.context("a menu file without a slug")?.to_owned());
        }
        fs::write(into.join(name), text)?;
    }
    ensure!(!limited.is_empty(), "no menu is of Durham");
    Ok(limited)
}

/// Returns the ids of the dishes of a menu that have a counted stock.
pub fn counted_dishes(menu: &Menu) -> impl Iterator<Item = &str> {
    let dishes = menu.categories.iter().flat_map(|category| &category.dishes);
    dishes
        .filter(|dish| dish.available)
        .take(COUNTED_DISHES)
        .map(|dish| dish.id.as_str())
}
