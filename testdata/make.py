"""Makes everything in this folder except this script, its helper, README.md and requirements.txt.

    pip install -r testdata/requirements.txt
    python testdata/make.py

A second run changes nothing. Originals come out of the scikit-image wheel; see README.md for their licences.
"""

import csv
import hashlib
import io
import pathlib
import shutil
import struct
import zipfile
import zlib

import blake3
import numpy as np
import pdqhash
import pillow_jxl  # registers the kind
import skimage
from PIL import Image, ImageDraw, ImageFile, ImageFont

import classic_model
import jpeg_encoder
import pdq_model
from decoding import as_tx, frames, seen

HERE = pathlib.Path(__file__).resolve().parent
PICTURES = HERE / "pictures"
GOLDEN = HERE / "golden"
SKIP = HERE / "jpeg-skip"
WHEEL = pathlib.Path(skimage.__file__).parent / "data"

# No coefficient of a golden picture is nearer to the threshold, in any of the eight orientations.
SMALLEST_MARGIN = 0.007


def saved(picture, name, **options):
    """Writes a picture; the extension names the format."""
    path = PICTURES / name
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.save(path, **options)


def written(data, name):
    """Writes bytes."""
    path = PICTURES / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


# ---- pictures


def originals():
    for source, name in (
        ("chelsea.png", "cat.png"),
        ("rocket.jpg", "rocket.jpg"),
        ("clock_motion.png", "clock.png"),
    ):
        written((WHEEL / source).read_bytes(), f"originals/{name}")
    saved(Image.open(WHEEL / "coffee.png").convert("RGB"), "originals/coffee.jpg", quality=90)
    hubble = Image.open(WHEEL / "hubble_deep_field.jpg").resize((640, 558), Image.Resampling.LANCZOS)
    saved(hubble, "originals/hubble.jpg", quality=85)
    saved(Image.open(WHEEL / "gravel.png").convert("L"), "originals/gravel.jpg", quality=85)


