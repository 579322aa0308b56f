//! `cargo xtask gazetteer FILE`: rebuilds the table of postcodes that ships with the backend, from the ONS Postcode Directory or
//! from a file `postcode,lat,lon`. Knows nothing of the table's format.

use std::fs::{self, File};
use std::path::Path;

use anyhow::{Context, ensure};
use gazetteer::{Gazetteer, build_from_csv};

/// Limit of the table's size: it is part of the repository and of every backend binary.
const MAX_BYTES: usize = 8 << 20;

/// Builds the table from `csv`, verifies it, and replaces the file `out` by it in one step.
///
/// # Errors
/// If the CSV cannot be read or parsed, or the table is too large or wrong; `out` is then unchanged.
pub fn run(csv: &Path, out: &Path) -> anyhow::Result<()> {
    let file = File::open(csv).with_context(|| format!("cannot read {}", csv.display()))?;
    let (table, summary) = build_from_csv(file)
        .with_context(|| format!("no table could be built from {}", csv.display()))?;
    let gazetteer = Gazetteer::from_bytes(&table).context("the new table cannot be read")?;
    gazetteer.verify().context("the new table cannot be read")?;
    ensure!(
        gazetteer.iter().count() == summary.listed,
        "the new table holds other postcodes than the file"
    );
    ensure!(
        table.len() <= MAX_BYTES,
        "the table has {} bytes, more than the {MAX_BYTES} that ship with the backend",
        table.len()
    );
    let new_file = out.with_extension("new");
    fs::write(&new_file, &table).with_context(|| format!("cannot write {}", new_file.display()))?;
    fs::rename(&new_file, out).with_context(|| format!("cannot write {}", out.display()))?;
    println!(
        "{}: {} postcodes in {} bytes, {} of them without coordinates",
        out.display(),
        summary.listed,
        table.len(),
        summary.without_position
    );
    println!(
        "omitted: {} postcodes of Northern Ireland, whose licence does not allow them, and {} special codes",
        summary.northern_ireland_left_out, summary.special_left_out
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::run;

    #[test]
    fn a_file_with_a_mistake_leaves_the_table_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let (csv, out) = (folder.path().join("in.csv"), folder.path().join("out.bin"));
        std::fs::write(&csv, "postcode,lat,lon\nDH1 3EL,54.7753,-1.5849\n").unwrap();
        run(&csv, &out).unwrap();
        let before = std::fs::read(&out).unwrap();
        std::fs::write(&csv, "postcode,lat,lon\nAAA 1AA,54.7753,-1.5849\n").unwrap();
        let error = format!("{:#}", run(&csv, &out).unwrap_err());
        assert!(error.contains("line 2"), "{error}");
        assert_eq!(std::fs::read(&out).unwrap(), before);
    }
}
