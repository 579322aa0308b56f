//! The fourteen allergens that UK law names.
//!
//! Source: Food Information Regulations 2014, Schedule; assimilated Regulation (EU) 1169/2011, Annex II.

use serde::{Deserialize, Serialize};

/// One of the fourteen allergens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Allergen {
    Celery,
    Gluten,
    Crustaceans,
    Eggs,
    Fish,
    Lupin,
    Milk,
    Molluscs,
    Mustard,
    TreeNuts,
    Peanuts,
    Sesame,
    Soya,
    Sulphites,
}

impl Allergen {
    pub const ALL: [Self; 14] = [
        Self::Celery,
        Self::Gluten,
        Self::Crustaceans,
        Self::Eggs,
        Self::Fish,
        Self::Lupin,
        Self::Milk,
        Self::Molluscs,
        Self::Mustard,
        Self::TreeNuts,
        Self::Peanuts,
        Self::Sesame,
        Self::Soya,
        Self::Sulphites,
    ];

    /// The name as used in the law and on menus.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Celery => "celery",
            Self::Gluten => "cereals containing gluten",
            Self::Crustaceans => "crustaceans",
            Self::Eggs => "eggs",
            Self::Fish => "fish",
            Self::Lupin => "lupin",
            Self::Milk => "milk",
            Self::Molluscs => "molluscs",
            Self::Mustard => "mustard",
            Self::TreeNuts => "tree nuts",
            Self::Peanuts => "peanuts",
            Self::Sesame => "sesame",
            Self::Soya => "soya",
            Self::Sulphites => "sulphur dioxide and sulphites",
        }
    }
}

/// A restaurant's declaration of the allergens in a dish or an option. No declaration does not mean no allergens.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Allergens {
    /// Whether the restaurant has declared the allergens; if not, the page says "ask the restaurant".
    pub declared: bool,
    #[serde(default)]
    pub contains: Vec<Allergen>,
    #[serde(default)]
    pub may_contain: Vec<Allergen>,
}
