-- Codes of items, each combination once, as text that outlives new dimensions: `severity=SEV_A;verdict=KNOWN`. What was
-- decided of an item begins with its outcome: `outcome=CONFIRMED;severity=SEV_A`.
CREATE TABLE IF NOT EXISTS tally_cells (
    id   INTEGER PRIMARY KEY,
    text TEXT NOT NULL UNIQUE
) STRICT;

-- Months, quarters and years. What tells the period's key from any other; whether something had no case; whether the
-- period still takes items, and once it does not: how many contents watched sets had.
CREATE TABLE IF NOT EXISTS tally_spans (
    id        INTEGER PRIMARY KEY,
    period    TEXT    NOT NULL UNIQUE,
    key_check BLOB    NOT NULL CHECK (length(key_check) = 16),
    uncased   INTEGER NOT NULL DEFAULT 0 CHECK (uncased IN (0, 1)),
    sealed    INTEGER NOT NULL DEFAULT 0 CHECK (sealed IN (0, 1)),
    watched   INTEGER NOT NULL DEFAULT 0 CHECK (watched >= 0)
) STRICT;

-- The longer periods that are counted beside the months, and since when.
CREATE TABLE IF NOT EXISTS tally_kept (
    kind  TEXT NOT NULL PRIMARY KEY CHECK (kind IN ('quarter', 'year')),
    since TEXT NOT NULL
) WITHOUT ROWID, STRICT;

-- One row an item, report or web address and period, until the period is sealed. Pseudonyms are keyed; the key is a file
-- of the period's own, so that it can expire. `origin`: 0 screened; of case systems 1 items, 2 reports, 3 web addresses.
CREATE TABLE IF NOT EXISTS tally_rows (
    span      INTEGER NOT NULL,
    origin    INTEGER NOT NULL CHECK (origin BETWEEN 0 AND 3),
    pseudonym BLOB    NOT NULL CHECK (length(pseudonym) = 16),
    cell      INTEGER,
    decided   INTEGER,
    in_case   BLOB CHECK (length(in_case) = 16),
    removed   INTEGER NOT NULL CHECK (removed IN (0, 1)),
    PRIMARY KEY (span, origin, pseudonym)
) WITHOUT ROWID, STRICT;

-- The item that a content counts as for the rest of the period: the first list entry that it matched. Lists change within
-- a period, and without this one content could count once for each state that they were in.
CREATE TABLE IF NOT EXISTS tally_seen (
    span    INTEGER NOT NULL,
    content BLOB    NOT NULL CHECK (length(content) = 16),
    item    BLOB    NOT NULL CHECK (length(item) = 16),
    PRIMARY KEY (span, content)
) WITHOUT ROWID, STRICT;

-- Contents that watched sets have: counted for the ward's own people, in no table that is published.
CREATE TABLE IF NOT EXISTS tally_noticed (
    span    INTEGER NOT NULL,
    content BLOB    NOT NULL CHECK (length(content) = 16),
    PRIMARY KEY (span, content)
) WITHOUT ROWID, STRICT;

-- What sealing leaves: counts. `cap`: most items of a case, 0 without one.
CREATE TABLE IF NOT EXISTS tally_counts (
    span      INTEGER NOT NULL,
    cap       INTEGER NOT NULL,
    origin    INTEGER NOT NULL,
    indicator TEXT    NOT NULL,
    cell      INTEGER NOT NULL,
    items     INTEGER NOT NULL CHECK (items > 0),
    PRIMARY KEY (span, cap, origin, indicator, cell)
) WITHOUT ROWID, STRICT;

-- The caps under which a sealed period was counted.
CREATE TABLE IF NOT EXISTS tally_caps (
    span INTEGER NOT NULL,
    cap  INTEGER NOT NULL CHECK (cap > 0),
    PRIMARY KEY (span, cap)
) WITHOUT ROWID, STRICT;

-- What the last import of a kind said of a period beside its counts: rows that came too late for it.
CREATE TABLE IF NOT EXISTS tally_told (
    span   INTEGER NOT NULL,
    origin INTEGER NOT NULL,
    what   TEXT    NOT NULL,
    number INTEGER NOT NULL CHECK (number >= 0),
    PRIMARY KEY (span, origin, what)
) WITHOUT ROWID, STRICT;

-- The classes of list that the period's items were matched against.
CREATE TABLE IF NOT EXISTS tally_lists (
    period         TEXT NOT NULL,
    list_class     TEXT NOT NULL,
    revised        TEXT NOT NULL,
    active_entries INTEGER NOT NULL CHECK (active_entries >= 0),
    PRIMARY KEY (period, list_class)
) WITHOUT ROWID, STRICT;

-- How a class of lists was matched, as a digest, and in which order the ways came; class '' is the program itself.
CREATE TABLE IF NOT EXISTS tally_breaks (
    period     TEXT    NOT NULL,
    list_class TEXT    NOT NULL,
    way        BLOB    NOT NULL CHECK (length(way) = 16),
    turn       INTEGER NOT NULL,
    PRIMARY KEY (period, list_class, way)
) WITHOUT ROWID, STRICT;
