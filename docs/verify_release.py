#!/usr/bin/env python3
"""Checks a release of innerward without innerward: signature, log, tables, protection.

    python3 -m venv venv && venv/bin/pip install cryptography==50.0.2 blake3==1.0.11 opendp==0.16.0
    venv/bin/python verify_release.py FOLDER --key innerward.pub
    venv/bin/python verify_release.py FOLDER --key innerward.pub --log public/log --old-head kept-head

Prints a line for each check and exits with 0 if all of them hold, else 1. Shares no code with innerward: the documents
verify-release.md and release-log.md say what is checked, and this script does it with the libraries of others. Python 3.11.
"""

import argparse
import base64
import datetime
import hashlib
import itertools
import json
import math
import pathlib
import re
import sys
from decimal import Decimal, ROUND_CEILING, localcontext

import blake3
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

NANO = 1_000_000_000
COLUMNS = (
    "indicator unit counting_rule ref_area area_role time_period severity age_band maturity sex origin harm media signal "
    "verdict novelty site source list_class channel obs_value obs_status conf_status noise_mechanism epsilon delta noise_sd "
    "ci95_lo ci95_hi release_id"
).split()
FIRST_LINE = "untrusted comment: signature of an innerward release; check it with minisign -V"
# The bounds of a plan, whoever wrote it.
MOST_K, MOST_ITEMS_PER_CASE, MOST_TABLES, MOST_CELLS = 10_000, 10_000, 32, 20_000
LEAST_EPSILON, MOST_EPSILON, MOST_MONTH = NANO // 1000, 10 * NANO, 4 * NANO
BETAS = [f"1e-{power}" for power in range(2, 13)]
ROUNDINGS = (1, 5, 10)
MOST = {"manifest.json": 4 << 20, "manifest.json.minisig": 4 << 10, "log.json": 512 << 10}


class Refused(Exception):
    """What does not hold, in words."""


def demand(holds, why):
    if not holds:
        raise Refused(why)


def whole(found, least, most, what):
    """A whole number in its bounds; true and false are none."""
    demand(type(found) is int and least <= found <= most, f"{what} is {found!r}, and must be {least} to {most}")
    return found


class Span:
    """A month, quarter or year: how long it is, its months, its first and its last day."""

    def __init__(self, text):
        found = re.fullmatch(r"([12][0-9]{3})(?:-Q([1-4])|-(0[1-9]|1[0-2]))?", text, re.ASCII)
        demand(found, f"{text!r} is no month, quarter or year")
        year, quarter, month = (int(part) if part else None for part in found.groups())
        first, count = (month, 1) if month else (3 * quarter - 2, 3) if quarter else (1, 12)
        self.kind = {1: "month", 3: "quarter", 12: "year"}[count]
        self.months = [f"{year}-{month:02}" for month in range(first, first + count)]
        self.first_day = datetime.date(year, first, 1)
        end = first + count
        after = datetime.date(year + 1, 1, 1) if end > 12 else datetime.date(year, end, 1)
        self.last_day = after - datetime.timedelta(days=1)


def day(text):
    demand(re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text, re.ASCII), f"{text!r} is no day")
    return datetime.date.fromisoformat(text)


def same_base64(text, length=None):
    """The bytes of base64 that can be written in one way only."""
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        raise Refused(f"{text[:20]!r} is not base64") from None
    demand(base64.b64encode(data).decode() == text, "base64 with loose ends")
    demand(length is None or len(data) == length, f"{len(data)} bytes in place of {length}")
    return data


def unique(pairs):
    keys = [key for key, _ in pairs]
    demand(len(keys) == len(set(keys)), "JSON has a key twice")
    return dict(pairs)


def canonical_json(data, indent):
    """The value, if the bytes are the one way in which it is written."""
    try:
        value = json.loads(data.decode(), object_pairs_hook=unique)
    except (ValueError, RecursionError):
        raise Refused("it is not JSON in UTF-8") from None
    separators = (",", ": ") if indent else (",", ":")
    text = json.dumps(value, indent=indent, ensure_ascii=False, separators=separators)
    demand(text.encode() + (b"\n" if indent else b"") == data, "it is not laid out as innerward writes it")
    return value


