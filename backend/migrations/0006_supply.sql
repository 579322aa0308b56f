-- The start of the slot that an order has its place in. NULL: the slot that was chosen, if one was, as for orders taken by the
-- version before.
ALTER TABLE orders ADD COLUMN fills_slot_ms INTEGER;

-- How many orders have a place in a slot is counted, never kept: what was rejected, expired or cancelled gives its place back
-- by its state alone. Queries must say it in the same words.
CREATE INDEX places_in_slots ON orders (restaurant, COALESCE(fills_slot_ms, slot_start_ms))
    WHERE state NOT IN ('rejected', 'expired', 'cancelled');

-- What the staff said of a dish, less what was sold since.
CREATE TABLE stock (
    restaurant TEXT NOT NULL,
    dish TEXT NOT NULL,
    off INTEGER NOT NULL CHECK (off IN (0, 1)),
    -- Portions that are left; NULL: not counted.
    remaining INTEGER CHECK (remaining >= 0),
    PRIMARY KEY (restaurant, dish)
) STRICT, WITHOUT ROWID;

-- Counted portions that an order holds, given back when it comes to nothing.
CREATE TABLE portions (
    order_id INTEGER NOT NULL REFERENCES orders (id),
    dish TEXT NOT NULL,
    quantity INTEGER NOT NULL CHECK (quantity > 0),
    PRIMARY KEY (order_id, dish)
) STRICT, WITHOUT ROWID;
