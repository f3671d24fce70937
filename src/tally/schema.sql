-- One row an item and month. The pseudonym is keyed; its key is a file of the month's own, so that it can expire.
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
