#!/usr/bin/env python3
"""Measures look-ups in innerward's index beside what people use instead: the same codes and queries, one core, turn by turn.

    near.py --innerward target/release/innerward --work DIR --json FILE --entries 100000 1000000 [--hashes skewed random]
    near.py --json FILE --svg docs/near-search.svg

`innerward bench` makes the codes and the queries, into DIR, and measures itself; the tools of near_tools.py read them.
Packages of requirements.txt must be installed. Linux, for `taskset`.

Every tool builds its index once and warms up, innerward in each of its turns. Then each makes a pass over all queries, then
the next does, for --rounds rounds. What counts is processor time a query, which other work disturbs less than the clock.
Near look-ups are within 31 bits, exact ones of SHA-256; all tools here are complete, so the numbers of matches must be
equal, or nothing is shown. Results are added to FILE, in place of those of the same size and kind; the second form draws
the chart from it. 10,000,000 entries take about 8 GB of memory.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

import near_chart
from near_tools import TOOLS

NEAR, EXACT, EXACT_MANY = "innerward", "innerward, one by one", "innerward, a thousand together"


class Peer:
    """A tool in a process of its own, with its index built."""

    def __init__(self, name, core, folder):
        kind = TOOLS[name][1]
        script = Path(__file__).with_name("near_tools.py")
        files = [folder / f"{kind}.bin", folder / f"{kind}-queries.bin"]
        command = ["taskset", "-c", core, sys.executable, script, name, *files]
        self.process = subprocess.Popen(list(map(str, command)), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.built = self.line()

    def line(self):
        line = self.process.stdout.readline()
        assert line, "the tool has ended early"
        return json.loads(line)

    def turn(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return self.line()

    def end(self):
        self.process.stdin.close()
        self.process.wait()


def turn_of_innerward(args, entries, hashes, folder):
    options = ["--entries", entries, "--hashes", hashes, "--queries", args.queries, "--write-codes", folder, "--repeat", 3]
    command = ["taskset", "-c", args.core, args.innerward, "--threads", 1, "--format", "json", "bench", "--only", "index"]
    output = subprocess.run(list(map(str, command + options)), check=True, text=True, stdout=subprocess.PIPE).stdout
    lines = {line["type"]: line["data"] for line in map(json.loads, output.splitlines())}
    near, exact = lines["near"], lines["exact"]

    def turn(figures, seconds, **more):
        size = figures["bytes_per_entry"] * entries
        built = {"build_seconds": figures["build_seconds"], "bytes": size}
        return {"seconds": seconds or figures["seconds"], "matches": figures["hits"], "open_seconds": figures["open_seconds"], **built, **more}

    return {
        ("pdq", NEAR): turn(near, near["processor_seconds"], median=near["seconds"], p99=near["seconds_p99"]),
        ("sha256", EXACT): turn(exact, exact["processor_seconds"]),
        ("sha256", EXACT_MANY): turn(exact, exact["batch_processor_seconds"]),
    }


def measure(args, entries, hashes):
    folder = args.work / f"{hashes}-{entries}"
    turns, peers = {}, {}
    for number in range(args.rounds):
        for key, turn in turn_of_innerward(args, entries, hashes, folder).items():
            turns.setdefault(key, []).append(turn)
        if number == 0:
            names = [name for name in args.tools if entries <= TOOLS[name][2]]
            peers = {name: Peer(name, args.core, folder) for name in names}
        for name, peer in peers.items():
            shown, kind = TOOLS[name][:2]
            turns.setdefault((kind, shown), []).append(peer.turn() | peer.built)
        print(f"{hashes}, {entries:,}: round {number + 1} of {args.rounds}", file=sys.stderr)
    for peer in peers.values():
        peer.end()
    for kind in ["pdq", "sha256"]:
        found = {key: {turn["matches"] for turn in made} for key, made in turns.items() if key[0] == kind}
        assert len(set().union(*found.values())) == 1, f"the tools do not find the same: {found}"
    rows = [row(kind, tool, made, entries) for (kind, tool), made in turns.items()]
    return {"entries": entries, "hashes": hashes, "queries": args.queries, "machine": machine(args), "rows": rows}


def row(kind, tool, turns, entries):
    micros = sorted(1e6 * turn["seconds"] for turn in turns)
    best = {key: min(turn[key] for turn in turns) for key in ["build_seconds", "bytes", "open_seconds"] if key in turns[0]}
    clock = {
        f"{key}_micros": round(1e6 * statistics.median(turn[key] for turn in turns), 3)
        for key in ["median", "p99"]
        if key in turns[0]
    }
    return {
        "kind": kind,
        "tool": tool,
        "micros": round(statistics.median(micros), 4),
        "least": round(micros[0], 4),
        "most": round(micros[-1], 4),
        "matches": turns[0]["matches"],
        "bytes_per_entry": round(best.pop("bytes") / entries, 1),
        **clock,
        **best,
    }


def machine(args):
    with open("/proc/cpuinfo", encoding="ascii") as info:
        model = [line.split(":")[1].strip() for line in info if line.startswith("model name")]
    version = subprocess.run([args.innerward, "--version"], check=True, text=True, stdout=subprocess.PIPE).stdout.strip()
    return {
        "on": time.strftime("%Y-%m-%d"),
        "processor": model[0] if model else os.uname().machine,
        "innerward": version,
        "rounds": args.rounds,
        "load": [round(load, 1) for load in os.getloadavg()],
    }


def digits(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def as_markdown(results):
    lines = []
    for kind, title in [("pdq", "near, PDQ within 31 bits"), ("sha256", "exact, SHA-256")]:
        lines += [f"### {title}", ""]
        lines += ["| codes | tool | µs a query | range | times innerward's | matches | bytes an entry | built in s |"]
        lines += ["|---|---|---|---|---|---|---|---|"]
        for result in results:
            rows = [row for row in result["rows"] if row["kind"] == kind]
            if kind == "sha256" and any(other["entries"] == result["entries"] for other in results[: results.index(result)]):
                continue  # digests are the same whatever the PDQ hashes are
            for row in rows:
                cells = [
                    f"{result['entries']:,}" + (f" {result['hashes']}" if kind == "pdq" else ""),
                    row["tool"],
                    digits(row["micros"]),
                    f"{digits(row['least'])}–{digits(row['most'])}",
                    digits(row["micros"] / rows[0]["micros"]),
                    f"{row['matches']:,}",
                    digits(row["bytes_per_entry"]),
                    digits(row["build_seconds"]),
                ]
                lines += ["| " + " | ".join(cells) + " |"]
        lines += [""]
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--innerward", type=Path)
    parser.add_argument("--work", type=Path, help="folder for codes and queries")
    parser.add_argument("--json", type=Path, required=True, help="file that results are added to")
    parser.add_argument("--svg", type=Path, help="draw the chart of what is in --json")
    parser.add_argument("--entries", type=int, nargs="*", default=[])
    parser.add_argument("--hashes", nargs="*", choices=["skewed", "random"], default=["skewed"])
    parser.add_argument("--tools", nargs="*", choices=list(TOOLS), default=list(TOOLS), help="which tools, by itself all")
    parser.add_argument("--queries", type=int, default=1000, help="near queries; exact ones are a hundred times as many")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--core", default="1")
    args = parser.parse_args()
    if args.entries and not (args.innerward and args.work):
        parser.error("--entries needs --innerward and --work")
    results = json.loads(args.json.read_text(encoding="utf-8")) if args.json.exists() else []
    for entries in args.entries:
        for hashes in args.hashes:
            new = measure(args, entries, hashes)
            others = [old for old in results if (old["entries"], old["hashes"]) != (entries, hashes)]
            results = sorted([*others, new], key=lambda result: (result["entries"], result["hashes"] == "random"))
            args.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    if args.svg:
        args.svg.write_text(near_chart.draw(results), encoding="utf-8")
    print(as_markdown(results))


if __name__ == "__main__":
    main()
