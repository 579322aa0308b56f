-- What an order's payment has come to. NULL: as orders.payment says, which is all that the version before knows how to read.
ALTER TABLE orders ADD COLUMN payment_now TEXT;

-- The truth about every payment, in commit order. Only ever added to.
CREATE TABLE payments (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    order_id INTEGER NOT NULL REFERENCES orders (id),
    method TEXT NOT NULL,
    from_state TEXT NOT NULL,
    to_state TEXT NOT NULL,
    amount_pence INTEGER NOT NULL CHECK (amount_pence >= 0),
    at_ms INTEGER NOT NULL
) STRICT;

CREATE INDEX payments_of_order ON payments (order_id, sequence);

CREATE TRIGGER payments_are_never_changed BEFORE UPDATE ON payments
BEGIN
    SELECT RAISE(ABORT, 'payments are only ever added to');
END;

CREATE TRIGGER payments_are_never_deleted BEFORE DELETE ON payments
BEGIN
    SELECT RAISE(ABORT, 'payments are only ever added to');
END;
