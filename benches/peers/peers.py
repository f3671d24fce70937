#!/usr/bin/env python3
"""Measures innerward beside what people use instead: the same files, one core, turn by turn.

    peers.py --innerward target/release/innerward --work DIR pictures SET...
    peers.py --innerward target/release/innerward --work DIR digests [--mib 1024]

SET is a folder of pictures, such as photos.py makes. Packages of requirements.txt must be installed; DIR takes what is
built and made: Meta's C++ hasher from the source that the pinned pdqhash package carries (g++, libjpeg, libpng), the
Rust crate pdqhash, the files for digests (hashdeep and rhash must be installed). Linux, for `taskset`.

Every tool makes a pass over the files, then the next tool does, and so on for --rounds rounds, so that a busy minute of
the machine falls on all. What counts is processor time, which other work disturbs less than the clock. For pictures a
pass is timed inside the tool, after a warm-up, without its start; files are in memory where the tool can take them so,
else in the page cache. For digests it is the whole process, files in the page cache. Shown: median and range of the rounds, and how many times innerward's median goes
into the tool's. Distances are in bits, from what tx computes.
"""

import argparse
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tarfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
SDIST = "pdqhash==0.2.8"
SUFFIXES = {".jpg", ".jpeg", ".png"}
FIDELITIES = ["reference", "luma", "fast"]


def run(command, **more):
    return subprocess.run(list(map(str, command)), check=True, text=True, capture_output=True, **more).stdout


# --- Pictures: each tool takes the core and the files, and gives the seconds of a pass and a hash a file. ---


def timed_lines(output):
    """Of tools that print processor seconds, then a hash a line."""
    seconds, *hashes = output.split()
    return float(seconds), hashes


def tool_in_python(name):
    return lambda core, files: timed_lines(run(["taskset", "-c", core, sys.executable, __file__, "pass", name, *files]))


def tool_as_program(program):
    return lambda core, files: timed_lines(run(["taskset", "-c", core, program, *files]))


def tool_innerward(program, fidelity):
    def once(core, files):
        options = ["--only", "pictures", "--repeat", 1, "--fidelity", fidelity, "--format", "json"]
        lines = run(["taskset", "-c", core, program, "bench", *options, *files]).splitlines()
        speeds = [line["data"] for line in map(json.loads, lines) if line["type"] == "speed"]
        speed = next(speed for speed in speeds if speed["work"] == "pictures")
        assert speed["items"] == len(files), "a picture was not hashed"
        return speed["processor_seconds"], []

    return once


def hashes_of_innerward(program, fidelity, files):
    # Exit code 4: a part of some file, such as a second frame, was not checked.
    done = subprocess.run([program, "hash", "--fidelity", fidelity, "--format", "json", *files], text=True, capture_output=True, check=False)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return [line["data"]["pdq"] for line in lines if line["type"] == "hash"]


