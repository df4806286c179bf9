"""The stored form of documents: plain text, in which the first character of a line says what kind of line it is.

`= title`, `# head`, `- point`, `- name<tab>value`, `| cell<tab>cell` (the first of adjacent rows is the table's head),
`> words<tab>address` (a link), `_ label` (a line of a paper form); all else is a paragraph. Readers split a document into blocks.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from core.sentences import one_stop

MARKS = ("= ", "# ", "- ", "| ", "> ", "_ ")
_KINDS = {"=": "title", "#": "head", "-": "list", "|": "table", ">": "links", "_": "form"}
_ADDRESSES = ("https://", "mailto:")


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a document: `title`, `head`, `text`; `list` and `form` (with `rows`); `pairs`, `table` and `links` (with `cells`)."""

    kind: str
    text: str = ""
    rows: tuple[str, ...] = ()
    cells: tuple[tuple[str, ...], ...] = ()


def joined(lines: Iterable[str]) -> str:
    """Return the text of lines, none of which ends in two full stops."""
    return "".join(f"{one_stop(line.rstrip())}\n" for line in lines)


def title(text: str) -> str:
    """Write the document's title."""
    return f"= {_one_line(text)}"


def head(text: str) -> str:
    """Write the heading of a section, after an empty line."""
    return f"\n# {_one_line(text)}"


def text(*sentences: str) -> str:
    """Write a paragraph of sentences; empty ones are left out."""
    line = _one_line(" ".join(sentence for sentence in sentences if sentence))
    return f"\u2060{line}" if line.startswith(MARKS) else line


def point(words: str) -> str:
    """Write a point of a list."""
    return f"- {_one_line(words)}"


def pair(name: str, value: str) -> str:
    """Write a name and its value."""
    return f"- {_one_line(name)}\t{_one_line(value)}"


def row(cells: Sequence[str]) -> str:
    """Write a row of a table; the first of a table is its head."""
    return "| " + "\t".join(map(_one_line, cells))


def link(words: str, address: str) -> str:
    """Write a link to a page or an e-mail address."""
    assert address.startswith(_ADDRESSES), address
    return f"> {_one_line(words)}\t{_one_line(address)}"


def blank(label: str) -> str:
    """Write a line of a form that a person fills in on paper."""
    return f"_ {_one_line(label)}"


def _one_line(words: str) -> str:
    """Return words on one line, so that text written by a person or a shop can never start a line of its own."""
    return "".join(" " if sign in "\t\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029" else sign for sign in words)


def blocks_of(document: str) -> Iterator[Block]:
    """Yield the pieces of a document's text."""
    gathered: list[str] = []
    kind = ""
    for line in [*document.splitlines(), ""]:
        mark = line[0] if line.startswith(MARKS) else ""
        found = _KINDS.get(mark, "text")
        if found == "list" and "\t" in line:
            found = "pairs"
        if gathered and found != kind:
            yield _block(kind, gathered)
            gathered = []
        kind = found
        if found in {"title", "head"}:
            yield Block(found, line[2:])
        elif found != "text":
            gathered.append(line[2:])
        elif line:
            yield Block("text", line)


def _block(kind: str, lines: Sequence[str]) -> Block:
    if kind in {"list", "form"}:
        return Block(kind, rows=tuple(lines))
    cells = tuple(tuple(line.split("\t")) for line in lines)
    if kind == "links":
        cells = tuple((one[0], one[-1]) for one in cells if one[-1].startswith(_ADDRESSES))
    return Block(kind, cells=cells)
