-- A drill's orders. They are of no restaurant: their rows say `(drill)`, which no restaurant's slug can be, so that nothing that
-- asks for a restaurant's orders, places, portions or numbers meets one, in this version and the one before.
ALTER TABLE orders ADD COLUMN drill INTEGER GENERATED ALWAYS AS (restaurant = '(drill)') VIRTUAL;

-- How often each order of a run is there.
CREATE INDEX drill_orders ON orders (notes) WHERE restaurant = '(drill)';

-- What customers ordered. Whatever counts, sums or reports reads this and never `orders` itself.
CREATE VIEW customer_orders AS SELECT * FROM orders WHERE NOT drill;
