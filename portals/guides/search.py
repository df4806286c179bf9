"""Search over all guides. Pure, on the rendered guides."""

import re
from dataclasses import dataclass

from portals.guides.render import Section
from portals.guides.shelf import Guide

MOST_WORDS, MOST_LETTERS, MOST_HITS = 8, 100, 30
BEFORE, AFTER = 60, 160
WORD = re.compile(r"[\w.+/-]*\w")


@dataclass(frozen=True, slots=True)
class Hit:
    """A section that contains every word: its guide's title, its own, its address, and the text around the first word."""

    guide: str
    title: str
    path: str
    language: str
    before: str
    word: str
    after: str


def words_of(query: str) -> list[str]:
    """Return the words of a search, in lower case; at most eight."""
    return WORD.findall(query[:MOST_LETTERS].casefold())[:MOST_WORDS]


def find(query: str, guides: list[Guide]) -> list[Hit]:
    """Return the sections that contain every word of a search; those with a word in their heading come first."""
    words = words_of(query)
    if not words:
        return []
    found = [(_rank(section, words), guide, section) for guide in guides for section in guide.page.sections if _holds(section, words)]
    found.sort(key=lambda one: one[0])
    return [_hit(guide, section, words[0]) for _, guide, section in found[:MOST_HITS]]


def _holds(section: Section, words: list[str]) -> bool:
    whole = f"{section.title} {section.text}".casefold()
    return all(word in whole for word in words)


def _rank(section: Section, words: list[str]) -> int:
    """Return a sort key: 0 for a heading with all words, more for one with fewer of them."""
    return sum(word not in section.title.casefold() for word in words)


def _hit(guide: Guide, section: Section, word: str) -> Hit:
    text = section.text
    place = re.search(re.escape(word), text, re.IGNORECASE)
    start, end = place.span() if place else (0, 0)
    before, after = text[max(0, start - BEFORE) : start], text[end : end + AFTER]
    return Hit(
        guide=guide.page.title,
        title=section.title,
        path=guide.path + (f"#{section.anchor}" if section.anchor else ""),
        language=guide.language,
        before=("…" if start > BEFORE else "") + before,
        word=text[start:end],
        after=after + ("…" if end + AFTER < len(text) else ""),
    )
