CREATE TABLE IF NOT EXISTS bank_links (
    link_token TEXT PRIMARY KEY,
    country TEXT NOT NULL,
    language TEXT NOT NULL,
    shown_name TEXT NOT NULL,
    return_url TEXT NOT NULL,
    public_token TEXT,
    done INTEGER NOT NULL DEFAULT 0,
    at INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS bank_items (
    item TEXT PRIMARY KEY,
    public_token TEXT UNIQUE,
    access_token TEXT UNIQUE,
    country TEXT NOT NULL,
    life TEXT NOT NULL,
    at INTEGER NOT NULL
);
