"""PDQ in float64, for two questions that pdqhash does not answer.

How far are the coefficients of a golden picture from the threshold, so that no legal order of additions flips a bit;
and which coefficients make which of the eight orientations. Golden hashes themselves come from pdqhash.
"""

import numpy as np

TRANSFORMS = ["original", "rotate90", "rotate180", "rotate270", "flipx", "flipy", "flipplus1", "flipminus1"]

ROWS, COLUMNS = np.indices((16, 16))
ODD_ROW, ODD_COLUMN, EVEN_SUM = ROWS % 2 == 1, COLUMNS % 2 == 1, (ROWS + COLUMNS) % 2 == 0


def box(values, width):
    """The mean over a window along the last axis, clipped at the ends."""
    n = values.shape[-1]
    half = (width + 2) // 2
    sums = np.concatenate([np.zeros((*values.shape[:-1], 1)), np.cumsum(values, axis=-1)], axis=-1)
    first = np.maximum(np.arange(n) - (width - half), 0)
    end = np.minimum(np.arange(n) + half, n)
    return (sums[..., end] - sums[..., first]) / (end - first)


def coefficients(pixels):
    """The 16 x 16 DCT coefficients of an RGB array."""
    image = pixels.astype(np.float64) @ [0.299, 0.587, 0.114]
    rows, columns = image.shape
    if (rows, columns) != (64, 64):
        for _ in range(2):
            image = box(image, (columns + 127) // 128)
            image = box(image.T, (rows + 127) // 128).T
    pick = np.arange(64) + 0.5
    image = image[np.ix_((pick * rows / 64).astype(int), (pick * columns / 64).astype(int))]
    i, j = np.arange(16)[:, None], np.arange(64)
    dct = np.sqrt(2 / 64) * np.cos(np.pi / 128 * (i + 1) * (2 * j + 1))
    return dct @ image @ dct.T


def oriented(b):
    """The coefficients of the eight orientations, by name."""
    signed = lambda keep: np.where(keep, b, -b)
    return dict(
        zip(
            TRANSFORMS,
            [
                b,
                signed(ODD_COLUMN).T,
                signed(EVEN_SUM),
                signed(ODD_ROW).T,
                signed(ODD_ROW),
                signed(ODD_COLUMN),
                b.T,
                signed(EVEN_SUM).T,
            ],
        )
    )


def bits(b):
    """Hexadecimal digits, and the distance of the nearest coefficient from the threshold."""
    threshold = np.sort(b.ravel())[127]
    # first digit: bits 255 to 252, bit number 16 i + j
    code = int("".join("1" if value > threshold else "0" for value in b.ravel()[::-1]), 2)
    return f"{code:064x}", np.min(np.abs(np.delete(b.ravel(), np.argsort(b.ravel())[127]) - threshold))
