#!/usr/bin/env python3
"""Writes the containers of this folder: benign files of our own, packed by programs that are not ours.

Run here; needs Debian's p7zip-full, xz-utils, zstd, bzip2, tar, and the packages of ../requirements.txt.
Some programs write the time, so a second run need not give the same bytes; the tests look at what is inside.
"""

import io, os, shutil, subprocess, struct, tarfile, tempfile, zipfile
from pathlib import Path

HERE = Path(__file__).parent
TIME = 1_700_000_000
os.environ["TZ"] = "UTC"


def picture():
    from PIL import Image
    image = Image.new("RGB", (24, 16))
    image.putdata([(x * 10, y * 15, (x * y) % 256) for y in range(16) for x in range(24)])
    return image


def encoded(image, kind, **options):
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


PNG = encoded(picture(), "PNG")
JPEG = encoded(picture(), "JPEG", quality=80)
TEXT = "".join(f"line {n} of some words\n" for n in range(200)).encode()


class Unseekable(io.RawIOBase):
    """A pipe: lengths and checksums then stand behind the data."""

    def __init__(self):
        self.out = io.BytesIO()

    def writable(self):
        return True

    def write(self, data):
        return self.out.write(data)


def info(name, method=zipfile.ZIP_DEFLATED, mode=0o100644):
    entry = zipfile.ZipInfo(name, (2023, 11, 14, 22, 13, 20))
    entry.compress_type, entry.create_system, entry.external_attr = method, 3, mode << 16
    return entry


def run(*command, cwd=None, **options):
    return subprocess.run(command, cwd=cwd, check=True, stdout=subprocess.PIPE, **options).stdout


def zips():
    with zipfile.ZipFile(HERE / "methods.zip", "w") as out:
        for name, method in [("stored", zipfile.ZIP_STORED), ("deflated", zipfile.ZIP_DEFLATED),
                             ("bzip2", zipfile.ZIP_BZIP2), ("lzma", zipfile.ZIP_LZMA)]:
            out.writestr(info(f"{name}/line.txt", method), TEXT)
        out.writestr(info("folder/", mode=0o040755), b"")
        out.writestr(info("link", mode=0o120777), b"stored/line.txt")
        out.writestr(info("Grüße/dot.png"), PNG)
        out.writestr(info("empty"), b"")
    pipe = Unseekable()
    with zipfile.ZipFile(pipe, "w") as out:
        out.writestr(info("line.txt"), TEXT)
        out.writestr(info("dot.png", zipfile.ZIP_STORED), PNG)
        out.writestr(info("dot.jpg", zipfile.ZIP_BZIP2), JPEG)
    (HERE / "streamed.zip").write_bytes(pipe.out.getvalue())
    with zipfile.ZipFile(HERE / "zip64.zip", "w") as out:
        with out.open(info("line.txt"), "w", force_zip64=True) as member:
            member.write(TEXT)
        out.writestr(info("twice.png"), PNG)
        out.writestr(info("twice.png"), JPEG)
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        (folder / "line.txt").write_bytes(TEXT)
        (folder / "dot.png").write_bytes(PNG)
        for name, switches in {
            "deflate64.zip": ["-tzip", "-mm=Deflate64"],
            "ppmd.zip": ["-tzip", "-mm=PPMd"],
            "zipcrypto.zip": ["-tzip", "-psecret", "-mem=ZipCrypto"],
            "aes.zip": ["-tzip", "-psecret", "-mem=AES256"],
        }.items():
            (HERE / name).unlink(missing_ok=True)
            run("7z", "a", *switches, HERE / name, "line.txt", "dot.png", cwd=folder)


def tars():
    long = "/".join(["a folder with a long name"] * 9) + "/dot.png"

    def add(out, name, data=b"", kind=tarfile.REGTYPE, link=""):
        entry = tarfile.TarInfo(name)
        entry.size, entry.mtime, entry.type, entry.linkname = len(data), TIME, kind, link
        out.addfile(entry, io.BytesIO(data))

    for name, kind in [("gnu.tar", tarfile.GNU_FORMAT), ("pax.tar", tarfile.PAX_FORMAT),
                       ("ustar.tar", tarfile.USTAR_FORMAT)]:
        with tarfile.open(HERE / name, "w", format=kind) as out:
            add(out, "folder/", kind=tarfile.DIRTYPE)
            add(out, "line.txt", TEXT)
            add(out, "hard", kind=tarfile.LNKTYPE, link="line.txt")
            add(out, "soft", kind=tarfile.SYMTYPE, link="line.txt")
            add(out, long, PNG)
            add(out, "empty")
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        (folder / "line.txt").write_bytes(TEXT)
        (folder / "dot.png").write_bytes(PNG)
        with open(folder / "holes", "wb") as holes:
            holes.truncate(1 << 20)
            holes.seek(1 << 19)
            holes.write(PNG)
        plain = ["--owner=0", "--group=0", "--numeric-owner", f"--mtime=@{TIME}"]
        run("tar", "--format=v7", *plain, "-cf", HERE / "v7.tar", "line.txt", "dot.png", cwd=folder)
        run("tar", "--format=gnu", "-S", *plain, "-cf", HERE / "holes-gnu.tar", "holes", "dot.png", cwd=folder)
        run("tar", "--format=posix", "-S", *plain, "-cf", HERE / "holes-pax.tar", "holes", "dot.png", cwd=folder)


