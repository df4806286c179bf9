"""The characters that the documents' font can draw, so that no PDF has a missing one."""

import unicodedata

_DRAWN = """
    20-7e a0-ac ae-148 14a-1c3 1c5-24f 300-304 306-30a 30c 30f 313 315 31b 323 326-328 32c 337-338 342-343 346-36f 374-376
    37a-37f 384-38a 38c 38e-3a1 3a3-3d7 3dc-3dd 3f0-3f6 3f9-3fa 3fc-479 480-49d 4a0-4ff 52f 1e00-1e9b 1e9d-1f15 1f18-1f1d
    1f20-1f45 1f48-1f4d 1f50-1f57 1f59 1f5b 1f5d 1f5f-1f7d 1f80-1fb4 1fb6-1fc4 1fc6-1fd3 1fd6-1fdb 1fdd-1fef 1ff2-1ff4
    1ff6-1ffe 2010-2027 202f-2055 2057 2070-2071 2074-208e 2090-209c 20a0-20af 20b1-20b5 20b8-20ba 20bc-20c0 2100-2101 2103
    2105-2106 2109 2113 2116-2117 211e-2122 2126 212a-212b 212e 2132 213b 214d 2150-217f 2183-2186 2189 2190-2199 21a9-21aa
    21b0-21b1 21b3-21b5 21ba-21bb 21d0 21d2 21d4 21de-21df 21e4-21e5 21e7 21ea 2202 2205-2206 220f 2211-2212 221a 221e 222b
    2236 2248 2260 2264-2265 2295-2298 25a0-25a2 25aa 25b2-25b3 25b6-25b7 25ba-25bd 25c0-25c1 25c4-25c7 25ca-25cb 25cf 25e6
    25ef 2713 2717
"""
"""Ranges of code points (hexadecimal) of `fonts/`, both weights; tests/plans/test_pdf.py draws them all."""
_RANGES = [tuple(int(end, 16) for end in (part.split("-") * 2)[:2]) for part in _DRAWN.split()]
DRAWN = frozenset(chr(code) for start, end in ((one[0], one[1]) for one in _RANGES) for code in range(start, end + 1))
INSTEAD = "□"
"""Stands for a character that the font cannot draw."""
LONGEST = 28
"""The longest run of characters without a place to break a line."""


def drawn(text: str) -> str:
    """Return a text in characters that the font can draw: composed, without invisible characters, with □ for letters of other scripts."""
    composed = unicodedata.normalize("NFC", text)
    return "".join(sign if sign in DRAWN else _instead(sign) for sign in composed)


def _instead(sign: str) -> str:
    """Return the replacement for a character without a glyph: its base letter, the box, or nothing for an invisible character or a mark."""
    if unicodedata.category(sign) in {"Cf", "Cc", "Mn", "Me", "Cs", "Co"}:
        return ""
    plain = "".join(part for part in unicodedata.normalize("NFKD", sign) if part in DRAWN)
    return plain.strip() or INSTEAD
