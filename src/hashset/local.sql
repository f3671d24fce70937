-- What this ward itself says of sets and their entries. Nothing here comes from a list, and no import touches it.

-- The sets whose matches an item's place on a set of harmless files overrules.
CREATE TABLE IF NOT EXISTS hashset_suppression (
    name       TEXT NOT NULL,
    suppressed TEXT NOT NULL,
    PRIMARY KEY (name, suppressed)
) STRICT, WITHOUT ROWID;

-- Every decision of an analyst on an entry, for ever; the latest of an entry holds.
CREATE TABLE IF NOT EXISTS hashset_decision (
    id         INTEGER PRIMARY KEY,
    name       TEXT    NOT NULL,
    key        TEXT    NOT NULL,
    decision   TEXT    NOT NULL,
    decided_at TEXT    NOT NULL,
    decided_by TEXT,
    reason     TEXT,
    revision   INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS hashset_decision_entry ON hashset_decision (name, key);

-- Entries that the flood guard took out of service, and those that were put back and are exempt from it.
CREATE TABLE IF NOT EXISTS hashset_quarantine (
    name     TEXT    NOT NULL,
    key      TEXT    NOT NULL,
    since    TEXT    NOT NULL,
    hits     INTEGER NOT NULL,
    released INTEGER NOT NULL DEFAULT 0 CHECK (released IN (0, 1)),
    PRIMARY KEY (name, key)
) STRICT, WITHOUT ROWID;

-- Hits of entries in the window of time that began at this second; of earlier windows nothing is kept.
CREATE TABLE IF NOT EXISTS hashset_flood (
    began INTEGER NOT NULL,
    name  TEXT    NOT NULL,
    key   TEXT    NOT NULL,
    hits  INTEGER NOT NULL,
    PRIMARY KEY (began, name, key)
) STRICT, WITHOUT ROWID;
