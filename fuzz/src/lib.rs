//! Code shared by the fuzz targets.

pub mod replica;
pub mod request;
