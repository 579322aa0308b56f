//! Orders and the cache of places, in SQLite. Nobody else writes SQL for orders.
