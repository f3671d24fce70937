"""The classic hashes of the library image_hasher 3.1, from a description of what it does, in float64.

Grey is the luminance of BT.709's primaries with white D65, of the values as they stand, rounded. The grey picture is resized by a Lanczos filter of three lobes,
first its height, then its width, weights normalised, rounded to 8 bits at the end. Bits are packed lowest first.

Where a bit hangs on a rounding there is no value: float32 sums, as the library has them, may fall on the other side
of a half there, so a golden value must not rest on it. The gradients behind a cosine transform are not modelled: the
library transposes pictures that are no squares by a rule of its own, which would have to be copied.
"""

import math

import numpy as np

# Further from a rounding, or from a threshold, than float32 sums of this length go astray.
MARGIN = 1e-3
# The same for one grey level, a sum of three.
GREY_MARGIN = 5e-4
# The same for cosine transforms of up to 64 by 64 values of up to 255, relative to the largest coefficient.
DCT_MARGIN = 1e-5


def _luminance():
    """The share of red, green and blue in Y, from the chromaticities of BT.709 and of D65."""
    def xyz(x, y):
        return np.array([x / y, 1.0, (1 - x - y) / y])
    return np.linalg.solve(
        np.column_stack([xyz(0.64, 0.33), xyz(0.30, 0.60), xyz(0.15, 0.06)]), xyz(0.31272, 0.32903)
    )


def grey(pixels):
    """Levels, and 1 for those that might be one more or less."""
    if pixels.ndim == 2:
        return pixels.astype(np.int64), np.zeros(pixels.shape)
    exact = pixels @ _luminance()
    levels = np.floor(exact + 0.5)
    return levels.astype(np.int64), (abs(abs(exact - levels) - 0.5) < GREY_MARGIN).astype(float)


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


def resized(source, width, height):
    """8-bit levels, and by how much each may be off."""
    levels, doubt = source
    if levels.shape == (height, width):
        return levels, doubt.astype(np.int64)
    down, across = _weights(levels.shape[0], height), _weights(levels.shape[1], width)
    exact = down @ levels @ across.T
    shift = abs(down) @ doubt @ abs(across).T + MARGIN
    low, found, high = (
        np.floor(np.clip(value, 0, 255) + 0.5).astype(np.int64) for value in (exact - shift, exact, exact + shift)
    )
    return found, np.maximum(high - found, found - low)


def _mean_or_median(levels, doubt, algorithm):
    if algorithm == "mean":
        low, high = ((levels + sign * doubt).sum() // levels.size for sign in (-1, 1))
    else:
        def median(values):
            ordered = np.sort(values, axis=None)
            return (ordered[ordered.size // 2 - 1] + ordered[ordered.size // 2]) // 2
        low, high = median(levels - doubt), median(levels + doubt)
    if low != high or ((doubt > 0) & (abs(levels - low) <= doubt)).any():
        return None
    return (levels >= low).ravel()


def _gradient(levels, doubt):
    """True where a level is above the one before it, row by row; and whether that is beyond doubt."""
    rise, doubt = np.diff(levels, axis=1), doubt[:, :-1] + doubt[:, 1:]
    return (rise > 0).ravel(), ((doubt == 0) | (abs(rise) > doubt)).all()


def _vertical(levels, doubt):
    return _gradient(levels.T, doubt.T)


def _dct(levels):
    """DCT-II of rows, then of columns, without factors in front."""
    def matrix(size):
        at = np.arange(size)
        return np.cos(np.pi / size * np.outer(at, at + 0.5))
    return matrix(levels.shape[0]) @ levels @ matrix(levels.shape[1]).T


def _transformed(source, side, algorithm):
    """Mean or median of the low frequencies of a square of twice the side."""
    square, doubt = resized(source, 2 * side, 2 * side)
    if doubt.any():
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
    source = grey(pixels)
    if kind.endswith("-dct"):
        return _transformed(source, side, algorithm) if algorithm in ("mean", "median") else None
    if algorithm in ("mean", "median"):
        return _mean_or_median(*resized(source, side, side), algorithm)
    if algorithm == "gradient":
        found, fine = _gradient(*resized(source, side + 1, side))
    elif algorithm == "vert-gradient":
        found, fine = _vertical(*resized(source, side, side + 1))
    else:
        small = resized(source, side // 2 + 1, side // 2 + 1)
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