def streams():
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        for name, bytes in [("line.txt", TEXT), ("dot.png", PNG)]:
            (folder / name).write_bytes(bytes)
            os.utime(folder / name, (TIME, TIME))
        # Each twice: the members, streams and frames of a file are one part.
        for program, suffix in [("gzip", "gz"), ("bzip2", "bz2"), ("xz", "xz"), ("zstd", "zst")]:
            one, two = (run(program, "-c", name, cwd=folder) for name in ["line.txt", "dot.png"])
            (HERE / f"line.{suffix}").write_bytes(one + two)
        filtered = run("xz", "-c", "--x86", "--delta=dist=1", "--lzma2=preset=1", "--check=sha256", "line.txt", cwd=folder)
        (HERE / "filtered.xz").write_bytes(filtered)


def sevenzips():
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        for name, bytes in [("line.txt", TEXT), ("dot.png", PNG), ("dot.jpg", JPEG), ("empty", b"")]:
            (folder / name).write_bytes(bytes)
            os.utime(folder / name, (TIME, TIME))
        (folder / "folder").mkdir()
        for name, switches in {
            "solid.7z": ["-m0=LZMA2"],
            "single.7z": ["-ms=off", "-m0=LZMA"],
            "ppmd.7z": ["-m0=PPMd"],
            "bzip2.7z": ["-m0=BZip2"],
            "filtered.7z": ["-m0=Delta:1", "-m1=BCJ", "-m2=LZMA2"],
            "stored.7z": ["-mx=0"],
            "deflated.7z": ["-m0=Deflate"],
            "encrypted.7z": ["-psecret"],
            "sealed.7z": ["-psecret", "-mhe=on"],
        }.items():
            (HERE / name).unlink(missing_ok=True)
            run("7z", "a", *switches, HERE / name, "line.txt", "dot.png", "dot.jpg", "empty", "folder", cwd=folder)


def mails():
    from email.message import EmailMessage
    from email.policy import SMTP
    import binascii, mailbox

    def message(subject):
        out = EmailMessage(policy=SMTP)
        out["From"], out["To"], out["Subject"] = "a@example.org", "b@example.org", subject
        out["Date"] = "Tue, 14 Nov 2023 22:13:20 +0000"
        return out

    inner = message("inside")
    inner.set_content("a text inside\n")
    inner.add_attachment(JPEG, "image", "jpeg", filename="inner.jpg")
    outer = message("Grüße")
    outer.set_content("Grüße, with = and a line that is longer than seventy-six characters, so that it is broken.\n",
                      cte="quoted-printable")
    outer.add_alternative('<p>Words and <img src="cid:dot"></p>\n', subtype="html")
    outer.get_payload()[1].add_related(PNG, "image", "png", cid="<dot>")
    outer.add_attachment(PNG, "image", "png", filename="Grüße, sehr lange und mit Umlauten: äöü ÄÖÜ ß.png")
    outer.add_attachment(TEXT, "application", "octet-stream", filename="line.txt", cte="8bit")
    outer.add_attachment(inner)
    for part in outer.walk():
        if part.is_multipart() and part.get_content_maintype() == "multipart":
            part.set_boundary("=_" + part.get_content_subtype())
    for part in inner.walk():
        if part.is_multipart():
            part.set_boundary("=_inner")
    (HERE / "outer.eml").write_bytes(outer.as_bytes())
    uu = b"begin 644 dot.png\n" + b"".join(binascii.b2a_uu(PNG[n:n + 45]) for n in range(0, len(PNG), 45)) + b"`\nend\n"
    escaped = {0, 10, 13, 61}
    coded = [(byte + 42) % 256 for byte in JPEG]
    lines = [coded[n:n + 128] for n in range(0, len(coded), 128)]
    pairs = lambda line: b"".join(bytes([61, (byte + 64) % 256]) if byte in escaped else bytes([byte]) for byte in line)
    yenc = (b"=ybegin line=128 size=%d name=dot.jpg\n" % len(JPEG) + b"".join(pairs(line) + b"\n" for line in lines)
            + b"=yend size=%d\n" % len(JPEG))
    plain = b"".join(f"{k}: {v}\r\n".encode() for k, v in message("old ways").items())
    (HERE / "within.eml").write_bytes(plain + b"\r\nwords before\n" + uu + b"\n" + yenc + b"words behind\n")
    path = HERE / "two.mbox"
    path.unlink(missing_ok=True)
    box = mailbox.mbox(path)
    for text in ["one\nFrom here it goes on\n", "two\n"]:
        mail = message("in a box")
        mail.set_content(text)
        entry = mailbox.mboxMessage(mail)
        entry.set_from("a@example.org", time_=__import__("time").gmtime(TIME))
        box.add(entry)
    box.close()


