//! Builds the table. Knows nothing of the source of the data. The reader returns the entries as added, coordinates rounded to 0.0001
//! degrees.

use std::collections::BTreeMap;

use model::Postcode;
use model::place::Position;

use crate::bits::{BitWriter, bits_for};
use crate::format::{
    HEADER_BYTES, INDEX_ENTRY_BYTES, LATITUDE_BITS, LETTERS, LONGITUDE_BITS, MAGIC, Point,
    RADIUS_BITS, SIDE_WIDTH_BITS, VERSION, checksum,
};
use crate::names::{self, Unit};

/// Why a table cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    #[error("the postcode {0} is listed twice")]
    Duplicate(Postcode),
    #[error("the coordinates of {0} are not a place on Earth")]
    InvalidCoordinates(Postcode),
    #[error("the table would be larger than 4 GB")]
    TooLarge,
    #[error("the file cannot be read: {0}")]
    Read(#[from] csv::Error),
    #[error(
        "the file's first line must name the columns: postcode or pcds, lat, and lon or long; {missing} is missing"
    )]
    Columns { missing: &'static str },
    #[error("line {line}: {reason}")]
    Line { line: u64, reason: String },
}

/// Collects postcodes in any order.
#[derive(Default)]
pub struct Builder {
    sectors: BTreeMap<u32, BTreeMap<Unit, UnitData>>,
}

/// The data of a unit.
#[derive(Clone, Copy)]
struct UnitData {
    point: Option<Point>,
    terminated: bool,
}

impl Builder {
    /// Adds a postcode, with its position if the data has one. A terminated postcode is listed like any other, but its position is
    /// left out of the sector's centre if the sector has live units, because sectors have moved.
    ///
    /// # Errors
    /// If the postcode has been added already, or its position is not on Earth.
    pub fn add(
        &mut self,
        postcode: &Postcode,
        position: Option<Position>,
        terminated: bool,
    ) -> Result<(), BuildError> {
        let point = match position {
            None => None,
            Some(position) => Some(
                Point::nearest(position)
                    .ok_or_else(|| BuildError::InvalidCoordinates(postcode.clone()))?,
            ),
        };
        let Some((key, unit)) = names::encode(postcode) else {
            return Err(BuildError::InvalidCoordinates(postcode.clone()));
        };
        let sector = self.sectors.entry(key).or_default();
        if sector
            .insert(unit, UnitData { point, terminated })
            .is_some()
        {
            return Err(BuildError::Duplicate(postcode.clone()));
        }
        Ok(())
    }

    /// Encodes the table.
    ///
    /// # Errors
    /// If the table is too large for the format.
    pub fn finish(&self) -> Result<Vec<u8>, BuildError> {
        let mut index = Vec::with_capacity(self.sectors.len() * INDEX_ENTRY_BYTES);
        let mut body = Vec::new();
        for (key, sector) in &self.sectors {
            index.extend(key.to_le_bytes());
            index.extend(encode_length(body.len())?);
            body.extend(write_sector(sector));
        }
        let units = self.sectors.values().map(BTreeMap::len).sum();
        let mut table = Vec::with_capacity(HEADER_BYTES + index.len() + body.len());
        table.extend(MAGIC);
        table.extend(VERSION.to_le_bytes());
        table.extend(encode_length(self.sectors.len())?);
        table.extend(encode_length(units)?);
        table.extend(encode_length(body.len())?);
        index.append(&mut body);
        table.extend(checksum(&index).to_le_bytes());
        table.append(&mut index);
        Ok(table)
    }
}

fn encode_length(length: usize) -> Result<[u8; 4], BuildError> {
    u32::try_from(length)
        .map(u32::to_le_bytes)
        .map_err(|_| BuildError::TooLarge)
}

/// The smallest box that contains some points.
#[derive(Clone, Copy)]
struct BoundingBox {
    south_west: Point,
    north_east: Point,
}

impl BoundingBox {
    fn of(mut points: impl Iterator<Item = Point>) -> Option<Self> {
        let first = points.next()?;
        let start = Self {
            south_west: first,
            north_east: first,
        };
        Some(points.fold(start, |bounds, point| Self {
            south_west: Point {
                north: bounds.south_west.north.min(point.north),
                east: bounds.south_west.east.min(point.east),
            },
            north_east: Point {
                north: bounds.north_east.north.max(point.north),
                east: bounds.north_east.east.max(point.east),
            },
        }))
    }

    /// Height in steps of 0.0001 degrees.
    fn height(self) -> u64 {
        self.north_east.north - self.south_west.north
    }

