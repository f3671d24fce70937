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


def originals():
    (HERE / "line.txt").write_bytes(TEXT)
    (HERE / "dot.png").write_bytes(PNG)
    (HERE / "dot.jpg").write_bytes(JPEG)


if __name__ == "__main__":
    originals()
    zips()
    tars()
    streams()
