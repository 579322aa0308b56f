-- When an order that nobody has accepted ends by itself. NULL: not decided yet, as for orders taken by the version before.
ALTER TABLE orders ADD COLUMN expires_at_ms INTEGER;

CREATE INDEX waiting_orders ON orders (expires_at_ms) WHERE state = 'placed';

-- When a replica, whichever, last looked after the waiting orders. A gap is a time in which the staff could accept nothing.
CREATE TABLE alive (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    last_ms INTEGER NOT NULL
) STRICT;
