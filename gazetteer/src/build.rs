//! Builds the table. What is put in comes out of the reader the same, coordinates rounded to 0.0001 degrees.

use std::collections::BTreeMap;

use model::Postcode;
use model::place::Position;

use crate::bits::{BitWriter, needed_for};
use crate::format::{
    HEADER_BYTES, INDEX_ENTRY_BYTES, LATITUDE_BITS, LETTERS, LONGITUDE_BITS, MAGIC, Point,
    RADIUS_BITS, SIDE_WIDTH_BITS, VERSION, checksum,
};
use crate::names::{self, Unit};

/// Why no table could be built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    #[error("the postcode {0} is listed twice")]
    Twice(Postcode),
    #[error("the coordinates of {0} are no place on Earth")]
    NoPlace(Postcode),
    #[error("the table would be larger than 4 GB")]
    TooLarge,
    #[error("the file cannot be read: {0}")]
    Read(#[from] std::io::Error),
    #[error(
        "the file's first line must name the columns: postcode or pcds, lat, and lon or long; {missing} is missing"
    )]
    Columns { missing: &'static str },
    #[error("line {line}: {why}")]
    Line { line: usize, why: String },
}

/// Collects postcodes in any order.
#[derive(Default)]
pub struct Builder {
    sectors: BTreeMap<u32, BTreeMap<Unit, Known>>,
}

/// What is known of a unit.
#[derive(Clone, Copy)]
struct Known {
    point: Option<Point>,
    terminated: bool,
}

impl Builder {
    /// Adds one; without a position where the data has none. A terminated one is listed like any other, but does not say where
    /// its sector lies while others do: sectors have moved.
    ///
    /// # Errors
    /// If it is there already, or its position is no place on Earth.
    pub fn add(
        &mut self,
        postcode: &Postcode,
        position: Option<Position>,
        terminated: bool,
    ) -> Result<(), BuildError> {
        let point = match position {
            None => None,
            Some(position) => Some(
                Point::nearest(position).ok_or_else(|| BuildError::NoPlace(postcode.clone()))?,
            ),
        };
        let Some((key, unit)) = names::encode(postcode) else {
            return Err(BuildError::NoPlace(postcode.clone()));
        };
        let sector = self.sectors.entry(key).or_default();
        if sector.insert(unit, Known { point, terminated }).is_some() {
            return Err(BuildError::Twice(postcode.clone()));
        }
        Ok(())
    }

    /// The table.
    ///
    /// # Errors
    /// If it does not fit the format.
    pub fn finish(&self) -> Result<Vec<u8>, BuildError> {
        let mut index = Vec::with_capacity(self.sectors.len() * INDEX_ENTRY_BYTES);
        let mut body = Vec::new();
        for (key, sector) in &self.sectors {
            index.extend(key.to_le_bytes());
            index.extend(length(body.len())?);
            body.extend(write_sector(sector));
        }
        let units = self.sectors.values().map(BTreeMap::len).sum();
        let mut table = Vec::with_capacity(HEADER_BYTES + index.len() + body.len());
        table.extend(MAGIC);
        table.extend(VERSION.to_le_bytes());
        table.extend(length(self.sectors.len())?);
        table.extend(length(units)?);
        table.extend(length(body.len())?);
        index.append(&mut body);
        table.extend(checksum(&index).to_le_bytes());
        table.append(&mut index);
        Ok(table)
    }
}

fn length(length: usize) -> Result<[u8; 4], BuildError> {
    u32::try_from(length)
        .map(u32::to_le_bytes)
        .map_err(|_| BuildError::TooLarge)
}

/// The smallest box around some points.
#[derive(Clone, Copy)]
struct Around {
    south_west: Point,
    north_east: Point,
}