def pass_in_python(name, files):
    """One timed pass in this process."""
    import io

    from PIL import Image

    Image.MAX_IMAGE_PIXELS = None
    if name == "tx":
        from threatexchange.signal_type.pdq.pdq_hasher import pdq_from_bytes

        work = lambda data: pdq_from_bytes(data)[0]
    else:

        def work(data):
            picture = Image.open(io.BytesIO(data))
            picture.draft("L", (picture.width // 8, picture.height // 8))
            picture.load()
            return "-"

    data = [Path(file).read_bytes() for file in files]
    work(data[0])
    start = time.process_time()
    hashes = [work(one) for one in data]
    print(f"{time.process_time() - start:.6f}", *hashes, sep="\n")


def build_meta(work):
    """Meta's hasher, from the source in the sdist of the Python binding."""
    program = work / "meta-photo-hasher"
    source = HERE / "cpp/photo_hasher.cpp"
    if not program.exists() or program.stat().st_mtime < source.stat().st_mtime:
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", "pdqhash", "-d", work, SDIST]
        run(command)
        with tarfile.open(next(work.glob("pdqhash-*.tar.gz"))) as archive:
            archive.extractall(work, filter="data")
        root = next(path for path in work.glob("pdqhash-*") if path.is_dir()) / "ThreatExchange"
        cpp = root / "pdq" / "cpp"
        sources = [*cpp.glob("common/*.cpp"), *cpp.glob("downscaling/*.cpp"), *cpp.glob("hashing/*.cpp"), cpp / "io/pdqio.cpp"]
        # CImg reads JPEG and PNG itself when it is told that the libraries are there.
        options = ["-O3", "-std=c++14", f"-I{root}", f"-I{cpp}", "-Dcimg_use_jpeg", "-Dcimg_use_png", "-Dcimg_display=0"]
        libraries = ["-ljpeg", "-lpng", "-lpthread"]
        run(["g++", *options, source, *sources, "-o", program, *libraries])
    return program


def build_rust(work):
    target = work / "rust-pdqhash"
    manifest = HERE / "rust-pdqhash/Cargo.toml"
    environment = {**os.environ, "RUSTFLAGS": "-C target-cpu=native"}
    run(["cargo", "build", "--release", "--manifest-path", manifest, "--target-dir", target], env=environment)
    return target / "release/rust-pdqhash"


def pictures(args):
    tools = {f"innerward, {fidelity}": tool_innerward(args.innerward, fidelity) for fidelity in FIDELITIES}
    tools["Meta C++, libjpeg, 512 x 512"] = tool_as_program(build_meta(args.work))
    tools["tx (Pillow, pdqhash 0.2.8)"] = tool_in_python("tx")
    tools["Rust pdqhash 0.1.1"] = tool_as_program(build_rust(args.work))
    tools["libjpeg-turbo at 1/8, no hash (Pillow)"] = tool_in_python("draft")
    results = []
    for folder in args.sets:
        files = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)[: args.files]
        hashes = {name: [] for name in tools}
        seconds = rounds(args, {name: lambda core, name=name: measure(tools[name], core, files, hashes, name) for name in tools})
        for fidelity in FIDELITIES:
            hashes[f"innerward, {fidelity}"] = hashes_of_innerward(args.innerward, fidelity, files)
        rows = rows_of(seconds, 1000 / len(files))
        for row in rows:
            row["bits"] = distances(hashes[row["tool"]], hashes["tx (Pillow, pdqhash 0.2.8)"])
        results.append({"set": folder.name, "files": len(files), "unit": "ms a picture", "rows": rows})
    return results


def measure(tool, core, files, hashes, name):
    seconds, hashes[name] = tool(core, files)
    return seconds


def distances(hashes, others):
    """Mean and greatest distance, None where there is no hash."""
    pairs = [(a, b) for a, b in zip(hashes, others) if a not in (None, "-")]
    if not pairs:
        return None
    bits = [(int(a, 16) ^ int(b, 16)).bit_count() for a, b in pairs]
    return [round(statistics.mean(bits), 2), max(bits)]


# --- Digests ---


def make_files(folder, mib):
    """Files of random bytes, as many in each octave from 4 KiB to 64 MiB."""
    if not folder.exists():
        folder.mkdir(parents=True)
        draw, left, number = random.Random(1), mib << 20, 0
        while left > 0:
            size = min(left, int(2 ** draw.uniform(12, 26)))
            (folder / f"{number:05}.bin").write_bytes(draw.randbytes(size))
            left, number = left - size, number + 1
    return sorted(folder.iterdir())


def processor_seconds(command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(list(map(str, command)), check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def digests(args):
    files = make_files(args.work / f"digests-{args.mib}", args.mib)
    commands = {
        "innerward hash (MD5, SHA-1, SHA-256, BLAKE3)": [args.innerward, "hash", "--format", "json", *files],
        "rhash (MD5, SHA-1, SHA-256)": ["rhash", "--md5", "--sha1", "--sha256", *files],
        "hashdeep (MD5, SHA-1, SHA-256)": ["hashdeep", "-j0", "-c", "md5,sha1,sha256", *files],
        "sha256sum (SHA-256)": ["sha256sum", *files],
    }
    for file in files:
        file.read_bytes() # into the page cache
    tools = {
        name: lambda core, command=command: processor_seconds(["taskset", "-c", core, *command])
        for name, command in commands.items()
    }
    rows = rows_of(rounds(args, tools), 1)
    megabytes = sum(file.stat().st_size for file in files) / 1e6
    for row in rows:
        row["mb_per_second"] = round(megabytes / row["median"])
    return [{"set": f"{args.mib} MiB in {len(files)} files", "files": len(files), "unit": "processor seconds", "rows": rows}]


# --- Common ---


def rounds(args, tools):
    seconds = {name: [] for name in tools}
    for number in range(args.rounds):
        for name, tool in tools.items():
            seconds[name].append(tool(args.core))
        print(f"round {number + 1} of {args.rounds}", file=sys.stderr)
    return seconds


def rows_of(seconds, scale):
    own = statistics.median(next(iter(seconds.values())))
    return [
        {
            "tool": name,
            "median": round(statistics.median(values) * scale, 3),
            "least": round(min(values) * scale, 3),
            "most": round(max(values) * scale, 3),
            "times": round(statistics.median(values) / own, 2),
        }
        for name, values in seconds.items()
    ]


def as_markdown(results):
    lines = []
    for result in results:
        rate = "mb_per_second" in result["rows"][0]
        lines += [f"### {result['set']}, {result['files']} files", ""]
        lines += [f"| tool | {result['unit']} | range | times | {'MB/s' if rate else 'bits from tx, mean and most'} |"]
        lines += ["|---|---|---|---|---|"]
        for row in result["rows"]:
            last = row["mb_per_second"] if rate else "–" if row["bits"] is None else "{}, {}".format(*row["bits"])
            lines += [f"| {row['tool']} | {row['median']:.3g} | {row['least']:.3g}–{row['most']:.3g} | {row['times']:.2g} | {last} |"]
        lines += [""]
    return "\n".join(lines)


def versions(args):
    def first_line(command):
        return run(command).splitlines()[0]

    model = [line.split(":")[1].strip() for line in open("/proc/cpuinfo", encoding="ascii") if line.startswith("model name")]
    return {
        "on": time.strftime("%Y-%m-%d"),
        "processor": model[0] if model else os.uname().machine,
        "innerward": first_line([args.innerward, "--version"]),
        "rounds": args.rounds,
        "load": os.getloadavg(),
    }


def main():
    if sys.argv[1:2] == ["pass"]:
        return pass_in_python(sys.argv[2], sys.argv[3:])
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--innerward", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True, help="folder for what is built and made")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--core", default="1")
    parser.add_argument("--json", type=Path, help="write the results there as well")
    verbs = parser.add_subparsers(dest="verb", required=True)
    verb = verbs.add_parser("pictures")
    verb.add_argument("sets", type=Path, nargs="+")
    verb.add_argument("--files", type=int, help="take only the first so many of each set")
    verb = verbs.add_parser("digests")
    verb.add_argument("--mib", type=int, default=1024)
    args = parser.parse_args()
    args.work.mkdir(parents=True, exist_ok=True)
    results = pictures(args) if args.verb == "pictures" else digests(args)
    machine = versions(args)
    if args.json:
        args.json.write_text(json.dumps({"machine": machine, "results": results}, indent=1) + "\n")
    print(", ".join(f"{key}: {value}" for key, value in machine.items()), end="\n\n")
    print(as_markdown(results))


if __name__ == "__main__":
    main()