def edits():
    coffee = Image.open(PICTURES / "originals/coffee.jpg").convert("RGB")
    saved(coffee.resize((300, 200), Image.Resampling.LANCZOS), "edits/coffee-half-size.jpg", quality=85)
    saved(coffee, "edits/coffee-recompressed.jpg", quality=20)
    saved(coffee, "edits/coffee-progressive.jpg", quality=85, progressive=True)
    saved(coffee.point(lambda v: min(255, v * 9 // 8 + 6)), "edits/coffee-brighter.jpg", quality=85)
    saved(coffee.crop((6, 4, 594, 396)), "edits/coffee-cropped.jpg", quality=85)
    captioned = coffee.copy()
    font = ImageFont.load_default(size=28)
    ImageDraw.Draw(captioned).text((24, 352), "a cup of coffee", font=font, fill=(255, 255, 255))
    saved(captioned, "edits/coffee-captioned.jpg", quality=85)
    saved(coffee.transpose(Image.Transpose.ROTATE_270), "edits/coffee-turned-90.jpg", quality=85)
    saved(coffee.transpose(Image.Transpose.ROTATE_180), "edits/coffee-turned-180.jpg", quality=85)
    saved(coffee.transpose(Image.Transpose.FLIP_LEFT_RIGHT), "edits/coffee-mirrored.jpg", quality=85)
    saved(coffee.transpose(Image.Transpose.TRANSPOSE), "edits/coffee-transposed.jpg", quality=85)
    rocket = Image.open(PICTURES / "originals/rocket.jpg").convert("RGB")
    saved(rocket.resize((480, 320), Image.Resampling.LANCZOS), "edits/rocket-smaller.png", optimize=True)


def forms():
    """One picture, the cat at 300 x 200, in many encodings."""
    cat = (
        Image.open(PICTURES / "originals/cat.png").convert("RGB").resize((300, 200), Image.Resampling.LANCZOS)
    )
    grey = cat.convert("L")
    pixels, levels = np.asarray(cat), np.asarray(grey)
    height, width = levels.shape
    png = {"optimize": True}

    saved(cat, "forms/cat-rgb.png", **png)
    saved(cat, "forms/cat.bmp")
    saved(cat, "forms/cat-plain.tiff")
    saved(cat, "forms/cat-lzw.tiff", compression="tiff_lzw")
    saved(cat, "forms/cat-lossless.webp", lossless=True)
    saved(cat, "forms/cat-lossy.webp", quality=80)
    saved(cat, "forms/cat-progressive.jpg", quality=85, progressive=True)
    saved(cat, "forms/cat-444.jpg", quality=90, subsampling=0)
    saved(grey, "forms/cat-grey.png", **png)
    saved(grey, "forms/cat-grey.jpg", quality=85)
    saved(cat.convert("CMYK"), "forms/cat-cmyk.jpg", quality=90)
    saved(cat.quantize(256), "forms/cat-palette.png", **png)
    saved(cat.quantize(256), "forms/cat-palette.gif")
    saved(cat.quantize(16), "forms/cat-palette-16.png", bits=4, **png)
    saved(cat.convert("1"), "forms/cat-1-bit.png", **png)
    small = cat.resize((120, 80), Image.Resampling.LANCZOS)
    saved(small.quantize(256), "forms/small-palette.bmp")
    written(bmp_4_bit(small.quantize(16)), "forms/small-palette-16.bmp")
    saved(small.convert("L"), "forms/small-grey.bmp")
    saved(small.quantize(256), "forms/small-palette.tiff", compression="tiff_lzw")
    saved(small.convert("CMYK"), "forms/small-cmyk.tiff", compression="tiff_lzw")
    turned = small.transpose(Image.Transpose.ROTATE_90)
    saved(turned, "forms/small-turned.tiff", compression="tiff_lzw", tiffinfo={0x0112: 6})

    # 16 bits: the low byte is not the high one again, so that cutting it off and rounding differ
    wobble = np.arange(height * width).reshape(height, width) * 7 % 257 - 128
    deep = np.clip(levels.astype(np.int64) * 257 + wobble, 0, 65535).astype(np.uint16)
    saved(Image.fromarray(deep), "forms/cat-16-bit-grey.png", **png)
    deep = np.clip(pixels.astype(np.int64) * 257 + wobble[:, :, None], 0, 65535)
    written(png_16_bit_rgb(deep.astype(">u2")), "forms/cat-16-bit-rgb.png")

    # transparency: the upper left triangle gone with its colour kept, gone with its colour zeroed, and a slope of alpha;
    # never a sum of something by row and something by column: PDQ leaves out the frequencies where that would show
    y, x = np.indices((height, width))
    half = np.where(x * height + y * width < width * height, 0, 255).astype(np.uint8)
    slope = (255 - (width - 1 - x) * (height - 1 - y) * 255 // ((width - 1) * (height - 1))).astype(np.uint8)
    zeroed = pixels * (half[:, :, None] > 0)
    saved(Image.fromarray(np.dstack([pixels, half])), "forms/cat-rgba-half-kept.png", **png)
    saved(Image.fromarray(np.dstack([zeroed, half])), "forms/cat-rgba-half-zeroed.png", **png)
    saved(Image.fromarray(np.dstack([pixels, slope])), "forms/cat-rgba-slope.png", **png)
    saved(Image.fromarray(np.dstack([pixels, np.full_like(half, 255)])), "forms/cat-rgba-opaque.png", **png)
    saved(Image.fromarray(np.dstack([levels, slope]), mode="LA"), "forms/cat-grey-alpha.png", **png)

    # stored turned, with the tag that turns it back
    stored = {3: Image.Transpose.ROTATE_180, 6: Image.Transpose.ROTATE_90, 8: Image.Transpose.ROTATE_270}
    for tag, operation in stored.items():
        exif = Image.Exif()
        exif[0x0112] = tag
        saved(cat.transpose(operation), f"forms/cat-exif-{tag}.jpg", quality=92, exif=exif)


def kinds():
    """The cat at 120 x 80 in the kinds of file that are rare, or rarely written so."""
    original = Image.open(PICTURES / "originals/cat.png").convert("RGB")
    cat = original.resize((300, 200), Image.Resampling.LANCZOS).resize((120, 80), Image.Resampling.LANCZOS)
    pixels = np.asarray(cat)
    turned = cat.transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[0x0112] = 6

    saved(cat, "kinds/rgb.png", optimize=True)
    tiny = cat.resize((48, 32), Image.Resampling.LANCZOS)
    shown = np.ones((80, 120), bool)
    written(icon([(tiny, shown[:32, :48]), (cat, shown)]), "kinds/bitmap.ico")
    saved(cat.quantize(256), "kinds/png.ico", sizes=[(120, 80), (48, 32)])
    shown = shown.copy()
    shown[:30, :40] = False
    written(icon([(cat, shown)]), "kinds/masked.ico")
    saved(cat, "kinds/plain.tga")
    saved(cat, "kinds/runs.tga", compression="tga_rle")
    saved(cat.quantize(256), "kinds/palette.tga")
    saved(cat.quantize(64), "kinds/palette-runs.tga", compression="tga_rle", orientation=1)
    saved(cat.convert("L"), "kinds/grey.tga")
    saved(cat, "kinds/plain.qoi")
    binary = b"P6 # made by hand\n120\t80\r\n# two lines\n# of comment\n255\n" + pixels.tobytes()
    written(binary, "kinds/comments.ppm")
    grey = np.asarray(cat.convert("L"))
    written(b"P2 120 80 255\n" + "\n".join(" ".join(map(str, row)) for row in grey).encode(), "kinds/text.pgm")
    saved(turned, "kinds/turned.png", optimize=True, exif=exif)
    saved(turned, "kinds/turned.webp", lossless=True, exif=exif)
    saved(cat, "kinds/big.tiff", compression="tiff_lzw", big_tiff=True)
    saved(cat, "kinds/jpeg.tiff", compression="jpeg", quality=90)
    inks = np.asarray(cat.convert("CMYK"))
    written(tiff(inks.transpose(2, 0, 1), 5, planar=True), "kinds/cmyk-planes.tiff")
    written(tiff(np.asarray(cat.convert("YCbCr")), 6), "kinds/luma.tiff")
    written(tiff(pixels.astype(np.uint16) * 257, 2), "kinds/16-bit.tiff")
    written(bmp_runs(cat.quantize(32)), "kinds/runs.bmp")
    saved(cat, "kinds/restarts.jpg", quality=90, restart_marker_blocks=3)
    other = Image.open(PICTURES / "originals/rocket.jpg").resize((120, 80), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    cat.save(buffer, "MPO", save_all=True, append_images=[other], quality=90)
    written(buffer.getvalue(), "kinds/two-views.jpg")
    written(ycck(cat), "kinds/ycck.jpg")
    buffer = io.BytesIO()
    cat.save(buffer, "JXL", quality=90)
    written(buffer.getvalue(), "kinds/lossy.jxl")
    buffer = io.BytesIO()
    cat.save(buffer, "JXL", lossless=True)
    written(buffer.getvalue(), "kinds/lossless.jxl")


def several():
    """Animations, and pages: the cat, the coffee, a part of the rocket over it, the rocket with a hole."""
    small = lambda name: (
        Image.open(PICTURES / f"originals/{name}").convert("RGB").resize((120, 80), Image.Resampling.LANCZOS)
    )
    cat, coffee, rocket = small("cat.png"), small("coffee.jpg"), small("rocket.jpg")
    partly = coffee.copy()
    partly.paste(rocket.crop((30, 20, 90, 60)), (30, 20))
    hole = rocket.convert("RGBA")
    hole.paste((0, 0, 0, 0), (10, 10, 60, 70))
    frames = [picture.convert("RGBA") for picture in (cat, coffee, partly, hole)]
    options = {"save_all": True, "append_images": frames[1:], "duration": 100, "loop": 0}
    saved(frames[0], "several/kept.gif", **options)
    saved(frames[0], "several/kept.png", **options)
    saved(frames[0], "several/cleared.png", disposal=1, blend=1, **options)
    saved(frames[0], "several/apart.png", default_image=True, **options)
    saved(frames[0], "several/lossless.webp", lossless=True, **options)
    saved(frames[0], "several/lossy.webp", quality=85, allow_mixed=True, **options)
    pages = [coffee.convert("L"), rocket.quantize(128)]
    saved(cat, "several/pages.tiff", compression="tiff_lzw", save_all=True, append_images=pages)


def icon(pictures):
    """An icon file of bitmaps with masks, whose rows Pillow does not fill up to four bytes."""
    entries, data = b"", b""
    for picture, shown in pictures:
        pixels = np.asarray(picture)[::-1, :, ::-1]
        height, width, _ = pixels.shape
        rows = np.pad(pixels.reshape(height, -1), ((0, 0), (0, -width * 3 % 4)))
        mask = np.packbits(~shown[::-1], axis=1)
        mask = np.pad(mask, ((0, 0), (0, -mask.shape[1] % 4)))
        bitmap = struct.pack("<IiiHHIIiiII", 40, width, height * 2, 1, 24, 0, 0, 0, 0, 0, 0)
        bitmap += rows.tobytes() + mask.tobytes()
        offset = 6 + 16 * len(pictures) + len(data)
        entries += struct.pack("<BBBBHHII", width, height, 0, 0, 1, 24, len(bitmap), offset)
        data += bitmap
    return struct.pack("<HHH", 0, 1, len(pictures)) + entries + data


def tiff(samples, photometric, planar=False):
    """A TIFF with samples of 8 or 16 bits, pixel by pixel or in planes, which Pillow does not write."""
    planes = samples if planar else samples[None]
    height, width = planes.shape[1:3]
    channels = len(planes) if planar else planes.shape[3]
    bits = samples.dtype.itemsize * 8
    data = [plane.astype(samples.dtype.newbyteorder("<")).tobytes() for plane in planes]
    lists = struct.pack(f"<{channels}H", *[bits] * channels)
    count = len(data)
    after = 8 + 2 + 11 * 12 + 4
    strips = after + len(lists)
    start = strips + 8 * count
    offsets = [start + sum(map(len, data[:at])) for at in range(count)]
    lists += struct.pack(f"<{2 * count}I", *offsets, *map(len, data))
    place = lambda at, single: (single, 1) if count == 1 else (at, count)
    offset, counts = place(strips, offsets[0]), place(strips + 4 * count, len(data[0]))
    fields = [
        (256, 3, 1, width),
        (257, 3, 1, height),
        (258, 3, channels, after),
        (259, 3, 1, 1),
        (262, 3, 1, photometric),
        (273, 4, offset[1], offset[0]),
        (277, 3, 1, channels),
        (278, 3, 1, height),
        (279, 4, counts[1], counts[0]),
        (284, 3, 1, 2 if planar else 1),
        (530, 3, 2, 1 | 1 << 16),
    ]
    directory = struct.pack("<H", len(fields)) + b"".join(struct.pack("<HHII", *field) for field in fields)
    return struct.pack("<2sHI", b"II", 42, 8) + directory + bytes(4) + lists + b"".join(data)


def bmp_runs(picture):
    """A BMP with run lengths of 8 bits: runs, stretches without runs, and the end of each row left out if it is 0."""
    indices = np.asarray(picture)
    height, width = indices.shape
    out = bytearray()
    for row in indices[::-1]:
        column = 0
        while column < width:
            run = 1
            while column + run < width and row[column + run] == row[column]:
                run += 1
            if run > 1 or width - column < 3:
                out += bytes([run, row[column]])
                column += run
            else:
                stretch = row[column : column + 5].tobytes()
                if len(stretch) < 3:
                    stretch = stretch[:1]
                    out += bytes([1]) + stretch
                else:
                    out += bytes([0, len(stretch)]) + stretch + bytes(len(stretch) % 2)
                column += len(stretch)
        out += b"\0\0"
    out += b"\0\1"
    colours = np.zeros((256, 4), np.uint8)
    palette = np.array(picture.getpalette(), np.uint8).reshape(-1, 3)
    colours[: len(palette), :3] = palette[:, ::-1]
    start = 14 + 40 + 1024
    header = struct.pack("<2sIII", b"BM", start + len(out), 0, start)
    info = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 8, 1, len(out), 0, 0, 256, 0)
    return header + info + colours.tobytes() + bytes(out)


def ycck(picture):
    """A JPEG of inks as luma and chroma, as Adobe writes it: Pillow writes the numbers, the marker says what they are."""
    cyan, magenta, yellow, black = picture.convert("CMYK").split()
    luma = Image.merge("RGB", (cyan, magenta, yellow)).convert("YCbCr").split()
    stored = [band.point(lambda value: 255 - value) for band in luma]
    buffer = io.BytesIO()
    Image.merge("CMYK", (*stored, black)).save(buffer, "JPEG", quality=92)
    data = bytearray(buffer.getvalue())
    data[data.index(b"Adobe") + 11] = 2
    return bytes(data)


def bmp_4_bit(picture):
    """A BMP with two pixels in a byte, which Pillow does not write."""
    indices = np.asarray(picture)
    height, width = indices.shape
    packed = (indices[::-1, 0::2] << 4 | indices[::-1, 1::2]).astype(np.uint8)  # the width is a multiple of 8
    colours = np.zeros((16, 4), np.uint8)
    palette = np.array(picture.getpalette()[:48], np.uint8).reshape(-1, 3)
    colours[: len(palette), :3] = palette[:, ::-1]
    start = 14 + 40 + 64
    header = struct.pack("<2sIII", b"BM", start + packed.size, 0, start)
    info = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 4, 0, packed.size, 0, 0, 16, 0)
    return header + info + colours.tobytes() + packed.tobytes()


def png_16_bit_rgb(samples):
    """A PNG with 16 bits per channel, which Pillow does not write."""
    height, width, _ = samples.shape
    rows = b"".join(b"\0" + row.tobytes() for row in samples)
    chunk = lambda kind, data: (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    )
    header = struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows, 9))
        + chunk(b"IEND", b"")
    )


