//! Restaurants and menus as their owners write them, in `menus/*.toml`: reading and checking.
