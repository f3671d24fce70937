-- What is known about each set. Entries are in the index's segments; neither they nor a list's file name are here.

-- One row for each revision that the index may name. The index's manifest decides which of them is current.
CREATE TABLE IF NOT EXISTS hashset_revision (
    name         TEXT    NOT NULL,
    revision     INTEGER NOT NULL,
    role         TEXT    NOT NULL,
    list_class   TEXT    NOT NULL,
    max_distance INTEGER,
    source       TEXT    NOT NULL,
    licence      TEXT    NOT NULL,
    created_on   TEXT    NOT NULL,
    revised_on   TEXT    NOT NULL,
    entries      INTEGER NOT NULL,
    -- What the agreement allows, and the last day of it.
    uses         TEXT    NOT NULL DEFAULT 'match,derive,export',
    keep_until   TEXT,
    -- The key with which lists of the set are signed.
    list_key     TEXT,
    PRIMARY KEY (name, revision)
) STRICT;

-- The bounds of near matches by classic kinds of picture hash, for each revision that names any.
CREATE TABLE IF NOT EXISTS hashset_classic_bound (
    name         TEXT    NOT NULL,
    revision     INTEGER NOT NULL,
    kind         TEXT    NOT NULL,
    max_distance INTEGER NOT NULL,
    PRIMARY KEY (name, revision, kind)
) STRICT, WITHOUT ROWID;

-- One row for each import, for ever: revisions are numbered by it and never used twice.
CREATE TABLE IF NOT EXISTS hashset_import (
    name              TEXT    NOT NULL,
    revision          INTEGER NOT NULL,
    imported_on       TEXT    NOT NULL,
    form              TEXT    NOT NULL,
    file_blake3       TEXT    NOT NULL,
    bytes             INTEGER NOT NULL,
    lines             INTEGER NOT NULL,
    entries           INTEGER NOT NULL,
    duplicates        INTEGER NOT NULL,
    bad_lines         INTEGER NOT NULL,
    unsupported_lines INTEGER NOT NULL,
    dropped_tags      INTEGER NOT NULL,
    -- To the second; NULL, as the next ones, in rows of a version that did not note it.
    imported_at       TEXT,
    operator          TEXT,
    -- How the list was read: form, encoding, version. What was read in the same way says the same again.
    read_as           TEXT,
    added             INTEGER CHECK (added IN (0, 1)),
    -- All counters, as JSON.
    counts            TEXT,
    -- What the import changed of the policy, as JSON.
    changes           TEXT,
    signed_by         TEXT,
    -- 1 once the manifest was seen to name the revision.
    in_force          INTEGER NOT NULL DEFAULT 1 CHECK (in_force IN (0, 1)),
    PRIMARY KEY (name, revision)
) STRICT;

-- What else was done to a set, for ever: its policy changed (in a revision of its own), entries withdrawn by hand, the set
-- removed (both while the revision was current).
CREATE TABLE IF NOT EXISTS hashset_event (
    id       INTEGER PRIMARY KEY,
    name     TEXT    NOT NULL,
    revision INTEGER NOT NULL,
    at       TEXT    NOT NULL,
    operator TEXT,
    kind     TEXT    NOT NULL CHECK (kind IN ('change', 'withdrawal', 'removal')),
    changes  TEXT,
    -- 1 once the manifest was seen to say so.
    in_force INTEGER NOT NULL CHECK (in_force IN (0, 1))
) STRICT;

-- Outlives every import and the set itself, so that an older file cannot bring an entry back.
CREATE TABLE IF NOT EXISTS hashset_withdrawal (
    name         TEXT NOT NULL,
    key          TEXT NOT NULL,
    withdrawn_on TEXT NOT NULL,
    -- Who took it back: the list of that revision, or a person in that event. Both NULL in rows of an earlier version.
    revision     INTEGER,
    event        INTEGER,
    PRIMARY KEY (name, key)
) STRICT, WITHOUT ROWID;

-- What the list of a revision takes back, until the manifest is seen to name that revision, or not to.
CREATE TABLE IF NOT EXISTS hashset_withdrawal_staged (
    name         TEXT    NOT NULL,
    revision     INTEGER NOT NULL,
    key          TEXT    NOT NULL,
    withdrawn_on TEXT    NOT NULL,
    PRIMARY KEY (name, revision, key)
) STRICT, WITHOUT ROWID;

-- Keys of which a set held something until the list of that revision left no hash of it that can be matched, and when that
-- was, in seconds since 1970, if the list says. An older record, in a page that is added later, does not bring it back; and
-- what ended so is not taken for withdrawn. Counts as the import does, until a list replaces the set.
CREATE TABLE IF NOT EXISTS hashset_emptied (
    name     TEXT    NOT NULL,
    revision INTEGER NOT NULL,
    key      TEXT    NOT NULL,
    updated  INTEGER,
    PRIMARY KEY (name, revision, key)
) STRICT, WITHOUT ROWID;