def winmail():
    """[MS-OXTNEF] 2.1: a level, an attribute, its length, its bytes and their sum."""
    def attribute(level, number, data):
        return struct.pack("<BII", level, number, len(data)) + data + struct.pack("<H", sum(data) & 0xffff)

    out = struct.pack("<IH", 0x223E9F78, 1) + attribute(1, 0x00089006, struct.pack("<I", 0x10000))
    out += attribute(2, 0x00069002, bytes(14)) + attribute(2, 0x0006800F, PNG) + attribute(2, 0x00018010, b"dot.png\0")
    out += attribute(2, 0x00069002, bytes(14)) + attribute(2, 0x00018010, b"line.txt\0") + attribute(2, 0x0006800F, TEXT)
    out += attribute(2, 0x00069002, bytes(14)) + attribute(2, 0x00018010, b"message\0") + attribute(2, 0x00069005, bytes(8))
    (HERE / "winmail.dat").write_bytes(out)


def blip(kind, signature, digests, data):
    """A picture of Office's drawing layer, [MS-ODRAW] 2.2.23 to 2.2.32."""
    body = bytes(16 * digests) + b"\xff" + data
    return struct.pack("<HHI", signature << 4, kind, len(body)) + body


def compounds():
    from extract_msg.ole_writer import OleWriter

    def write(name, streams):
        out = OleWriter()
        for path, data in streams.items():
            out.addEntry(path, data)
        out.write(str(HERE / name))

    wide = lambda text: text.encode("utf-16-le")
    inner = "__attach_version1.0_#00000001/__substg1.0_3701000D"
    write("outlook.msg", {
        "__properties_version1.0": bytes(32),
        "__substg1.0_0037001F": wide("a subject"),
        "__substg1.0_1000001F": wide("a text"),
        "__substg1.0_10130102": b"<p>a text</p>",
        "__nameid_version1.0/__substg1.0_00020102": bytes(16),
        "__recip_version1.0_#00000000/__substg1.0_3001001F": wide("B"),
        "__attach_version1.0_#00000000/__properties_version1.0": bytes(8),
        "__attach_version1.0_#00000000/__substg1.0_37010102": TEXT,
        "__attach_version1.0_#00000000/__substg1.0_3704001F": wide("line~1.txt"),
        "__attach_version1.0_#00000000/__substg1.0_3707001F": wide("line.txt"),
        "__attach_version1.0_#00000001/__properties_version1.0": bytes(8),
        inner + "/__properties_version1.0": bytes(24),
        inner + "/__attach_version1.0_#00000000/__substg1.0_37010102": PNG,
        inner + "/__attach_version1.0_#00000000/__substg1.0_3704001E": b"dot.png",
    })
    bmp = encoded(picture(), "BMP")
    tiff = encoded(picture(), "TIFF")
    pictures = (blip(0xF01D, 0x46A, 1, JPEG) + blip(0xF01E, 0x6E1, 2, PNG) + blip(0xF01F, 0x7A8, 1, bmp[14:])
                + blip(0xF029, 0x6E4, 1, tiff) + blip(0xF01A, 0x3D4, 1, bytes(50)) + blip(0xF01D, 0x46B, 2, JPEG))
    write("slides.ppt", {"Current User": bytes(20), "PowerPoint Document": TEXT, "Pictures": pictures})
    large = blip(0xF01E, 0x6E0, 1, PNG + bytes(20_000))
    pieces = [large[n:n + 8_224] for n in range(0, len(large), 8_224)]
    record = lambda kind, data: struct.pack("<HH", kind, len(data)) + data
    book = (record(0x809, bytes(16)) + b"".join(record(0xEB if n == 0 else 0x3C, piece) for n, piece in enumerate(pieces))
            + record(0xFC, TEXT) + record(0x3C, TEXT) + record(0x0A, b""))
    package = (b"\2\0" + b"dot.jpg\0" + b"C:\\dot.jpg\0" + struct.pack("<HHI", 0, 3, 11) + b"C:\\dot.jpg\0"
               + struct.pack("<I", len(JPEG)) + JPEG)
    write("sheet.xls", {"Workbook": book, "MBD1/\x01Ole10Native": struct.pack("<I", len(package)) + package})
    write("Thumbs.db", {
        "Catalog": bytes(16),
        "1": struct.pack("<III", 12, 1, len(JPEG)) + JPEG,
        "256_0123456789abcdef": struct.pack("<IIIIII", 24, 3, len(JPEG), 0, 0, 0) + JPEG,
    })
    write("sealed.docx", {"EncryptionInfo": bytes(16), "EncryptedPackage": bytes(5_000)})


