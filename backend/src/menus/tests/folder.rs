//! Loading a folder.

use super::*;

#[test]
fn all_errors_of_all_files_are_reported_together() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("notes.txt", "not a menu");
    write(
        "b.toml",
        &SAMPLE
            .replace("the-test-kitchen", "b")
            .replace("heat = 2", "heat = 9"),
    );
    write(
        "a.toml",
        &SAMPLE
            .replace("the-test-kitchen", "b")
            .replace("price = \"4.00\"", "price = \"4\"")
            .replace("vat_registered = true", "vat_registered = 1"),
    );
    fs::write(folder.path().join("c.toml"), [0xff, 0xfe]).unwrap();

    let found: Vec<String> = sentences(load(folder.path()).unwrap_err())
        .into_iter()
        .map(|sentence| sentence.rsplit('/').next().unwrap().to_owned())
        .collect();
    assert_eq!(
        found[..5],
        [
            "a.toml, line 1, slug: \"b\" is not the file's name; write \"a\" or call the file b.toml",
            "a.toml, line 13, vat_registered: must be true or false",
            "a.toml, line 117, categories[cold].dishes[egg-sandwich].price: \"4\" is no amount; \
             write pounds and pence up to £9999.99, such as \"9.50\"",
            "b.toml, line 1, slug: \"b\" is the slug of a.toml too; give each its own",
            "b.toml, line 96, categories[curries].dishes[lamb-karahi].heat: must be a whole number \
             from 0 to 3",
        ]
    );
    assert!(
        found[5].starts_with("c.toml: cannot be read (")
            && found[5].ends_with("); make it a readable file of UTF-8 text"),
        "{}",
        found[5]
    );
    assert_eq!(found.len(), 6);
}

#[test]
fn a_folder_without_restaurants_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let menus = folder.path().join("menus");
    let missing = load(&menus).unwrap_err().to_string();
    assert!(missing.starts_with("cannot read the folder "), "{missing}");
    fs::create_dir(&menus).unwrap();
    let empty = load(&menus).unwrap_err().to_string();
    assert!(
        empty.starts_with("no restaurant in ") && empty.ends_with("menus/: add one file for each"),
        "{empty}"
    );
}

#[test]
fn the_shipped_folder_loads() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../menus");
    let catalogue = load(&folder).unwrap_or_else(|error| panic!("{error}"));
    assert!(catalogue.len() >= 6, "{} restaurants", catalogue.len());
}
