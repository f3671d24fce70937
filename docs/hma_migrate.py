#!/usr/bin/env python3
"""Turns a dump of HMA's PostgreSQL database into lists for innerward, one a bank.

    pg_dump --data-only -t bank -t bank_content -t content_signal -t signal_type_override DATABASE > hma.sql
    python3 hma_migrate.py hma.sql --out lists/
    innerward set import BANK lists/BANK.jsonl        # for each bank, as lists/import.sh has it
    python3 hma_migrate.py --apply lists/ --url http://127.0.0.1:8420

The dump may be in pg_dump's default form or one of `--inserts` with column names (`--column-inserts`); instead of it, a folder
with `bank.csv`, `bank_content.csv` and `content_signal.csv` as `\\copy TABLE to 'TABLE.csv' csv header` writes them.

Entries get the key `hma:ID`, so every bank_content_id stays what it was. What a list has no room for (notes, metadata, contents
that are switched off, ratios) is written to `lists/calls.jsonl`, one call of HMA's own API a line, and `--apply` makes these
calls to a running `innerward serve`. Nothing is sent anywhere otherwise. Needs Python 3.9 and nothing else.
"""

import argparse
import csv
import hashlib
import json
import os
import re
import shlex
import sqlite3
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

csv.field_size_limit(1 << 30)

# The tables that matter, and of each the columns that do. What else a dump has is passed over.
TABLES = {
    "bank": ["id", "name", "enabled_ratio"],
    "bank_content": ["id", "bank_id", "disable_until_ts", "bank_content_metadata", "note", "original_content_uri"],
    "content_signal": ["content_id", "signal_type", "signal_val"],
    "signal_type_override": ["name", "enabled_ratio"],
}
# HMA's names for kinds of hash, and ours, with the number of hexadecimal digits.
KINDS = {"pdq": ("pdq", 64), "video_md5": ("md5", 32), "md5": ("md5", 32), "sha256": ("sha256", 64), "sha1": ("sha1", 40)}
SET_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class Problem(Exception):
    """Something that a person has to mend."""


def from_dump(path):
    """Yields (table, {column: text or None}) for every row of a dump."""
    copy = re.compile(r'COPY (?:"?\w+"?\.)?"?(\w+)"? \(([^)]*)\) FROM stdin;\s*$')
    insert = re.compile(r'INSERT INTO (?:"?\w+"?\.)?"?(\w+)"? \(([^)]*)\) (?:OVERRIDING \w+ VALUE )?VALUES ?\(', re.S)
    with open(path, encoding="utf-8", newline="\n") as dump:
        lines = enumerate(dump, 1)
        for number, line in lines:
            if found := copy.match(line):
                table, columns = found[1], names(found[2])
                for number, line in lines:
                    if line.rstrip("\r\n") == "\\.":
                        break
                    cells = [unescaped(cell) for cell in line.rstrip("\n").split("\t")]
                    if len(cells) != len(columns):
                        raise Problem(f"{path}:{number}: {len(cells)} cells for {len(columns)} columns of {table}")
                    yield table, dict(zip(columns, cells))
                else:
                    raise Problem(f"{path}: the rows of {table} have no end: the dump is cut short")
            elif line.startswith("INSERT INTO"):
                start, statement = number, line
                while not (ended := row_of(statement, insert)):
                    number, line = next(lines, (number, None))
                    if line is None:
                        raise Problem(f"{path}:{start}: a row without an end: the dump is cut short")
                    statement += line
                if ended is not True:
                    table, columns, cells = ended
                    if len(cells) != len(columns):
                        raise Problem(f"{path}:{start}: {len(cells)} values for {len(columns)} columns of {table}")
                    yield table, dict(zip(columns, cells))


def names(text):
    return [name.strip().strip('"') for name in text.split(",")]


def unescaped(cell):
    """A cell of COPY."""
    if cell == "\\N":
        return None
    plain = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
    return re.sub(r"\\(.)", lambda found: plain.get(found[1], found[1]), cell) if "\\" in cell else cell


def row_of(statement, insert):
    """Table, columns and values of an INSERT; False if it goes on in the next line, True if it is of no table that matters."""
    head = insert.match(statement)
    if not head:
        if re.match(r"INSERT INTO \S+ VALUES", statement):
            raise Problem("the dump has no names of columns: write it with --column-inserts instead of --inserts")
        return statement.rstrip().endswith(";")
    cells, at = [], head.end()
    value = re.compile(r"\s*(E?'(?:[^'\\]|\\.|'')*'|E?'(?:[^']|'')*'|[^,()']+)\s*(,|\);)", re.S)
    while True:
        if statement[at:].lstrip().startswith("E'"):
            found = re.compile(r"\s*(E'(?:[^'\\]|\\.|'')*')\s*(,|\);)", re.S).match(statement, at)
        elif statement[at:].lstrip().startswith("'"):
            found = re.compile(r"\s*('(?:[^']|'')*')\s*(,|\);)", re.S).match(statement, at)
        else:
            found = value.match(statement, at)
        if not found:
            return False
        text = found[1].strip()
        if text.startswith("E'"):
            cells.append(unescaped(text[2:-1].replace("''", "'")))
        elif text.startswith("'"):
            cells.append(text[1:-1].replace("''", "'"))
        else:
            cells.append(None if text.upper() == "NULL" else text)
        at = found.end()
        if found[2] == ");":
            return head[1], names(head[2]), cells