class Key:
    """A public key in the format of minisign."""

    def __init__(self, text):
        lines = text.strip().split("\n")
        raw = same_base64(lines[-1].strip(), 42)
        demand(raw[:2] == b"Ed", "this is not a public key of minisign")
        self.id, self.raw = raw[2:10], raw[10:]
        self.key = Ed25519PublicKey.from_public_bytes(self.raw)
        self.name = f"{int.from_bytes(self.id, 'little'):016X}"

    def verify(self, message, signature, what):
        try:
            self.key.verify(signature, message)
        except InvalidSignature:
            raise Refused(f"{what} does not belong to it: one of the two has been changed") from None


def check_minisign(data, message, key):
    """Both signatures of the file; the trusted comment."""
    text = data.decode()
    lines = text.split("\n")
    demand(len(lines) == 5 and lines[4] == "", "it is not four lines")
    demand(lines[0] == FIRST_LINE, "line 1 is not as innerward writes it")
    first, second = same_base64(lines[1], 74), same_base64(lines[3], 64)
    demand(first[:2] in (b"Ed", b"ED"), "line 2 is no signature of minisign")
    demand(first[2:10] == key.id, f"it was made with another key than {key.name}")
    signed = message if first[:2] == b"Ed" else hashlib.blake2b(message).digest()
    key.verify(signed, first[10:], "the signature of manifest.json")
    comment = lines[2].removeprefix("trusted comment: ")
    demand(comment != lines[2], "line 3 is no trusted comment")
    key.verify(first[10:] + comment.encode(), second, "the signature of the trusted comment")
    return comment


# --- the log -------------------------------------------------------------------------------------------------------------


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def leaf(line):
    return sha256(b"\0", line)


def root_of(leaves):
    """The root of RFC 6962, section 2.1, from the hashes of the leaves."""
    if not leaves:
        return sha256()
    # Peaks of complete subtrees, from the left; joining them from the right gives the root.
    peaks = []
    for at, node in enumerate(leaves):
        while at & 1:
            node, at = sha256(b"\1", peaks.pop(), node), at >> 1
        peaks.append(node)
    node = peaks.pop()
    while peaks:
        node = sha256(b"\1", peaks.pop(), node)
    return node


def root_from_path(node, index, size, path):
    """The root to which a proof of inclusion leads (RFC 9162, section 2.1.3.2)."""
    demand(0 <= index < size, "the entry is outside of the log")
    at, last = index, size - 1
    for sibling in path:
        demand(last > 0, "the proof is too long")
        if at & 1 or at == last:
            node = sha256(b"\1", sibling, node)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            node = sha256(b"\1", node, sibling)
        at, last = at >> 1, last >> 1
    demand(last == 0, "the proof is too short")
    return node


def read_checkpoint(data, key):
    """Size and root of a signed head."""
    text = data.decode()
    demand(all(ord(c) >= 32 or c == "\n" for c in text), "it has control characters")
    head, empty, signatures = text.rpartition("\n\n")
    demand(empty and signatures.endswith("\n"), "it is no signed note")
    head += "\n"
    lines = head.split("\n")
    demand(len(lines) == 4 and lines[3] == "", "it is not three lines and a signature")
    origin, size, root = lines[0], lines[1], same_base64(lines[2], 32)
    demand(origin == f"innerward-{key.name}", f"it is of the log {origin!r}, not of innerward-{key.name}")
    demand(size.isascii() and size.isdigit() and str(int(size)) == size and int(size) < 1 << 40, "its size")
    number = sha256(origin.encode(), b"\n\1", key.raw)[:4]
    found = 0
    for line in signatures[:-1].split("\n"):
        demand(line.startswith("\u2014 ") and line.count(" ") == 2, "a line is no signature")
        _, name, signature = line.split(" ")
        signature = same_base64(signature)
        if name == origin and signature[:4] == number:
            key.verify(head.encode(), signature[4:], "the signature of the checkpoint")
            found += 1
    demand(found > 0, "it is not signed with the key")
    return int(size), root, len(signatures[:-1].split("\n"))


def read_entries(data):
    """The lines of a log, each at its place and naming the one before it."""
    demand(data == b"" or data.endswith(b"\n"), "the last line has no end")
    lines = data.split(b"\n")[:-1]
    before = ""
    for n, line in enumerate(lines):
        entry = canonical_json(line, None)
        demand(entry.get("n") == n, f"entry {n}: n is another number")
        demand(entry.get("prev") == before, f"entry {n}: prev is not the SHA-256 of the line before it")
        before = hashlib.sha256(line).hexdigest()
    return lines


