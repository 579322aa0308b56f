use super::*;

#[test]
fn the_shipped_folder_loads() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../menus");
    let catalogue = load(&folder).unwrap_or_else(|error| panic!("{error}"));
    assert!(catalogue.len() >= 6, "{} restaurants", catalogue.len());
}
