"""Credit reports by the sandbox world."""

from typing import Any

from core import remote
from credit.gateways.base import Report, SourceUnavailable, Subject
from credit.rules import Bureau

PATH = "/bureau/v1/reports"


class SandboxBureau:
    """Reports by the persona in the e-mail address."""

    name = "sandbox"

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
        try:
            return _report(remote.sandbox().post(PATH, body))
        except remote.Unknown as error:
            raise SourceUnavailable(str(error)) from error

    def find(self, *, reference: str) -> Report | None:
        """Return the report of an inquiry that was made under a reference, or None; SourceUnavailable."""
        found = _get(PATH, {"reference": reference})["data"]
        return _report(found[0]) if found else None

    def review(self, *, provider_ref: str) -> str:
        """Return `approve` or `decline` as the bureau's people decided, or an empty text; SourceUnavailable."""
        return _get(f"{PATH}/{provider_ref}/review")["outcome"] or ""


def _get(path: str, params: dict[str, str] | None = None) -> dict[str, Any]:
    try:
        return remote.sandbox().get(path, params)
    except remote.Unknown as error:
        raise SourceUnavailable(str(error)) from error


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
