"""Pictures made by tests: photos as phones send them, and files that are none."""

import io
import zlib
from struct import pack

from PIL import Image, PngImagePlugin

SIZE = (640, 400)


def photo(kind="JPEG", size=SIZE, color=(200, 40, 40), mode="RGB", **how):
    made = io.BytesIO()
    Image.new(mode, size, color).save(made, kind, **how)
    return made.getvalue()


def with_place():
    """A photo that says where it was taken and by which phone, lying on its side."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "PhoneMaker"
    exif.get_ifd(0x8825).update({1: "N", 2: (55.0, 40.0, 34.0), 3: "E", 4: (12.0, 34.0, 6.0)})
    return photo(exif=exif)


def chunk(name, body):
    return pack(">I", len(body)) + name + body + pack(">I", zlib.crc32(name + body))


def png_of(width, height, *more):
    """A PNG that claims a size, with little in it."""
    head = chunk(b"IHDR", pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(more) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


def noted(**notes):
    told = PngImagePlugin.PngInfo()
    for name, text in notes.items():
        told.add_text(name, text)
    return photo("PNG", pnginfo=told)


def jpeg_of(width, height):
    """A JPEG whose header claims another size."""
    body = bytearray(photo())
    at = body.index(b"\xff\xc0")
    body[at + 5 : at + 9] = pack(">HH", height, width)
    return bytes(body)


SVG = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'><script>alert(1)</script></svg>"
BOMB = zlib.compress(b"\0" * 200_000_000, 9)
REFUSED = {
    "nothing": b"",
    "one byte": b"\xff",
    "svg": SVG,
    "svg with a declaration": b"<?xml version='1.0'?>" + SVG,
    "html": b"<!doctype html><script>alert(1)</script>",
    "xml with entities": b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>",
    "pdf": b"%PDF-1.7\n1 0 obj",
    "pdf before a photo": b"%PDF-1.4\n" + photo(),
    "html before a photo": b"<script>alert(1)</script>" + photo(),
    "zip": b"PK\x03\x04" + b"\0" * 100,
    "program": b"\x7fELF" + b"\0" * 100,
    "windows program": b"MZ" + b"\0" * 100,
    "gif": photo("GIF"),
    "bmp": photo("BMP"),
    "tiff": photo("TIFF"),
    "ico": photo("ICO", size=(256, 256)),
    "webp": photo("WEBP"),
    "heic": b"\0\0\0\x18ftypheic" + b"\0" * 100,
    "postscript": b"%!PS-Adobe-3.0 EPSF-3.0\n(x) run",
    "php as jpeg": b"\xff\xd8\xff\xe0<?php system($_GET[0]); ?>",
    "cut photo": photo()[:300],
    "cut png": photo("PNG")[:120],
    "png of 50,000 x 50,000": png_of(50_000, 50_000),
    "jpeg of 50,000 x 50,000": jpeg_of(50_000, 50_000),
    "png of 12,001 x 300": png_of(12_001, 300),
    "png of no size": png_of(0, 0),
    "png of 2^31": png_of(2**31 - 1, 2**31 - 1),
    "png whose note unpacks to 200 MB": png_of(400, 400, chunk(b"zTXt", b"Comment\0\0" + BOMB)),
    "png whose colors unpack to 200 MB": png_of(400, 400, chunk(b"iCCP", b"p\0\0" + BOMB)),
    "png with a wrong sum": photo("PNG").replace(b"IDAT", b"IDAX"),
    "png that holds less than it claims": png_of(6_000, 6_000),
    "too small": photo(size=(100, 100)),
    "too large": photo() + b"\0" * (10 * 1024 * 1024),
}
CLEANED = {
    "photo with the place": with_place(),
    "photo with a zip behind it": photo() + b"PK\x03\x04secret" + b"PK\x05\x06" + b"\0" * 18,
    "photo with html in a comment": photo(comment=b"secret<script>alert(1)</script>"),
    "png with notes": noted(secret="<script>alert(1)</script>", Location="55.67 N"),
    "png with a program behind it": photo("PNG") + b"MZsecret",
    "png that one sees through": photo("PNG", mode="RGBA", color=(0, 0, 0, 0)),
    "photo for print": photo(mode="CMYK", color=(0, 0, 0, 0)),
}
