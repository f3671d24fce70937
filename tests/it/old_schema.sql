-- The tables of sets as version 0.1.0 had them before permissions and the log, for the test that opens such a home.

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
    PRIMARY KEY (name, revision)
) STRICT;

-- Outlives every import and the set itself, so that an older file cannot bring an entry back.
CREATE TABLE IF NOT EXISTS hashset_withdrawal (
    name         TEXT NOT NULL,
    key          TEXT NOT NULL,
    withdrawn_on TEXT NOT NULL,
    PRIMARY KEY (name, key)
) STRICT, WITHOUT ROWID;