impl Around {
    fn points(mut points: impl Iterator<Item = Point>) -> Option<Self> {
        let first = points.next()?;
        let start = Self {
            south_west: first,
            north_east: first,
        };
        Some(points.fold(start, |around, point| Self {
            south_west: Point {
                north: around.south_west.north.min(point.north),
                east: around.south_west.east.min(point.east),
            },
            north_east: Point {
                north: around.north_east.north.max(point.north),
                east: around.north_east.east.max(point.east),
            },
        }))
    }

    /// Steps from its south-west to its north-east corner.
    fn height(self) -> u64 {
        self.north_east.north - self.south_west.north
    }

    fn width(self) -> u64 {
        self.north_east.east - self.south_west.east
    }
}

fn write_sector(units: &BTreeMap<Unit, Known>) -> Vec<u8> {
    let mut bits = BitWriter::default();
    let around = Around::points(units.values().filter_map(|known| known.point));
    bits.put(u64::from(around.is_some()), 1);
    if let Some(around) = around {
        let (centre, radius_m) = middle(&telling(units));
        bits.put(around.south_west.north, LATITUDE_BITS);
        bits.put(around.south_west.east, LONGITUDE_BITS);
        let (north_bits, east_bits) = (needed_for(around.height()), needed_for(around.width()));
        bits.put(u64::from(north_bits), SIDE_WIDTH_BITS);
        bits.put(u64::from(east_bits), SIDE_WIDTH_BITS);
        bits.put(centre.north - around.south_west.north, north_bits);
        bits.put(centre.east - around.south_west.east, east_bits);
        bits.put(radius_m.min((1 << RADIUS_BITS) - 1), RADIUS_BITS);
    }
    bits.put(set_of(units.keys().map(|unit| unit.first)), LETTERS);
    let mut groups: BTreeMap<u32, Vec<(u32, Option<Point>)>> = BTreeMap::new();
    for (unit, known) in units {
        let group = groups.entry(unit.first).or_default();
        group.push((unit.second, known.point));
    }
    for group in groups.values() {
        write_group(&mut bits, group, around);
    }
    bits.into_bytes()
}

fn write_group(bits: &mut BitWriter, group: &[(u32, Option<Point>)], sector: Option<Around>) {
    bits.put(set_of(group.iter().map(|(second, _)| *second)), LETTERS);
    let Some(sector) = sector else { return };
    let around = Around::points(group.iter().filter_map(|(_, point)| *point));
    bits.put(u64::from(around.is_some()), 1);
    let Some(around) = around else { return };
    let some_missing = u64::from(group.iter().any(|(_, point)| point.is_none()));
    bits.put(some_missing, 1);
    let (north_bits, east_bits) = (needed_for(sector.height()), needed_for(sector.width()));
    bits.put(
        around.south_west.north - sector.south_west.north,
        north_bits,
    );
    bits.put(around.south_west.east - sector.south_west.east, east_bits);
    bits.put(around.height(), north_bits);
    bits.put(around.width(), east_bits);
    let columns = around.width() + 1;
    let places = (around.height() + 1) * columns;
    let width = needed_for(places - 1 + some_missing);
    for (_, point) in group {
        let place = point.map_or(places, |point| {
            (point.north - around.south_west.north) * columns + point.east - around.south_west.east
        });
        bits.put(place, width);
    }
}

fn set_of(letters: impl Iterator<Item = u32>) -> u64 {
    letters.fold(0, |set, letter| set | 1 << letter)
}

/// The points that tell where a sector lies: those of its live units, or of all where none is live.
fn telling(units: &BTreeMap<Unit, Known>) -> Vec<Point> {
    let live = |known: &&Known| !known.terminated;
    let points: Vec<Point> = units
        .values()
        .filter(live)
        .filter_map(|known| known.point)
        .collect();
    if points.is_empty() {
        return units.values().filter_map(|known| known.point).collect();
    }
    points
}

/// The median of each axis, which a single unit on the wrong side of the country does not move, and the distance from it
/// that nine in ten of the points lie within, rounded up to whole metres.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a distance on Earth is below 21 million metres"
)]
fn middle(points: &[Point]) -> (Point, u64) {
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
