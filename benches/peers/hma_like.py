"""A stand-in for HMA in tests: PIL and pdqhash as HMA uses them, its paths, shapes and quirks, and nothing else.

    hma_like.py PORT BANKS.json

BANKS.json is {"BANK": ["<64 hex>", ...]}; the entries are numbered from 1 in the order of the file. Prints "ready" once it
listens on 127.0.0.1. It fetches nothing, so GET /h/hash is not there. Answers POST /h/hash, GET and POST /m/lookup,
GET /m/raw_lookup, GET /m/index/status, POST /m/compare, GET /c/bank/NAME/content/ID.

Kept on purpose: pictures as PIL opens them, converted by pdqhash without regard to palette, EXIF or transparency; an empty
hash for a quality below 50, refused with 400 on look-up; distances as strings; an index of one entry that matches nothing.
"""

import io
import json
import re
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import numpy
import pdqhash
from PIL import Image

THRESHOLD = 31
MIN_QUALITY = 50


def hashed(content):
    """The hash as tx computes it: of what PIL opens, as numpy sees it."""
    picture = Image.open(io.BytesIO(content))
    if picture.mode not in ("RGB", "L", "P", "RGBA", "LA", "CMYK", "1", "I;16"):
        picture = picture.convert("RGB")
    pixels = numpy.asarray(picture)
    if pixels.ndim == 3 and pixels.shape[2] != 3:
        pixels = pixels[:, :, :3] if pixels.shape[2] > 3 else pixels[:, :, 0]
    bits, quality = pdqhash.compute(numpy.ascontiguousarray(pixels.astype(numpy.uint8)))
    if quality < MIN_QUALITY:
        return ""
    return numpy.packbits(bits).tobytes().hex()


def file_of(content_type, body):
    """The file of a multipart body."""
    boundary = re.search(r'boundary="?([^";]+)', content_type)
    if not boundary:
        return None
    for part in body.split(b"--" + boundary.group(1).encode())[1:]:
        head, _, content = part.partition(b"\r\n\r\n")
        if b"filename" in head.lower():
            return content[:-2]
    return None


class Banks:
    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            banks = json.load(file)
        self.entries = [(bank, code) for bank, codes in banks.items() for code in codes]

    def near(self, code):
        if len(self.entries) == 1:
            return []  # HMA finds nothing in an index of one
        wanted = int(code, 16)
        distances = ((wanted ^ int(stored, 16)).bit_count() for _, stored in self.entries)
        return [(n + 1, self.entries[n][0], bits) for n, bits in enumerate(distances) if bits <= THRESHOLD]


class Handler(BaseHTTPRequestHandler):
    banks = None
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        """Nothing."""

    def tell(self, status, answer):
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def lookup(self, code):
        if not re.fullmatch("[0-9a-fA-F]{64}", code):
            return None
        found = {}
        for number, bank, bits in self.banks.near(code):
            found.setdefault(bank, []).append({"bank_content_id": number, "distance": str(bits)})
        return found

    def do_GET(self):
        url = urlsplit(self.path)
        query = {key: values[0] for key, values in parse_qs(url.query, keep_blank_values=True).items()}
        signal = query.get("signal", "")
        entry = re.fullmatch(r"/c/bank/(\w+)/content/(\d+)", url.path)
        if url.path == "/m/lookup":
            found = self.lookup(signal)
            self.tell(*((200, found) if found is not None else (400, {"message": "invalid signal"})))
        elif url.path == "/m/raw_lookup":
            found = self.lookup(signal)
            if found is None:
                return self.tell(400, {"message": "invalid signal"})
            self.tell(200, {"matches": [one["bank_content_id"] for all in found.values() for one in all]})
        elif url.path == "/m/index/status":
            self.tell(200, {"pdq": {"built_to": 1, "present": True, "size": len(self.banks.entries)}})
        elif entry and 1 <= int(entry.group(2)) <= len(self.banks.entries):
            self.tell(200, {"id": int(entry.group(2)), "disable_until_ts": 1})
        else:
            self.tell(404, {"message": "not found"})

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        path = urlsplit(self.path).path
        if path == "/m/compare":
            one, other = json.loads(body)["pdq"]
            bits = (int(one, 16) ^ int(other, 16)).bit_count()
            return self.tell(200, {"pdq": [bits <= THRESHOLD, {"distance": bits}]})
        content = file_of(self.headers.get("Content-Type", ""), body)
        if content is None or path not in ("/h/hash", "/m/lookup"):
            return self.tell(400, {"message": "send one file"})
        try:
            code = hashed(content)
        except Exception:
            return self.tell(500, {"message": "internal error"})
        if path == "/h/hash":
            return self.tell(200, {"pdq": code})
        found = self.lookup(code)
        self.tell(*((200, {"pdq": found}) if found is not None else (400, {"message": "invalid signal"})))


def main():
    port, banks = sys.argv[1:]
    Handler.banks = Banks(banks)
    server = ThreadingHTTPServer(("127.0.0.1", int(port)), Handler)
    print("ready", server.server_address[1], flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
