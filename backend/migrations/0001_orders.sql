-- Orders, the answers that were given for them, and the log of what happened to them.
-- Instants are milliseconds since the Unix epoch (_ms, UTC); money is whole pence (_pence).

-- The last number given to an order of each restaurant. Raised in the order's own transaction, so that numbers have no gaps.
CREATE TABLE order_numbers (
    restaurant TEXT PRIMARY KEY,
    last INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE orders (
    id INTEGER PRIMARY KEY,
    token TEXT NOT NULL UNIQUE,
    number INTEGER NOT NULL CHECK (number > 0),
    state TEXT NOT NULL,
    payment TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version > 0),
    placed_at_ms INTEGER NOT NULL,

    -- The restaurant as it was when the order was placed.
    restaurant TEXT NOT NULL,
    restaurant_name TEXT NOT NULL,
    restaurant_phone TEXT NOT NULL,
    restaurant_address TEXT NOT NULL,
    restaurant_zone TEXT NOT NULL,

    fulfilment TEXT NOT NULL,
    slot_start_ms INTEGER,
    slot_end_ms INTEGER,
    expected_start_ms INTEGER,
    expected_end_ms INTEGER,

    -- What was agreed: JSON, written once and only ever read whole.
    lines TEXT NOT NULL CHECK (json_valid(lines)),
    goods_pence INTEGER NOT NULL CHECK (goods_pence >= 0),
    delivery_fee_pence INTEGER NOT NULL CHECK (delivery_fee_pence >= 0),
    total_pence INTEGER NOT NULL CHECK (total_pence = goods_pence + delivery_fee_pence),
    vat_pence INTEGER NOT NULL CHECK (vat_pence >= 0),

    -- Personal data; NULL once it has been dropped. placements.answer repeats it and is rewritten then.
    customer_name TEXT,
    customer_phone TEXT,
    delivery_address TEXT,
    notes TEXT,

    UNIQUE (restaurant, number),
    CHECK ((slot_start_ms IS NULL) = (slot_end_ms IS NULL)),
    CHECK ((expected_start_ms IS NULL) = (expected_end_ms IS NULL))
) STRICT;

-- One row for each idempotency key that became an order: what was asked, and the very bytes that were answered.
CREATE TABLE placements (
    key TEXT PRIMARY KEY,
    fingerprint BLOB NOT NULL CHECK (length(fingerprint) = 32),
    order_id INTEGER NOT NULL UNIQUE REFERENCES orders (id),
    answer BLOB NOT NULL
) STRICT;

-- The truth about every order, in commit order and without gaps. Only ever added to.
CREATE TABLE events (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    order_id INTEGER NOT NULL REFERENCES orders (id),
    actor TEXT NOT NULL,
    from_state TEXT,
    to_state TEXT NOT NULL,
    reason TEXT,
    at_ms INTEGER NOT NULL,
    payload TEXT CHECK (payload IS NULL OR json_valid(payload))
) STRICT;

CREATE INDEX events_of_order ON events (order_id, sequence);

CREATE TRIGGER events_are_never_changed BEFORE UPDATE ON events
BEGIN
    SELECT RAISE(ABORT, 'events are only ever added to');
END;

CREATE TRIGGER events_are_never_deleted BEFORE DELETE ON events
BEGIN
    SELECT RAISE(ABORT, 'events are only ever added to');
END;
