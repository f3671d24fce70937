"""Makes the synthetic lists of this folder, and says what screening against them must find.

    pip install -r hashsets/requirements.txt
    python hashsets/make.py                 # writes the lists and the expected outcomes, checks them
    python hashsets/make.py --check DIR     # checks picture files that the demo wrote instead

A second run changes nothing. `pictures.py` makes the demo's pictures; the other listed files are those of `testdata/`.
"""

import argparse
import collections
import csv
import dataclasses
import hashlib
import io
import pathlib
import sys

import blake3
import numpy as np
import pdqhash
from PIL import Image

import pictures

HERE = pathlib.Path(__file__).resolve().parent
TESTDATA = HERE.parent / "testdata"
sys.path.append(str(TESTDATA))
from decoding import as_tx, frames, seen
from pdq_model import TRANSFORMS

# Distinct items that screening the demo's pictures against all lists must count. Cells from 30 upward survive noise and
# threshold, the few small ones are withheld.
EXPECTED = {
    "KNOWN": {"SEV_A": 62, "SEV_B": 74, "SEV_AB": 41, "SEV_C": 66, "SEV_X": 12, "SEV_U": 5},
    "NEAR": {"SEV_A": 96, "SEV_B": 131, "SEV_AB": 38, "SEV_C": 142, "SEV_X": 54, "SEV_U": 9},
    "IGNORED": {"_Z": 120},
    "UNCHECKED": {"_Z": 60},
    "UNKNOWN": {"_Z": 1090},
}
SEVERITIES = list(EXPECTED["KNOWN"])  # most severe first, unknown last

MAX_DISTANCE, MIN_QUALITY = 31, 50  # of a match
WIDEST_EDIT, NARROWEST_GAP = 20, 60  # of our own making: margins on both sides of MAX_DISTANCE
KINDS = ("md5", "sha1", "sha256")


def digest(kind, data):
    return hashlib.new(kind, data).hexdigest()


# ---- the listed pictures


def severity(index):
    """Stretches of indices, as many as EXPECTED says."""
    verdict, first = (
        ("KNOWN", pictures.PARTS["listed"])
        if pictures.part(index) == "listed"
        else ("NEAR", pictures.PARTS["edited"])
    )
    for code, count in EXPECTED[verdict].items():
        first += count
        if index < first:
            return code


def indices(name):
    starts = [*pictures.PARTS.values(), pictures.COUNT]
    return range(pictures.PARTS[name], starts[list(pictures.PARTS).index(name) + 1])


def pdq_of(picture):
    vector, quality = pdqhash.compute(picture)
    assert quality >= 80
    return f"{int(''.join(map(str, vector)), 2):064x}"


def golden(path, decoding):
    """A hash of a picture of testdata, from its golden values."""
    with open(TESTDATA / "golden/pdq.csv") as file:
        return next(
            row["hash"] for row in csv.DictReader(file) if (row["path"], row["decoding"]) == (path, decoding)
        )


def file_digest(path, kind="sha256"):
    return digest(kind, (TESTDATA / path).read_bytes())


# ---- synthetic entries


def synthetic(name, kind, count):
    """Hashes that stand for nothing: SHAKE-128 over a counter; a PDQ has 128 bits set, as real ones have."""
    for number in range(count):
        stream = hashlib.shake_128(f"innerward {name} {kind} {number}".encode())
        if kind == "pdq":
            order = np.argsort(np.frombuffer(stream.digest(1024), dtype="<u4"), kind="stable")
            bits = np.zeros(256, dtype=np.uint8)
            bits[order[:128]] = 1
            yield np.packbits(bits).tobytes().hex()
        else:
            yield stream.digest(hashlib.new(kind).digest_size).hex()


def synthetic_rows(name, counts):
    for kind, count in counts.items():
        for number, value in enumerate(synthetic(name, kind, count)):
            category = (
                "NEGATIVE_CLASS"
                if number % 200 == 3
                else "INVESTIGATION_SEED"
                if number % 50 == 7
                else "POSITIVE_CLASS"
            )
            tags = SEVERITIES[int(value[:4], 16) % len(SEVERITIES)]
            yield kind, value, category, tags + " demo" * (number % 20 == 0)


# ---- the lists


def hotline():
    for index in indices("listed"):
        kind = {5: "md5", 9: "sha1"}.get(index % 13, "sha256")
        value = digest(kind, pictures.file(index)[1])
        yield kind, value, "INVESTIGATION_SEED" if index % 40 == 7 else "POSITIVE_CLASS", tags_of(index)
    for index in indices("edited"):
        yield (
            "pdq",
            pdq_of(pictures.base(index)),
            "INVESTIGATION_SEED" if index % 40 == 7 else "POSITIVE_CLASS",
            tags_of(index),
        )
    yield "sha256", file_digest("pictures/originals/coffee.jpg"), "POSITIVE_CLASS", "SEV_B"
    yield "pdq", golden("pictures/originals/coffee.jpg", "rgb"), "POSITIVE_CLASS", "SEV_B"
    yield "md5", file_digest("pictures/originals/rocket.jpg", "md5"), "POSITIVE_CLASS", "SEV_A"
    yield "pdq", golden("pictures/originals/cat.png", "rgb"), "POSITIVE_CLASS", "SEV_C demo"
    yield from synthetic_rows("hotline", {"pdq": 1200, "md5": 400, "sha1": 200, "sha256": 700})