def from_csv(folder):
    """Yields the same for every row of the CSV files in a folder."""
    for table in TABLES:
        path = folder / f"{table}.csv"
        if not path.exists():
            if table == "signal_type_override":
                continue
            raise Problem(f"{path} is not there; write it with \\copy {table} to '{table}.csv' csv header")
        with open(path, encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                yield table, {name: value if value != "" else None for name, value in row.items()}


def load(rows):
    """The tables that matter, in a database of their own that is gone at the end."""
    db = sqlite3.connect("")
    for table, columns in TABLES.items():
        db.execute(f"CREATE TABLE {table} ({', '.join(columns)})")
    for table, row in rows:
        if columns := TABLES.get(table):
            needed = columns if table != "bank_content" else columns[:3]
            if missing := [name for name in needed if name not in row]:
                raise Problem(f"the table {table} has no column {missing[0]}: this is not a dump of HMA's")
            marks = ", ".join("?" * len(columns))
            db.execute(f"INSERT INTO {table} VALUES ({marks})", [row.get(name) for name in columns])
    # Numbers came as text.
    db.executescript(
        """CREATE INDEX content_of ON bank_content (CAST(bank_id AS INTEGER), CAST(id AS INTEGER));
        CREATE INDEX signals_of ON content_signal (CAST(content_id AS INTEGER));"""
    )
    return db


class List:
    """An innerward list; see docs/hashset-format.md."""

    def __init__(self, path, name):
        self.out, self.digest, self.entries = open(path, "w", encoding="utf-8", newline="\n"), hashlib.sha256(), 0
        os.chmod(path, 0o600)
        self.line("header", {"format": "innerward-list", "version": 1, "list_id": name})

    def line(self, kind, data):
        text = json.dumps({"type": kind, "data": data}, separators=(",", ":")) + "\n"
        self.digest.update(text.encode())
        self.out.write(text)

    def entry(self, key, hashes):
        self.line("entry", {"key": key, "status": "active", "hashes": hashes})
        self.entries += 1

    def finish(self):
        self.line("summary", {"entries": self.entries, "withdrawn": 0, "sha256": self.digest.hexdigest()})
        self.out.close()


def migrate(rows, out, renamed, leave_out_disabled):
    """Writes the lists and the calls, and says what became of everything."""
    db = load(rows)
    banks = db.execute("SELECT CAST(id AS INTEGER), name, CAST(enabled_ratio AS REAL) FROM bank ORDER BY name").fetchall()
    if not banks:
        raise Problem("the dump holds no bank")
    out.mkdir(mode=0o700, parents=True, exist_ok=True)
    counts = {"banks": 0, "entries": 0, "disabled": 0, "notes": 0, "metadata": 0}
    lost = {}
    lose = lambda why: lost.__setitem__(why, lost.get(why, 0) + 1)
    calls, imports = [], ["#!/bin/sh", "# Imports every bank; run it in this folder.", "set -eu"]
    for number, name, ratio in banks:
        bank = renamed.get(name, name)
        if not SET_NAME.fullmatch(bank):
            raise Problem(f"{name} cannot be the name of a set (64 characters, a letter or digit first): say --rename {name}=NEW")
        bank_list = List(out / f"{bank}.jsonl", bank)
        for content, until, metadata, note in contents(db, number):
            hashes = {}
            for kind, value in signals(db, content):
                ours, digits = KINDS.get(kind, (None, 0))
                if ours is None:
                    lose(f"hashes of the type {kind}, which innerward does not have")
                elif not re.fullmatch(f"[0-9a-f]{{{digits}}}", value.strip().lower()):
                    lose(f"hashes of the type {kind} that are none")
                else:
                    hashes[ours] = value.strip().lower()
            if not hashes:
                lose("contents without a hash that can be matched")
                continue
            is_off = until == 0 or until > time.time()
            if is_off and leave_out_disabled:
                lose("contents that are switched off")
                continue
            bank_list.entry(f"hma:{content}", hashes)
            said = {}
            if until != 1:
                said["disable_until_ts"], counts["disabled"] = until, counts["disabled"] + is_off
            if note:
                said["note"], counts["notes"] = note, counts["notes"] + 1
            if metadata := readable(metadata):
                said["metadata"], counts["metadata"] = metadata, counts["metadata"] + 1
            if said:
                calls.append({"method": "PUT", "path": f"/c/bank/{bank}/content/{content}", "body": said})
        bank_list.finish()
        counts["banks"], counts["entries"] = counts["banks"] + 1, counts["entries"] + bank_list.entries
        if bank_list.entries:
            imports.append(f"innerward set import {bank} {shlex.quote(bank + '.jsonl')}")
        else:
            os.unlink(out / f"{bank}.jsonl")
            calls.insert(0, {"method": "POST", "path": "/c/banks", "body": {"name": bank}})
        if ratio is not None and ratio != 1:
            calls.append({"method": "PUT", "path": f"/c/bank/{bank}", "body": {"enabled_ratio": ratio}})
    for name, ratio in db.execute("SELECT name, CAST(enabled_ratio AS REAL) FROM signal_type_override ORDER BY name"):
        if name in ("pdq", "video_md5"):
            calls.append({"method": "PUT", "path": f"/c/signal_type/{name}", "body": {"enabled_ratio": ratio}})
    with open(out / "calls.jsonl", "w", encoding="utf-8", newline="\n") as file:
        os.chmod(out / "calls.jsonl", 0o600)
        file.writelines(json.dumps(call, ensure_ascii=False) + "\n" for call in calls)
    (out / "import.sh").write_text("\n".join(imports) + "\n")
    return {**counts, "calls": len(calls), "lost": lost}


def contents(db, bank):
    return db.execute(
        """SELECT CAST(id AS INTEGER), CAST(disable_until_ts AS INTEGER), bank_content_metadata, note FROM bank_content
        WHERE CAST(bank_id AS INTEGER) = ? ORDER BY 1""",
        [bank],
    )


def signals(db, content):
    return db.execute(
        "SELECT signal_type, signal_val FROM content_signal WHERE CAST(content_id AS INTEGER) = ? ORDER BY 1", [content]
    )


def readable(text):
    """User metadata as far as HMA lets anybody say it."""
    try:
        given = json.loads(text) if text else None
    except ValueError:
        return None
    if not isinstance(given, dict):
        return None
    return {name: given[name] for name in ("content_id", "content_uri", "json") if given.get(name) is not None}


def apply(folder, url, token):
    """Makes the calls; one that is refused is told, and does not keep the others."""
    made = failed = 0
    for line in open(folder / "calls.jsonl", encoding="utf-8"):
        call = json.loads(line)
        request = urllib.request.Request(
            url.rstrip("/") + call["path"], json.dumps(call["body"]).encode(), {"Content-Type": "application/json"}, method=call["method"]
        )
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        try:
            urllib.request.urlopen(request, timeout=60).close()
            made += 1
        except urllib.error.HTTPError as error:
            if call["method"] == "POST" and error.code == 403:
                made += 1
                continue  # the bank is there
            failed += 1
            print(f"{call['method']} {call['path']}: {error.code} {error.read(500).decode(errors='replace')}", file=sys.stderr)
        except OSError as error:
            raise Problem(f"{url}: {error}") from None
    print(f"{made} calls made" + (f", {failed} refused" if failed else ""))
    return failed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dump", nargs="?", type=Path, help="what pg_dump wrote, or a folder with CSV files")
    parser.add_argument("--out", type=Path, help="the folder to write the lists to")
    parser.add_argument("--rename", action="append", default=[], metavar="OLD=NEW", help="another name for a bank")
    parser.add_argument("--leave-out-disabled", action="store_true", help="contents that are switched off do not come along")
    parser.add_argument("--apply", type=Path, metavar="DIR", help="make the calls of DIR/calls.jsonl")
    parser.add_argument("--url", default="http://127.0.0.1:8420", help="the running innerward (default: %(default)s)")
    parser.add_argument("--token-file", type=Path, help="a file with a token of the scope manage")
    asked = parser.parse_args()
    try:
        if asked.apply:
            token = asked.token_file.read_text().strip() if asked.token_file else None
            return 1 if apply(asked.apply, asked.url, token) else 0
        if not asked.dump or not asked.out:
            parser.error("name the dump and --out, or --apply")
        renamed = dict(pair.split("=", 1) for pair in asked.rename if "=" in pair)
        rows = from_csv(asked.dump) if asked.dump.is_dir() else from_dump(asked.dump)
        print(json.dumps(migrate(rows, asked.out, renamed, asked.leave_out_disabled), indent=1))
        return 0
    except (Problem, OSError, UnicodeDecodeError) as error:
        print(f"hma_migrate: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
