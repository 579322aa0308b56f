-- One row for each idempotency key with which staff moved an order: what was asked, and the very bytes that were answered.
-- The answer repeats the order's personal data and is rewritten when that is dropped.
CREATE TABLE staff_steps (
    id INTEGER PRIMARY KEY,
    restaurant TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint BLOB NOT NULL CHECK (length(fingerprint) = 32),
    event INTEGER NOT NULL UNIQUE REFERENCES events (sequence),
    answer BLOB NOT NULL,
    UNIQUE (restaurant, key)
) STRICT;
