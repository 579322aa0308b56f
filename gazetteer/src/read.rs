//! Reads the table in place. The bytes may be anybody's: what is damaged is not there, and nothing panics.

use model::Postcode;
use model::place::Position;

use crate::bits::{BitReader, needed_for};
use crate::format::{
    FormatError, HEADER_BYTES, INDEX_ENTRY_BYTES, LATITUDE_BITS, LETTERS, LONGITUDE_BITS, MAGIC,
    Point, RADIUS_BITS, SIDE_WIDTH_BITS, VERSION, checksum,
};
use crate::names::{self, Unit};

/// What the table knows of a postcode.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Entry {
    Unit(Position),
    /// It is listed, and the data has no coordinates for it.
    UnitWithoutPosition,
    /// It is not listed, but others of its sector are.
    Sector {
        centre: Position,
        /// Nine in ten of the sector's units lie within it.
        radius_m: u32,
    },
    Unlisted,
}

/// A table of postcodes over bytes that stay where they are.
#[derive(Clone, Copy, Debug)]
pub struct Gazetteer<'a> {
    index: &'a [[u8; INDEX_ENTRY_BYTES]],
    body: &'a [u8],
    units: u32,
    checksum: u64,
    /// Index and body.
    checked: &'a [u8],
}

impl<'a> Gazetteer<'a> {
    /// Checks header, lengths and index, which takes microseconds; [`Gazetteer::verify`] reads all of it.
    ///
    /// # Errors
    /// If the bytes are no table of this version, or not all of one.
    pub fn from_bytes(bytes: &'a [u8]) -> Result<Self, FormatError> {
        let mut header = Header(bytes.get(..HEADER_BYTES).ok_or(FormatError::Magic)?);
        if header.take() != Some(*MAGIC) {
            return Err(FormatError::Magic);
        }
        let version = header.number().ok_or(FormatError::Length)?;
        if version != VERSION {
            return Err(FormatError::Version { found: version });
        }
        let sectors = header.length()?;
        let units = header.number().ok_or(FormatError::Length)?;
        let body_bytes = header.length()?;
        let checksum = header.take().ok_or(FormatError::Length)?;
        let index_bytes = sectors
            .checked_mul(INDEX_ENTRY_BYTES)
            .ok_or(FormatError::Length)?;
        let checked = &bytes[HEADER_BYTES..];
        let (index, body) = checked
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
            checked,
        };
        gazetteer.check_index()?;
        Ok(gazetteer)
    }

    fn check_index(&self) -> Result<(), FormatError> {
        let ascending = self.index.windows(2).all(|pair| {
            let ((key, start), (next_key, next_start)) = (split(&pair[0]), split(&pair[1]));
            key < next_key && start <= next_start
        });
        let inside = self
            .index
            .last()
            .is_none_or(|last| at(split(last).1) <= self.body.len());
        if ascending && inside {
            Ok(())
        } else {
            Err(FormatError::Index)
        }
    }

    /// Reads every byte once and compares the checksum.
    ///
    /// # Errors
    /// If the table was damaged after it was built.
    pub fn verify(&self) -> Result<(), FormatError> {
        if checksum(self.checked) == self.checksum {
            Ok(())
        } else {
            Err(FormatError::Checksum)
        }
    }

    /// How many postcodes are listed.
    #[must_use]
    pub fn len(&self) -> usize {
        at(self.units)
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.units == 0
    }

    /// What is known of one postcode; well below a microsecond.
    #[must_use]
    pub fn lookup(&self, postcode: &Postcode) -> Entry {
        self.find(postcode).unwrap_or(Entry::Unlisted)
    }

    fn find(&self, postcode: &Postcode) -> Option<Entry> {
        let (key, unit) = names::encode(postcode)?;
        let place = self
            .index
            .binary_search_by_key(&key, |entry| split(entry).0)
            .ok()?;
        let mut sector = Sector::read(self.sector_bytes(place)?)?;
        match sector.unit(unit)? {
            Listed::At(point) => Some(Entry::Unit(point.position())),
            Listed::WithoutPosition => Some(Entry::UnitWithoutPosition),
            Listed::Not => {
                let ground = sector.ground?;
                Some(Entry::Sector {
                    centre: ground.centre.position(),
                    radius_m: ground.radius_m,
                })
            }
        }
    }

    fn sector_bytes(&self, place: usize) -> Option<&'a [u8]> {
        let start = at(split(self.index.get(place)?).1);
        let end = match self.index.get(place + 1) {
            Some(next) => at(split(next).1),
            None => self.body.len(),
        };
        self.body.get(start..end)
    }

    /// All postcodes as text, in alphabetical order of their sectors; what is damaged is left out.
    pub fn iter(&self) -> impl Iterator<Item = (String, Option<Position>)> + '_ {
        self.index.iter().enumerate().flat_map(|(place, entry)| {
            let key = split(entry).0;
            self.sector_bytes(place)
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

fn split(entry: &[u8; INDEX_ENTRY_BYTES]) -> (u32, u32) {
    let [a, b, c, d, e, f, g, h] = *entry;
    (
        u32::from_le_bytes([a, b, c, d]),
        u32::from_le_bytes([e, f, g, h]),
    )
}

/// A position in memory. Where `usize` had 16 bits no table would fit anyway.
fn at(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

struct Header<'a>(&'a [u8]);

impl Header<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*taken)
    }

    fn number(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }

    fn length(&mut self) -> Result<usize, FormatError> {
        self.number().map(at).ok_or(FormatError::Length)
    }
}

