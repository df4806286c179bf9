"""Credit reports over HTTP, by the contract in `docs/gateways/bureau.md`; the sandbox world implements it with personas."""

from collections.abc import Callable
from typing import Any

from core.providers import Account
from core.remote import Remote, read_countries, sandbox
from credit.gateways.base import FILES as UNSCORED
from credit.gateways.base import OUTCOMES, Agency, Report, SourceUnavailable, Subject, asked_of
from credit.gateways.terms import terms_of
from credit.rules import Bureau

PATH, COUNTRIES = "/bureau/v1/reports", "/bureau/v1/countries"
FILES = ("thin", "thick")


SANDBOX = Agency(
    identifier="sandbox",
    name="Sandbox Credit Bureau (not a real company)",
    address="1 Nowhere Street, Exampleville, EX 00000",
    phone="+1 202-555-0100",
    lowest_score=300,
    highest_score=850,
)


class HttpBureau:
    """One account with a credit bureau."""

    def __init__(self, account: Account, agency: Agency, remote: Callable[[], Remote]) -> None:
        self.name, self.terms, self.agency, self._remote = account.code, terms_of(account), agency, remote

    def health(self) -> None:
        """Look up a report with a reference that was never used; SourceUnavailable."""
        self.find(reference="health")

    def countries(self) -> frozenset[str]:
        """Return the countries whose people it knows, empty if it does not say; SourceUnavailable."""
        return asked_of(lambda: read_countries(self._remote(), COUNTRIES))

    def report(self, subject: Subject, *, reference: str) -> Report:
        """Make an inquiry; SourceUnavailable."""
        body = {
            "reference": reference,
            "email": subject.email,
            "name": subject.name,
            "birth_date": subject.birth_date,
            "country": subject.country,
            "currency": subject.currency,
        } | ({"check": subject.check} if subject.check else {})
        return asked_of(lambda: self._read(self._remote().post(PATH, body), reference))

    def find(self, *, reference: str) -> Report | None:
        """Return the report of an inquiry made with a reference, or None; SourceUnavailable."""
        found = asked_of(lambda: self._remote().get(PATH, {"reference": reference})["data"])
        return asked_of(lambda: self._read(found[0], reference)) if found else None

    def review(self, *, provider_ref: str) -> str:
        """Return the decision of the bureau's staff, `approve` or `decline`; empty before they decide. SourceUnavailable."""
        outcome = asked_of(lambda: self._remote().get(f"{PATH}/{provider_ref}/review")["outcome"])
        if outcome not in {None, *OUTCOMES}:
            raise SourceUnavailable("a review without a decision")
        return str(outcome or "")

    def _read(self, answer: dict[str, Any], reference: str) -> Report:
        """Return a report; SourceUnavailable for that of another inquiry, and for a score outside the bureau's range."""
        if answer.get("reference", reference) != reference:
            raise SourceUnavailable("the report of another inquiry")
        report = _report(answer)
        if report.bureau and not report.bureau.thin and not self.agency.lowest_score <= report.bureau.score <= self.agency.highest_score:
            raise SourceUnavailable("a report with a score outside the bureau's range")
        return report


def of_account(account: Account) -> HttpBureau:
    """Return the bureau at the address of an account."""
    values = account.values
    agency = Agency(
        identifier=account.code,
        name=values["name"],
        address=values["address"],
        phone=values["phone"],
        lowest_score=int(values["lowest_score"]),
        highest_score=int(values["highest_score"]),
    )
    remote = Remote(values["url"], values["key"], account=account.code)
    return HttpBureau(account, agency, lambda: remote)


def of_sandbox(account: Account) -> HttpBureau:
    """Return the sandbox world's bureau."""
    return HttpBureau(account, SANDBOX, lambda: sandbox(account.code))


def _report(answer: dict[str, Any]) -> Report:
    if answer["file"] in UNSCORED:
        return Report(answer["id"], None, file=answer["file"])
    if answer["file"] not in FILES:
        raise SourceUnavailable("a report of a file of no kind")
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
    return Report(answer["id"], bureau, tuple(one["text"] for one in answer.get("score_factors") or ()))