def industry():
    for index in indices("listed")[::3]:
        yield "sha256", digest("sha256", pictures.file(index)[1]), "POSITIVE_CLASS", tags_of(index)
    for index in indices("edited")[::4]:
        yield "pdq", pdq_of(pictures.base(index)), "POSITIVE_CLASS", tags_of(index)
    yield "sha256", file_digest("pictures/originals/cat.png"), "POSITIVE_CLASS", "SEV_C"
    # what python-threatexchange makes of a palette: far from what a person sees
    yield "pdq", golden("pictures/forms/cat-palette.gif", "tx"), "POSITIVE_CLASS", "SEV_C"
    yield from synthetic_rows("industry", {"pdq": 700, "sha256": 600})


def tags_of(index):
    return severity(index) + " demo" * (index % 17 == 0)


def write_dataset(name, collab, rows):
    """The dataset CSV of python-threatexchange; rows in the order of their hashes, which is no order."""
    with open(HERE / name, "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["signal_type", "signal_str", "collab", "category", "tags"])
        for kind, value, category, tags in sorted(rows, key=lambda row: row[1]):
            writer.writerow([kind, value, collab, category, tags])


def known_good():
    """(size, md5, sha256, file name)"""
    for index in indices("good"):
        name, data = pictures.file(index)
        yield len(data), digest("md5", data), digest("sha256", data), f"pictures/{name}"
    for path in ("originals/gravel.jpg", "forms/cat-grey.png"):
        data = (TESTDATA / "pictures" / path).read_bytes()
        yield len(data), digest("md5", data), digest("sha256", data), f"samples/{pathlib.Path(path).name}"
    for number, (md5, sha256) in enumerate(
        zip(synthetic("good", "md5", 1200), synthetic("good", "sha256", 1200))
    ):
        yield 1000 + int(md5[:5], 16), md5, sha256, f"files/{number:04}, part {number % 3}.dat"


def write_known_good():
    lines = [
        "%%%% HASHDEEP-1.0",
        "%%%% size,md5,sha256,filename",
        "## Synthetic: made by hashsets/make.py for demos and tests.",
        "## ",
    ]
    lines += [",".join(map(str, row)) for row in known_good()]
    (HERE / "demo-known-good.hashdeep").write_text("\n".join(lines) + "\n")


def write_plain():
    values = [
        file_digest(f"pictures/{path}")
        for path in ("edits/rocket-smaller.png", "other/flat.png", "other/note.txt")
    ]
    values += synthetic("plain", "sha256", 1100)
    (HERE / "demo-plain-sha256.txt").write_text("\n".join(sorted(values)) + "\n")


# ---- screening, as far as the lists need it


class Lists:
    """The written lists, read back."""

    def __init__(self, *names):
        self.digests, self.good, codes, self.labels = {}, set(), [], []
        for name in names:
            text = (HERE / name).read_text()
            if name.endswith(".csv"):
                for row in csv.DictReader(io.StringIO(text)):
                    if row["category"] == "NEGATIVE_CLASS":
                        continue
                    label = row["tags"].split()[0]
                    if row["signal_type"] == "pdq":
                        codes.append(signs(row["signal_str"]))
                        self.labels.append(label)
                    else:
                        self.digests.setdefault(row["signal_str"], set()).add(label)
            elif name.endswith(".hashdeep"):
                self.good |= {line.split(",")[2] for line in text.splitlines() if line[0] not in "%#"}
            else:
                self.digests |= {line: {"SEV_U"} for line in text.splitlines()}
        self.codes = np.array(codes, dtype=np.int32).reshape(-1, 256)

    def verdict(self, data, forms):
        """(verdict, severity, nearest entry of any form in any orientation); forms are (name, RGB array)."""
        found = [
            pair for pair in ((name, self.distances(pixels)) for name, pixels in forms) if pair[1] is not None
        ]
        nearest = min((Nearest.of(name, distances) for name, distances in found), default=Nearest())
        digests = {kind: digest(kind, data) for kind in KINDS}
        if labels := set().union(*(self.digests.get(value, set()) for value in digests.values())):
            return "KNOWN", min(labels, key=SEVERITIES.index), nearest
        if digests["sha256"] in self.good:
            return "IGNORED", "_Z", nearest
        labels = {
            self.labels[at]
            for _, distances in found
            for at in np.flatnonzero(distances.min(axis=1) <= MAX_DISTANCE)
        }
        if labels:
            return "NEAR", min(labels, key=SEVERITIES.index), nearest
        return ("UNKNOWN" if found else "UNCHECKED"), "_Z", nearest

    def distances(self, pixels):
        """A row for every entry, a column for every orientation; None at low quality."""
        vectors, quality = pdqhash.compute_dihedral(np.ascontiguousarray(pixels))
        if quality < MIN_QUALITY:
            return None
        return (256 - self.codes @ (2 * np.array(vectors, dtype=np.int32) - 1).T) // 2


@dataclasses.dataclass(order=True)
class Nearest:
    """Among equal distances the picture as seen and the original orientation come first."""

    distance: int = 256
    form: str = ""
    transform: int = 0

    @classmethod
    def of(cls, form, distances):
        if not len(distances):
            return cls()
        transform = int(distances.min(axis=0).argmin())
        return cls(int(distances[:, transform].min()), form, transform)


def signs(text):
    return 2 * np.unpackbits(np.frombuffer(bytes.fromhex(text), dtype=np.uint8)).astype(np.int32) - 1


def decoded(data):
    """The forms of a picture, each with its name; None if the file is no whole picture."""
    try:
        with Image.open(io.BytesIO(data)) as picture:
            picture.load()
            return [*seen(picture), ("tx", as_tx(picture)), *frames(picture)]
    except OSError:
        return None


ALL = ("demo-hotline.csv", "demo-industry.csv", "demo-known-good.hashdeep", "demo-plain-sha256.txt")


def check_demo(files):
    """Every picture has the verdict of its part, with margins; returns the counts."""
    lists = Lists(*ALL)
    counts = {verdict: collections.Counter() for verdict in EXPECTED}
    want = {
        "listed": "KNOWN",
        "edited": "NEAR",
        "good": "IGNORED",
        "plain": "UNCHECKED",
        "cut": "UNCHECKED",
        "unlisted": "UNKNOWN",
    }
    widest, narrowest = 0, 256
    for index, (name, data) in enumerate(files):
        verdict, code, nearest = lists.verdict(data, decoded(data) or [])
        assert verdict == want[pictures.part(index)], (name, verdict)
        counts[verdict][code] += 1
        if verdict == "NEAR":
            widest = max(widest, nearest.distance)
        else:
            narrowest = min(narrowest, nearest.distance)
    assert counts == EXPECTED, counts
    print(f"edited pictures within {widest} bits of their entry, all others at {narrowest} or more from any")
    assert widest <= WIDEST_EDIT and narrowest > NARROWEST_GAP


def check_bases():
    """No two pictures look alike."""
    codes = np.array(
        [
            signs(pdq_of(pictures.base(index)))
            for index in range(pictures.COUNT)
            if pictures.part(index) != "plain"
        ]
    )
    distances = (256 - codes @ codes.T) // 2 + 256 * np.eye(len(codes), dtype=np.int32)
    print(f"different pictures {distances.min()} bits apart or more")
    assert distances.min() > NARROWEST_GAP


def write_expected():
    with open(HERE / "expected.csv", "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["verdict", "severity", "items"])
        writer.writerows(
            [verdict, code, items] for verdict, cells in EXPECTED.items() for code, items in cells.items()
        )
    with open(HERE / "expected-testdata.csv", "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(
            ["path", "hotline", "industry", "known_good", "plain", "all", "distance", "form", "transform"]
        )
        chosen = [Lists(name) for name in ALL] + [Lists(*ALL)]
        for path in sorted((TESTDATA / "pictures").glob("*/*")):
            data = path.read_bytes()
            forms = decoded(data)
            found = [lists.verdict(data, forms or []) for lists in chosen]
            # what is no picture, and on no list, is left to the reader of the format
            left_open = forms is None and path.suffix in (".bin", ".txt", ".zip")
            verdicts = [
                "" if left_open and verdict == "UNCHECKED" else verdict.lower() for verdict, _, _ in found
            ]
            nearest = found[-1][2]
            near = nearest.distance <= MAX_DISTANCE
            match = [nearest.distance, nearest.form, TRANSFORMS[nearest.transform]] if near else ["", "", ""]
            writer.writerow([path.relative_to(TESTDATA).as_posix(), *verdicts, *match])


def bmp_blake3():
    """What the test of the Rust file expects: one digest over all BMP files, in order."""
    hasher = blake3.blake3()
    for name, data in map(pictures.file, range(pictures.COUNT)):
        if name.endswith(".bmp"):
            hasher.update(data)
    return hasher.hexdigest()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--check", metavar="DIR", type=pathlib.Path, help="picture files to screen, instead of making lists"
    )
    folder = parser.parse_args().check
    if folder:
        check_demo((path.name, path.read_bytes()) for path in sorted(folder.iterdir()))
    else:
        write_dataset("demo-hotline.csv", "DEMO-HOTLINE", hotline())
        write_dataset("demo-industry.csv", "DEMO-INDUSTRY", industry())
        write_known_good()
        write_plain()
        check_bases()
        check_demo(map(pictures.file, range(pictures.COUNT)))
        write_expected()
        print(f"BMP_BLAKE3 {bmp_blake3()}")
