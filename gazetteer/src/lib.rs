//! Tiffin.
