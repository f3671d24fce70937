-- The tables of the tally as version 0.1.0 had them, for the test that opens such a home.

-- One row an item and month. Pseudonyms are keyed; the key is a file of the month's own, so that it can expire.
CREATE TABLE IF NOT EXISTS tally_items (
    period     TEXT NOT NULL,
    pseudonym  BLOB NOT NULL CHECK (length(pseudonym) = 16),
    verdict    TEXT NOT NULL,
    media      TEXT NOT NULL,
    severity   TEXT NOT NULL,
    list_class TEXT NOT NULL,
    channel    TEXT NOT NULL,
    PRIMARY KEY (period, pseudonym)
) WITHOUT ROWID, STRICT;

-- The item that a content counts as for the rest of the month: the first list entry that it matched. Lists change
-- within a month, and without this one content could count once for each state that they were in.
CREATE TABLE IF NOT EXISTS tally_contents (
    period  TEXT NOT NULL,
    content BLOB NOT NULL CHECK (length(content) = 16),
    item    BLOB NOT NULL CHECK (length(item) = 16),
    PRIMARY KEY (period, content)
) WITHOUT ROWID, STRICT;

-- What tells the month's key from any other, and whether the month still takes items.
CREATE TABLE IF NOT EXISTS tally_periods (
    period    TEXT NOT NULL PRIMARY KEY,
    key_check BLOB NOT NULL CHECK (length(key_check) = 16),
    closed    INTEGER NOT NULL DEFAULT 0 CHECK (closed IN (0, 1))
) WITHOUT ROWID, STRICT;

-- The classes of list that the month's items were matched against.
CREATE TABLE IF NOT EXISTS tally_lists (
    period         TEXT NOT NULL,
    list_class     TEXT NOT NULL,
    revised        TEXT NOT NULL,
    active_entries INTEGER NOT NULL CHECK (active_entries >= 0),
    PRIMARY KEY (period, list_class)
) WITHOUT ROWID, STRICT;

-- Contents that watched sets have: counted for the ward's own people, in no table that is published.
CREATE TABLE IF NOT EXISTS tally_watched (
    period  TEXT NOT NULL,
    content BLOB NOT NULL CHECK (length(content) = 16),
    PRIMARY KEY (period, content)
) WITHOUT ROWID, STRICT;
