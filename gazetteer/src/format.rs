//! The parts of the format that the builder and the reader share: header, index, checksum, and the scale of coordinates.

use model::place::Position;

pub const MAGIC: &[u8; 8] = b"TIFFINGZ";
pub const VERSION: u32 = 1;
pub const HEADER_BYTES: usize = 32;
pub const INDEX_ENTRY_BYTES: usize = 8;

/// Number of letters that each of a unit's two letters is one of.
pub const LETTERS: u32 = 21;
/// Bits of a latitude in steps of 0.0001 degrees from the South Pole.
pub const LATITUDE_BITS: u32 = 21;
/// Bits of a longitude in steps of 0.0001 degrees from 180° west.
pub const LONGITUDE_BITS: u32 = 22;
/// Bits of the field that holds the width in bits of a box's side.
pub const SIDE_WIDTH_BITS: u32 = 5;
pub const RADIUS_BITS: u32 = 20;

const STEPS_PER_DEGREE: f64 = 10_000.0;

/// Why bytes are not a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    #[error("this is not a table of postcodes")]
    Magic,
    #[error("the table has version {found}, this program reads version {VERSION}")]
    Version { found: u32 },
    #[error("the table is incomplete")]
    Length,
    #[error("the table's index is damaged")]
    Index,
    #[error("the table is damaged: its checksum does not match")]
    Checksum,
}

/// A point in steps of 0.0001 degrees from the South Pole and from 180° west.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Point {
    pub north: u64,
    pub east: u64,
}

impl Point {
    /// The nearest point to `position`; `None` if the position is not on Earth.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked to lie within the globe just before"
    )]
    pub fn nearest(position: Position) -> Option<Self> {
        let Position {
            latitude,
            longitude,
        } = position;
        if !(-90.0..=90.0).contains(&latitude) || !(-180.0..=180.0).contains(&longitude) {
            return None;
        }
        Some(Self {
            north: ((latitude + 90.0) * STEPS_PER_DEGREE).round() as u64,
            east: ((longitude + 180.0) * STEPS_PER_DEGREE).round() as u64,
        })
    }

    /// The position with the decimal fraction of the source data: adds in whole steps and divides once, so that rounding cannot
    /// change the last digit.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        reason = "a few million steps are exact in a double"
    )]
    pub fn position(self) -> Position {
        Position {
            latitude: (self.north as f64 - 90.0 * STEPS_PER_DEGREE) / STEPS_PER_DEGREE,
            longitude: (self.east as f64 - 180.0 * STEPS_PER_DEGREE) / STEPS_PER_DEGREE,
        }
    }
}

/// FNV-1a, 64 bits: detects damage, not manipulation.
#[must_use]
pub fn checksum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
