//! A restaurant's menu: response of `GET /api/v1/restaurants/{slug}/menu`.

use serde::{Deserialize, Serialize};

use crate::restaurant::{Opening, Restaurant};
use crate::{Allergens, Pence, VatClass};

/// A menu with everything that its page shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Menu {
    pub restaurant: Restaurant,
    pub opening: Opening,
    /// One paragraph about the kitchen.
    pub about: String,
    /// Opening hours as text for customers, Monday first: `11:30–14:30, 17:00–23:00`, `Closed`.
    pub hours: Vec<DayHours>,
    pub delivers: bool,
    pub collects: bool,
    pub now_ms: i64,
    pub categories: Vec<Category>,
}

/// Opening hours of one weekday, as text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DayHours {
    pub day: String,
    pub hours: String,
}

/// A section of a menu.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Category {
    /// Unique in the menu: `[a-z0-9-]+`.
    pub id: String,
    pub name: String,
    pub description: Option<String>,
    pub icon: Icon,
    pub dishes: Vec<Dish>,
}

/// A picture of the icon set of Tiffin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Icon {
    Bowl,
    Pizza,
    Curry,
    Noodles,
    Burger,
    Fish,
    Salad,
    Bread,
    Sweet,
    Drink,
    Grill,
    Breakfast,
    Wrap,
    Side,
    Dumpling,
    Vegetable,
}

/// A dish on a menu.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Dish {
    /// Unique in the menu: `[a-z0-9-]+`.
    pub id: String,
    pub name: String,
    pub description: String,
    pub price_pence: Pence,
    pub vat: VatClass,
    pub allergens: Allergens,
    #[serde(default)]
    pub diets: Vec<Diet>,
    /// 0 none, 1 mild, 2 hot, 3 very hot.
    #[serde(default)]
    pub heat: u8,
    /// False: sold out; the dish is shown but cannot be ordered.
    pub available: bool,
    #[serde(default)]
    pub options: Vec<OptionGroup>,
}

/// A diet that a dish is suitable for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Diet {
    Vegetarian,
    Vegan,
    Halal,
}

/// A group of choices of a dish: `Choose a size` (minimum 1, maximum 1), `Add extras` (minimum 0, maximum 4). Each choice can be
/// selected once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OptionGroup {
    /// Unique in the dish: `[a-z0-9-]+`.
    pub id: String,
    pub name: String,
    pub minimum: u32,
    pub maximum: u32,
    pub choices: Vec<Choice>,
}

/// A choice of an option group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Choice {
    /// Unique in the group: `[a-z0-9-]+`.
    pub id: String,
    pub name: String,
    /// Added to the price of the dish; may be zero, never negative.
    pub price_pence: Pence,
    /// The class of the dish, unless the restaurant sets another (a can of cola with a cold sandwich).
    pub vat: VatClass,
    pub allergens: Allergens,
    pub available: bool,
}
