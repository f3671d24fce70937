"""What schemathesis would not find by itself: listed hashes, near ones, pictures, and the compact form."""

import csv
import pathlib
import struct

import schemathesis
from hypothesis import strategies as st

ROOT = pathlib.Path(__file__).resolve().parent.parent
KINDS = {"md5": (1, 16), "sha1": (2, 20), "sha256": (3, 32), "blake3": (4, 32), "pdq": (5, 32)}
HASHES = "application/vnd.innerward.hashes"
VERDICTS = "application/vnd.innerward.verdicts"


def listed():
    """Some hashes of each kind from a list, as (kind, hex)."""
    found = {}
    with open(ROOT / "hashsets" / "demo-hotline.csv", newline="") as lines:
        for row in csv.DictReader(lines):
            found.setdefault(row["signal_type"], []).append(row["signal_str"])
    return [(kind, text) for kind, texts in found.items() for text in texts[:4]]


def near(text, bits):
    """The same hash with so many of its bits turned over."""
    return f"{int(text, 16) ^ ((1 << bits) - 1):0{len(text)}x}"


SEEDS = listed()
SEEDS += [("pdq", near(text, bits)) for kind, text in SEEDS if kind == "pdq" for bits in (4, 31, 32)]
TEXTS = [f"{kind}:{text}" for kind, text in SEEDS]
PICTURES = [
    (ROOT / "testdata" / "pictures" / name).read_bytes()
    for name in ("edits/coffee-turned-90.jpg", "edits/coffee-mirrored.jpg", "originals/rocket.jpg", "forms/cat-palette.gif")
]
PICTURES += [PICTURES[0][: len(PICTURES[0]) // 2], b""]


def compact(kind, values):
    number, width = KINDS[kind]
    return b"IWHQ" + struct.pack("<BBHII", 1, number, width, len(values), 0) + b"".join(values)


def compact_bodies():
    """Well-formed bodies of the compact form; no digest of an empty file is drawn by chance."""
    one = st.sampled_from(sorted(KINDS)).flatmap(
        lambda kind: st.lists(st.binary(min_size=KINDS[kind][1], max_size=KINDS[kind][1]), min_size=1, max_size=20).map(
            lambda values: compact(kind, values)
        )
    )
    own = [compact(kind, [bytes.fromhex(text)] * 2) for kind, text in SEEDS]
    return one | st.sampled_from(own)


schemathesis.openapi.media_type(HASHES, compact_bodies())


@schemathesis.serializer(HASHES)
def as_it_is(ctx, value):
    return value


@schemathesis.deserializer(VERDICTS)
def verdicts(ctx, response):
    """The answer as text, if its lengths agree with each other."""
    body = response.content
    magic, version, part, sets, count, names = struct.unpack_from("<4sBBHII", body)
    assert (magic, version) == (b"IWHA", 1) and part in (0, 1), "header"
    at = 16 + 16 * count
    for _ in range(sets):
        at += 1 + body[at]
    assert at == 16 + 16 * count + names, "names"
    for number in range(count):
        outcome, flags, matches, distance, bound, of_set, length, key = struct.unpack_from("<BBHHHHHI", body, 16 + 16 * number)
        assert 1 <= outcome <= 7 and flags < 8 and matches <= 100, "record"
        assert (of_set == 0xFFFF) == (matches == 0) and at + key + length <= len(body), "match"
    return body.decode("latin-1")


@schemathesis.hook
def before_add_examples(context, examples):
    operation = context.operation
    if operation.path == "/v1/match/hash/{signal}":
        examples.extend(operation.Case(path_parameters={"signal": text}) for text in TEXTS)
    elif operation.path == "/v1/match/hashes":
        examples.append(operation.Case(body={"hashes": TEXTS + TEXTS}, media_type="application/json"))
        accept = {"Accept": VERDICTS}
        for kind, text in SEEDS:
            body = compact(kind, [bytes.fromhex(text)] * 3)
            examples.append(operation.Case(body=body, media_type=HASHES, headers=accept))
    elif operation.path in ("/v1/match", "/v1/hash"):
        kind = "application/octet-stream"
        examples.extend(operation.Case(body=picture, media_type=kind) for picture in PICTURES)
    elif operation.path == "/v1/compare":
        pairs = [{"a": text, "b": TEXTS[-1]} for text in TEXTS]
        examples.extend(operation.Case(body=pair, media_type="application/json") for pair in pairs)
