-- Orders that still have personal data, oldest first, so that those whose time is over are found without a search.
CREATE INDEX orders_with_personal_data ON orders (placed_at_ms) WHERE customer_name IS NOT NULL;

-- By the order that the saved answer tells of; NULL where it tells of a dish.
CREATE INDEX staff_requests_of_order ON staff_requests (json_extract(CAST(answer AS TEXT), '$.token'));
