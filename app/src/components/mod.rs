//! What pages are made of. A component documents its props and fetches nothing.

mod announce;
mod icon;
mod notice;
mod offline;
mod page;
mod postcode_field;

pub use announce::{Announcements, provide_announcer, use_announce};
pub use icon::{Glyph, Icon};
pub use notice::{LoadError, Notice, Tone};
pub use page::Page;
pub use postcode_field::PostcodeField;
