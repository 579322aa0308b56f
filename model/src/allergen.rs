//! The fourteen allergens that UK law names.
//!
//! Source: Food Information Regulations 2014, Schedule; assimilated Regulation (EU) 1169/2011, Annex II.

use serde::{Deserialize, Serialize};

#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize)]
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

    /// The name as the law and a menu would have it.
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

/// What a restaurant says of a dish or an option. Not declared is not the same as none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Allergens {
    /// False: the restaurant has not said; the page then says "ask the restaurant".
    pub declared: bool,
    #[serde(default)]
    pub contains: Vec<Allergen>,
    #[serde(default)]
    pub may_contain: Vec<Allergen>,
}
