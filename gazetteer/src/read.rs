//! Reads the table in place. The bytes may be damaged: damaged entries are unlisted, and no input panics.

use model::Postcode;
use model::place::Position;

use crate::bits::{BitReader, bits_for};
use crate::format::{
    FormatError, HEADER_BYTES, INDEX_ENTRY_BYTES, LATITUDE_BITS, LETTERS, LONGITUDE_BITS, MAGIC,
    Point, RADIUS_BITS, SIDE_WIDTH_BITS, VERSION, checksum,
};
use crate::names::{self, Unit};

/// The table's entry of a postcode.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Entry {
    Unit(Position),
    /// The postcode is listed, but the data has no coordinates for it.
    UnitWithoutPosition,
    /// The postcode is not listed, but other units of its sector are.
    Sector {
        centre: Position,
        /// Nine in ten of the sector's units lie within this distance of the centre.
        radius_m: u32,
    },
    /// Neither the postcode nor its sector is listed.
    Unlisted,
}

/// A table of postcodes over borrowed bytes.
#[derive(Clone, Copy, Debug)]
pub struct Gazetteer<'a> {
    index: &'a [[u8; INDEX_ENTRY_BYTES]],
    body: &'a [u8],
    units: u32,
    checksum: u64,
    /// Index and body, which the checksum covers.
    payload: &'a [u8],
}

impl<'a> Gazetteer<'a> {
    /// Opens a table. Checks the header, the lengths and the index, which takes microseconds; [`Gazetteer::verify`] checks the rest.
    ///
    /// # Errors
    /// If the bytes are not a table of this version, or are incomplete.
    pub fn from_bytes(bytes: &'a [u8]) -> Result<Self, FormatError> {
        let mut header = Header(bytes.get(..HEADER_BYTES).ok_or(FormatError::Magic)?);
        if header.read() != Some(*MAGIC) {
            return Err(FormatError::Magic);
        }
        let version = header.number().ok_or(FormatError::Length)?;
        if version != VERSION {
            return Err(FormatError::Version { found: version });
        }
        let sectors = header.length()?;
        let units = header.number().ok_or(FormatError::Length)?;
        let body_bytes = header.length()?;
        let checksum = header.read().ok_or(FormatError::Length)?;
        let index_bytes = sectors
            .checked_mul(INDEX_ENTRY_BYTES)
            .ok_or(FormatError::Length)?;
        let payload = &bytes[HEADER_BYTES..];
        let (index, body) = payload
            .split_at_checked(index_bytes)
            .ok_or(FormatError::Length)?;
        if body.len() != body_bytes {
            return Err(FormatError::Length);
        }
        let gazetteer = Self {
            index: index.as_chunks().0,
            body,
            units,
            checksum: u64::from_le_bytes(checksum),
            payload,
        };
        gazetteer.check_index()?;
        Ok(gazetteer)
    }

    fn check_index(&self) -> Result<(), FormatError> {
        let ascending = self.index.windows(2).all(|pair| {
            let ((key, start), (next_key, next_start)) =
                (split_entry(&pair[0]), split_entry(&pair[1]));
            key < next_key && start <= next_start
        });
        let inside = self
            .index
            .last()
            .is_none_or(|last| to_usize(split_entry(last).1) <= self.body.len());
        if ascending && inside {
            Ok(())
        } else {
            Err(FormatError::Index)
        }
    }

    /// Computes the checksum over the whole table and compares it.
    ///
    /// # Errors
    /// If the table is damaged.
    pub fn verify(&self) -> Result<(), FormatError> {
        if checksum(self.payload) == self.checksum {
            Ok(())
        } else {
            Err(FormatError::Checksum)
        }
    }

    /// The number of postcodes listed.
    #[must_use]
    pub fn len(&self) -> usize {
        to_usize(self.units)
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.units == 0
    }

    /// Looks up one postcode, in well below a microsecond.
    #[must_use]
    pub fn lookup(&self, postcode: &Postcode) -> Entry {
        self.find(postcode).unwrap_or(Entry::Unlisted)
    }

