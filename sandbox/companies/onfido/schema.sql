CREATE TABLE IF NOT EXISTS onfido_applicants (seq INTEGER PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS onfido_pictures (seq INTEGER PRIMARY KEY, applicant TEXT NOT NULL, kind TEXT NOT NULL, side TEXT NOT NULL, type TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS onfido_pictures_applicant ON onfido_pictures (applicant);
CREATE TABLE IF NOT EXISTS onfido_checks (seq INTEGER PRIMARY KEY, applicant TEXT NOT NULL, reports TEXT NOT NULL, at INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS onfido_checks_applicant ON onfido_checks (applicant);
