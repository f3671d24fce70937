"""The tools that near.py measures: each builds an index of the codes in a file, and answers all queries one by one.

    near_tools.py NAME CODES QUERIES

runs one of them as a process of its own: it builds, prints a line, and then makes a pass for each line that it is given.
Every line printed is JSON. Codes and queries are 32 bytes each.
"""

import json
import sys
import time
from pathlib import Path

SIZE = 32
WITHIN = 31


def split(path):
    data = Path(path).read_bytes()
    return [data[at : at + SIZE] for at in range(0, len(data), SIZE)]


def matrix(path):
    import numpy

    return numpy.fromfile(path, dtype=numpy.uint8).reshape(-1, SIZE)


def faiss_index(make):
    def build(codes, queries):
        import faiss

        faiss.omp_set_num_threads(1)
        index = make(faiss)
        index.add(matrix(codes))
        rows = matrix(queries)
        bound = WITHIN + 1  # FAISS leaves its bound out
        return range(len(rows)), lambda number: int(index.range_search(rows[number : number + 1], bound)[0][1])

    return build


def multi_hash(faiss):
    """As tx and HMA have it: 16 tables of 16 bits, one bit flipped in each, which misses nothing within 31."""
    index = faiss.IndexBinaryMultiHash(8 * SIZE, 16, 16)
    index.nflip = 1
    return index


def flat(faiss):
    return faiss.IndexBinaryFlat(8 * SIZE)


def tx(codes, queries):
    import faiss
    from threatexchange.signal_type.pdq.pdq_index import PDQIndex

    faiss.omp_set_num_threads(1)
    index = PDQIndex((code.hex(), number) for number, code in enumerate(split(codes)))
    return [query.hex() for query in split(queries)], lambda query: len(index.query(query))


def python_set(codes, queries):
    codes = set(split(codes))
    return split(queries), lambda query: query in codes


def sqlite(codes, queries):
    import sqlite3

    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE codes (code BLOB PRIMARY KEY) WITHOUT ROWID")
    database.executemany("INSERT INTO codes VALUES (?)", ((code,) for code in sorted(split(codes))))
    database.commit()
    ask = "SELECT 1 FROM codes WHERE code = ?"
    return split(queries), lambda query: len(database.execute(ask, (query,)).fetchall())


# Of each tool what is shown of it, the kind of codes, the most codes it is given, and how it is built.
TOOLS = {
    "faiss-multi-hash": ("FAISS IndexBinaryMultiHash", "pdq", 10_000_000, faiss_index(multi_hash)),
    "faiss-flat": ("FAISS IndexBinaryFlat", "pdq", 10_000_000, faiss_index(flat)),
    "tx": ("tx (PDQIndex.query)", "pdq", 1_000_000, tx),
    "python-set": ("Python set", "sha256", 10_000_000, python_set),
    "sqlite": ("SQLite, in memory", "sha256", 10_000_000, sqlite),
}


def resident_bytes():
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * 4096


def say(**line):
    print(json.dumps(line), flush=True)


def main():
    name, codes, queries = sys.argv[1:]
    _, kind, _, build = TOOLS[name]
    if kind == "pdq":
        # Libraries are loaded first, so that neither their time nor their memory is the index's.
        import faiss
        import threatexchange.signal_type.pdq.pdq_index
    before, start = resident_bytes(), time.process_time()
    asked, answer = build(codes, queries)
    say(build_seconds=time.process_time() - start, bytes=resident_bytes() - before)
    for query in asked[: len(asked) // 10]:
        answer(query)  # warms up
    for _ in sys.stdin:
        matches, singles, start = 0, [], time.process_time()
        for query in asked:
            begin = time.perf_counter()
            matches += answer(query)
            singles.append(time.perf_counter() - begin)
        spent = time.process_time() - start
        singles.sort()
        median, p99 = singles[len(singles) // 2], singles[len(singles) * 99 // 100]
        say(seconds=spent / len(asked), median=median, p99=p99, matches=matches)


if __name__ == "__main__":
    main()
