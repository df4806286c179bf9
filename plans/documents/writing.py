"""All documents of one purchase, written in the present language, as they are shown before consent and kept with the plan."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import get_language

from core.sentences import one_stop
from plans.documents.agreement import agreement_lines
from plans.documents.facts import Facts
from plans.documents.information import information_lines, payment_plan_lines

VERSION = "2026-11-29.2"
"""Raised with every change of the words; `tests/plans/test_documents.py` compares the two."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """What a person agrees to, word for word: the agreement itself (`text`) and the papers beside it, with version, language and looks.

    `seal` names exactly these words: a form carries that of the words that its page showed.
    """

    version: str
    text: str
    information: str = ""
    payment_plan: str = ""
    language: str = "en"
    lender: Mapping[str, str] = field(default_factory=dict)

    @property
    def whole(self) -> str:
        """All its words, one document after the other."""
        return "\n".join(part for part in (self.information, self.text, self.payment_plan) if part)

    @property
    def seal(self) -> str:
        """The SHA-256 of all its words."""
        return hashlib.sha256(self.whole.encode()).hexdigest()

    def as_json(self, at: datetime) -> dict[str, Any]:
        """Return it in the form kept with the plan, with the time of consent."""
        papers = {"text": self.text, "information": self.information, "payment_plan": self.payment_plan}
        kept = {name: words for name, words in papers.items() if words}
        return {"version": self.version, "language": self.language, "lender": dict(self.lender), **kept, "at": at.isoformat()}


def write_documents(facts: Facts) -> Agreement:
    """Write the documents in the present language; the same facts give the same words."""
    lender = facts.lender
    return Agreement(
        version=VERSION,
        language=(get_language() or "en").partition("-")[0],
        text=_joined(agreement_lines(facts, VERSION)),
        information=_joined(information_lines(facts, VERSION)),
        payment_plan=_joined(payment_plan_lines(facts, VERSION)),
        lender={"name": lender.name, "legal_name": lender.legal_name, "color": lender.color},
    )


def _joined(lines: Iterable[str]) -> str:
    return "".join(f"{one_stop(line.rstrip())}\n" for line in lines)
