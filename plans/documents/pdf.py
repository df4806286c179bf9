"""A document as a PDF: tagged for screen readers (PDF/UA-1), with its fonts inside, and the same bytes for the same document."""

import json
import re
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.utils.translation import override

from plans.documents.glyphs import LONGEST, drawn
from plans.documents.lines import Block
from plans.documents.reading import Paper
from plans.documents.texts import NAMES

if TYPE_CHECKING:
    import typst

_HERE = Path(__file__).parent
_COLOR = re.compile(r"#[0-9a-fA-F]{6}")
_LONG = re.compile(rf"[^\s\u200b]{{{LONGEST}}}(?=[^\s\u200b])")
_UNSAFE = re.compile(r"[^A-Za-z0-9_-]")
# Paper size by market.
_LETTER = {"US"}


def render(paper: Paper, *, reference: str, market: str, large: bool = False) -> bytes:
    """Return a document as a PDF; `reference`, the order's public id, stands at the foot of every page. Takes about a tenth of a second.

    `large`: in 16 points, for who needs large print.
    """
    # Imported here because it is big, and most processes never need it.
    import typst

    lender = paper.lender
    name = lender.get("name", "")
    data = {
        "title": drawn(paper.title or _name(paper)),
        "author": drawn(lender.get("legal_name", "") or name),
        "name": drawn(name),
        "language": paper.language,
        "color": color if _COLOR.fullmatch(color := lender.get("color", "")) else "",
        "size": "us-letter" if market in _LETTER else "a4",
        "large": large,
        "foot": drawn(" · ".join(part for part in (lender.get("legal_name", ""), reference, paper.version) if part)),
        "blocks": [_data(block) for block in paper.blocks],
    }
    made = typst.compile(
        (_HERE / "document.typ").read_bytes(),
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs={"paper": json.dumps(data)},
        pdf_standards="ua-1",
        timestamp=int(datetime.fromisoformat(paper.at).timestamp()) if paper.at else 0,
    )
    assert isinstance(made, bytes)
    return made


def _name(paper: Paper) -> str:
    """Name a document that has no title of its own, in its language."""
    with override(paper.language):
        return str(NAMES[paper.kind])


def file_name(paper: Paper, reference: str) -> str:
    """Return a document's file name, made only of letters, digits, `-` and `_`."""
    return f"{paper.kind.replace('_', '-')}-{_UNSAFE.sub('', reference)}.pdf"


@cache
def _fonts() -> "typst.Fonts":
    import typst

    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[_HERE / "fonts"])


def _data(block: Block) -> dict[str, Any]:
    links = block.kind == "links"
    return {
        "kind": block.kind,
        "text": _breakable(drawn(block.text)),
        "rows": [_breakable(drawn(row)) for row in block.rows],
        "cells": [[cell if links and place else _breakable(drawn(cell)) for place, cell in enumerate(cells)] for cells in block.cells],
    }


def _breakable(text: str) -> str:
    """Let lines break inside very long words, such as order numbers."""
    return _LONG.sub(lambda found: f"{found[0]}\u200b", text)
