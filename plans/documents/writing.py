"""All documents of one purchase, in the active language, as shown before consent and kept with the plan."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import get_language

from plans.documents.agreement import agreement_lines
from plans.documents.facts import Facts
from plans.documents.information import information_lines, payment_plan_lines
from plans.documents.lines import joined
from plans.documents.pricing import pricing_lines

VERSION = "2026-12-01.1"
"""Raise it with every change of the texts; `tests/plans/test_documents.py` checks that."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """The exact texts that a person agrees to: the agreement itself (`text`) and the other documents, with version, language and looks.

    `seal` identifies exactly these texts: a form submits the seal of the texts that its page showed.
    """

    version: str
    text: str
    information: str = ""
    payment_plan: str = ""
    pricing: str = ""
    language: str = "en"
    lender: Mapping[str, str] = field(default_factory=dict)

    @property
    def whole(self) -> str:
        """All its texts, one document after the other."""
        return "\n".join(part for part in (self.information, self.text, self.payment_plan, self.pricing) if part)

    @property
    def seal(self) -> str:
        """The SHA-256 of all its texts."""
        return hashlib.sha256(self.whole.encode()).hexdigest()

    def as_json(self, at: datetime) -> dict[str, Any]:
        """Return it in the form kept with the plan, with the time of consent."""
        papers = {"text": self.text, "information": self.information, "payment_plan": self.payment_plan, "pricing": self.pricing}
        kept = {name: words for name, words in papers.items() if words}
        return {"version": self.version, "language": self.language, "lender": dict(self.lender), **kept, "at": at.isoformat()}


def write_documents(facts: Facts) -> Agreement:
    """Write the documents in the active language; the same facts always give the same texts."""
    lender = facts.lender
    return Agreement(
        version=VERSION,
        language=(get_language() or "en").partition("-")[0],
        text=joined(agreement_lines(facts, VERSION)),
        information=joined(information_lines(facts, VERSION)),
        payment_plan=joined(payment_plan_lines(facts, VERSION)),
        pricing=joined(pricing_lines(facts, VERSION)),
        lender={"name": lender.name, "legal_name": lender.legal_name, "color": lender.color},
    )