def check_proof(data, message, manifest, key):
    """log.json: the entry of the release is in the log that the key signed."""
    proof = canonical_json(data, 2)
    demand(list(proof) == ["schema", "index", "entry", "inclusion", "checkpoint"], "its keys")
    demand(proof["schema"] == 1, "its schema")
    size, root, signatures = read_checkpoint(proof["checkpoint"].encode(), key)
    demand(signatures == 1, "its checkpoint has signatures of others")
    line = proof["entry"].encode()
    entry = canonical_json(line, None)
    demand(entry["kind"] == "release" and entry["n"] == proof["index"], "its entry is of something else")
    demand(entry["release_id"] == manifest["release_id"], "its entry is of another release")
    demand(entry["manifest_sha256"] == hashlib.sha256(message).hexdigest(), "its entry is of another manifest.json")
    path = [same_base64(text, 32) for text in proof["inclusion"]]
    # The head of the ledger was taken between the charge and this entry.
    whole(manifest["ledger"]["size"], 1, proof["index"], "ledger.size of the manifest")
    demand(proof["index"] < size, "its entry is outside of the log")
    found = root_from_path(leaf(line), proof["index"], size, path)
    demand(found == root, "its entry is not in the log that the checkpoint is of")
    return size, root, entry


# --- the protection ------------------------------------------------------------------------------------------------------


def noise_of(table):
    """Threshold, half-width and deviation that follow from epsilon, sensitivity, k, beta and rounding."""
    with localcontext() as context:
        context.prec = 80
        eps = Decimal(table["epsilon_nano"]) / NANO / table["sensitivity"]
        q = (-eps).exp()

        def smallest(factor):
            """The smallest n from 1 with q^n * factor <= 1 + q."""
            n = max(1, int((((1 + q) / factor).ln() / q.ln()).to_integral_value(ROUND_CEILING)))
            while n > 1 and q ** (n - 1) * factor <= 1 + q:
                n -= 1
            while q**n * factor > 1 + q:
                n += 1
            return n

        threshold = table["k"] - 1 + smallest(1 / Decimal(table["beta"]))
        half_width = smallest(Decimal(40)) - 1 + table["rounding"] // 2
        sd = ((2 * q).sqrt() / (1 - q)).quantize(Decimal("0.001"), ROUND_CEILING)
    return threshold, half_width, str(sd)


def epsilon_of(table, dp):
    """What opendp says that a table costs: discrete Laplace noise of the scale sensitivity / epsilon on a vector of counts, of
    which one unit can change as much as the sensitivity."""
    space = dp.vector_domain(dp.atom_domain(T=int)), dp.l1_distance(T=int)
    scale = table["sensitivity"] * NANO / table["epsilon_nano"]
    return dp.m.make_laplace(*space, scale=scale).map(d_in=table["sensitivity"])


# opendp works with floating-point numbers and rounds upward.
ROUNDING_OF_OPENDP = Decimal(1) + Decimal(1) / NANO


def decimal(nano):
    text = f"{nano // NANO}.{nano % NANO:09}"
    return text.rstrip("0").rstrip(".")


def cells_of(table):
    """Every cell of the public domain, in its order."""
    dimensions = table["dimensions"]
    cells = []
    for group in table["domain"]:
        demand(sorted(group) == sorted(dimensions), "a group of its domain has other dimensions")
        size = math.prod(len(codes) for codes in group.values())
        demand(len(cells) + size <= 10_000, "its domain is larger than any plan's")
        cells.extend(itertools.product(*(group[dimension] for dimension in dimensions)))
    demand(len(set(cells)) == len(cells), "its domain has a cell twice")
    return cells


def number(text, what):
    demand(text.isascii() and text.isdigit() and str(int(text)) == text, f"{what} {text!r} is not a whole number")
    return int(text)


