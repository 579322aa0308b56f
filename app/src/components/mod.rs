//! The building blocks of pages. A component documents its props and makes no requests.

mod announce;
mod hero;
mod icon;
mod load_error;
mod notice;
mod offline;
mod order_banner;
mod page;
mod postcode_field;
mod restaurant_card;
mod sheet;
mod stepper;
pub mod terms;
mod totals;

pub use announce::{Announcements, provide_announcer, use_announce};
pub use hero::Hero;
pub use icon::{Drawing, Glyph, Icon};
pub use load_error::{LoadError, api_error, error_detail, error_title};
pub use notice::{Notice, Tone};
pub use page::{Banner, Page, keep_focus_on_heading};
pub use postcode_field::PostcodeField;
pub use restaurant_card::RestaurantCard;
pub use sheet::{Sheet, close_dialog, open_dialog};
pub use stepper::Stepper;
pub use totals::Totals;
