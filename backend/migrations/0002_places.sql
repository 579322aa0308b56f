-- What providers said of postcodes, shared by all replicas and kept over restarts. A cache: any row may go at any time.
CREATE TABLE places (
    id INTEGER PRIMARY KEY,
    postcode TEXT NOT NULL UNIQUE,
    place TEXT NOT NULL CHECK (json_valid(place)),
    checked_at_ms INTEGER NOT NULL
) STRICT;
