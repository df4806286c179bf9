CREATE TABLE IF NOT EXISTS openid_visits (
    code TEXT PRIMARY KEY,
    company TEXT NOT NULL,
    email TEXT NOT NULL,
    back TEXT NOT NULL,
    client TEXT NOT NULL,
    challenge TEXT NOT NULL,
    nonce TEXT NOT NULL,
    until INTEGER NOT NULL
) WITHOUT ROWID;
