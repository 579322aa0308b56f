//! A restaurant's picture, drawn from its two colours and a pattern that is chosen by its slug: always the same for one restaurant, and
//! nothing to download.

use leptos::prelude::*;

use super::icon::Glyph;

/// Width and height of a tile of every pattern.
const TILE: &str = "48";

/// A tile of a pattern, as the data of an SVG path.
enum Tile {
    Filled(&'static str),
    Drawn(&'static str),
}

const TILES: [Tile; 9] = [
    // Scales
    Tile::Drawn(
        "M0 24a24 24 0 0 1 48 0M-24 48a24 24 0 0 1 48 0M24 48a24 24 0 0 1 48 0M-24 0a24 24 0 0 0 0 0M0 48a24 24 0 0 1 48 0",
    ),
    // Diamonds
    Tile::Filled("M24 2 46 24 24 46 2 24z"),
    // Peppercorns
    Tile::Filled("M19 12a7 7 0 1 1-14 0 7 7 0 0 1 14 0zM43 36a7 7 0 1 1-14 0 7 7 0 0 1 14 0z"),
    // Waves
    Tile::Drawn("M0 12q12-14 24 0t24 0M0 36q12-14 24 0t24 0"),
    // Leaves
    Tile::Filled("M3 45C3 20 20 3 45 3 45 28 28 45 3 45z"),
    // Arches
    Tile::Drawn("M5 48V25a19 19 0 0 1 38 0v23M15 48V26a9 9 0 0 1 18 0v22"),
    // Tiles of a kitchen wall
    Tile::Filled("M0 0h24v24H0zM24 24h24v24H24z"),
    // Petals
    Tile::Filled(
        "M24 24C8 24 8 8 8 8s16 0 16 16zm0 0C24 8 40 8 40 8s0 16-16 16zm0 0c16 0 16 16 16 16s-16 0-16-16zm0 0c0 16-16 16-16 16s0-16 16-16z",
    ),
    // Rings
    Tile::Drawn(
        "M43 24a19 19 0 1 1-38 0 19 19 0 0 1 38 0zM34 24a10 10 0 1 1-20 0 10 10 0 0 1 20 0z",
    ),
];

const TURNS: [&str; 4] = ["0", "45", "30", "-15"];
const SCALES: [&str; 3] = ["0.5", "0.7", "0.9"];

/// The picture, as wide as its parent; the height follows from its class. Decoration.
#[component]
pub fn Hero(
    /// Chooses the pattern.
    slug: String,
    /// Background and figure, `#rrggbb`.
    colours: [String; 2],
    /// Choose the icon in the middle of the lid.
    cuisines: Vec<String>,
) -> impl IntoView {
    let drawing = draw(&slug, &colours, cuisine_glyph(&cuisines));
    view! { <svg class="hero" aria-hidden="true" inner_html=drawing></svg> }
}

/// The content of the SVG: background, pattern, and a lid seen from above.
fn draw(slug: &str, colours: &[String; 2], glyph: Glyph) -> String {
    let [ground, figure] = colours.each_ref().map(|colour| sanitise(colour, '#'));
    let number = hash(slug);
    let id = format!("hero-{}", sanitise(slug, '-'));
    let turn = pick(&TURNS, number >> 8);
    let scale = pick(&SCALES, number >> 16);
    let (paint, path) = match pick(&TILES, number) {
        Tile::Filled(path) => ("fill", path),
        Tile::Drawn(path) => (r#"fill="none" stroke-width="5" stroke"#, path),
    };
    format!(
        r##"<pattern id="{id}" width="{TILE}" height="{TILE}" patternUnits="userSpaceOnUse" patternTransform="rotate({turn}) scale({scale})"><path {paint}="{figure}" d="{path}"/></pattern>
<rect width="100%" height="100%" fill="{ground}"/>
<rect width="100%" height="100%" opacity=".3" fill="url(#{id})"/>
<svg class="lid" x="100%" y="50%" overflow="visible"><g fill="none" stroke="{ground}">
<circle cx="-84" r="84" fill="{figure}" stroke-width="6"/>
<circle cx="-84" r="68" stroke-opacity=".35" stroke-width="3"/>
<circle cx="-84" r="38" fill="{ground}" stroke="none"/></g>
<use class="icon" href="{icon}" x="-106" y="-22" width="44" height="44" color="{figure}"/></svg>"##,
        icon = glyph.href(),
    )
}

/// Makes text from the network safe in markup: keeps letters, digits and `sign`.
fn sanitise(text: &str, sign: char) -> String {
    text.chars()
        .filter(|character| character.is_ascii_alphanumeric() || *character == sign)
        .collect()
}

fn pick<T>(from: &[T], number: u32) -> &T {
    &from[number as usize % from.len()]
}

/// FNV-1a, which spreads slugs evenly over patterns.
fn hash(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}

/// The icon of a kitchen's first cuisine that has one; a bowl if none has.
fn cuisine_glyph(cuisines: &[String]) -> Glyph {
    const ICONS: [(&str, Glyph); 22] = [
        ("pizza", Glyph::Pizza),
        ("burger", Glyph::Burger),
        ("fish", Glyph::Fish),
        ("sushi", Glyph::Fish),
        ("seafood", Glyph::Fish),
        ("noodle", Glyph::Noodles),
        ("ramen", Glyph::Noodles),
        ("vietnam", Glyph::Noodles),
        ("thai", Glyph::Noodles),
        ("dumpling", Glyph::Dumpling),
        ("chinese", Glyph::Dumpling),
        ("curry", Glyph::Curry),
        ("indian", Glyph::Curry),
        ("punjab", Glyph::Curry),
        ("grill", Glyph::Grill),
        ("kebab", Glyph::Grill),
        ("levant", Glyph::Grill),
        ("wrap", Glyph::Wrap),
        ("bak", Glyph::Bread),
        ("sandwich", Glyph::Bread),
        ("breakfast", Glyph::Breakfast),
        ("vegan", Glyph::Vegetable),
    ];
    cuisines
        .iter()
        .find_map(|cuisine| {
            let cuisine = cuisine.to_ascii_lowercase();
            ICONS
                .iter()
                .find(|(word, _)| cuisine.contains(word))
                .map(|(_, glyph)| *glyph)
        })
        .unwrap_or(Glyph::Bowl)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn colours() -> [String; 2] {
        ["#b4461f".into(), "#f2b632".into()]
    }

    #[test]
    fn the_same_restaurant_always_looks_the_same_and_differs_from_others() {
        let one = draw("the-copper-pan", &colours(), Glyph::Curry);
        assert_eq!(one, draw("the-copper-pan", &colours(), Glyph::Curry));
        assert_ne!(one, draw("cenere", &colours(), Glyph::Curry));
    }

    #[test]
    fn nothing_from_the_network_becomes_markup() {
        let nasty = ["\"><script>".to_owned(), "red\" onload=\"x".to_owned()];
        let drawing = draw("a\"><b>", &nasty, Glyph::Bowl);
        assert!(
            !drawing.contains("<script")
                && !drawing.contains("onload=")
                && !drawing.contains("<b>")
        );
    }

    #[test]
    fn a_kitchen_gets_the_icon_of_its_first_known_cuisine() {
        let of = |names: &[&str]| {
            cuisine_glyph(
                &names
                    .iter()
                    .map(|name| (*name).to_owned())
                    .collect::<Vec<_>>(),
            )
        };
        assert_eq!(of(&["Italian", "Pizza"]), Glyph::Pizza);
        assert_eq!(of(&["Bakery"]), Glyph::Bread);
        assert_eq!(of(&["Something new"]), Glyph::Bowl);
    }
}
