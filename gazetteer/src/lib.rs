//! A compact table of British postcodes and their coordinates: builder and reader.
//!
//! The table locates a postcode when no provider is available. It is built from a CSV file of the ONS Postcode Directory, is part of
//! the backend's binary, and is read in place: nothing is unpacked or copied at start. Coordinates keep the data's precision of
//! 0.0001 degrees (11 m). Knows nothing of the network, and nothing of postcodes issued or terminated after the data was published.
//!
//! # Format, version 1
//!
//! Numbers are little-endian.
//!
//! | bytes | content |
//! |---|---|
//! | 8 | `TIFFINGZ` |
//! | 4 | version |
//! | 4 | number of sectors |
//! | 4 | number of units |
//! | 4 | length of the body |
//! | 8 | FNV-1a checksum of the rest of the table |
//! | 8 per sector | index, ascending: key of the sector, offset in the body |
//! | … | body: one bit string per sector, padded to whole bytes |
//!
//! A sector (`DH1 3`) contains units that are identified by two of 21 letters. Its bit string is: whether any unit has coordinates
//! and, if so, the bounding box, the median centre and the radius that contains nine in ten units; the set of first letters in use;
//! then for each first letter a group: the set of second letters in use, the group's bounding box within the sector's, and for each
//! unit its cell in that box, as one number of as many bits as the box needs. If some units of a group have no coordinates, the
//! number after the last cell marks them. Units that share a first letter are close together, which keeps the boxes, and so the
//! table, small.

mod bits;
mod build;
mod csv_import;
mod format;
mod names;
mod read;

pub use build::{BuildError, Builder};
pub use csv_import::{Summary, build_from_csv};
pub use format::FormatError;
pub use read::{Entry, Gazetteer};
