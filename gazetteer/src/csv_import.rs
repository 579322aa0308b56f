//! Builds a table from a CSV file: either `postcode,lat,lon`, or the ONS Postcode Directory with its columns `pcds`, `doterm`, `lat`
//! and `long` among many. Knows nothing of the table's format.
//!
//! Terminated postcodes are included: customers use them for years, their coordinates stay valid, and the providers decide whether a
//! postcode is terminated. Northern Ireland is left out: the licence of its data does not permit redistribution.

use std::io::Read;

use csv::{Reader, ReaderBuilder, StringRecord, Terminator, Trim};
use model::Postcode;
use model::place::Position;
use model::postcode::PostcodeError;

use crate::build::{BuildError, Builder};

/// Latitude with which the directory marks missing coordinates.
const NO_LATITUDE: f64 = 99.999_999;

/// Counts of the postcodes that a build included and left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Postcodes in the table.
    pub listed: usize,
    /// Listed postcodes without coordinates.
    pub without_position: usize,
    pub northern_ireland_left_out: usize,
    /// `GIR 0AA`, forces and overseas codes, to which no restaurant can deliver.
    pub special_left_out: usize,
}

/// Builds a table from a CSV file in either form.
///
/// # Errors
/// If the file cannot be read, a column is missing, or a line cannot be parsed; names the line.
pub fn build_from_csv(csv: impl Read) -> Result<(Vec<u8>, Summary), BuildError> {
    // Ends lines at the line feed only, and trims the carriage return: with its default terminator the reader counts lines of files
    // with CRLF one too low.
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .terminator(Terminator::Any(b'\n'))
        .trim(Trim::All)
        .from_reader(csv);
    let mut record = StringRecord::new();
    reader.read_record(&mut record)?;
    let columns = Columns::find(&record)?;
    let mut builder = Builder::default();
    let mut summary = Summary::default();
    while reader.read_record(&mut record)? {
        if record.iter().eq([""]) {
            continue;
        }
        add_row(&mut builder, &mut summary, &columns, &record).map_err(|error| {
            BuildError::Line {
                line: line_number(&reader, &record),
                reason: match error {
                    RowError::Field(reason) => reason,
                    RowError::Build(error) => error.to_string(),
                },
            }
        })?;
    }
    Ok((builder.finish()?, summary))
}

/// The line of the record that `reader` has read last. A record's own position is that of the empty lines before it; the reader's
/// position is the next line, except after a last line without a line feed.
fn line_number<R: Read>(reader: &Reader<R>, record: &StringRecord) -> u64 {
    let start = record.position().map_or(1, csv::Position::line);
    start.max(reader.position().line() - 1)
}

enum RowError {
    Field(String),
    Build(BuildError),
}

fn add_row(
    builder: &mut Builder,
    summary: &mut Summary,
    columns: &Columns,
    record: &StringRecord,
) -> Result<(), RowError> {
    let field = |column: usize| {
        record
            .get(column)
            .ok_or_else(|| RowError::Field(format!("only {} columns", record.len())))
    };
    let text = field(columns.postcode)?;
    let postcode = match Postcode::parse(text) {
        Ok(postcode) => postcode,
        Err(PostcodeError::Special(_)) => {
            summary.special_left_out += 1;
            return Ok(());
        }
        Err(_) => return Err(RowError::Field(format!("`{text}` is not a postcode"))),
    };
    if postcode.area() == "BT" {
        summary.northern_ireland_left_out += 1;
        return Ok(());
    }
    let position = parse_position(field(columns.latitude)?, field(columns.longitude)?)?;
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

fn parse_position(latitude: &str, longitude: &str) -> Result<Option<Position>, RowError> {
    if latitude.is_empty() && longitude.is_empty() {
        return Ok(None);
    }
    let parse = |text: &str| {
        text.parse::<f64>()
            .map_err(|_| RowError::Field(format!("`{text}` is not a number of degrees")))
    };
    let position = Position {
        latitude: parse(latitude)?,
        longitude: parse(longitude)?,
    };
    Ok((position.latitude < NO_LATITUDE - 0.001).then_some(position))
}

/// Indexes of the columns that are read.
struct Columns {
    postcode: usize,
    latitude: usize,
    longitude: usize,
    /// Date of termination; empty for a live postcode. The simple file has no such column.
    terminated: Option<usize>,
}

impl Columns {
    fn find(header: &StringRecord) -> Result<Self, BuildError> {
        let index = |names: &[&str], missing| {
            names
                .iter()
                .find_map(|name| {
                    header
                        .iter()
                        .position(|column| column.eq_ignore_ascii_case(name))
                })
                .ok_or(BuildError::Columns { missing })
        };
        Ok(Self {
            postcode: index(&["pcds", "postcode"], "pcds")?,
            latitude: index(&["lat"], "lat")?,
            longitude: index(&["long", "lon"], "long")?,
            terminated: index(&["doterm"], "doterm").ok(),
        })
    }
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
    fn a_simple_file_is_read() {
        let csv = "postcode,lat,lon\nDH1 3EL,54.7753,-1.5849\nJE2 4WD,,\n";
        let (table, summary) = build_from_csv(csv.as_bytes()).unwrap();
        assert_eq!(lookup(&table, "DH1 3EL"), Entry::Unit(DURHAM));
        assert_eq!(lookup(&table, "JE2 4WD"), Entry::UnitWithoutPosition);
        assert_eq!((summary.listed, summary.without_position), (2, 1));
    }

    #[test]
    fn the_postcode_directory_is_read() {
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
    fn the_position_of_a_sector_is_that_of_its_live_units() {
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
    fn errors_name_the_line() {
        for (csv, expected) in [
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
            (
                "postcode,lat,lon\r\nDH1 3EL,,\r\nAAA 1AA,,\r\n",
                "line 3: `AAA 1AA`",
            ),
            (
                "postcode,lat,lon\n\nDH1 3EL,,\n\n\nAAA 1AA,,\n",
                "line 6: `AAA 1AA`",
            ),
            ("postcode,lat,lon\nAAA 1AA,,", "line 2: `AAA 1AA`"),
        ] {
            let error = build_from_csv(csv.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }
}
