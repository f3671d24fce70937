"""Makes the HEIC and AVIF files of this folder from testdata/pictures/forms/cat-rgb.png.

    apt-get install libheif-examples        # heif-enc 1.15
    pip install -r testdata/requirements.txt
    python tests/it/heif/make.py
"""

import pathlib
import struct
import subprocess
import tempfile

from PIL import Image, ImageOps

HERE = pathlib.Path(__file__).resolve().parent
CAT = HERE.parents[2] / "testdata/pictures/forms/cat-rgb.png"
SIDES = (150, 100)


def encoded(out, *pictures, profile=None, exif=None):
    """heif-enc on pictures, with a colour profile or an EXIF block in the first file that it reads."""
    with tempfile.TemporaryDirectory() as folder:
        names = []
        for number, picture in enumerate(pictures):
            kind = "jpg" if exif else "png"
            names.append(f"{folder}/{number}.{kind}")
            more = {"quality": 97, "subsampling": 0, "exif": exif} if exif else {"icc_profile": profile}
            picture.save(names[-1], **more)
        subprocess.run(["heif-enc", *names, "-q", "70", "-o", HERE / out], check=True, capture_output=True)


def boxes(data, at, end):
    while at < end:
        size, kind = struct.unpack(">I4s", data[at : at + 8])
        yield kind, at, size
        at += size


def with_rotation(path, quarters):
    """Adds an `irot` property (quarter turns counter-clockwise), which heif-enc 1.15 cannot, to the first item."""
    data = bytearray(path.read_bytes())

    def find(kind, at, end):
        return next((start, size) for found, start, size in boxes(data, at, end) if found == kind)

    meta, meta_size = find(b"meta", 0, len(data))
    iprp, iprp_size = find(b"iprp", meta + 12, meta + meta_size)
    ipco, ipco_size = find(b"ipco", iprp + 8, iprp + iprp_size)
    ipma, ipma_size = find(b"ipma", iprp + 8, iprp + iprp_size)
    iloc, _ = find(b"iloc", meta + 12, meta + meta_size)
    added = 10  # a property of 9 bytes, and one byte that refers to it
    assert data[ipma + 8 : ipma + 12] == bytes(4) and data[iloc + 8] == 0 and data[iloc + 12 : iloc + 14] == b"\x44\x40"
    at = iloc + 16
    for _ in range(struct.unpack(">H", data[iloc + 14 : iloc + 16])[0]):
        extents = struct.unpack(">H", data[at + 8 : at + 10])[0]
        at += 10
        for _ in range(extents):
            offset = struct.unpack(">I", data[at : at + 4])[0]
            data[at : at + 4] = struct.pack(">I", offset + added)
            at += 8
    properties = sum(1 for _ in boxes(data, ipco + 8, ipco + ipco_size))
    first = ipma + 16
    count = data[first + 2]
    data[first + 2] = count + 1
    data.insert(first + 3 + count, 0x80 | properties + 1)
    data[ipma : ipma + 4] = struct.pack(">I", ipma_size + 1)
    data[ipco + ipco_size : ipco + ipco_size] = struct.pack(">I4sB", 9, b"irot", quarters)
    for start, size, more in [(ipco, ipco_size, 9), (iprp, iprp_size, added), (meta, meta_size, added)]:
        data[start : start + 4] = struct.pack(">I", size + more)
    path.write_bytes(data)


def main():
    profile = Image.open(CAT).info["icc_profile"]  # one that libpng knows to be wrong, and refuses to write
    cat = Image.open(CAT).convert("RGB").resize(SIDES, Image.Resampling.LANCZOS)
    cat.info.clear()
    encoded("cat.heic", cat)
    encoded("cat.avif", cat)
    encoded("profile.heic", cat, profile=profile)
    encoded("several.heic", cat, ImageOps.grayscale(cat).convert("RGB").transpose(Image.Transpose.TRANSPOSE), ImageOps.flip(cat))
    # As a telephone held upright writes it: pixels lying on their side, irot, and the same said once more by EXIF.
    exif = Image.Exif()
    exif[0x112] = 6
    encoded("turned.heic", cat.transpose(Image.Transpose.ROTATE_90), exif=exif)
    with_rotation(HERE / "turned.heic", 3)
    # By EXIF alone, which in this format says nothing: it is seen lying on its side.
    encoded("lying.heic", cat.transpose(Image.Transpose.ROTATE_90), exif=exif)


main()
