"""Finds what a condition divides by, so that a division by zero fails for decimal numbers too, which CEL would call infinite."""

import re

_QUOTED = re.compile(
    r"""[bB]?[rR][bB]?(?:\"{3}.*?\"{3}|'{3}.*?'{3}|"[^"\n]*"|'[^'\n]*')"""
    r"""|[bB]?(?:\"{3}(?:\\.|.)*?\"{3}|'{3}(?:\\.|.)*?'{3}|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')""",
    re.DOTALL,
)
_IDLE = re.compile(r"(?:\s|//[^\n]*)+")
_SIGNS = re.compile(r"(?:[-!]|\s|//[^\n]*)+")
_WORD = re.compile(r"\d+(?:\.\d+)?[eE][-+]?\d+|[\w.]+")
_OPENS, _CLOSES = "([{", ")]}"


def with_divisors(text: str, function: str) -> str:
    """Return a readable condition in which each divisor is an argument of a function: `a / b` becomes `a /function( b)`."""
    added: list[tuple[int, str]] = []
    place = 0
    while place < len(text):
        if passed := _QUOTED.match(text, place) or _IDLE.match(text, place) or _WORD.match(text, place):
            place = passed.end()
            continue
        if text[place] == "/":
            added += [(place + 1, f"{function}("), (_end(text, place + 1), ")")]
        place += 1
    for at, piece in sorted(added, key=lambda one: one[0], reverse=True):
        text = text[:at] + piece + text[at:]
    return text


def _end(text: str, place: int) -> int:
    """Return the end of the operand that begins at a place: signs, a name, a value or brackets, and its fields, calls and indexes."""
    signs = _SIGNS.match(text, place)
    end = place = signs.end() if signs else place
    while place < len(text):
        if passed := _QUOTED.match(text, place) or _WORD.match(text, place):
            end = place = passed.end()
            if passed[0].endswith("."):
                place = _past(text, place)
        elif text[place] in _OPENS:
            end = place = _closed(text, place)
        elif (passed := _IDLE.match(text, place)) and text[passed.end() : passed.end() + 1] in (".", "(", "["):
            place = passed.end()
        else:
            break
    return end


def _past(text: str, place: int) -> int:
    """Return the first place that is not part of a blank or a remark."""
    idle = _IDLE.match(text, place)
    return idle.end() if idle else place


def _closed(text: str, place: int) -> int:
    """Return the place after the bracket that closes the one at a place."""
    depth = 0
    while place < len(text):
        if passed := _QUOTED.match(text, place) or _IDLE.match(text, place):
            place = passed.end()
            continue
        depth += (text[place] in _OPENS) - (text[place] in _CLOSES)
        place += 1
        if depth == 0:
            break
    return place
