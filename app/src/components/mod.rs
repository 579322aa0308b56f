//! What pages are made of. A component documents its props and fetches nothing.

mod announce;
mod hero;
mod icon;
mod notice;
mod offline;
mod page;
mod postcode_field;
mod recall;
mod restaurant_card;
mod sheet;
mod show;
mod stepper;
mod sums;
pub mod terms;

pub use announce::{Announcements, provide_announcer, use_announce};
pub use hero::Hero;
pub use icon::{Drawing, Glyph, Icon};
pub use notice::{LoadError, Notice, Tone};
pub use page::{Page, keep_focus_on_heading};
pub use postcode_field::PostcodeField;
pub use restaurant_card::RestaurantCard;
pub use sheet::{Sheet, close as close_sheet};
pub use show::Show;
pub use stepper::Stepper;
pub use sums::Sums;
