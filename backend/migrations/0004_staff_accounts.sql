-- Who works where. Made by a command; the password is kept as a hash (argon2id, PHC string format).
CREATE TABLE staff_accounts (
    -- Never given twice: the sessions of an account that was removed must not become another's.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    restaurant TEXT NOT NULL,
    name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL,
    UNIQUE (restaurant, name)
) STRICT;

-- The board asks for a restaurant's open orders, which are few among all that it ever had.
CREATE INDEX open_orders ON orders (restaurant, placed_at_ms)
    WHERE state IN ('placed', 'accepted', 'preparing', 'ready', 'out_for_delivery');
