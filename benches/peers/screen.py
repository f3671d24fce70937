"""Folders of photographs from end to end: innerward beside python-threatexchange doing the same work, turn by turn.

Both make digests (innerward MD5, SHA-1, SHA-256 and BLAKE3; tx MD5 and SHA-256) and the PDQ hash of every file, look the
digests up among ENTRIES made ones and the hash among ENTRIES made PDQ hashes within 31 bits, on all cores: innerward in
its confined workers and in eight orientations, tx in a pool of processes that share its index and in one orientation.
Each folder in FOLDER is a size of its own. Times are by the clock, without the making of lists and indexes.

    python screen.py --innerward target/release/innerward --folder FOLDER [--sample N] [--rounds N] [--entries N]
"""

import argparse
import hashlib
import json
import multiprocessing
import os
import pathlib
import random
import statistics
import subprocess
import tempfile
import time

from threatexchange.signal_type.pdq.pdq_index import PDQIndex
from threatexchange.signal_type.pdq.signal import PdqSignal

INDEX = None
DIGESTS = None


def made(entries, seed):
    rng = random.Random(seed)
    return ["%064x" % rng.getrandbits(256) for _ in range(entries)]


def tx_one(path):
    content = pathlib.Path(path).read_bytes()
    known = hashlib.md5(content).hexdigest() in DIGESTS or hashlib.sha256(content).hexdigest() in DIGESTS
    code = PdqSignal.hash_from_file(pathlib.Path(path))
    return known, len(INDEX.query(code)) if code else 0


def tx(paths):
    with multiprocessing.get_context("fork").Pool(os.cpu_count()) as pool:
        start = time.perf_counter()
        found = pool.map(tx_one, paths, chunksize=4)
        return time.perf_counter() - start, sum(known for known, _ in found)


def innerward(program, home, paths):
    words = [program, "--home", home, "screen", "--from", "-", "--summary", "--quiet", "--no-tally", "--format", "json"]
    start = time.perf_counter()
    done = subprocess.run(words, input="\n".join(paths).encode(), capture_output=True, check=False)
    seconds = time.perf_counter() - start
    assert done.returncode in (0, 1, 4, 5), done.stderr.decode()
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    summary = next(line["data"] for line in lines if line["type"] == "summary")
    assert summary["items"] == len(paths)
    return seconds, summary["known"]


def main():
    global INDEX, DIGESTS
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--innerward", required=True)
    parser.add_argument("--folder", type=pathlib.Path, required=True)
    parser.add_argument("--sample", type=int, default=200, help="files of each size")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--entries", type=int, default=1_000_000)
    asked = parser.parse_args()
    sizes = {}
    for folder in sorted(path for path in asked.folder.iterdir() if path.is_dir()):
        sizes[folder.name] = [str(path) for path in sorted(folder.rglob("*")) if path.is_file()][: asked.sample]
    known = [paths[0] for paths in sizes.values()]
    digests = made(asked.entries, 1) + [hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest() for path in known]
    codes = made(asked.entries, 2)
    with tempfile.TemporaryDirectory() as work:
        home = os.path.join(work, "home")
        for name, kind, codes_of in (("digests", "sha256", digests), ("pictures", "pdq", codes)):
            listed = os.path.join(work, name)
            pathlib.Path(listed).write_text("".join(f"{kind}:{code}\n" for code in codes_of))
            subprocess.run([asked.innerward, "--home", home, "set", "import", name, listed], check=True, capture_output=True)
        DIGESTS = set(digests)
        INDEX = PDQIndex.build([(code, None) for code in codes])
        print(f"{'size':8} {'files':>6} {'innerward/s':>12} {'tx/s':>9} {'times':>7}")
        for size, paths in sizes.items():
            rates = []
            for _ in range(asked.rounds):
                (ours, found), (theirs, found_too) = innerward(asked.innerward, home, paths), tx(paths)
                assert found == found_too == 1, "the one listed file is found"
                rates.append((len(paths) / ours, len(paths) / theirs, theirs / ours))
            ours, theirs, times = (statistics.median(column) for column in zip(*rates))
            print(f"{size:8} {len(paths):6} {ours:12.1f} {theirs:9.2f} {times:7.2f}", flush=True)


if __name__ == "__main__":
    main()
