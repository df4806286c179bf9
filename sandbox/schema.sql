CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

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
    stripe_intent TEXT,
    at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS setup_declines (setup TEXT NOT NULL, at INTEGER NOT NULL);

CREATE INDEX IF NOT EXISTS setup_declines_by_setup ON setup_declines (setup);

CREATE TABLE IF NOT EXISTS payment_methods (
    token TEXT PRIMARY KEY,
    behavior TEXT NOT NULL,
    brand TEXT NOT NULL,
    last4 TEXT NOT NULL,
    exp_month INTEGER NOT NULL,
    exp_year INTEGER NOT NULL,
    postal_code TEXT,
    customer_email TEXT NOT NULL,
    customer_reference TEXT NOT NULL,
    detached INTEGER NOT NULL DEFAULT 0,
    at INTEGER NOT NULL
) WITHOUT ROWID;

-- Only customers whose persona needs a memory have a row here.
CREATE TABLE IF NOT EXISTS persona_customers (
    email TEXT PRIMARY KEY,
    charges INTEGER NOT NULL DEFAULT 0,
    disputed INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS authorizations (
    seq INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    status TEXT NOT NULL,
    amount INTEGER NOT NULL,
    captured INTEGER NOT NULL DEFAULT 0,
    currency TEXT NOT NULL,
    payment_method TEXT NOT NULL,
    reference TEXT NOT NULL,
    failure TEXT,
    expires_at INTEGER NOT NULL,
    at INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS authorizations_reference ON authorizations (reference);

CREATE TABLE IF NOT EXISTS charges (
    seq INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    status TEXT NOT NULL,
    amount INTEGER NOT NULL,
    currency TEXT NOT NULL,
    refunded INTEGER NOT NULL DEFAULT 0,
    payment_method TEXT NOT NULL,
    reference TEXT NOT NULL,
    description TEXT,
    authorization TEXT,
    failure TEXT,
    confirmed INTEGER NOT NULL DEFAULT 0,
    at INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS charges_reference ON charges (reference);
CREATE INDEX IF NOT EXISTS charges_at ON charges (at);

CREATE TABLE IF NOT EXISTS refunds (
    seq INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    status TEXT NOT NULL,
    charge TEXT NOT NULL,
    amount INTEGER NOT NULL,
    currency TEXT NOT NULL,
    reference TEXT NOT NULL,
    at INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS refunds_reference ON refunds (reference);
CREATE INDEX IF NOT EXISTS refunds_at ON refunds (at);
CREATE INDEX IF NOT EXISTS refunds_charge ON refunds (charge);

CREATE TABLE IF NOT EXISTS payouts (
    seq INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    status TEXT NOT NULL,
    amount INTEGER NOT NULL,
    currency TEXT NOT NULL,
    destination TEXT NOT NULL,
    reference TEXT NOT NULL,
    failure TEXT,
    at INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS payouts_reference ON payouts (reference);
CREATE INDEX IF NOT EXISTS payouts_at ON payouts (at);

CREATE TABLE IF NOT EXISTS disputes (
    seq INTEGER PRIMARY KEY,
    charge TEXT NOT NULL,
    amount INTEGER NOT NULL,
    currency TEXT NOT NULL,
    reference TEXT NOT NULL,
    at INTEGER NOT NULL
);

-- Outgoing events of the gateway (stream 'gateway') and of Stripe's protocol (stream = id of the webhook endpoint).
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
