CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

-- Visits of the hosted pages for cards and for bank accounts (`kind`): `company` opened it, for a `subject` of its own.
CREATE TABLE IF NOT EXISTS setups (
    id TEXT PRIMARY KEY,
    status TEXT NOT NULL,
    customer_email TEXT NOT NULL,
    customer_reference TEXT NOT NULL,
    return_url TEXT NOT NULL,
    cancel_url TEXT,
    merchant_name TEXT,
    currency TEXT NOT NULL,
    pending_card TEXT,
    payment_method TEXT,
    at INTEGER NOT NULL,
    company TEXT NOT NULL DEFAULT 'gateway',
    subject TEXT,
    kind TEXT NOT NULL DEFAULT 'card',
    locale TEXT
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS setup_declines (setup TEXT NOT NULL, at INTEGER NOT NULL);

CREATE INDEX IF NOT EXISTS setup_declines_by_setup ON setup_declines (setup);

-- Only customers whose persona needs a memory have a row here.
CREATE TABLE IF NOT EXISTS persona_customers (
    email TEXT PRIMARY KEY,
    charges INTEGER NOT NULL DEFAULT 0,
    disputed INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;

-- Outgoing events; a company may have one stream (the gateway) or one for each listener (Stripe's webhook endpoints).
CREATE TABLE IF NOT EXISTS events (
    seq INTEGER PRIMARY KEY,
    stream TEXT NOT NULL,
    type TEXT NOT NULL,
    body TEXT NOT NULL,
    at INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    next_try REAL,
    delivered INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS events_waiting ON events (next_try) WHERE next_try IS NOT NULL;

-- Checks of the KYC provider and reports of the bureau.
CREATE TABLE IF NOT EXISTS documents (
    seq INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    reference TEXT NOT NULL,
    body TEXT NOT NULL,
    at INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS documents_reference ON documents (kind, reference);

-- E-mail and SMS. `recipient` is in lower case for exact look-up, `to_text` is what was given.
CREATE TABLE IF NOT EXISTS messages (
    seq INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    recipient TEXT NOT NULL,
    to_text TEXT NOT NULL,
    sender TEXT NOT NULL,
    subject TEXT NOT NULL,
    text TEXT NOT NULL,
    html TEXT,
    headers TEXT,
    at INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS messages_recipient ON messages (kind, recipient, seq);
CREATE INDEX IF NOT EXISTS messages_kind ON messages (kind, seq);

-- Whose name and day of birth belong to which e-mail address, as the identity provider was told.
CREATE TABLE IF NOT EXISTS known_people (name TEXT NOT NULL, born TEXT NOT NULL, email TEXT NOT NULL, PRIMARY KEY (name, born)) WITHOUT ROWID;

-- Credit files that were told for a person, in place of the persona's.
CREATE TABLE IF NOT EXISTS told_files (name TEXT NOT NULL, born TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (name, born)) WITHOUT ROWID;

-- Tokens and codes of companies that speak OAuth.
CREATE TABLE IF NOT EXISTS access_tokens (
    token TEXT PRIMARY KEY,
    company TEXT NOT NULL,
    scope TEXT NOT NULL,
    subject TEXT NOT NULL,
    until INTEGER NOT NULL
) WITHOUT ROWID;
