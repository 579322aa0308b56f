//! Reads the two CSV files that a table is built from: `postcode,lat,lon`, and the ONS Postcode Directory with its columns
//! `pcds`, `doterm`, `lat` and `long` among many.
//!
//! Terminated postcodes stay in: people go on using them for years, the door is still where it was, and whether one is
//! terminated is for the providers to say. Northern Ireland is left out: the licence of its data does not allow it to be
//! passed on.

use std::io::BufRead;

use model::Postcode;
use model::place::Position;
use model::postcode::PostcodeError;

use crate::build::{BuildError, Builder};

/// The directory's way to say that there are no coordinates.
const NO_LATITUDE: f64 = 99.999_999;

/// What a build took and left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// In the table.
    pub listed: usize,
    /// Of these, without coordinates.
    pub without_position: usize,
    pub northern_ireland_left_out: usize,
    /// `GIR 0AA`, forces and overseas codes, which nobody can deliver to.
    pub special_left_out: usize,
}

/// Builds a table from either file.
///
/// # Errors
/// If the file cannot be read, has not the columns, or has a line that is not understood; names the line.
pub fn build_from_csv(mut csv: impl BufRead) -> Result<(Vec<u8>, Summary), BuildError> {
    let mut line = String::new();
    csv.read_line(&mut line)?;
    let columns = Columns::find(&line)?;
    let mut builder = Builder::default();
    let mut summary = Summary::default();
    let mut number = 1;
    loop {
        line.clear();
        if csv.read_line(&mut line)? == 0 {
            break;
        }
        number += 1;
        if line.trim().is_empty() {
            continue;
        }
        add_row(&mut builder, &mut summary, &columns, &line).map_err(|error| match error {
            RowError::Misread(why) => BuildError::Line { line: number, why },
            RowError::Build(error) => BuildError::Line {
                line: number,
                why: error.to_string(),
            },
        })?;
    }
    Ok((builder.finish()?, summary))
}

enum RowError {
    Misread(String),
    Build(BuildError),
}

fn add_row(
    builder: &mut Builder,
    summary: &mut Summary,
    columns: &Columns,
    line: &str,
) -> Result<(), RowError> {
    let fields = fields(line);
    let field = |column: usize| {
        fields
            .get(column)
            .map(|field| field.trim())
            .ok_or_else(|| RowError::Misread(format!("only {} columns", fields.len())))
    };
    let text = field(columns.postcode)?;
    let postcode = match Postcode::parse(text) {
        Ok(postcode) => postcode,
        Err(PostcodeError::Special(_)) => {
            summary.special_left_out += 1;
            return Ok(());
        }
        Err(_) => return Err(RowError::Misread(format!("`{text}` is no postcode"))),
    };
    if postcode.area() == "BT" {
        summary.northern_ireland_left_out += 1;
        return Ok(());
    }
    let position = position(field(columns.latitude)?, field(columns.longitude)?)?;
    let terminated = match columns.terminated {
        Some(column) => !field(column)?.is_empty(),
        None => false,
    };
    builder
        .add(&postcode, position, terminated)
        .map_err(RowError::Build)?;
    summary.listed += 1;
    summary.without_position += usize::from(position.is_none());
    Ok(())
}

fn position(latitude: &str, longitude: &str) -> Result<Option<Position>, RowError> {
    if latitude.is_empty() && longitude.is_empty() {
        return Ok(None);
    }
    let number = |text: &str| {
        text.parse::<f64>()
            .map_err(|_| RowError::Misread(format!("`{text}` is no number of degrees")))
    };
    let position = Position {
        latitude: number(latitude)?,
        longitude: number(longitude)?,
    };
    Ok((position.latitude < NO_LATITUDE - 0.001).then_some(position))
}

/// Where the columns are that matter.
struct Columns {
    postcode: usize,
    latitude: usize,
    longitude: usize,
    /// When a postcode was terminated; empty where it is live. The simple file has no such column.
    terminated: Option<usize>,
}

impl Columns {
    fn find(header: &str) -> Result<Self, BuildError> {
        let names: Vec<String> = fields(header.trim_start_matches('\u{feff}'))
            .iter()
            .map(|name| name.trim().to_ascii_lowercase())
            .collect();
        let find = |wanted: &[&str], missing| {
            wanted
                .iter()
                .find_map(|wanted| names.iter().position(|name| name == wanted))
                .ok_or(BuildError::Columns { missing })
        };
        Ok(Self {
            postcode: find(&["pcds", "postcode"], "pcds")?,
            latitude: find(&["lat"], "lat")?,
            longitude: find(&["long", "lon"], "long")?,
            terminated: find(&["doterm"], "doterm").ok(),
        })
    }
}