    fn width(self) -> u64 {
        self.north_east.east - self.south_west.east
    }
}

fn write_sector(units: &BTreeMap<Unit, UnitData>) -> Vec<u8> {
    let mut bits = BitWriter::default();
    let bounds = BoundingBox::of(units.values().filter_map(|data| data.point));
    bits.write(u64::from(bounds.is_some()), 1);
    if let Some(bounds) = bounds {
        let (centre, radius_m) = centre_and_radius(&representative_points(units));
        bits.write(bounds.south_west.north, LATITUDE_BITS);
        bits.write(bounds.south_west.east, LONGITUDE_BITS);
        let (north_bits, east_bits) = (bits_for(bounds.height()), bits_for(bounds.width()));
        bits.write(u64::from(north_bits), SIDE_WIDTH_BITS);
        bits.write(u64::from(east_bits), SIDE_WIDTH_BITS);
        bits.write(centre.north - bounds.south_west.north, north_bits);
        bits.write(centre.east - bounds.south_west.east, east_bits);
        bits.write(radius_m.min((1 << RADIUS_BITS) - 1), RADIUS_BITS);
    }
    bits.write(letter_set(units.keys().map(|unit| unit.first)), LETTERS);
    let mut groups: BTreeMap<u32, Vec<(u32, Option<Point>)>> = BTreeMap::new();
    for (unit, data) in units {
        let group = groups.entry(unit.first).or_default();
        group.push((unit.second, data.point));
    }
    for group in groups.values() {
        write_group(&mut bits, group, bounds);
    }
    bits.into_bytes()
}

fn write_group(bits: &mut BitWriter, group: &[(u32, Option<Point>)], sector: Option<BoundingBox>) {
    bits.write(letter_set(group.iter().map(|(second, _)| *second)), LETTERS);
    let Some(sector) = sector else { return };
    let bounds = BoundingBox::of(group.iter().filter_map(|(_, point)| *point));
    bits.write(u64::from(bounds.is_some()), 1);
    let Some(bounds) = bounds else { return };
    let some_missing = u64::from(group.iter().any(|(_, point)| point.is_none()));
    bits.write(some_missing, 1);
    let (north_bits, east_bits) = (bits_for(sector.height()), bits_for(sector.width()));
    bits.write(
        bounds.south_west.north - sector.south_west.north,
        north_bits,
    );
    bits.write(bounds.south_west.east - sector.south_west.east, east_bits);
    bits.write(bounds.height(), north_bits);
    bits.write(bounds.width(), east_bits);
    let columns = bounds.width() + 1;
    let cells = (bounds.height() + 1) * columns;
    let width = bits_for(cells - 1 + some_missing);
    for (_, point) in group {
        let cell = point.map_or(cells, |point| {
            (point.north - bounds.south_west.north) * columns + point.east - bounds.south_west.east
        });
        bits.write(cell, width);
    }
}

fn letter_set(letters: impl Iterator<Item = u32>) -> u64 {
    letters.fold(0, |set, letter| set | 1 << letter)
}

/// The points that determine a sector's centre: those of its live units, or of all units if none is live.
fn representative_points(units: &BTreeMap<Unit, UnitData>) -> Vec<Point> {
    let live = |data: &&UnitData| !data.terminated;
    let points: Vec<Point> = units
        .values()
        .filter(live)
        .filter_map(|data| data.point)
        .collect();
    if points.is_empty() {
        return units.values().filter_map(|data| data.point).collect();
    }
    points
}

/// The median of each axis, and the distance from it that contains nine in ten of the points, rounded up to whole metres. A median
/// rather than a mean, so that one wrong coordinate does not move it.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a distance on Earth is below 21 million metres"
)]
fn centre_and_radius(points: &[Point]) -> (Point, u64) {
    let median = |mut steps: Vec<u64>| {
        steps.sort_unstable();
        let (low, high) = (steps[(steps.len() - 1) / 2], steps[steps.len() / 2]);
        u64::midpoint(low, high)
    };
    let centre = Point {
        north: median(points.iter().map(|point| point.north).collect()),
        east: median(points.iter().map(|point| point.east).collect()),
    };
    let mut distances: Vec<f64> = points
        .iter()
        .map(|point| centre.position().distance_m(point.position()))
        .collect();
    distances.sort_by(f64::total_cmp);
    let nine_in_ten = (distances.len() * 9).div_ceil(10).saturating_sub(1);
    let radius_m = distances[nine_in_ten].ceil() as u64;
    (centre, radius_m)
}
