"""Equifax (United States): OneView Consumer Credit Report, version 1; see `docs/gateways/equifax.md`."""

import base64
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from core.providers import Account, Setting
from credit.gateways.agency import AgencyBureau, File, Trade, day_of, late_in, list_in, month_first, names_of, settings_of, token_in, whole
from credit.gateways.base import Agency, Subject

TOKEN, REPORT = "/v2/oauth/token", "/business/oneview/consumer-credit/v1/reports/credit-report"
SCOPE = "https://api.equifax.com/business/oneview/consumer-credit/v1"
KIND = "equifaxUSConsumerCreditReport"
NO_HIT, FROZEN_WORDS, DECEASED_WORDS = "2", ("FREEZE", "FROZEN"), ("DECEASED",)
LATE = "2345789"
THOUSAND = 1_000
SETTINGS = settings_of(
    "https://api.equifax.com",
    Setting(name="client_id", label=_("Client ID")),
    Setting(name="client_secret", label=_("Client secret"), secret=True),
    Setting(name="member_number", label=_("Member number")),
    Setting(name="security_code", label=_("Security code"), secret=True),
    Setting(name="customer_code", label=_("Customer code"), default="IAPI"),
    Setting(name="purpose_code", label=_("Code of the permissible purpose"), default="57"),
    Setting(name="score_model", label=_("Score model"), form="[0-9A-Z]{1,8}", default="05483"),
    Setting(name="income_model", label=_("Income model"), form="[0-9A-Z]{1,8}", default="05489", help=_("In thousands of dollars a year.")),
)


class Equifax(AgencyBureau):
    """One account with Equifax."""

    agency = Agency(
        identifier="equifax",
        name="Equifax Information Services LLC",
        address="P.O. Box 740241, Atlanta, GA 30374",
        phone="+1 800-685-1111",
        lowest_score=300,
        highest_score=850,
    )

    def _request_token(self) -> tuple[str, float]:
        pair = base64.b64encode(f"{self._values['client_id']}:{self._values['client_secret']}".encode()).decode()
        form = {"grant_type": "client_credentials", "scope": SCOPE}
        return token_in(self._remote.send("POST", TOKEN, form=form, headers={"Authorization": f"Basic {pair}"})[1])

    def _request(self, subject: Subject, reference: str) -> tuple[str, dict[str, Any], dict[str, str]]:
        first, last = names_of(subject)
        year, month, day = subject.birth_date.split("-")
        number, _space, street = subject.address["line1"].partition(" ")
        address = {
            "identifier": "current",
            "houseNumber": number,
            "streetName": street,
            "city": subject.address["city"],
            "state": subject.address.get("region", ""),
            "zip": subject.address["postal_code"],
        }
        person = {
            "name": [{"identifier": "current", "firstName": first, "lastName": last}],
            "dateOfBirth": f"{month}{day}{year}",
            "addresses": [address],
        }
        values = self._values
        wanted = {
            "memberNumber": values["member_number"],
            "securityCode": values["security_code"],
            "customerCode": values["customer_code"],
            "ECOAInquiryType": "Individual",
            "models": [{"identifier": values["score_model"]}, {"identifier": values["income_model"]}],
            "endUserInformation": {"permissiblePurposeCode": values["purpose_code"]},
        }
        body = {"consumers": person, "customerReferenceIdentifier": reference, "customerConfiguration": {KIND: wanted}}
        return REPORT, body, {}

    def _read(self, answer: Mapping[str, Any], reference: str) -> File | str:
        if answer["status"] != "completed":
            raise TypeError("a report that is not completed")
        report = answer["consumers"][KIND][0]
        if report.get("customerReferenceNumber", reference) != reference:
            raise TypeError("the report of another inquiry")
        if gap := _gap(report):
            return gap
        models = {one.get("modelNumber") or one.get("identifier"): one for one in list_in(report.get("models"))}
        scored, income = models.get(self._values["score_model"]), models.get(self._values["income_model"])
        asked = (month_first(one["inquiryDate"]) for one in list_in(report.get("inquiries")))
        return File(
            ref=reference,
            on=day_of(month_first(report["reportDate"])),
            score=_score(scored),
            factors=tuple(self._factor(str(one["code"]), one.get("description")) for one in list_in((scored or {}).get("reasons"))),
            trades=tuple(_trade(one) for one in list_in(report.get("trades"))),
            inquiries=tuple(day for day in asked if day),
            alert=bool((report.get("fraudVictimIndicator") or {}).get("code")),
            income=whole(income["score"]) * THOUSAND if income and _score(income) is not None else None,
        )


def _gap(report: Mapping[str, Any]) -> str:
    """Return why a report has nothing to score (`base.FILES`), or an empty text."""
    hit = report["hitCode"]
    words = [hit.get("description"), *(one.get("description") for one in list_in(report.get("alertContacts")))]
    words += [one.get("statement") for one in list_in(report.get("consumerStatements"))]
    told = " ".join(filter(None, words)).upper()
    social = str((report.get("fraudSocialNumAlertCode") or {}).get("description") or "").upper()
    if any(word in told for word in FROZEN_WORDS):
        return "frozen"
    if any(word in told + social for word in DECEASED_WORDS):
        return "deceased"
    return "none" if hit["code"] == NO_HIT else ""


def _score(model: Mapping[str, Any] | None) -> int | None:
    """Return a score; None for none, where `rejects` says why."""
    return whole(model["score"]) if model and model.get("score") is not None and not model.get("rejects") else None


def _trade(one: Mapping[str, Any]) -> Trade:
    return Trade(
        is_open=not (one.get("dateClosed") or one.get("closedDate")),
        is_revolving=one["portfolioTypeCode"]["code"] in {"R", "O", "C"},
        balance=whole(one.get("balance")),
        limit=whole(one.get("creditLimit")),
        monthly=whole(one.get("scheduledPaymentAmount")),
        opened=month_first(one.get("dateOpened")),
        # A slash stands between the years.
        late_months=late_in((str(month["code"]) for month in list_in(one.get("paymentHistory1to24")) if month["code"] != "/"), LATE),
    )


def of_account(account: Account) -> Equifax:
    """Return the adapter of an account."""
    return Equifax(account)
