//! What the fuzz targets share.

pub mod replica;
pub mod request;
