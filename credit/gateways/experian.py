"""Experian (United States): Consumer Credit Profile, version 2; see `docs/gateways/experian.md`."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from core.providers import Account, Setting
from credit.gateways.agency import AgencyBureau, File, Trade, day_of, late_in, list_in, month_first, names_of, settings_of, token_in, whole
from credit.gateways.base import Agency, Subject

TOKEN, REPORT = "/oauth2/v1/token", "/consumerservices/credit-profile/v2/credit-report"
CREDIT_TRANSACTION = "08"
"""The permissible purpose: a credit transaction that the person began (15 U.S.C. 1681b(a)(3)(A))."""
FROZEN, ALERTS = "25", frozenset({"26", "27", "28", "29", "30", "31"})
"""Types of statements on a file: frozen; security, fraud victim and active duty alerts."""
DECEASED = frozenset({"05", "18", "25"})
"""Indicators of Fraud Shield: a number or a file is recorded as that of somebody who died."""
NO_RECORD = "07"
LATE = "123456789GHJKL"
THOUSAND = 1_000
SETTINGS = settings_of(
    "https://us-api.experian.com",
    Setting(name="client_id", label=_("Client ID")),
    Setting(name="client_secret", label=_("Client secret"), secret=True),
    Setting(name="username", label=_("User name")),
    Setting(name="password", label=_("Password"), secret=True),
    Setting(name="company_id", label=_("Company ID")),
    Setting(name="subscriber_code", label=_("Subscriber code")),
    Setting(name="score_model", label=_("Score model"), form="[A-Z0-9]{1,3}", default="V4"),
    Setting(name="income_model", label=_("Income model"), form="[A-Z0-9]{1,3}", default="II", help=_("In thousands of dollars a year.")),
)
FACTORS = {
    "04": "The balances on your accounts are too high compared to loan limits",
    "05": "Too many of the delinquencies on your accounts are recent",
    "06": "You have too many accounts that were opened recently",
    "07": "You have too many delinquent or derogatory accounts",
    "09": "The worst payment status on your accounts is delinquent or derogatory",
    "11": "The total of your delinquent or derogatory account balances is too high",
    "12": "The date that you opened your oldest account is too recent",
    "13": "Your most recently opened account is too new",
    "14": "Lack of sufficient credit history",
    "15": "Newest delinquent or derogatory payment status on your accounts is too recent",
    "16": "The total of all balances on your open accounts is too high",
    "30": "Your worst bankcard or revolving account status is delinquent or derogatory",
    "32": "Balances on bankcard or revolving accounts too high compared to credit limits",
    "85": "You have too many inquiries on your credit report",
}
"""The words of VantageScore's public list of reason codes for the most frequent factors."""


class Experian(AgencyBureau):
    """One account with Experian."""

    agency = Agency(
        identifier="experian",
        name="Experian",
        address="P.O. Box 4500, Allen, TX 75013",
        phone="+1 888-397-3742",
        lowest_score=300,
        highest_score=850,
    )
    factor_texts = FACTORS

    def _request_token(self) -> tuple[str, float]:
        values = self._values
        body = {"username": values["username"], "password": values["password"]}
        head = {"client_id": values["client_id"], "client_secret": values["client_secret"], "grant_type": "password"}
        return token_in(self._remote.send("POST", TOKEN, body=body, headers=head)[1])

    def _request(self, subject: Subject, reference: str) -> tuple[str, dict[str, Any], dict[str, str]]:
        first, last = names_of(subject)
        year, month, day = subject.birth_date.split("-")
        place = subject.address
        address = {"line1": place["line1"], "city": place["city"], "state": place.get("region", ""), "zipCode": place["postal_code"]}
        applicant = {"name": {"firstName": first, "lastName": last}, "dob": {"dob": f"{month}{day}{year}"}, "currentAddress": address}
        body = {
            "consumerPii": {"primaryApplicant": applicant},
            "requestor": {"subscriberCode": self._values["subscriber_code"]},
            "permissiblePurpose": {"type": CREDIT_TRANSACTION},
            "addOns": {
                "riskModels": {"modelIndicator": [self._values["score_model"], self._values["income_model"]]},
                "fraudShield": "Y",
            },
        }
        return REPORT, body, {"clientReferenceId": reference, "companyId": self._values["company_id"]}

    def _read(self, answer: Mapping[str, Any], reference: str) -> File | str:
        profile = answer["creditProfile"][0]
        statements = {str(one["type"]) for one in list_in(profile.get("statement"))}
        if FROZEN in statements:
            return "frozen"
        shields = list_in(profile.get("fraudShield"))
        indicators = {code for one in shields for code in (one.get("fraudShieldIndicators") or {}).get("indicator") or ()}
        if indicators & DECEASED or any(one.get("dateOfDeath") for one in shields):
            return "deceased"
        if any(one.get("messageNumber") == NO_RECORD for one in list_in(profile.get("informationalMessage"))):
            return "none"
        models = {one["modelIndicator"]: one for one in list_in(profile.get("riskModel"))}
        scored, income = models.get(self._values["score_model"]), models.get(self._values["income_model"])
        asked = (month_first(one["date"]) for one in list_in(profile.get("inquiry")))
        return File(
            ref=reference,
            on=day_of(month_first(profile["headerRecord"][0]["y2kReportedDate"])),
            score=_score(scored),
            factors=tuple(self._factor(str(one["code"]), None) for one in list_in((scored or {}).get("scoreFactors"))),
            trades=tuple(_trade(one) for one in list_in(profile.get("tradeline"))),
            inquiries=tuple(day for day in asked if day),
            alert=bool(statements & ALERTS),
            income=whole(income["score"]) * THOUSAND if income else None,
        )


def _score(model: Mapping[str, Any] | None) -> int | None:
    """Return a score; None for none, and for the codes from 9000 on, which say why there is none."""
    found = whole(model["score"]) if model else 0
    return found if 0 < found < 9 * THOUSAND else None


def _trade(one: Mapping[str, Any]) -> Trade:
    more = one.get("enhancedPaymentData") or {}
    return Trade(
        is_open=one["openOrClosed"] == "O",
        is_revolving=one["revolvingOrInstallment"] == "R",
        balance=whole(one.get("balanceAmount")),
        limit=whole(more.get("creditLimitAmount")),
        monthly=whole(one.get("monthlyPaymentAmount")),
        opened=month_first(one.get("openDate")),
        late_months=late_in(one.get("paymentHistory") or "", LATE),
    )


def of_account(account: Account) -> Experian:
    """Return the adapter of an account."""
    return Experian(account)
