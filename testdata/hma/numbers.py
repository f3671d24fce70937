"""Writes numbers.csv: the bank_content_id of keys, computed without innerward. Needs the package `blake3`."""

import csv
import sys

from blake3 import blake3

KEYS = [
    "hma:0", "hma:1", "hma:17", "hma:2147483647", "hma:4294967295", "hma:4294967296", "hma:017", "hma:", "HMA:1",
    "a", "7-demo-1", "a4c9489700fca29c", "a4c9489700fca29c-2", "d44350e756880069", "key of an entry", "ä",
    # Two of one number, found by Pollard's rho.
    "2d69e2702ba221", "6e46abeae01450",
]


def number(key):
    """HMA's own number of a key `hma:N`; of any other one of 2^32 to 2^53, drawn from the key."""
    digits = key.removeprefix("hma:")
    if digits != key and digits.isascii() and digits.isdigit() and str(int(digits)) == digits and int(digits) < 2**32:
        return int(digits)
    drawn = blake3(key.encode(), derive_key_context="innerward 2026 hma content id").digest(8)
    return 2**32 + int.from_bytes(drawn, "little") % (2**53 - 2**32)


out = csv.writer(open(sys.argv[1] if len(sys.argv) > 1 else "numbers.csv", "w", newline=""), lineterminator="\n")
out.writerow(["key", "number"])
out.writerows([key, number(key)] for key in KEYS)
