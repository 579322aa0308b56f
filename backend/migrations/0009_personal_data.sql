-- Orders that still have personal data, oldest first, so that those whose time is over are found without a search.
CREATE INDEX orders_with_personal_data ON orders (placed_at_ms) WHERE customer_name IS NOT NULL;

-- The order that a saved answer tells of; NULL where it tells of a dish. Made from the answer, whichever version wrote that.
ALTER TABLE staff_requests ADD COLUMN token TEXT GENERATED ALWAYS AS (
    CASE WHEN json_valid(CAST(answer AS TEXT)) THEN json_extract(CAST(answer AS TEXT), '$.token') END
) VIRTUAL;
CREATE INDEX staff_requests_of_order ON staff_requests (token);
