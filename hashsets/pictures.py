"""The demo's synthetic pictures, a second implementation beside `src/cli/demo/pictures.rs`.

Written in numpy from the description in that file's header, so that each checks the other: `make.py` prints one
digest over every BMP, and a test of the Rust file expects it. Integers only, so the bytes are the same everywhere.
"""

import io
import struct

import numpy as np
from PIL import Image

SEED = 0x696E6E6572776172  # "innerwar" in ASCII
COUNT = 2000
# first index of each part; the part ends where the next begins
PARTS = {"listed": 0, "edited": 260, "good": 730, "plain": 850, "cut": 890, "unlisted": 910}
SIZES = [(120, 120), (120, 88), (88, 120), (120, 104), (104, 120)]
CELLS = [(32, 3), (16, 4), (8, 3)]  # lattice step in pixels, weight
EDITS = ["recompressed", "brighter", "smaller", "label", "blocks", "cropped", "turned", "mirrored"]

MASK = (1 << 64) - 1


def mix(z):
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


class Draw:
    """SplitMix64, seeded by the index of a picture."""

    def __init__(self, index):
        self.state = mix(SEED ^ index)

    def below(self, n):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        return ((mix(self.state) >> 32) * n) >> 32

    def between(self, low, high):
        """Both ends included."""
        return low + self.below(high - low + 1)


