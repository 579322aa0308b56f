//! Where a postcode is: two providers, a cache, and the gazetteer when both are away.

pub mod cache;