/// Splits a line after RFC 4180, without line ends inside quotation marks, which neither file has.
fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut quoted = false;
    for character in line.trim_end_matches(['\r', '\n']).chars() {
        match character {
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(String::new()),
            other => {
                if let Some(field) = fields.last_mut() {
                    field.push(other);
                }
            }
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Entry, Gazetteer};

    fn lookup(table: &[u8], postcode: &str) -> Entry {
        Gazetteer::from_bytes(table)
            .unwrap()
            .lookup(&Postcode::parse(postcode).unwrap())
    }

    const DURHAM: Position = Position {
        latitude: 54.7753,
        longitude: -1.5849,
    };

    #[test]
    fn the_simple_file() {
        let csv = "postcode,lat,lon\nDH1 3EL,54.7753,-1.5849\nJE2 4WD,,\n";
        let (table, summary) = build_from_csv(csv.as_bytes()).unwrap();
        assert_eq!(lookup(&table, "DH1 3EL"), Entry::Unit(DURHAM));
        assert_eq!(lookup(&table, "JE2 4WD"), Entry::UnitWithoutPosition);
        assert_eq!((summary.listed, summary.without_position), (2, 1));
    }

    #[test]
    fn the_postcode_directory() {
        let csv = "\u{feff}\"pcd\",\"pcds\",\"doterm\",\"LAT\",\"LONG\",\"name\"\r\n\
            \"DH1 3EL\",\"DH1 3EL\",\"\",54.775312,-1.584899,\"a, b\"\r\n\
            \"AB1 0AA\",\"AB1 0AA\",\"199606\",57.101474,-2.242851,\"\"\r\n\
            \"IM1 1AA\",\"IM1 1AA\",\"\",99.999999,0.000000,\"\"\r\n\
            \"BT1 5GS\",\"BT1 5GS\",\"\",54.596550,-5.930137,\"\"\r\n\
            \"GIR0AA\",\"GIR 0AA\",\"\",53.4,-2.9,\"\"\r\n\r\n";
        let (table, summary) = build_from_csv(csv.as_bytes()).unwrap();
        assert_eq!(lookup(&table, "DH1 3EL"), Entry::Unit(DURHAM));
        assert!(matches!(lookup(&table, "AB1 0AA"), Entry::Unit(_)));
        assert_eq!(lookup(&table, "IM1 1AA"), Entry::UnitWithoutPosition);
        assert_eq!(lookup(&table, "BT1 5GS"), Entry::Unlisted);
        assert_eq!(
            summary,
            Summary {
                listed: 3,
                without_position: 1,
                northern_ireland_left_out: 1,
                special_left_out: 1,
            }
        );
    }

    #[test]
    fn a_sector_lies_where_its_live_units_are() {
        let csv = "pcds,doterm,lat,long\nDH1 3AA,199606,50.0,-4.0\nDH1 3AB,199606,50.0,-4.0\n\
            DH1 3EL,,54.7753,-1.5849\nDH9 9AA,199606,50.0,-4.0\n";
        let (table, _) = build_from_csv(csv.as_bytes()).unwrap();
        let centre = |postcode| match lookup(&table, postcode) {
            Entry::Sector { centre, .. } => Some(centre),
            _ => None,
        };
        assert_eq!(centre("DH1 3ZZ"), Some(DURHAM));
        assert_eq!(centre("DH9 9ZZ").map(|centre| centre.latitude), Some(50.0));
        assert!(matches!(lookup(&table, "DH1 3AA"), Entry::Unit(_)));
    }

    #[test]
    fn mistakes_name_the_line() {
        for (csv, named) in [
            ("", "pcds is missing"),
            ("postcode,lat\n", "long is missing"),
            (
                "postcode,lat,lon\nDH1 3EL,54.7,-1.5\nAAA 1AA,1,1\n",
                "line 3: `AAA 1AA`",
            ),
            ("postcode,lat,lon\nDH1 3EL,north,-1.5\n", "line 2: `north`"),
            ("postcode,lat,lon\nDH1 3EL,54.7\n", "line 2: only 2 columns"),
            ("postcode,lat,lon\nDH1 3EL,,-1.5\n", "line 2: ``"),
            (
                "postcode,lat,lon\nDH1 3EL,54.7,-500\n",
                "line 2: the coordinates",
            ),
            (
                "postcode,lat,lon\nDH1 3EL,,\nDH1 3EL,,\n",
                "line 3: the postcode DH1 3EL is listed twice",
            ),
        ] {
            let error = build_from_csv(csv.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(named), "{error}");
        }
    }
}