    fn find(&self, postcode: &Postcode) -> Option<Entry> {
        let (key, unit) = names::encode(postcode)?;
        let index = self
            .index
            .binary_search_by_key(&key, |entry| split_entry(entry).0)
            .ok()?;
        let mut sector = Sector::read(self.sector_bytes(index)?)?;
        match sector.unit(unit)? {
            UnitEntry::At(point) => Some(Entry::Unit(point.position())),
            UnitEntry::WithoutPosition => Some(Entry::UnitWithoutPosition),
            UnitEntry::Unlisted => {
                let bounds = sector.bounds?;
                Some(Entry::Sector {
                    centre: bounds.centre.position(),
                    radius_m: bounds.radius_m,
                })
            }
        }
    }

    fn sector_bytes(&self, index: usize) -> Option<&'a [u8]> {
        let start = to_usize(split_entry(self.index.get(index)?).1);
        let end = match self.index.get(index + 1) {
            Some(next) => to_usize(split_entry(next).1),
            None => self.body.len(),
        };
        self.body.get(start..end)
    }

    /// All postcodes as text, in alphabetical order of their sectors; damaged sectors are left out.
    pub fn iter(&self) -> impl Iterator<Item = (String, Option<Position>)> + '_ {
        self.index.iter().enumerate().flat_map(|(index, entry)| {
            let key = split_entry(entry).0;
            self.sector_bytes(index)
                .and_then(Sector::read)
                .map(Sector::all)
                .unwrap_or_default()
                .into_iter()
                .filter_map(move |(unit, point)| {
                    Some((names::decode(key, unit)?, point.map(Point::position)))
                })
        })
    }
}

/// Splits an index entry into the key of its sector and its offset in the body.
fn split_entry(entry: &[u8; INDEX_ENTRY_BYTES]) -> (u32, u32) {
    let [a, b, c, d, e, f, g, h] = *entry;
    (
        u32::from_le_bytes([a, b, c, d]),
        u32::from_le_bytes([e, f, g, h]),
    )
}

/// Converts an offset or a length. Saturates where `usize` has 16 bits, which no table fits.
fn to_usize(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// The unread rest of the header.
struct Header<'a>(&'a [u8]);

impl Header<'_> {
    fn read<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (chunk, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*chunk)
    }

    fn number(&mut self) -> Option<u32> {
        self.read().map(u32::from_le_bytes)
    }

    fn length(&mut self) -> Result<usize, FormatError> {
        self.number().map(to_usize).ok_or(FormatError::Length)
    }
}

/// A sector, read up to its set of first letters.
struct Sector<'a> {
    bounds: Option<SectorBounds>,
    first_letters: u64,
    groups: BitReader<'a>,
}

/// The bounding box and the centre of a sector's units.
#[derive(Clone, Copy)]
struct SectorBounds {
    south_west: Point,
    north_bits: u32,
    east_bits: u32,
    centre: Point,
    radius_m: u32,
}

/// Outcome of looking up a unit in its sector.
enum UnitEntry {
    At(Point),
    WithoutPosition,
    Unlisted,
}

/// Units that share their first letter.
struct Group {
    second_letters: u64,
    bounds: Option<GroupBounds>,
}

/// The bounding box of a group's units, as a grid of cells.
struct GroupBounds {
    south_west: Point,
    columns: u64,
    cells: u64,
    width: u32,
}

impl<'a> Sector<'a> {
    fn read(bytes: &'a [u8]) -> Option<Self> {
        let mut bits = BitReader::new(bytes);
        let bounds = match bits.read(1)? {
            0 => None,
            _ => Some(SectorBounds::read(&mut bits)?),
        };
        Some(Self {
            bounds,
            first_letters: bits.read(LETTERS)?,
            groups: bits,
        })
    }

    fn unit(&mut self, unit: Unit) -> Option<UnitEntry> {
        if self.first_letters >> unit.first & 1 == 0 {
            return Some(UnitEntry::Unlisted);
        }
        for _ in 0..count_before(self.first_letters, unit.first) {
            let group = Group::read(&mut self.groups, self.bounds)?;
            let width = group.bounds.map_or(0, |bounds| bounds.width);
            self.groups.skip(group.second_letters.count_ones(), width)?;
        }
        let group = Group::read(&mut self.groups, self.bounds)?;
        if group.second_letters >> unit.second & 1 == 0 {
            return Some(UnitEntry::Unlisted);
        }
        let Some(bounds) = group.bounds else {
            return Some(UnitEntry::WithoutPosition);
        };
        let before = count_before(group.second_letters, unit.second);
        self.groups.skip(before, bounds.width)?;
        bounds.unit(&mut self.groups)
    }

