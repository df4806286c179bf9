CREATE TABLE IF NOT EXISTS verifications (
    sid TEXT PRIMARY KEY,
    service_sid TEXT NOT NULL,
    account_sid TEXT NOT NULL,
    recipient TEXT NOT NULL,
    channel TEXT NOT NULL,
    code TEXT NOT NULL,
    status TEXT NOT NULL,
    checks INTEGER NOT NULL DEFAULT 0,
    sends TEXT NOT NULL,
    at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS verifications_recipient ON verifications (service_sid, recipient, status);
