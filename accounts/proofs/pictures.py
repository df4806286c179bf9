"""Pictures that people send: what is no photo is refused, and what is one is drawn anew, so that nothing but the picture stays of it.

A file is known by its content and never by its name. Its size is read from its first bytes, before anything is unpacked.
"""

import io
import struct
import zlib
from typing import Any

from PIL import Image, ImageDraw, ImageFont, ImageOps

from core.sentences import Sentence

MOST_BYTES = 10 * 1024 * 1024
MOST_PIXELS, MOST_OF_PLAIN, MOST_SIDE = 16_000_000, 50_000_000, 12_000
"""Phones send up to 48 megapixels as a plain JPEG, which is read at a fraction of its size; all others have to be unpacked whole."""
LEAST_SIDE = 240
KEPT_SIDE, QUALITY = 1_800, 82
"""The longer side in pixels, and the quality, of what is kept: small print of a passport is still read."""
FORMATS = ("JPEG", "PNG")
_BEGINS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")
_BROKEN = (OSError, ValueError, SyntaxError, EOFError, LookupError, TypeError, ArithmeticError, struct.error, zlib.error)
_BOMBS = (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError)


class NotAPicture(Exception):
    """A file cannot be kept as a picture; `fault` says why, for the field of the form."""

    def __init__(self, fault: str) -> None:
        super().__init__(fault)
        self.fault = fault


def clean(body: bytes) -> bytes:
    """Return a photo drawn anew as a JPEG of at most 1,800 pixels, upright, without metadata; NotAPicture."""
    if not body:
        raise NotAPicture(Sentence("the file is empty"))
    if len(body) > MOST_BYTES:
        raise NotAPicture(Sentence("a picture has at most %(most)d MB", most=MOST_BYTES // 1024 // 1024))
    if not body.startswith(_BEGINS):
        raise NotAPicture(Sentence("only photos, as JPEG or PNG"))
    try:
        with Image.open(io.BytesIO(body), formats=FORMATS) as picture:
            plain = picture.format in {"JPEG", "MPO"} and "progressive" not in picture.info
            _check_size(*picture.size, MOST_OF_PLAIN if plain else MOST_PIXELS)
            return _drawn(picture)
    except _BOMBS:
        raise _too_large() from None
    except _BROKEN:
        raise NotAPicture(Sentence("the picture cannot be read; take it again")) from None


def _check_size(width: int, height: int, most: int) -> None:
    if width * height > most or max(width, height) > MOST_SIDE:
        raise _too_large()
    if min(width, height) < LEAST_SIDE:
        raise NotAPicture(Sentence("the picture is too small to be read"))


def _too_large() -> NotAPicture:
    return NotAPicture(Sentence("the picture has too many pixels"))


def _drawn(picture: Any) -> bytes:
    # A JPEG is read at a fraction of its size where that is enough.
    picture.draft("RGB", (KEPT_SIDE, KEPT_SIDE))
    upright = ImageOps.exif_transpose(picture)
    upright.thumbnail((KEPT_SIDE, KEPT_SIDE))
    if upright.mode != "RGB":
        over = upright.convert("RGBA")
        upright = Image.new("RGB", over.size, "white")
        upright.paste(over, mask=over.getchannel("A"))
    return _as_jpeg(Image.frombytes("RGB", upright.size, upright.tobytes()))


def _as_jpeg(picture: Image.Image) -> bytes:
    made = io.BytesIO()
    picture.save(made, "JPEG", quality=QUALITY)
    return made.getvalue()


def marked(body: bytes, words: str) -> bytes:
    """Return a kept picture with words all over it, which say who sees it and when, so that a copy tells where it comes from."""
    with Image.open(io.BytesIO(body), formats=("JPEG",)) as picture:
        base = picture.convert("RGBA")
    layer = Image.new("RGBA", base.size, (0, 0, 0, 0))
    pen, font = ImageDraw.Draw(layer), ImageFont.load_default(max(12, base.width // 40))
    wide, high = int(pen.textlength(words, font)) + 40, max(60, base.height // 6)
    for row, top in enumerate(range(0, base.height, high)):
        for left in range(-(row % 2) * wide // 2, base.width, wide):
            pen.text((left, top), words, font=font, fill=(255, 255, 255, 120), stroke_width=1, stroke_fill=(0, 0, 0, 120))
    return _as_jpeg(Image.alpha_composite(base, layer).convert("RGB"))
