"""Validation of single fields of a brand. Pure."""

import re
from collections.abc import Mapping

from core.sentences import Faulty as FaultyText
from core.sentences import Sentence
from core.web_addresses import NotAnAddress, read_host

LANGUAGES = ("en", "da", "sv", "de")
TEXTS = {"tagline": 160, "supervision": 200, "legal": 300}
"""The names of a brand's own texts, each with its greatest length in characters: a tagline, the supervisor (a translation of the row's
own field), and a further legal sentence under pages and letters."""
QUARTER = "~M9 0v9H0V4.5A4.5 4.5 0 0 1 4.5 0z\nM9 0h4.5A4.5 4.5 0 0 1 18 4.5v9a4.5 4.5 0 0 1-4.5 4.5h-9A4.5 4.5 0 0 1 0 13.5V9h9z"
"""The default logo mark."""
_PATH = re.compile(r"[Mm][MmLlHhVvCcSsQqTtAaZz0-9 .,-]{0,600}")
_COLOR = re.compile(r"#[0-9a-f]{6}")
_CODE = re.compile(r"[a-z][a-z0-9-]{1,39}")
_SMS_SENDER = re.compile(r"[A-Za-z0-9 ]{3,11}|\+[0-9]{6,15}")
MOST_PATHS = 6


class Faulty(FaultyText):
    """A value that is not valid for a field of a brand; the message says why, for people."""


def read_mark(text: str) -> tuple[tuple[str, bool], ...]:
    """Parse a logo mark into its paths, each with whether it is drawn pale; Faulty for anything but path data.

    Each line is the path data of one SVG path in a box of 18 by 18; only letters and numbers are allowed, so that no markup can be
    hidden in it. A line that begins with `~` is drawn pale. Without lines, the mark is the first letter of the brand's name.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) > MOST_PATHS:
        raise Faulty(Sentence("A mark has %(most)s paths or fewer.", most=MOST_PATHS))
    if not all(_PATH.fullmatch(line.removeprefix("~")) for line in lines):
        raise Faulty("Write the paths of the drawing, one a line, such as M9 0v9H0z: letters of SVG paths and numbers only.")
    return tuple((line.removeprefix("~"), line.startswith("~")) for line in lines)


def tidy_mark(text: str) -> str:
    """Normalize a logo mark: one path per line; Faulty for anything but path data."""
    return "\n".join(("~" if is_pale else "") + path for path, is_pale in read_mark(text))


def read_color(text: str) -> str:
    """Normalize a color to `#rrggbb` in lower case; an empty text (the default color) stays empty. Faulty for anything else."""
    color = text.strip().lower()
    if color and not _COLOR.fullmatch(color):
        raise Faulty("Write a color as # and six digits, such as #1d4ed8.")
    return color


def read_code(text: str) -> str:
    """Return a brand's code: lower case letters, digits and hyphens; Faulty for anything else."""
    if not _CODE.fullmatch(text):
        raise Faulty("Write two or more lower case letters, digits and hyphens, beginning with a letter.")
    return text


def read_domain(text: str) -> str:
    """Return a brand's host name in its canonical form; Faulty for an address with more than a host."""
    try:
        return read_host(text.strip())
    except NotAnAddress:
        raise Faulty("Write the host name alone, such as pay.example.com, without https:// or a port.") from None


def read_sms_sender(text: str) -> str:
    """Return the sender of SMS: 3 to 11 letters, digits and spaces, or a number with +; empty for the account's own. Faulty otherwise."""
    sender = text.strip()
    if sender and not _SMS_SENDER.fullmatch(sender):
        raise Faulty("Write 3 to 11 letters and digits, or a number that begins with +.")
    return sender


def read_texts(texts: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """Return a brand's own texts by language and name, without empty ones; Faulty for an unknown language or name, or one too long."""
    found: dict[str, dict[str, str]] = {}
    for language, named in texts.items():
        if language not in LANGUAGES or named.keys() - TEXTS.keys():
            raise Faulty("There is no such language or text.")
        for name, text in named.items():
            if len(text) > TEXTS[name]:
                raise Faulty(Sentence("Write %(most)s characters or fewer.", most=TEXTS[name]))
        if kept := {name: " ".join(text.split()) for name, text in named.items() if text.strip()}:
            found[language] = kept
    return found
