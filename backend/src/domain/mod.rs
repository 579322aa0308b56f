//! The rules: opening hours, slots, delivery areas, prices, quotes. Pure; the clock is a parameter; no HTTP, no database.
