"""How far the quicker fidelities of PDQ are from `reference`, on a folder of photographs.

    python3 benches/peers/fidelity.py target/release/innerward FOLDER... [--json FILE]

Hashes every file at `reference`, `luma` and `fast` and prints, for each fidelity and each range of the picture's short
side, the distribution of the distance in bits, and what it means for matching at 31 bits with the band that `screen`
looks again in. Needs Python only.
"""

import argparse
import json
import math
import pathlib
import subprocess

THRESHOLD = 31
SIDES = [128, 256, 512, 768, 1024, 1536, 2048, 1 << 16]


def hashes(binary, files, fidelity):
    """File to (hash, fidelity that was used, quality, short side) of its correct form."""
    found = {}
    for start in range(0, len(files), 200):
        command = [binary, "hash", "--format", "json", "--fidelity", fidelity, "--", *files[start : start + 200]]
        out = subprocess.run(command, stdout=subprocess.PIPE, check=False).stdout
        for line in out.splitlines():
            line = json.loads(line)
            if line["type"] == "hash" and line["data"]["forms"]:
                data = line["data"]
                form = data["forms"][0]
                found[data["path"]] = (int(form["pdq"], 16), data["fidelity"], form["quality"], min(data["width"], data["height"]))
    return found


def quantile(ordered, share):
    return ordered[min(len(ordered) - 1, math.ceil(share * len(ordered)) - 1)]


def lost(distance, band):
    """The share of list entries within the threshold that a hash `distance` bits off, asked for within threshold + band,
    does not meet; entries lie at 0 to 31 bits, each as likely, their bits anywhere."""
    total = 0.0
    for apart in range(THRESHOLD + 1):
        ways = math.comb(256, apart)
        for shared in range(max(0, apart + distance - 256), min(apart, distance) + 1):
            if apart + distance - 2 * shared > THRESHOLD + band:
                total += math.comb(distance, shared) * math.comb(256 - distance, apart - shared) / ways
    return total / (THRESHOLD + 1)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("binary")
    parser.add_argument("folders", nargs="+", type=pathlib.Path)
    parser.add_argument("--band", type=int, default=None, help="bits beyond the threshold; default: what is measured")
    parser.add_argument("--json", type=pathlib.Path)
    arguments = parser.parse_args()
    files = sorted(str(path) for folder in arguments.folders for path in folder.rglob("*") if path.is_file())
    reference = hashes(arguments.binary, files, "reference")
    usable = {path for path, (_, _, quality, _) in reference.items() if quality >= 50}
    print(f"{len(files)} files, {len(reference)} pictures, {len(usable)} with a quality of 50 or more\n")
    rows = []
    for fidelity in ["luma", "fast"]:
        other = hashes(arguments.binary, files, fidelity)
        print(f"{fidelity}: bits from reference")
        print(f"{'short side':>12} {'used':>22} {'n':>5} {'median':>6} {'99 %':>5} {'99.9 %':>6} {'max':>4}")
        everything = []
        for low, high in zip([0, *SIDES], SIDES):
            here = [path for path in usable if path in other and low <= reference[path][3] < high]
            for used in sorted({other[path][1] for path in here}):
                apart = sorted((other[p][0] ^ reference[p][0]).bit_count() for p in here if other[p][1] == used)
                everything += apart
                row = dict(fidelity=fidelity, low=low, high=high, used=used, n=len(apart), median=quantile(apart, 0.5),
                           p99=quantile(apart, 0.99), p999=quantile(apart, 0.999), max=apart[-1])
                rows.append(row)
                print(f"{low:>5}–{high - 1:<6} {used:>22} {row['n']:>5} {row['median']:>6} {row['p99']:>5} {row['p999']:>6} {row['max']:>4}")
        everything.sort()
        band = arguments.band if arguments.band is not None else quantile(everything, 0.999)
        share = sum(lost(apart, band) for apart in everything) / len(everything)
        own = [(other[p][0] ^ reference[p][0]).bit_count() for p in usable if p in other and other[p][1] == fidelity]
        own_share = sum(lost(apart, band) for apart in own) / max(1, len(own))
        print(f"{'all':>12} {'':>22} {len(everything):>5} {quantile(everything, 0.5):>6} {quantile(everything, 0.99):>5} "
              f"{quantile(everything, 0.999):>6} {everything[-1]:>4}")
        print(f"asked within {THRESHOLD} + {band} bits, {share:.1e} of the entries within {THRESHOLD} would not be met; of the "
              f"{len(own)} that were hashed as {fidelity}, {own_share:.1e}\n")
        rows.append(dict(fidelity=fidelity, band=band, lost=share, lost_of_own=own_share))
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