/// A sector, read as far as its set of first letters.
struct Sector<'a> {
    ground: Option<Ground>,
    first_letters: u64,
    groups: BitReader<'a>,
}

/// Where a sector's units lie.
#[derive(Clone, Copy)]
struct Ground {
    south_west: Point,
    north_bits: u32,
    east_bits: u32,
    centre: Point,
    radius_m: u32,
}

enum Listed {
    At(Point),
    WithoutPosition,
    Not,
}

/// Units that share their first letter.
struct Group {
    second_letters: u64,
    ground: Option<GroupGround>,
}

struct GroupGround {
    south_west: Point,
    columns: u64,
    places: u64,
    width: u32,
}

impl<'a> Sector<'a> {
    fn read(bytes: &'a [u8]) -> Option<Self> {
        let mut bits = BitReader::new(bytes);
        let ground = match bits.take(1)? {
            0 => None,
            _ => Some(Ground::read(&mut bits)?),
        };
        Some(Self {
            ground,
            first_letters: bits.take(LETTERS)?,
            groups: bits,
        })
    }

    fn unit(&mut self, unit: Unit) -> Option<Listed> {
        if self.first_letters >> unit.first & 1 == 0 {
            return Some(Listed::Not);
        }
        for _ in 0..below(self.first_letters, unit.first) {
            let group = Group::read(&mut self.groups, self.ground)?;
            let width = group.ground.map_or(0, |ground| ground.width);
            self.groups.skip(group.second_letters.count_ones(), width)?;
        }
        let group = Group::read(&mut self.groups, self.ground)?;
        if group.second_letters >> unit.second & 1 == 0 {
            return Some(Listed::Not);
        }
        let Some(ground) = group.ground else {
            return Some(Listed::WithoutPosition);
        };
        let before = below(group.second_letters, unit.second);
        self.groups.skip(before, ground.width)?;
        ground.unit(&mut self.groups)
    }

    fn all(mut self) -> Vec<(Unit, Option<Point>)> {
        let mut units = Vec::new();
        for first in (0..LETTERS).filter(|letter| self.first_letters >> letter & 1 == 1) {
            let Some(group) = Group::read(&mut self.groups, self.ground) else {
                break;
            };
            for second in (0..LETTERS).filter(|letter| group.second_letters >> letter & 1 == 1) {
                let unit = Unit { first, second };
                match &group.ground {
                    None => units.push((unit, None)),
                    Some(ground) => match ground.unit(&mut self.groups) {
                        Some(Listed::At(point)) => units.push((unit, Some(point))),
                        Some(Listed::WithoutPosition) => units.push((unit, None)),
                        Some(Listed::Not) => {}
                        None => return units,
                    },
                }
            }
        }
        units
    }
}

/// How many of the letters before `letter` are in the set.
fn below(set: u64, letter: u32) -> u32 {
    (set & ((1 << letter) - 1)).count_ones()
}

impl Ground {
    fn read(bits: &mut BitReader<'_>) -> Option<Self> {
        let south_west = Point {
            north: bits.take(LATITUDE_BITS)?,
            east: bits.take(LONGITUDE_BITS)?,
        };
        let north_bits = u32::try_from(bits.take(SIDE_WIDTH_BITS)?).ok()?;
        let east_bits = u32::try_from(bits.take(SIDE_WIDTH_BITS)?).ok()?;
        if north_bits > LATITUDE_BITS || east_bits > LONGITUDE_BITS {
            return None;
        }
        let centre = Point {
            north: south_west.north + bits.take(north_bits)?,
            east: south_west.east + bits.take(east_bits)?,
        };
        Some(Self {
            south_west,
            north_bits,
            east_bits,
            centre,
            radius_m: u32::try_from(bits.take(RADIUS_BITS)?).ok()?,
        })
    }
}

impl Group {
    /// Takes neighbouring numbers in one go where it can: a lookup passes over ten groups on average.
    fn read(bits: &mut BitReader<'_>, ground: Option<Ground>) -> Option<Self> {
        let Some(sector) = ground else {
            return Some(Self {
                second_letters: bits.take(LETTERS)?,
                ground: None,
            });
        };
        let start = bits.take(LETTERS + 1)?;
        let ground = if start >> LETTERS == 1 {
            Some(GroupGround::read(bits, sector)?)
        } else {
            None
        };
        Some(Self {
            second_letters: start & ((1 << LETTERS) - 1),
            ground,
        })
    }
}

impl GroupGround {
    fn read(bits: &mut BitReader<'_>, sector: Ground) -> Option<Self> {
        let (north_bits, east_bits) = (sector.north_bits, sector.east_bits);
        let corner = bits.take(1 + north_bits + east_bits)?;
        let sides = bits.take(north_bits + east_bits)?;
        let north_mask = (1 << north_bits) - 1;
        let rows = (sides & north_mask) + 1;
        let columns = (sides >> north_bits) + 1;
        let places = rows * columns;
        let some_missing = corner & 1;
        Some(Self {
            south_west: Point {
                north: sector.south_west.north + (corner >> 1 & north_mask),
                east: sector.south_west.east + (corner >> (1 + north_bits)),
            },
            columns,
            places,
            width: needed_for(places - 1 + some_missing),
        })
    }

    fn unit(&self, bits: &mut BitReader<'_>) -> Option<Listed> {
        let place = bits.take(self.width)?;
        if place == self.places {
            return Some(Listed::WithoutPosition);
        }
        if place > self.places {
            return Some(Listed::Not);
        }
        Some(Listed::At(Point {
            north: self.south_west.north + place / self.columns,
            east: self.south_west.east + place % self.columns,
        }))
    }
}