    fn all(mut self) -> Vec<(Unit, Option<Point>)> {
        let mut units = Vec::new();
        for first in (0..LETTERS).filter(|letter| self.first_letters >> letter & 1 == 1) {
            let Some(group) = Group::read(&mut self.groups, self.bounds) else {
                break;
            };
            for second in (0..LETTERS).filter(|letter| group.second_letters >> letter & 1 == 1) {
                let unit = Unit { first, second };
                match &group.bounds {
                    None => units.push((unit, None)),
                    Some(bounds) => match bounds.unit(&mut self.groups) {
                        Some(UnitEntry::At(point)) => units.push((unit, Some(point))),
                        Some(UnitEntry::WithoutPosition) => units.push((unit, None)),
                        Some(UnitEntry::Unlisted) => {}
                        None => return units,
                    },
                }
            }
        }
        units
    }
}

/// The number of letters in `set` before `letter`.
fn count_before(set: u64, letter: u32) -> u32 {
    (set & ((1 << letter) - 1)).count_ones()
}

impl SectorBounds {
    fn read(bits: &mut BitReader<'_>) -> Option<Self> {
        let south_west = Point {
            north: bits.read(LATITUDE_BITS)?,
            east: bits.read(LONGITUDE_BITS)?,
        };
        let north_bits = u32::try_from(bits.read(SIDE_WIDTH_BITS)?).ok()?;
        let east_bits = u32::try_from(bits.read(SIDE_WIDTH_BITS)?).ok()?;
        if north_bits > LATITUDE_BITS || east_bits > LONGITUDE_BITS {
            return None;
        }
        let centre = Point {
            north: south_west.north + bits.read(north_bits)?,
            east: south_west.east + bits.read(east_bits)?,
        };
        Some(Self {
            south_west,
            north_bits,
            east_bits,
            centre,
            radius_m: u32::try_from(bits.read(RADIUS_BITS)?).ok()?,
        })
    }
}

impl Group {
    /// Reads the start of a group, several fields at once: a lookup skips ten groups on average.
    fn read(bits: &mut BitReader<'_>, bounds: Option<SectorBounds>) -> Option<Self> {
        let Some(sector) = bounds else {
            return Some(Self {
                second_letters: bits.read(LETTERS)?,
                bounds: None,
            });
        };
        let start = bits.read(LETTERS + 1)?;
        let bounds = if start >> LETTERS == 1 {
            Some(GroupBounds::read(bits, sector)?)
        } else {
            None
        };
        Some(Self {
            second_letters: start & ((1 << LETTERS) - 1),
            bounds,
        })
    }
}

impl GroupBounds {
    fn read(bits: &mut BitReader<'_>, sector: SectorBounds) -> Option<Self> {
        let (north_bits, east_bits) = (sector.north_bits, sector.east_bits);
        let corner = bits.read(1 + north_bits + east_bits)?;
        let sides = bits.read(north_bits + east_bits)?;
        let north_mask = (1 << north_bits) - 1;
        let rows = (sides & north_mask) + 1;
        let columns = (sides >> north_bits) + 1;
        let cells = rows * columns;
        let some_missing = corner & 1;
        Some(Self {
            south_west: Point {
                north: sector.south_west.north + (corner >> 1 & north_mask),
                east: sector.south_west.east + (corner >> (1 + north_bits)),
            },
            columns,
            cells,
            width: bits_for(cells - 1 + some_missing),
        })
    }

    fn unit(&self, bits: &mut BitReader<'_>) -> Option<UnitEntry> {
        let cell = bits.read(self.width)?;
        if cell == self.cells {
            return Some(UnitEntry::WithoutPosition);
        }
        if cell > self.cells {
            return Some(UnitEntry::Unlisted);
        }
        Some(UnitEntry::At(Point {
            north: self.south_west.north + cell / self.columns,
            east: self.south_west.east + cell % self.columns,
        }))
    }
}