def others():
    """Files that are no picture, or not quite."""
    saved(Image.new("RGB", (160, 120), (90, 140, 170)), "other/flat.png", optimize=True)
    saved(Image.new("RGB", (4, 4), (200, 30, 30)), "other/tiny-4x4.png", optimize=True)
    coffee = (PICTURES / "originals/coffee.jpg").read_bytes()
    written(coffee[: len(coffee) * 2 // 5], "other/truncated.jpg")
    out = io.BytesIO()
    small = Image.open(PICTURES / "originals/coffee.jpg").resize((225, 150), Image.Resampling.LANCZOS)
    small.save(out, "PNG", optimize=True)
    written(out.getvalue(), "other/png-named.jpg")
    written(b"A plain text file, one of the things that are not pictures.\n", "other/note.txt")
    written(b"", "other/empty.bin")
    # the start of a HEIC file: an ftyp box and an empty meta box, no picture
    ftyp = b"ftypheic" + struct.pack(">I", 0) + b"mif1heic"
    meta = b"meta" + bytes(28)
    boxes = b"".join(struct.pack(">I", len(box) + 4) + box for box in (ftyp, meta))
    written(boxes, "other/header-only.heic")
    with zipfile.ZipFile(PICTURES / "other/two-members.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for member in ("edits/coffee-half-size.jpg", "other/note.txt"):
            info = zipfile.ZipInfo(pathlib.Path(member).name)  # dated 1980-01-01
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, (PICTURES / member).read_bytes())


# ---- JPEG files for the reader that passes over most of them


def jpeg_skip():
    """Small files of every kind, and what libjpeg-turbo makes of their luma at an eighth of its size."""
    cat = Image.open(PICTURES / "originals/cat.png").convert("RGB")
    cat = cat.resize((225, 150), Image.Resampling.LANCZOS).crop((60, 20, 157, 81))
    grey = cat.convert("L")

    def pillow(name, picture=cat, **options):
        picture.save(SKIP / f"{name}.jpg", **{"quality": 85, **options})

    pillow("444", subsampling=0)
    pillow("422", subsampling=1)
    pillow("420", subsampling=2)
    pillow("grey", grey)
    pillow("optimised", optimize=True)
    pillow("fine", subsampling=0, quality=100)
    pillow("coarse", quality=5)
    pillow("restart-units", restart_marker_blocks=3)
    pillow("restart-rows", restart_marker_rows=1, subsampling=0)
    pillow("progressive", progressive=True)
    pillow("progressive-444", progressive=True, subsampling=0, quality=97)
    pillow("progressive-grey", grey, progressive=True)
    pillow("progressive-restart", progressive=True, restart_marker_blocks=5)
    exif = Image.Exif()
    exif[0x0112] = 6
    pillow("turned", exif=exif)
    other = cat.transpose(Image.Transpose.ROTATE_180)
    cat.save(SKIP / "two-pictures.jpg", "MPO", save_all=True, append_images=[other])
    for width, height in [(1, 1), (1, 9), (9, 1), (7, 7), (8, 8), (15, 17), (16, 16), (17, 9), (33, 8)]:
        pillow(f"{width}x{height}", cat.crop((30, 20, 30 + width, 20 + height)), subsampling=2)
    pillow("progressive-9x17", cat.crop((30, 20, 39, 37)), progressive=True)
    # what luma alone does not tell, or what is not luma
    pillow("refused-cmyk", cat.convert("CMYK"))
    pillow("refused-rgb", keep_rgb=True)

    def own(name, *arguments, **options):
        (SKIP / f"{name}.jpg").write_bytes(jpeg_encoder.encode(*arguments, **options))

    one = (1, 1)
    own("own-440", cat, [(1, 2), one, one])
    own("own-411", cat, [(4, 1), one, one])
    own("own-410", cat, [(4, 2), one, one], restart=2)
    own("own-mixed", cat, [(2, 2), (2, 1), (1, 2)])
    # colours in scans of their own
    own("refused-apart", cat, [(2, 2), one, one], scans=[[0], [1], [2]], restart=7)
    own("refused-colours-first", cat, [(2, 1), one, one], scans=[[1, 2], [0]])
    own("own-grey-large-units", grey, [(2, 2)])
    own("own-filled", cat, [(2, 1), one, one], restart=4, fill=b"\xff\xff")
    # finer colours than brightness
    own("refused-coarse-luma", cat, [one, (2, 1), (2, 1)])

    # colours that no screen shows
    strong = beyond(cat, 6)
    for name, subsampling in [("444", 0), ("422", 1), ("420", 2)]:
        pillow(f"beyond-{name}", strong, subsampling=subsampling)
    pillow("beyond-progressive", strong, progressive=True)
    own("own-beyond-440", strong, [(1, 2), one, one])
    own("own-beyond-411", strong, [(4, 1), one, one])
    large = Image.open(PICTURES / "originals/coffee.jpg").convert("RGB")
    for name, size, options in [
        ("beyond-large-420", (1140, 780), {"subsampling": 2}),
        ("beyond-large-444", (1140, 780), {"subsampling": 0}),
        ("beyond-layers", (3072, 2048), {"subsampling": 2, "progressive": True}),
    ]:
        smooth = large.resize((60, 40), Image.Resampling.BOX).resize(size, Image.Resampling.BICUBIC)
        pillow(name, beyond(smooth, 6), quality=30, **options)
    # half-tones in strong colours: dots of 4 pixels, black and white
    smooth = np.asarray(large.resize((60, 40), Image.Resampling.BOX).resize((1152, 768), Image.Resampling.BICUBIC))
    y, x = np.mgrid[0:768, 0:1152]
    dots = np.where(smooth[..., 1] > 32 + 192 * (np.hypot(x % 8 - 3.5, y % 8 - 3.5) / 5), 255, 0)
    side = np.where((x // 96 + y // 96) % 2, 60, 196)
    inked = np.stack([dots, side, 256 - side], 2).astype(np.uint8)
    pillow("halftone", Image.fromarray(inked, "YCbCr"), quality=30)

    rows = []
    for path in sorted(SKIP.glob("*.jpg")):
        if not path.stem.startswith("refused") and path.stat().st_size < 20_000:
            rows.append([path.name, *Image.open(path).size, eighth(path).hex()])
    table(SKIP / "eighth.csv", ["file", "width", "height", "samples"], rows)


def beyond(picture, times):
    """The picture with its colours so many times as strong, which no conversion from RGB would give."""
    planes = np.asarray(picture.convert("YCbCr")).astype(float)
    planes[..., 1:] = np.clip((planes[..., 1:] - 128) * times + 128, 0, 255)
    return Image.fromarray(planes.astype(np.uint8), "YCbCr")


def eighth(path):
    """What libjpeg-turbo decodes at an eighth, as grey; `Image.draft` would not go as far for small pictures."""
    with Image.open(path) as picture:
        width, height = picture.size
        tile = picture.tile[0]
        picture._mode, picture.decoderconfig = "L", (8, 0)
        picture._size = (-(-width // 8), -(-height // 8))
        picture.tile = [ImageFile._Tile(tile[0], (0, 0, *picture._size), tile[2], ("L", ""))]
        picture.load()
        return picture.tobytes()


# ---- golden values


def hexed(vector):
    return f"{int(''.join(map(str, vector)), 2):064x}"


def compute(pixels):
    vector, quality = pdqhash.compute(np.ascontiguousarray(pixels))
    return hexed(vector), quality


def golden_pictures():
    rows = []
    for path in sorted(PICTURES.glob("*/*")):
        try:
            with Image.open(path) as picture:
                picture.load()
                forms = seen(picture) + [("tx", as_tx(picture))] + frames(picture)
        except OSError:
            continue  # no picture, or not a whole one
        for decoding, pixels in forms:
            value, quality = compute(pixels)
            rows.append([path.relative_to(HERE).as_posix(), decoding, quality, value])
    table("pdq.csv", ["path", "decoding", "quality", "hash"], rows)


def formulas():
    """Pictures without a file: name, formula, width, height, pixels."""

    def grey(width, height, formula):
        return width, height, f"grey = {formula}"

    def colour(width, height, *three):
        return width, height, "; ".join(f"{c} = {formula}" for c, formula in zip("RGB", three))

    shapes = {
        "poly": grey(500, 375, "(x*x + 3*y*y + 2*x*y) / 700"),
        "lcg": grey(300, 200, "7919*x + 104729*y + 31*x*y"),
        "blocks": grey(512, 512, "(x/37)*53 + (y/29)*101 + (x/111)*(y/83)*17"),
        "sq64": grey(64, 64, "(3*x*x + 5*y*y + 7*x*y) / 16"),
        "small20": grey(20, 30, "5*x*x + 17*y + x*y"),
        "tiny4": grey(4, 4, "40*x + 20*y"),
        "mix640": colour(640, 480, "(x*y)/40", "(3*x + 5*y)/2", "(x*x + y*y)/200"),
        "ramp900": colour(900, 1200, "x/3", "y/5", "(x + y)/7"),
        "wide2000": grey(2000, 100, "x*x/97 + y*y/13"),
    }
    for name, (width, height, text) in shapes.items():
        y, x = np.indices((height, width))
        channels = [eval(part.split("=")[1].replace("/", "//"), {"x": x, "y": y}) for part in text.split(";")]
        pixels = np.stack([channel % 256 for channel in channels * (3 // len(channels))], axis=2)
        yield name, text, pixels.astype(np.uint8)


def noise(name, width, height):
    """Bytes of SHAKE-128 over the name."""
    data = hashlib.shake_128(f"innerward {name}".encode()).digest(width * height * 3)
    return np.frombuffer(data, dtype=np.uint8).reshape(height, width, 3)


def blobs(name, width, height, strength):
    """Twelve round blobs on mid grey, in integers."""
    draws = iter(hashlib.shake_128(f"innerward {name}".encode()).digest(12 * 6))
    y, x = np.indices((height, width))
    pixels = np.full((height, width, 3), 128, dtype=np.int64)
    for _ in range(12):
        column, row = next(draws) * width // 256, next(draws) * height // 256
        radius = max(width, height) * (32 + next(draws) % 64) // 256 + 1
        inside = np.maximum(0, 256 - ((x - column) ** 2 + (y - row) ** 2) * 256 // (radius * radius))
        for channel in range(3):
            pixels[:, :, channel] += (next(draws) - 128) * strength * inside // (256 * 64)
    return np.clip(pixels, 0, 255).astype(np.uint8)


def shipped():
    """Pictures shipped as PPM: the sizes around every border of the algorithm, and soft ones."""
    sizes = [(5, 5), (6, 5), (17, 300), (300, 17), (63, 64), (64, 63), (64, 64), (65, 64), (64, 65)]
    sizes += [(127, 128), (128, 128), (128, 129), (129, 128), (4, 60), (1, 200), (200, 1)]
    for width, height in sizes:
        name = f"noise-{width}x{height}"
        yield name, first_clear(noise, name, width, height)
    for width, height, strength in [
        (64, 64, 60),
        (100, 75, 60),
        (257, 129, 90),
        (90, 200, 60),
        (240, 180, 90),
        (96, 80, 14),
        (120, 72, 28),
    ]:
        name = f"blobs-{width}x{height}"
        yield name, first_clear(blobs, name, width, height, strength)


def first_clear(draw, name, *shape):
    """The first of a series of pictures whose coefficients all keep their distance from the threshold."""
    for attempt in range(100):
        picture = draw(f"{name} {attempt}", *shape)
        if min(picture.shape[:2]) < 5 or smallest_margin(picture) >= SMALLEST_MARGIN:
            return picture
    raise ValueError(name)


def smallest_margin(pixels):
    return min(
        pdq_model.bits(model)[1] for model in pdq_model.oriented(pdq_model.coefficients(pixels)).values()
    )


def golden_pixels():
    rows, dihedral = [], []
    (GOLDEN / "pixels").mkdir(parents=True)
    for name, text, pixels in formulas():
        rows.append([name, text, *golden_row(pixels)])
        dihedral += eight(f"formula:{name}", pixels)
    for name, pixels in shipped():
        path = f"golden/pixels/{name}.ppm"
        height, width, _ = pixels.shape
        (HERE / path).write_bytes(f"P6\n{width} {height}\n255\n".encode() + pixels.tobytes())
        rows.append([name, path, *golden_row(pixels)])
        dihedral += eight(path, pixels)
    for path in ("pictures/originals/cat.png", "pictures/forms/cat-rgb.png"):
        dihedral += eight(path, np.asarray(Image.open(HERE / path).convert("RGB")))
    table("pdq-pixels.csv", ["name", "pixels", "width", "height", "quality", "hash"], rows)
    table("pdq-dihedral.csv", ["path", "transform", "hash"], dihedral)


def golden_row(pixels):
    height, width, _ = pixels.shape
    value, quality = compute(pixels)
    return width, height, quality, value


def eight(path, pixels):
    """The eight orientations by pdqhash, each checked against the sign rules and for its margin."""
    if min(pixels.shape[:2]) < 5:
        return []
    vectors, _ = pdqhash.compute_dihedral(np.ascontiguousarray(pixels))
    assert smallest_margin(pixels) >= SMALLEST_MARGIN, path
    models = pdq_model.oriented(pdq_model.coefficients(pixels))
    rows = [
        [path, transform, hexed(vector)]
        for transform, vector in zip(pdq_model.TRANSFORMS, vectors, strict=True)
    ]
    assert all(pdq_model.bits(models[transform])[0] == value for _, transform, value in rows), path
    return rows


def golden_digests():
    names = [
        "originals/cat.png",
        "originals/rocket.jpg",
        "originals/clock.png",
        "forms/cat.bmp",
        "forms/cat-palette.gif",
    ]
    names += [
        "other/flat.png",
        "other/truncated.jpg",
        "other/note.txt",
        "other/empty.bin",
        "other/two-members.zip",
    ]
    rows = []
    for name in names:
        data = (PICTURES / name).read_bytes()
        digests = [hashlib.new(kind, data).hexdigest() for kind in ("md5", "sha1", "sha256")]
        rows.append([f"pictures/{name}", len(data), *digests, blake3.blake3(data).hexdigest()])
    table("digests.csv", ["path", "bytes", "md5", "sha1", "sha256", "blake3"], rows)


def golden_classics():
    """Pictures without losses, and the pictures of `golden/pixels`: pairs whose bits hang on no rounding."""
    names = ["pictures/originals/cat.png", "pictures/originals/clock.png", "pictures/forms/cat-rgb.png"]
    names += ["pictures/forms/cat-grey.png", "pictures/edits/rocket-smaller.png"]
    names += sorted(f"golden/pixels/{path.name}" for path in (GOLDEN / "pixels").iterdir())
    rows = []
    for name in names:
        picture = Image.open(HERE / name)
        pixels = np.asarray(picture if picture.mode == "L" else picture.convert("RGB"))
        for kind in classic_model.KINDS:
            found = classic_model.bits(pixels, kind)
            if found is not None:
                rows.append([name, kind, classic_model.hexadecimal(found)])
    table("classic.csv", ["path", "kind", "hash"], rows)


def table(name, header, rows):
    with open(GOLDEN / name, "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


if __name__ == "__main__":
    for folder in (PICTURES, GOLDEN, SKIP):
        shutil.rmtree(folder, ignore_errors=True)
    SKIP.mkdir()
    originals()
    edits()
    forms()
    kinds()
    several()
    others()
    jpeg_skip()
    golden_pixels()
    golden_pictures()
    golden_digests()
    golden_classics()
