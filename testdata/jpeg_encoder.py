"""A small JPEG encoder for what Pillow does not write: other samplings, scans of one component, bytes that fill.

Sequential, with the Huffman codes of ITU-T T.81, annex K, for all components.
"""

import math
import struct

import numpy as np
from PIL import Image

ZIGZAG = sorted(range(64), key=lambda at: (at // 8 + at % 8, (at // 8 if (at // 8 + at % 8) % 2 else at % 8)))


def standard_codes():
    """Class and definition of the two luma tables, out of a file that Pillow writes with them."""
    import io

    out = io.BytesIO()
    Image.new("L", (8, 8)).save(out, "JPEG")
    data, found, at = out.getvalue(), {}, 2
    while data[at + 1] != 0xDA:
        length = struct.unpack(">H", data[at + 2 : at + 4])[0]
        if data[at + 1] == 0xC4:
            found[data[at + 4] >> 4] = data[at + 5 : at + 2 + length]
        at += 2 + length
    return found


def words(definition):
    """Symbol to its code as a string of bits."""
    counts, symbols = definition[:16], iter(definition[16:])
    code, found = 0, {}
    for length, count in enumerate(counts, 1):
        for _ in range(count):
            found[next(symbols)] = f"{code:0{length}b}"
            code += 1
        code <<= 1
    return found


def number(value):
    """Size and bits of a coefficient."""
    size = abs(value).bit_length()
    return size, f"{value if value > 0 else value + (1 << size) - 1:0{size}b}" if size else ""


def blocks_of(plane, across, down):
    """Quantised coefficients in zigzag order, of `down` rows of `across` blocks."""
    height, width = plane.shape
    padded = np.pad(plane, ((0, down * 8 - height), (0, across * 8 - width)), mode="edge").astype(np.float64) - 128
    u, x = np.indices((8, 8))
    wave = np.cos((2 * x + 1) * u * math.pi / 16) / 2
    wave[0] /= math.sqrt(2)
    tiles = padded.reshape(down, 8, across, 8).transpose(0, 2, 1, 3)
    return np.rint(wave @ tiles @ wave.T / 12).astype(int).reshape(down, across, 64)[:, :, ZIGZAG]


def segment(marker, body):
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def encode(picture, sampling, restart=0, scans=None, fill=b""):
    """`sampling`: for each component its blocks across and down in a unit. `scans`: which components come together.

    `fill` is put before every marker that follows coded data.
    """
    codes = standard_codes()
    firsts, others = words(codes[0]), words(codes[1])
    width, height = picture.size
    most = [max(pair[axis] for pair in sampling) for axis in (0, 1)]
    units = [math.ceil(width / 8 / most[0]), math.ceil(height / 8 / most[1])]
    planes = picture.split() if len(sampling) == 1 else picture.convert("YCbCr").split()
    coefficients, sizes = [], []
    for plane, (h, v) in zip(planes, sampling, strict=True):
        size = (math.ceil(width * h / most[0]), math.ceil(height * v / most[1]))
        plane = plane if size == picture.size else plane.resize(size, Image.Resampling.BOX)
        coefficients.append(blocks_of(np.asarray(plane), units[0] * h, units[1] * v))
        sizes.append((math.ceil(size[0] / 8), math.ceil(size[1] / 8)))

    out = b"\xff\xd8" + segment(0xDB, b"\0" + bytes([12] * 64))
    frame = struct.pack(">BHHB", 8, height, width, len(sampling))
    out += segment(0xC0, frame + b"".join(bytes([at + 1, h << 4 | v, 0]) for at, (h, v) in enumerate(sampling)))
    out += segment(0xC4, b"\0" + codes[0]) + segment(0xC4, b"\x10" + codes[1])
    out += segment(0xDD, struct.pack(">H", restart)) if restart else b""
    for scan in scans or [range(len(sampling))]:
        out += segment(0xDA, bytes([len(scan)]) + b"".join(bytes([at + 1, 0]) for at in scan) + b"\0\x3f\0")
        if len(scan) == 1:
            across, down = sizes[scan[0]]
            order = [[(scan[0], y, x)] for y in range(down) for x in range(across)]
        else:
            order = [
                [
                    (at, y * sampling[at][1] + v, x * sampling[at][0] + h)
                    for at in scan
                    for v in range(sampling[at][1])
                    for h in range(sampling[at][0])
                ]
                for y in range(units[1])
                for x in range(units[0])
            ]
        bits, last, number_of_restart = "", [0] * len(sampling), 0
        for place, unit in enumerate(order):
            if restart and place and place % restart == 0:
                out += stuffed(bits) + fill + bytes([0xFF, 0xD0 + number_of_restart % 8])
                bits, last, number_of_restart = "", [0] * len(sampling), number_of_restart + 1
            for at, y, x in unit:
                block = [int(value) for value in coefficients[at][y, x]]
                size, tail = number(block[0] - last[at])
                last[at] = block[0]
                bits += firsts[size] + tail
                zeros = 0
                for value in block[1 : max([0] + [k for k in range(1, 64) if block[k]]) + 1]:
                    if value == 0:
                        zeros += 1
                        continue
                    bits += others[0xF0] * (zeros // 16)
                    size, tail = number(value)
                    bits += others[zeros % 16 << 4 | size] + tail
                    zeros = 0
                if block[63] == 0:
                    bits += others[0]
        out += stuffed(bits) + fill
    return out + b"\xff\xd9"


def stuffed(bits):
    bits += "1" * (-len(bits) % 8)
    return bytes(int(bits[at : at + 8], 2) for at in range(0, len(bits), 8)).replace(b"\xff", b"\xff\0")
