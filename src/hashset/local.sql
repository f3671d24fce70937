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

-- What services say of entries. `off`: switched off, until the second `off_until` or for ever.
CREATE TABLE IF NOT EXISTS hashset_annotation (
    name      TEXT    NOT NULL,
    key       TEXT    NOT NULL,
    off       INTEGER NOT NULL DEFAULT 0 CHECK (off IN (0, 1)),
    off_until INTEGER,
    note      TEXT,
    metadata  TEXT,
    PRIMARY KEY (name, key)
) STRICT, WITHOUT ROWID;

-- In which share of look-ups a set, or a kind of hash, takes part.
CREATE TABLE IF NOT EXISTS hashset_share (
    of    TEXT PRIMARY KEY,
    share REAL NOT NULL CHECK (share BETWEEN 0 AND 1)
) STRICT, WITHOUT ROWID;

-- Rises with each change of what decides about matches, whoever makes it: a process that lives long looks here.
CREATE TABLE IF NOT EXISTS hashset_local_version (
    one     INTEGER PRIMARY KEY CHECK (one = 1),
    version INTEGER NOT NULL
) STRICT;
INSERT INTO hashset_local_version SELECT 1, 0 WHERE NOT EXISTS (SELECT 1 FROM hashset_local_version);
CREATE TRIGGER IF NOT EXISTS hashset_suppression_insert AFTER INSERT ON hashset_suppression
    BEGIN UPDATE hashset_local_version SET version = version + 1; END;
CREATE TRIGGER IF NOT EXISTS hashset_suppression_update AFTER UPDATE ON hashset_suppression
    BEGIN UPDATE hashset_local_version SET version = version + 1; END;
CREATE TRIGGER IF NOT EXISTS hashset_suppression_delete AFTER DELETE ON hashset_suppression
    BEGIN UPDATE hashset_local_version SET version = version + 1; END;
CREATE TRIGGER IF NOT EXISTS hashset_decision_insert AFTER INSERT ON hashset_decision
    BEGIN UPDATE hashset_local_version SET version = version + 1; END;
CREATE TRIGGER IF NOT EXISTS hashset_decision_update AFTER UPDATE ON hashset_decision
    BEGIN UPDATE hashset_local_version SET version = version + 1; END;
CREATE TRIGGER IF NOT EXISTS hashset_decision_delete AFTER DELETE ON hashset_decision
    BEGIN UPDATE hashset_local_version SET version = version + 1; END;
CREATE TRIGGER IF NOT EXISTS hashset_quarantine_insert AFTER INSERT ON hashset_quarantine
    BEGIN UPDATE hashset_local_version SET version = version + 1; END;
CREATE TRIGGER IF NOT EXISTS hashset_quarantine_update AFTER UPDATE ON hashset_quarantine
    BEGIN UPDATE hashset_local_version SET version = version + 1; END;
CREATE TRIGGER IF NOT EXISTS hashset_quarantine_delete AFTER DELETE ON hashset_quarantine
    BEGIN UPDATE hashset_local_version SET version = version + 1; END;
CREATE TRIGGER IF NOT EXISTS hashset_annotation_insert AFTER INSERT ON hashset_annotation
    BEGIN UPDATE hashset_local_version SET version = version + 1; END;
CREATE TRIGGER IF NOT EXISTS hashset_annotation_update AFTER UPDATE ON hashset_annotation
    BEGIN UPDATE hashset_local_version SET version = version + 1; END;
CREATE TRIGGER IF NOT EXISTS hashset_annotation_delete AFTER DELETE ON hashset_annotation
    BEGIN UPDATE hashset_local_version SET version = version + 1; END;
CREATE TRIGGER IF NOT EXISTS hashset_share_insert AFTER INSERT ON hashset_share
    BEGIN UPDATE hashset_local_version SET version = version + 1; END;
CREATE TRIGGER IF NOT EXISTS hashset_share_update AFTER UPDATE ON hashset_share
    BEGIN UPDATE hashset_local_version SET version = version + 1; END;
CREATE TRIGGER IF NOT EXISTS hashset_share_delete AFTER DELETE ON hashset_share
    BEGIN UPDATE hashset_local_version SET version = version + 1; END;
