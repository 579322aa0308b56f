//! The fault tests: customers with keys on a whole Tiffin of real processes while a nemesis breaks parts of it, and a checker that
//! holds what everybody was told against what the store has.

pub mod checker;
pub mod finding;
pub mod history;
pub mod stored;
