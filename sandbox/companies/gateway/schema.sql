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
    at INTEGER NOT NULL,
    fingerprint TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS bank_accounts (
    token TEXT PRIMARY KEY,
    behavior TEXT NOT NULL,
    bank TEXT NOT NULL,
    last4 TEXT NOT NULL,
    scheme TEXT NOT NULL,
    mandate TEXT NOT NULL,
    customer_email TEXT NOT NULL,
    customer_reference TEXT NOT NULL,
    detached INTEGER NOT NULL DEFAULT 0,
    at INTEGER NOT NULL
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
    at INTEGER NOT NULL,
    description TEXT
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
    at INTEGER NOT NULL,
    withdrawn INTEGER NOT NULL DEFAULT 0,
    fee INTEGER NOT NULL DEFAULT 0,
    pulled INTEGER NOT NULL DEFAULT 0,
    due_at INTEGER
);
CREATE INDEX IF NOT EXISTS charges_due ON charges (due_at) WHERE due_at IS NOT NULL;
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
    at INTEGER NOT NULL,
    failure TEXT,
    payment_method TEXT
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
    at INTEGER NOT NULL,
    status TEXT NOT NULL DEFAULT 'needs_response',
    reason TEXT NOT NULL DEFAULT 'product_not_received',
    withdrawn INTEGER NOT NULL DEFAULT 0,
    fee INTEGER NOT NULL DEFAULT 0
);
