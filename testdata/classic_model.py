"""The classic hashes of the library image_hasher 3.1, from a description of what it does, in float64.

Grey is (2126 R + 7152 G + 722 B) / 10000 in integers. The grey picture is resized by a Lanczos filter of three lobes,
first its height, then its width, weights normalised, rounded to 8 bits at the end. Bits are packed lowest first.

Where a bit hangs on a rounding there is no value: float32 sums, as the library has them, may fall on the other side
of a half there, so a golden value must not rest on it. The gradients behind a cosine transform are not modelled: the
library transposes pictures that are no squares by a rule of its own, which would have to be copied.
"""

import math

import numpy as np

# Further from a rounding, or from a threshold, than float32 sums of this length go astray.
MARGIN = 1e-3
# The same for cosine transforms of up to 64 by 64 values of up to 255, relative to the largest coefficient.
DCT_MARGIN = 1e-5


def grey(pixels):
    pixels = pixels.astype(np.int64)
    if pixels.ndim == 2:
        return pixels
    return (pixels @ np.array([2126, 7152, 722])) // 10000


def _weights(size, wanted):
    ratio = size / wanted
    stretch = max(ratio, 1.0)
    rows = np.zeros((wanted, size))
    for out in range(wanted):
        centre = (out + 0.5) * ratio
        left = min(max(math.floor(centre - 3 * stretch), 0), size - 1)
        right = min(max(math.ceil(centre + 3 * stretch), left + 1), size)
        for at in range(left, right):
            x = (at - (centre - 0.5)) / stretch
            rows[out, at] = np.sinc(x) * np.sinc(x / 3) if abs(x) < 3 else 0.0
        rows[out] /= rows[out].sum()
    return rows


def resized(levels, width, height):
    """8-bit levels, and True for those that are not near a half. A level in doubt is off by one at most."""
    if levels.shape == (height, width):
        return levels, np.ones(levels.shape, bool)
    exact = _weights(levels.shape[0], height) @ levels @ _weights(levels.shape[1], width).T
    exact = np.clip(exact, 0, 255)
    sure = abs(exact - np.floor(exact) - 0.5) > MARGIN
    return np.floor(exact + 0.5).astype(np.int64), sure


def _compared(first, second, sure_first, sure_second):
    """True where second > first; two levels whose roundings are in doubt may still be far apart."""
    doubt = (~sure_first).astype(np.int64) + ~sure_second
    return second > first, (doubt == 0) | (abs(second - first) > doubt)


def _mean_or_median(levels, sure, algorithm):
    doubt = (~sure).astype(np.int64)
    if algorithm == "mean":
        low, high = ((levels + sign * doubt).sum() // levels.size for sign in (-1, 1))
    else:
        def median(values):
            ordered = np.sort(values, axis=None)
            return (ordered[ordered.size // 2 - 1] + ordered[ordered.size // 2]) // 2
        low, high = median(levels - doubt), median(levels + doubt)
    if low != high or (~sure & (abs(levels - low) <= 1)).any():
        return None
    return (levels >= low).ravel()


def _gradient(levels, sure):
    bits, fine = _compared(levels[:, :-1], levels[:, 1:], sure[:, :-1], sure[:, 1:])
    return bits.ravel(), fine.all()


def _vertical(levels, sure):
    bits, fine = _compared(levels[:-1], levels[1:], sure[:-1], sure[1:])
    return bits.T.ravel(), fine.all()


def _dct(levels):
    """DCT-II of rows, then of columns, without factors in front."""
    def matrix(size):
        at = np.arange(size)
        return np.cos(np.pi / size * np.outer(at, at + 0.5))
    return matrix(levels.shape[0]) @ levels @ matrix(levels.shape[1]).T


def _transformed(levels, side, algorithm):
    """Mean or median of the low frequencies of a square of twice the side."""
    square, sure = resized(levels, 2 * side, 2 * side)
    if not sure.all():
        return None
    low = _dct(square)[:side, :side]
    if algorithm == "mean":
        limit = low.mean()
    else:
        ordered = np.sort(low, axis=None)
        limit = (ordered[low.size // 2 - 1] + ordered[low.size // 2]) / 2
    if (abs(low - limit) <= DCT_MARGIN * abs(low).max()).any():
        return None
    return (low >= limit).ravel()


def _blockhash(pixels, side):
    """Sums of blocks against the median of the quarter that they are in; only where blocks are whole pixels."""
    sums = pixels.astype(np.int64)
    # The library sees a grey picture as one of three equal channels.
    sums = sums * 3 if sums.ndim == 2 else sums.sum(axis=2)
    height, width = sums.shape
    if width % side or height % side:
        return None
    area = (width // side) * (height // side)
    blocks = sums.reshape(side, height // side, side, width // side).sum(axis=(1, 3)).ravel()
    half = 255 * 3 * area // 2
    bits = []
    for group in blocks.reshape(-1, side * 4):
        # The library takes the upper one of the two in the middle.
        median = np.sort(group)[len(group) // 2]
        bits.extend((group > median) | ((group == median) & (median > half)))
    return np.array(bits)


def bits(pixels, kind):
    """The bits of `gradient8`, `median16-dct` …; None if they hang on a rounding, or are not modelled."""
    plain = kind.removesuffix("-dct")
    algorithm = plain.rstrip("0123456789")
    side = int(plain[len(algorithm):])
    if algorithm == "blockhash":
        return _blockhash(pixels, side)
    levels = grey(pixels)
    if kind.endswith("-dct"):
        return _transformed(levels, side, algorithm) if algorithm in ("mean", "median") else None
    if algorithm in ("mean", "median"):
        return _mean_or_median(*resized(levels, side, side), algorithm)
    if algorithm == "gradient":
        found, fine = _gradient(*resized(levels, side + 1, side))
    elif algorithm == "vert-gradient":
        found, fine = _vertical(*resized(levels, side, side + 1))
    else:
        small = resized(levels, side // 2 + 1, side // 2 + 1)
        across, fine_across = _gradient(*small)
        down, fine_down = _vertical(*small)
        found, fine = np.concatenate([across, down]), fine_across and fine_down
    return found if fine else None


KINDS = [
    f"{algorithm}{side}{end}"
    for algorithm in ("mean", "median", "gradient", "vert-gradient", "double-gradient", "blockhash")
    for end in ("", "-dct")
    for side in (8, 16, 32)
    if not (end and algorithm == "blockhash")
]


def hexadecimal(found):
    return np.packbits(found, bitorder="little").tobytes().hex()