def base(index):
    """The picture before any edit: an array of height, width, RGB."""
    draw = Draw(index)
    width, height = SIZES[draw.below(len(SIZES))]
    x, y = np.arange(width), np.arange(height)
    level = np.zeros((height, width), dtype=np.int64)
    for cell, weight in CELLS:
        columns, rows = -(-width // cell) + 1, -(-height // cell) + 1
        lattice = np.array([draw.below(256) for _ in range(rows * columns)], dtype=np.int64).reshape(
            rows, columns
        )
        sx, sy = (smooth(v % cell * (256 // cell)) for v in (x, y))
        left, top = x // cell, (y // cell)[:, None]
        upper = lattice[top, left] * (256 - sx) + lattice[top, left + 1] * sx
        lower = lattice[top + 1, left] * (256 - sx) + lattice[top + 1, left + 1] * sx
        level += weight * (upper * (256 - sy[:, None]) + lower * sy[:, None])
    total = sum(weight for _, weight in CELLS)
    contrast = draw.between(3, 5)
    level = 128 + ((level // (total * 256) - (128 << 8)) * contrast >> 8)

    xx, yy = np.meshgrid(x, y)
    slope_x, slope_y = draw.between(-64, 64), draw.between(-64, 64)
    level += (xx - width // 2) * slope_x + (yy - height // 2) * slope_y >> 6
    for _ in range(draw.between(2, 5)):
        cx, cy, radius, lift = (
            draw.below(width),
            draw.below(height),
            draw.between(12, 44),
            draw.between(-160, 160),
        )
        inside = np.maximum(0, 256 - ((xx - cx) ** 2 + (yy - cy) ** 2) * 256 // (radius * radius))
        level += lift * inside >> 8
    step_x, step_y, strength = draw.between(-12, 12), draw.between(-12, 12), draw.between(0, 40)
    level += strength * (fold(xx * step_x + yy * step_y) - 128) >> 7
    level = fold(level)

    colours = []
    for low, high in ((0, 70), (70, 180), (185, 255)):
        colours.append(np.array([draw.between(low, high) for _ in range(3)], dtype=np.int64))
    dark, middle, light = colours
    level = level[:, :, None]
    first = dark * (128 - level) + middle * level >> 7
    second = middle * (255 - level) + light * (level - 128)
    return np.where(level < 128, first, second // 127).astype(np.uint8)


def smooth(part):
    """The smooth step 3p^2 - 2p^3 in 256ths."""
    return part * part * (768 - 2 * part) >> 16


def fold(value):
    """Reflects any integer into 0..=255."""
    value = value & 511
    return np.where(value > 255, 511 - value, value)


def edited(index):
    """The name of the edit and the picture after it, before JPEG."""
    picture, kind = base(index), EDITS[index % len(EDITS)]
    draw = Draw(index + COUNT)  # a stream of its own
    height, width, _ = picture.shape
    if kind == "brighter":
        picture = np.minimum(255, picture.astype(np.int64) * 17 // 16 + 8).astype(np.uint8)
    elif kind == "smaller":
        picture = three_quarters(three_quarters(picture.astype(np.int64)).swapaxes(0, 1)).swapaxes(0, 1)
        picture = picture.astype(np.uint8)
    elif kind == "label":
        left, top = draw.below(2) * (width - 10), draw.below(2) * (height - 6)
        picture[top : top + 6, left : left + 10] = [draw.between(96, 160) for _ in range(3)]
    elif kind == "blocks":
        top = draw.below(2) * (height - 7) + 2
        for block in range(4):
            picture[top : top + 3, 4 + 8 * block : 9 + 8 * block] = 220
    elif kind == "cropped":
        picture = picture[:, 1 : width - 1] if draw.below(2) == 0 else picture[1 : height - 1]
    elif kind == "turned":
        picture = np.rot90(picture, k=-(1 + draw.below(3)))  # clockwise by 90, 180 or 270 degrees
    elif kind == "mirrored":
        picture = picture[:, ::-1] if draw.below(2) == 0 else picture[::-1]
    return kind, np.ascontiguousarray(picture)


def three_quarters(values):
    """Scales the first axis to 3/4; every new sample is the mean of 4/3 old ones."""
    a, b, c, d = (values[k::4] for k in range(4))
    parts = [(3 * a + b) // 4, (b + c) // 2, (c + 3 * d) // 4]
    return np.stack(parts, axis=1).reshape(-1, *values.shape[1:])


def plain(index):
    """One colour, at odd indices rising slightly from left to right."""
    draw = Draw(index)
    width, height = SIZES[draw.below(len(SIZES))]
    colour = np.array([draw.between(20, 215) for _ in range(3)])
    rise = 0 if index % 2 == 0 else draw.between(8, 24)
    row = colour + rise * np.arange(width)[:, None] // width
    return np.broadcast_to(row, (height, width, 3)).astype(np.uint8)


def bmp(picture):
    """24 bits per pixel, bottom row first, rows padded to four bytes."""
    height, width, _ = picture.shape
    rows = np.zeros((height, (width * 3 + 3) // 4 * 4), dtype=np.uint8)
    rows[:, : width * 3] = picture[::-1, :, ::-1].reshape(height, -1)
    sizes = (40, width, height, 1, 24, 0, rows.size, 2835, 2835, 0, 0)
    return (
        struct.pack("<2sIHHI", b"BM", 54 + rows.size, 0, 0, 54)
        + struct.pack("<IiiHHIIiiII", *sizes)
        + rows.tobytes()
    )


def jpeg(picture, quality=80):
    """Stands in for the encoder of the Rust file: near enough for distances, not the same bytes."""
    out = io.BytesIO()
    Image.fromarray(picture).save(out, "JPEG", quality=quality)
    return out.getvalue()


def part(index):
    return [name for name, first in PARTS.items() if first <= index][-1]


def file(index):
    """(name, bytes) of one picture."""
    kind = part(index)
    if kind == "edited":
        edit, picture = edited(index)
        extension, data = "jpg", jpeg(picture, 40 if edit == "recompressed" else 80)
    else:
        picture = plain(index) if kind == "plain" else base(index)
        as_bmp = kind in ("listed", "good") or index % (5 if kind == "unlisted" else 2) == 0
        extension, data = ("bmp", bmp(picture)) if as_bmp else ("jpg", jpeg(picture))
        if kind == "cut":
            data = data[: len(data) * Draw(index + COUNT).between(30, 70) // 100]
    return f"{index + 1:04}.{extension}", data
