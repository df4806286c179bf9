"""Documents as people read them: written now, or read from the stored agreement of a plan as agreed to, never from today's texts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import get_language, gettext, override

from plans.documents.lines import Block, blocks_of, joined

_STORED = {"information": "information", "agreement": "text", "payment_plan": "payment_plan", "pricing": "pricing"}
"""The stored name of each kind of document, in reading order."""


@dataclass(frozen=True, slots=True)
class Paper:
    """One document as it was agreed to: text, version, language, time of consent, and the lender's names and color at that time."""

    kind: str
    version: str
    language: str
    text: str
    lender: Mapping[str, str]
    at: str

    @property
    def blocks(self) -> list[Block]:
        """Its pieces, for display."""
        return list(blocks_of(self.text))

    @property
    def title(self) -> str:
        """Its title; empty for a text from before documents had titles."""
        return next((block.text for block in self.blocks if block.kind == "title"), "")


def write_paper(*, kind: str, version: str, lines: Iterable[str], lender: Mapping[str, str], at: datetime) -> Paper:
    """Write lines as a document in the active language."""
    language = (get_language() or "en").partition("-")[0]
    return Paper(kind=kind, version=version, language=language, text=joined(lines), lender=lender, at=at.isoformat())


def order_of(kept: Mapping[str, Any], reference: str) -> str:
    """Return the order's number at its shop and the shop, as the payment plan that a person agreed to names them; else `reference`."""
    paper = papers_of(kept).get("payment_plan")
    if paper is None:
        return reference
    with override(paper.language):
        name = gettext("Order")
    pairs = (cells for block in paper.blocks if block.kind == "pairs" for cells in block.cells)
    return next((cells[-1] for cells in pairs if cells[0] == name), reference)


def papers_of(kept: Mapping[str, Any]) -> dict[str, Paper]:
    """Return the documents kept with a plan, by kind, in reading order; empty if no text was kept."""
    version, language = str(kept.get("version", "")), str(kept.get("language") or "en")
    lender, at = kept.get("lender") or {}, str(kept.get("at", ""))
    found = {kind: str(kept.get(name) or "") for kind, name in _STORED.items()}
    return {kind: Paper(kind, version, language, text, lender, at) for kind, text in found.items() if text}
