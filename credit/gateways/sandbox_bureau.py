"""Credit reports by the sandbox world."""

from collections.abc import Callable
from typing import Any, TypeVar

from core import remote
from core.remote import understood
from credit.gateways.base import Agency, Report, SourceUnavailable, Subject
from credit.rules import Bureau

PATH = "/bureau/v1/reports"
T = TypeVar("T")


class SandboxBureau:
    """Reports by the persona in the e-mail address."""

    name = "sandbox"
    agency = Agency(
        identifier="sandbox",
        name="Sandbox Credit Bureau (not a real company)",
        address="1 Nowhere Street, Exampleville, EX 00000",
        phone="+1 202-555-0100",
        lowest_score=300,
        highest_score=850,
    )

    def report(self, subject: Subject, *, reference: str) -> Report:
        """Make an inquiry; SourceUnavailable."""
        body = {
            "reference": reference,
            "email": subject.email,
            "name": subject.name,
            "birth_date": subject.birth_date,
            "country": subject.country,
            "currency": subject.currency,
        }
        return _asked(lambda: _report(remote.sandbox().post(PATH, body)))

    def find(self, *, reference: str) -> Report | None:
        """Return the report of an inquiry that was made under a reference, or None; SourceUnavailable."""
        found = _asked(lambda: remote.sandbox().get(PATH, {"reference": reference})["data"])
        return _asked(lambda: _report(found[0])) if found else None

    def review(self, *, provider_ref: str) -> str:
        """Return `approve` or `decline` as the bureau's people decided, or an empty text; SourceUnavailable."""
        outcome = _asked(lambda: remote.sandbox().get(f"{PATH}/{provider_ref}/review")["outcome"])
        return str(outcome or "")


def _asked(call: Callable[[], T]) -> T:
    """Return what the bureau says; an answer that is none, or cannot be read, says nothing about the person: SourceUnavailable."""
    return understood(call, otherwise=SourceUnavailable)


def _report(answer: dict[str, Any]) -> Report:
    bureau = Bureau(
        score=answer["score"],
        thin=answer["file"] == "thin",
        delinquencies_24m=answer["delinquencies_24m"],
        open_accounts=answer["open_accounts"],
        utilization_pct=answer["utilization_pct"],
        inquiries_6m=answer["inquiries_6m"],
        oldest_account_months=answer["oldest_account_months"],
        fraud_alert=answer["fraud_alert"],
        manual_review=answer["manual_review"],
        disposable_income_minor=answer["disposable_income_minor"],
    )
    return Report(answer["id"], bureau)
