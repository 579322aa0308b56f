//! The icons, of one stroke weight: symbols of the page's sprite (`app/sprite.svg`), referred to by name.

use leptos::prelude::*;
use model::menu;

/// An icon of the sprite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Glyph {
    Alert,
    Back,
    Bag,
    Basket,
    Bike,
    Bowl,
    Bread,
    Breakfast,
    Burger,
    Check,
    Chevron,
    Clock,
    Close,
    Curry,
    Drink,
    Dumpling,
    Fish,
    Flame,
    Grill,
    Info,
    Leaf,
    Location,
    Minus,
    Noodles,
    Phone,
    Pizza,
    Plus,
    Refresh,
    Salad,
    Search,
    Share,
    Side,
    Sweet,
    Vegetable,
    WifiOff,
    Wrap,
}

impl Glyph {
    pub(super) fn href(self) -> &'static str {
        match self {
            Self::Alert => "#i-alert",
            Self::Back => "#i-back",
            Self::Bag => "#i-bag",
            Self::Basket => "#i-basket",
            Self::Bike => "#i-bike",
            Self::Bowl => "#i-bowl",
            Self::Bread => "#i-bread",
            Self::Breakfast => "#i-breakfast",
            Self::Burger => "#i-burger",
            Self::Check => "#i-check",
            Self::Chevron => "#i-chevron",
            Self::Clock => "#i-clock",
            Self::Close => "#i-close",
            Self::Curry => "#i-curry",
            Self::Drink => "#i-drink",
            Self::Dumpling => "#i-dumpling",
            Self::Fish => "#i-fish",
            Self::Flame => "#i-flame",
            Self::Grill => "#i-grill",
            Self::Info => "#i-info",
            Self::Leaf => "#i-leaf",
            Self::Location => "#i-location",
            Self::Minus => "#i-minus",
            Self::Noodles => "#i-noodles",
            Self::Phone => "#i-phone",
            Self::Pizza => "#i-pizza",
            Self::Plus => "#i-plus",
            Self::Refresh => "#i-refresh",
            Self::Salad => "#i-salad",
            Self::Search => "#i-search",
            Self::Share => "#i-share",
            Self::Side => "#i-side",
            Self::Sweet => "#i-sweet",
            Self::Vegetable => "#i-vegetable",
            Self::WifiOff => "#i-wifi-off",
            Self::Wrap => "#i-wrap",
        }
    }
}

impl From<menu::Icon> for Glyph {
    fn from(icon: menu::Icon) -> Self {
        match icon {
            menu::Icon::Bowl => Self::Bowl,
            menu::Icon::Pizza => Self::Pizza,
            menu::Icon::Curry => Self::Curry,
            menu::Icon::Noodles => Self::Noodles,
            menu::Icon::Burger => Self::Burger,
            menu::Icon::Fish => Self::Fish,
            menu::Icon::Salad => Self::Salad,
            menu::Icon::Bread => Self::Bread,
            menu::Icon::Sweet => Self::Sweet,
            menu::Icon::Drink => Self::Drink,
            menu::Icon::Grill => Self::Grill,
            menu::Icon::Breakfast => Self::Breakfast,
            menu::Icon::Wrap => Self::Wrap,
            menu::Icon::Side => Self::Side,
            menu::Icon::Dumpling => Self::Dumpling,
            menu::Icon::Vegetable => Self::Vegetable,
        }
    }
}

/// An icon as tall as the text beside it. Decoration: its meaning is always in words too.
#[component]
pub fn Icon(
    /// Which icon.
    #[prop(into)]
    glyph: Glyph,
) -> impl IntoView {
    view! {
        <svg class="icon" aria-hidden="true">
            <use_ href=glyph.href() />
        </svg>
    }
}

/// A larger drawing of the sprite: the mark, the tin. Decoration.
#[component]
pub fn Drawing(
    /// The symbol: `#i-tin-3`.
    href: &'static str,
) -> impl IntoView {
    view! {
        <svg aria-hidden="true">
            <use_ href=href />
        </svg>
    }
}
