CREATE TABLE IF NOT EXISTS stripe_objects (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    owner TEXT,
    parent TEXT,
    body TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS stripe_objects_kind ON stripe_objects (kind, seq);
CREATE INDEX IF NOT EXISTS stripe_objects_owner ON stripe_objects (owner, kind, seq) WHERE owner IS NOT NULL;
CREATE INDEX IF NOT EXISTS stripe_objects_parent ON stripe_objects (parent, kind, seq) WHERE parent IS NOT NULL;

CREATE TABLE IF NOT EXISTS stripe_answers (
    key TEXT PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    status INTEGER NOT NULL,
    body TEXT NOT NULL
) WITHOUT ROWID;
