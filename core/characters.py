"""Invisible characters are removed from texts of people and shops, so that texts that look the same are the same. Pure."""

import unicodedata

# Format characters (bidirectional controls, joiners, soft hyphens, tags) have a Unicode category of their own. The characters below
# are letters, marks or signs by category, but are not drawn (Default_Ignorable_Code_Point, and the blank pattern of Braille).
_BLANK = frozenset(
    [
        0x034F,
        0x115F,
        0x1160,
        0x17B4,
        0x17B5,
        0x2800,
        0x3164,
        0xFFA0,
        *range(0x180B, 0x1810),
        *range(0xFE00, 0xFE10),
        *range(0xE0100, 0xE01F0),
    ]
)
_UNSEEN = frozenset({"Cc", "Cf", "Co", "Cs"})


def visible(text: str) -> str:
    """Return a text as one line of visible characters: composed (NFC), every run of blanks a single space, both ends stripped."""
    spaced = " ".join(unicodedata.normalize("NFC", text).split())
    kept = "".join(char for char in spaced if not _is_unseen(char))
    return " ".join(kept.split())


def has_unseen(text: str) -> bool:
    """Return whether a text contains invisible characters, which can make one name look like another."""
    return any(map(_is_unseen, text))


def _is_unseen(char: str) -> bool:
    return ord(char) in _BLANK or unicodedata.category(char) in _UNSEEN


def first_seen(text: str) -> str:
    """Return a text's first visible letter, digit, sign or punctuation mark; empty where there is none."""
    return next((char for char in text if unicodedata.category(char)[0] in "LNPS" and ord(char) not in _BLANK), "")