def pdfs():
    import img2pdf, pikepdf
    from PIL import Image
    from reportlab.pdfgen import canvas
    from reportlab.lib.utils import ImageReader

    rgb = picture()
    out = canvas.Canvas(str(HERE / "report.pdf"), invariant=1)
    out.drawImage(ImageReader(io.BytesIO(PNG)), 10, 10)
    out.drawImage(ImageReader(io.BytesIO(JPEG)), 10, 90)
    out.showPage()
    out.save()
    fax = rgb.convert("1")
    fax.save(HERE / "fax.pdf", creationDate=None, modDate=None)
    (HERE / "scans.pdf").write_bytes(img2pdf.convert([JPEG, PNG, encoded(rgb.convert("L"), "PNG"),
                                                      encoded(rgb.quantize(16), "PNG"), encoded(fax, "PNG")],
                                                     nodate=True))
    pdf = pikepdf.new()
    pdf.add_blank_page()
    pixels = rgb.tobytes()

    def image(data, space, bits=8, **keys):
        stream = pikepdf.Stream(pdf, data)
        stream.Type, stream.Subtype = pikepdf.Name.XObject, pikepdf.Name.Image
        stream.Width, stream.Height, stream.BitsPerComponent, stream.ColorSpace = 24, 16, bits, space
        for key, value in keys.items():
            stream["/" + key] = value
        return pdf.make_indirect(stream)

    def predicted():
        """Each row by one of the filters of PNG, as other writers choose them."""
        from zlib import compress
        rows = [pixels[n:n + 72] for n in range(0, len(pixels), 72)]
        out = b""
        for n, row in enumerate(rows):
            before = bytes(3) + row[:-3]
            above = rows[n - 1] if n else bytes(72)
            out += bytes([n % 3]) + bytes((b - [0, l, a][n % 3]) % 256 for b, l, a in zip(row, before, above))
        return compress(out)

    indexed = rgb.quantize(256)
    palette = bytes(indexed.getpalette()[:768]).ljust(768, b"\0")
    spaces = pdf.make_indirect(pikepdf.Array([pikepdf.Name.Indexed, pikepdf.Name.DeviceRGB, 255, pikepdf.String(palette)]))
    wide = b"".join(bytes([byte, byte]) for byte in pixels)
    images = {
        "Plain": image(pixels, pikepdf.Name.DeviceRGB),
        "Indexed": image(indexed.tobytes(), spaces),
        "Wide": image(wide, pikepdf.Name.DeviceRGB, 16),
        "Cmyk": image(rgb.convert("CMYK").tobytes(), pikepdf.Name.DeviceCMYK),
        "Negative": image(bytes(255 - byte for byte in rgb.convert("L").tobytes()), pikepdf.Name.DeviceGray,
                          Decode=pikepdf.Array([1, 0])),
        "Predicted": image(b"", pikepdf.Name.DeviceRGB),
        "Short": image(pixels[:len(pixels) * 3 // 4], pikepdf.Name.DeviceRGB),
    }
    images["Predicted"].write(predicted(), filter=pikepdf.Name.FlateDecode, decode_parms=pikepdf.Dictionary(
        Predictor=15, Colors=3, Columns=24))
    pdf.pages[0].Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(**images))
    pdf.attachments["line.txt"] = pikepdf.AttachedFileSpec(pdf, TEXT, filename="Grüße.txt")
    pdf.save(HERE / "images.pdf", object_stream_mode=pikepdf.ObjectStreamMode.generate, static_id=True,
             recompress_flate=True, compress_streams=True)
    for name, user in [("locked.pdf", "secret"), ("restricted.pdf", "")]:
        pdf.save(HERE / name, encryption=pikepdf.Encryption(owner="owner", user=user, R=4))


def originals():
    (HERE / "line.txt").write_bytes(TEXT)
    (HERE / "dot.png").write_bytes(PNG)
    (HERE / "dot.jpg").write_bytes(JPEG)


if __name__ == "__main__":
    originals()
    zips()
    tars()
    streams()
    sevenzips()
    mails()
    winmail()
    compounds()
    pdfs()
