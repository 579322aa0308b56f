//! A compact table of British postcodes and their coordinates: builder and reader.
//!
//! The table answers where a postcode is when no web service can be asked. It is built from a CSV of the ONS Postcode
//! Directory, ships inside the backend, and is read in place: nothing is unpacked or copied at start. Coordinates keep the
//! data's own precision of 0.0001 degrees (11 m). Knows nothing of the network, and not whether a postcode was issued or
//! terminated after the data was published.
//!
//! # Format, version 1
//!
//! Numbers are little-endian.
//!
//! | bytes | what |
//! |---|---|
//! | 8 | `TIFFINGZ` |
//! | 4 | version |
//! | 4 | number of sectors |
//! | 4 | number of units |
//! | 4 | length of the body |
//! | 8 | FNV-1a checksum of all that follows |
//! | 8 a sector | index, ascending: key of the sector, where it begins in the body |
//! | … | body: one bit string a sector, padded to whole bytes |
//!
//! A sector (`DH1 3`) holds units that are named by two of 21 letters. Its bit string is: whether any unit has
//! coordinates and, if so, the box around them, the median centre and the radius that nine in ten units lie within; the set of
//! first letters in use; then for each of these a group: the set of second letters in use, the group's own box within the
//! sector's, and for each unit its place in that box as one number of as many bits as the box needs. Where some units of a
//! group have no coordinates, the number after the last place stands for that. Units that share a first letter are close
//! neighbours, which is what makes the boxes, and so the table, small.

mod bits;
mod build;
mod csv;
mod format;
mod names;
mod read;

pub use build::{BuildError, Builder};
pub use csv::{Summary, build_from_csv};
pub use format::FormatError;
pub use read::{Entry, Gazetteer};
