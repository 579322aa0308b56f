-- What providers said of postcodes, shared by all replicas and kept over restarts. A cache: any row may go at any time.
CREATE TABLE places (
    postcode TEXT PRIMARY KEY,
    place TEXT NOT NULL CHECK (json_valid(place)),
    stored_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