def check_rows(data, manifest, table):
    """Each line against the domain and the rules; how many are shown."""
    text = data.decode()
    demand(text.endswith("\n"), "the last line has no end")
    header, *lines = text[:-1].split("\n")
    demand(header.split(",") == COLUMNS, "the columns are not those of an observation")
    cells = cells_of(table)
    demand(len(cells) == table["cells"] == len(lines), f"{len(lines)} lines, {len(cells)} cells in the domain")
    step, threshold, width = table["rounding"], table["threshold"], table["half_width"]
    least = (threshold + step // 2) // step * step
    kinds = {7: "QUARTER" if "Q" in manifest["period"] else "MONTH", 4: "YEAR"}
    unit = {"ITEMS": "ITEM", "REPORTS": "REPORT", "URLS": "URL"}[table["unit"]]
    fixed = {
        "indicator": table["indicator"],
        "unit": table["unit"],
        "counting_rule": f"DISTINCT_{unit}_{kinds[len(manifest['period'])]}",
        "time_period": manifest["period"],
        "noise_mechanism": table["mechanism"],
        "epsilon": decimal(table["epsilon_nano"]),
        "delta": "0",
        "noise_sd": table["noise_sd"],
        "release_id": manifest["release_id"],
    }
    if table["area_role"]:
        fixed["area_role"] = table["area_role"]
    shown = 0
    for at, (line, cell) in enumerate(zip(lines, cells), start=2):
        fields = line.split(",")
        demand(len(fields) == len(COLUMNS), f"line {at}: not 30 columns")
        row = dict(zip(COLUMNS, fields))
        # A dimension that the table does not have is the total over it.
        expected = dict.fromkeys(COLUMNS, "_T") | dict(zip(table["dimensions"], cell)) | fixed
        if row["obs_value"] == "":
            value = {"obs_value": "", "obs_status": "Q", "conf_status": "C", "ci95_lo": "", "ci95_hi": ""}
        else:
            count = number(row["obs_value"], f"line {at}: obs_value")
            demand(count >= least, f"line {at}: {count} is below the threshold")
            demand(count % step == 0, f"line {at}: {count} is not a multiple of {step}")
            value = {
                "obs_value": str(count),
                "obs_status": "U" if count <= threshold + width else "E",
                "conf_status": "",
                "ci95_lo": str(max(0, count - width)),
                "ci95_hi": str(count + width),
            }
            shown += 1
        for column, found in row.items():
            wanted = (expected | value)[column]
            demand(found == wanted, f"line {at}, {column}: {found!r} in place of {wanted!r}")
    return shown


# --- everything together -------------------------------------------------------------------------------------------------


class Report:
    def __init__(self):
        self.failed = 0

    def check(self, name, work):
        """Runs one check; what it gives, or None if it does not hold."""
        try:
            result = work()
        except Refused as refused:
            why = str(refused)
        except (OSError, ValueError, KeyError, TypeError, AttributeError, ArithmeticError, IndexError) as error:
            # Whatever is not as it should be is refused; a hostile file reaches no further than this.
            why = f"it is not as it should be ({type(error).__name__}: {error})"
        else:
            said = result[0] if isinstance(result, tuple) else ""
            print(f"ok    {name}" + (f": {said}" if said else ""))
            return result
        self.failed += 1
        print(f"FAIL  {name}: {why}")
        return None


def read(path, most):
    demand(path.is_file() and not path.is_symlink(), f"{path.name} is not there, or no plain file")
    with path.open("rb") as file:
        data = file.read(most + 1)
    demand(len(data) <= most, f"{path.name} is larger than {most} bytes")
    return data


def release_id_of(manifest):
    demo = "DEMO-" if manifest["demo"] is True else ""
    return f"{demo}{manifest['period']}-{manifest['plan']['name']}-v{manifest['revision']}"


def check_manifest(data, comment):
    manifest = canonical_json(data, 2)
    demand(manifest["schema"] == 2, "schema is not 2, the only one that this script reads")
    release_id = manifest["release_id"]
    demand(comment == f"innerward release {release_id}", "the signature is for another release")
    demand(release_id == release_id_of(manifest), "release_id does not follow from period, plan and revision")
    whole(manifest["revision"], 1, (1 << 32) - 1, "revision")
    earlier = release_id_of(manifest | {"revision": manifest["revision"] - 1}) if manifest["revision"] > 1 else ""
    demand(manifest["supersedes"] == earlier, "supersedes is not the revision before this one")
    check_days(manifest)
    check_plan(manifest["plan"])
    names = [table["name"] for table in manifest["tables"]]
    whole(len(names), 1, MOST_TABLES, "the number of tables")
    demand(len(names) == len(set(names)), "two tables have one name")
    whole(sum(whole(table["cells"], 1, 10_000, "cells") for table in manifest["tables"]), 1, MOST_CELLS, "all cells")
    for table in manifest["tables"]:
        demand(re.fullmatch(r"[a-z][a-z0-9-]{0,31}", table["name"], re.ASCII), "a table's name")
        demand(table["file"] == f"{table['name']}.csv", "a table's file has another name")
        check_bounds(table)
    demand(group_figure(manifest) == manifest["group_figure"], "group_figure does not follow from epsilon, cap and period")
    return f"{release_id}, {len(names)} tables, of {manifest['publisher']}", manifest


def check_days(manifest):
    """The plan was registered before its first period, which is not after this one; this one was over, the plan not."""
    plan, period = manifest["plan"], Span(manifest["period"])
    begins, expires = Span(plan["applies_from"]), Span(plan["expires"])
    demand(begins.kind == expires.kind == period.kind, "the plan is for periods of another length")
    demand(
        day(plan["registered_on"]) < begins.first_day <= period.first_day, "the plan was not registered before its period"
    )
    demand(period.first_day <= expires.first_day, "the plan had expired")
    demand(day(manifest["published_on"]) > period.last_day, "it was published before its period was over")


def check_plan(plan):
    demand(re.fullmatch(r"[a-z][a-z0-9-]{0,31}", plan["name"], re.ASCII), "the name of the plan")
    demand(re.fullmatch(r"[0-9a-f]{64}", plan["digest"], re.ASCII), "plan.digest is not a BLAKE3 in hex")
    whole(plan["items_per_case"], 0, MOST_ITEMS_PER_CASE, "items_per_case")


def check_bounds(table):
    """What no rule may go beyond, or the arithmetic that follows from it would promise nothing."""
    what = f"of table {table['name']}"
    whole(table["k"], 1, MOST_K, f"k {what}")
    whole(table["epsilon_nano"], LEAST_EPSILON, MOST_EPSILON, f"epsilon_nano {what}")
    demand(table["beta"] in BETAS, f"beta {what} is {table['beta']!r}, and must be 1e-2 to 1e-12")
    rounding = table["rounding"]
    demand(type(rounding) is int and rounding in ROUNDINGS, f"rounding {what} is {rounding!r}, and must be 1, 5 or 10")


def group_figure(manifest):
    """What the release says of several units, periods and organisations, from its numbers."""
    nano, most, span = manifest["epsilon_nano"], manifest["plan"]["items_per_case"], Span(manifest["period"])
    words = {"ITEMS": ("item", "items"), "REPORTS": ("report", "reports"), "URLS": ("web address", "web addresses")}
    units = {table["unit"] for table in manifest["tables"]}
    item, items = words[units.pop()] if len(units) == 1 else ("unit", "units")
    times = lambda n: decimal(nano * n)
    text = (
        f"1 {item}: epsilon {times(1)}. 5 {items} of one person: up to {times(5)}; 50 {items}: up to {times(50)}; "
        f"g {items}: up to g times {times(1)}. "
    )
    if most > 0:
        text += (
            f"At most {most} items of a case count in a table, so a case with any number of items: up to {times(most)}. "
        )
    year = 12 // len(span.months)
    if year > 1:
        text += f"One that is seen in all {year} {span.kind}s of a year: up to {times(year)}. "
    return text + (
        f"With every release and correction that the budget allows, one {item} of one month: up to "
        f"{decimal(manifest['epsilon_cap_nano'])}. The same {item} at 1 organisation: {times(1)}; at 2: up to {times(2)}; "
        f"at all G organisations that publish like this: up to G times {times(1)}."
    )


def check_table(table, data, manifest):
    demand(blake3.blake3(data).hexdigest() == table["blake3"], "it is not the file that was signed")
    demand(table["mechanism"] == "discrete-laplace", "its mechanism")
    case = manifest["plan"]["items_per_case"] > 0 and table["unit"] == "ITEMS"
    sensitivity = (2 if case else 1) * (3 if "novelty" in table["dimensions"] else 1)
    demand(table["sensitivity"] == sensitivity, f"sensitivity is {table['sensitivity']}, and must be {sensitivity}")
    found = noise_of(table)
    said = table["threshold"], table["half_width"], table["noise_sd"]
    demand(found == said, f"threshold, half_width and noise_sd are {said}, and must be {found}")
    shown = check_rows(data, manifest, table)
    return f"T {said[0]}, half-width {said[1]}, sd {said[2]}, {shown} of {table['cells']} cells shown", shown


def check_epsilon(manifest):
    import opendp.prelude as dp

    dp.enable_features("contrib")
    total = 0
    for table in manifest["tables"]:
        spent, charged = Decimal(epsilon_of(table, dp)), Decimal(table["epsilon_nano"]) / NANO
        demand(
            spent <= charged * ROUNDING_OF_OPENDP,
            f"table {table['name']} costs {spent:.9f} by opendp, and {charged} is charged",
        )
        total += table["epsilon_nano"]
    demand(manifest["epsilon_nano"] == total, f"epsilon_nano is not {total}, the sum over the tables")
    whole(manifest["epsilon_cap_nano"], total, MOST_MONTH, "epsilon_cap_nano")
    for unit in manifest["units"]:
        of_unit = sum(table["epsilon_nano"] for table in manifest["tables"] if table["unit"] == unit["unit"])
        demand(unit["epsilon_nano"] == of_unit, f"epsilon of {unit['unit']} is not {of_unit}")
    return f"{len(manifest['tables'])} tables cost what is charged, {decimal(total)} together", total


def check_log(folder, proof, manifest, key, old_heads):
    """The whole log: it gives its head, that of log.json, that of the ledger and the older ones that were kept; and it has
    the charge that paid for the release."""
    lines = read_entries(read(folder / "entries.jsonl", 64 << 20))
    leaves = [leaf(line) for line in lines]
    heads = [("log.json", *proof[:2]), ("checkpoint", *read_checkpoint(read(folder / "checkpoint", 128 << 10), key)[:2])]
    heads.append(("the ledger of the manifest", manifest["ledger"]["size"], bytes.fromhex(manifest["ledger"]["root"])))
    heads += [(str(path), *read_checkpoint(read(path, 128 << 10), key)[:2]) for path in old_heads]
    for name, size, root in heads:
        demand(size <= len(lines), f"ROLLBACK: {name} is of {size} entries, and the log has {len(lines)}")
        demand(root_of(leaves[:size]) == root, f"FORK: {name} is the head of another log")
    charged = check_charge([json.loads(line) for line in lines[: proof[2]["n"]]], manifest)
    return f"{len(lines)} entries continue {len(heads)} heads; entry {charged} paid for the release", lines


def check_charge(entries, manifest):
    """The entry that charged for the release, among those before its own, is of this plan and of these tables."""
    plan = manifest["plan"]
    wanted = manifest["period"], plan["name"], manifest["revision"]
    charges = [
        (entry["n"], entry)
        for entry in entries
        if entry["kind"] == "charge" and (entry["period"], entry["plan"], entry["revision"]) == wanted
    ]
    demand(len(charges) == 1, f"{len(charges)} entries before the release charge for it, and one must")
    n, charge = charges[0]
    demand(n < manifest["ledger"]["size"], "the ledger of the manifest is older than the charge")
    demand(charge["epsilon_nano"] == manifest["epsilon_nano"], f"entry {n} charges another epsilon than the manifest says")
    of = lambda tables: [(table["name"], table["epsilon_nano"], table["sensitivity"]) for table in tables]
    demand(of(charge["tables"]) == of(manifest["tables"]), f"entry {n} charges for other tables than the manifest has")
    demand(day(charge["charged_on"]) <= day(manifest["published_on"]), f"entry {n} charges after the publication")
    demand(day(charge["charged_on"]) > Span(manifest["period"]).last_day, f"entry {n} charges before the period was over")
    found = plan_in_force(entries[:n], plan["name"], Span(manifest["period"]))
    for name in ("digest", "registered_on", "applies_from"):
        demand(found[name] == plan[name], f"entry {found['n']} has another {name} of the plan than the manifest")
    check_budget(entries, found, manifest)
    return n


def check_budget(entries, plan, manifest):
    """No month of the period was charged more than the largest cap of a plan that may hold for it, and the cap of the
    manifest is one that the plans can give: when a plan expires, the log does not say."""
    largest = 0
    for month in Span(manifest["period"]).months:
        cap = min(max(caps_of(entries, Span(month)), default=0), MOST_MONTH)
        spent = sum(e["epsilon_nano"] for e in entries if e["kind"] == "charge" and month in Span(e["period"]).months)
        demand(spent <= cap, f"{month} was charged {decimal(spent)} by then, and has {decimal(cap)}")
        largest = max(largest, cap)
    whole(manifest["epsilon_cap_nano"], plan["cap_nano"], largest, "epsilon_cap_nano by the plans in the log")


def caps_of(entries, month):
    """The caps of the plans that may hold for a month."""
    plans = [entry for entry in entries if entry["kind"] == "plan"]
    ends, current = {}, {}
    for n, plan in enumerate(plans):
        for name in (plan["name"], plan["replaces"]):
            if name in current:
                ends[current.pop(name)] = Span(plan["applies_from"]).first_day
        current[plan["name"]] = n
    for n, plan in enumerate(plans):
        begins = Span(plan["applies_from"])
        # The period of this plan in which the month lies.
        length = len(begins.months)
        first = month.first_day.replace(month=(month.first_day.month - 1) // length * length + 1)
        if begins.first_day <= first and (n not in ends or first < ends[n]):
            yield plan["cap_nano"]


def plan_in_force(entries, name, span):
    """The entry of the plan that the period is published by: the last of that name which began by then, and which no other
    had ended."""
    standing = None
    for entry in entries:
        if entry["kind"] != "plan":
            continue
        begins = Span(entry["applies_from"])
        if name in (entry["name"], entry["replaces"]) and begins.first_day <= span.first_day:
            standing = entry if entry["name"] == name and begins.kind == span.kind else None
    demand(standing, f"no plan {name} was registered for the period before the charge")
    demand(
        day(standing["registered_on"]) < Span(standing["applies_from"]).first_day, "its plan was registered when it held"
    )
    return standing


def verify(args, report):
    key = report.check("key", lambda: (None, Key(read_key(args.key))))
    if key is None:
        return
    key = key[1]
    folder = args.folder
    files = report.check("files", lambda: (None, {name: read(folder / name, most) for name, most in MOST.items()}))
    if files is None:
        return
    files = files[1]
    message = files["manifest.json"]
    signed = report.check(
        "signature", lambda: (f"by key {key.name}", check_minisign(files["manifest.json.minisig"], message, key))
    )
    if signed is None:
        return  # nothing that is not signed is read
    manifest = report.check("manifest.json", lambda: check_manifest(message, signed[1]))
    if manifest is None:
        return
    manifest = manifest[1]
    tables = {table["file"] for table in manifest["tables"]}
    report.check("folder", lambda: nothing_else(folder, MOST.keys() | tables))
    proof = report.check(
        "log.json", lambda: told(check_proof(files["log.json"], message, manifest, key))
    )
    for table in manifest["tables"]:
        work = lambda table=table: check_table(table, read(folder / table["file"], 8 << 20), manifest)
        report.check(table["file"], work)
    report.check("epsilon", lambda: check_epsilon(manifest))
    if args.log and proof:
        report.check("log", lambda: check_log(args.log, proof[1], manifest, key, args.old_head))


def told(proof):
    return f"entry {proof[2]['n']} of a log of {proof[0]} entries", proof


def nothing_else(folder, expected):
    extra = sorted(path.name for path in folder.iterdir() if path.name not in expected)
    demand(not extra, f"{extra[:3]} are not covered by the signature")


def read_key(text):
    path = pathlib.Path(text)
    return path.read_text() if path.is_file() else text


def main():
    parser = argparse.ArgumentParser(description="Checks a release of innerward without innerward.")
    parser.add_argument("folder", type=pathlib.Path, help="the folder of the release")
    parser.add_argument("--key", required=True, help="the publisher's key: the file innerward.pub, or RW…")
    parser.add_argument("--log", type=pathlib.Path, help="the publisher's folder log: entries.jsonl and checkpoint")
    parser.add_argument("--old-head", type=pathlib.Path, action="append", default=[], help="a head that was kept; needs --log")
    args = parser.parse_args()
    if args.old_head and not args.log:
        parser.error("--old-head needs --log")
    report = Report()
    verify(args, report)
    print("REFUSED" if report.failed else "All checks hold.")
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
