-- One row for each idempotency key with which staff changed something: what was asked, and the very bytes that were answered.
-- The answer may repeat an order's personal data and is rewritten when that is dropped.
CREATE TABLE staff_requests (
    id INTEGER PRIMARY KEY,
    restaurant TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint BLOB NOT NULL CHECK (length(fingerprint) = 32),
    answer BLOB NOT NULL,
    UNIQUE (restaurant, key)
) STRICT;
