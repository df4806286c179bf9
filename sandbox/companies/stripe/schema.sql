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

-- Payment intents whose debit of a bank account ends at `due_at`, or is claimed back then.
CREATE TABLE IF NOT EXISTS stripe_debits (intent TEXT PRIMARY KEY, due_at INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS stripe_debits_due ON stripe_debits (due_at);
