"""Markdown to a page: headings with anchors, code samples with copy buttons and tabs, links that work on the site."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.text import slugify
from django.utils.translation import gettext as _
from markdown_it import MarkdownIt
from markdown_it.token import Token

LANGUAGES = {
    "sh": "curl",
    "python": "Python",
    "js": "JavaScript",
    "php": "PHP",
    "html": "HTML",
    "css": "CSS",
}
PICTURES = re.compile(r"^(\|.*\n)*\|.*!\[.*\n(\|.*\n)*|^!\[.*\n", re.MULTILINE)
"""A picture on its own line, or a table with pictures: these are only for readers of the repository."""
PERCENT = re.compile(r"(?<=\d) %")
"""A percent sign with the blank that most languages write before it; it stays on the line of its number."""

Link = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with the text below it; `level` 1 is the guide's title. Its anchor is empty for the title."""

    anchor: str
    title: str
    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Rendered:
    """A guide as HTML, and its sections in order."""

    html: str
    sections: tuple[Section, ...]

    @property
    def title(self) -> str:
        """The first heading."""
        return self.sections[0].title


def render(text: str, link: Link, anchors: Sequence[str] = ()) -> Rendered:
    """Render a guide without its pictures. `link` returns the address of a link's target, or an empty text if it is not served.

    `anchors` are the anchors of the headings, in order, including the title; a heading without one gets an anchor made of its words.
    """
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = reader.parse(PERCENT.sub("\N{NO-BREAK SPACE}%", PICTURES.sub("", text)))
    sections = tuple(_sections(tokens, iter(anchors)))
    for token in tokens:
        if token.children:
            token.children = list(_linked(token.children, link))
    html = reader.renderer.render(list(_sampled(tokens)), reader.options, {})
    return Rendered(str(html), sections)


def _sections(tokens: list[Token], anchors: Iterator[str]) -> Iterator[Section]:
    """Yield the sections, and give each heading its anchor."""
    head: tuple[str, str, int] | None = None
    said: list[str] = []
    for before, token in zip([None, *tokens], tokens, strict=False):
        if before is not None and before.type == "heading_open":
            if head is not None:
                yield Section(*head, " ".join(said))
            title = plain(token)
            anchor, level = next(anchors, "") or slugify(title, allow_unicode=True), int(before.tag[1])
            before.attrSet("id", anchor)
            head, said = ("" if level == 1 else anchor, title, level), []
        elif token.type == "inline":
            said.append(plain(token))
        elif token.type == "fence":
            said.append(token.content)
    if head is not None:
        yield Section(*head, " ".join(said))


def plain(token: Token) -> str:
    """Return the text of a paragraph or heading without its markup."""
    parts = [" " if child.type in {"softbreak", "hardbreak"} else child.content for child in token.children or ()]
    return "".join(parts)


def _linked(children: list[Token], link: Link) -> Iterator[Token]:
    """Yield a paragraph's parts with links that work on the site; a link to a file that is not served becomes its text."""
    dropped = 0
    for child in children:
        if child.type == "link_open":
            there = link(str(child.attrGet("href") or ""))
            child.attrSet("href", there)
            dropped = int(not there)
            if there:
                yield child
        elif child.type == "link_close":
            if not dropped:
                yield child
            dropped = 0
        elif child.type != "image":
            yield child


def _sampled(tokens: list[Token]) -> Iterator[Token]:
    """Yield the tokens with code samples as blocks; consecutive samples in different languages are tabs of one block."""
    group: list[Token] = []
    count = 0
    for token in [*tokens, Token("end", "", 0)]:
        if token.type in {"fence", "code_block"} and token.info not in {one.info for one in group}:
            group.append(token)
            continue
        if group:
            count += 1
            yield Token("html_block", "", 0, content=_block(group, f"sample-{count}"))
        group = [token] if token.type in {"fence", "code_block"} else []
        if not group and token.type != "end":
            yield token


def _block(group: list[Token], name: str) -> str:
    """Return samples with their tabs, each with a copy button."""
    copy, copied, label = _("Copy"), _("Copied"), _("Languages of the sample")
    titles = [LANGUAGES.get(token.info, _("Sample")) for token in group]
    tabs = [
        format_html(
            '<button type="button" role="tab" id="{0}-tab-{1}" aria-controls="{0}-{1}" aria-selected="{2}">{3}</button>',
            name,
            at,
            "true" if at == 1 else "false",
            title,
        )
        for at, title in enumerate(titles, 1)
    ]
    panels = [
        format_html(
            '<div class="sample" id="{0}-{1}" data-panel><p class="code-title">{2}</p><pre tabindex="0" aria-label="{2}">'
            '<code id="{0}-text-{1}">{3}</code></pre><button class="sample-copy" type="button" data-copy="{0}-text-{1}" data-done="{4}"'
            ' aria-live="polite">{5}</button></div>',
            *(name, at, title, token.content.rstrip("\n"), copied, copy),
        )
        for at, (title, token) in enumerate(zip(titles, group, strict=True), 1)
    ]
    bar = format_html('<div class="code-tabs" role="tablist" aria-label="{}">{}</div>', label, mark_safe("".join(tabs)))  # noqa: S308
    return format_html(
        '<div class="code" data-tabs>{}{}</div>\n',
        bar if len(group) > 1 else "",
        mark_safe("".join(panels)),  # noqa: S308  (made of escaped parts)
    )
