"""TransUnion (United States): the credit report of product 07000, in JSON; see `docs/gateways/transunion.md`."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from core.providers import Account, Setting
from credit.gateways.agency import AgencyBureau, File, Trade, day_of, late_in, list_in, names_of, settings_of, token_in, whole
from credit.gateways.base import Agency, Subject

TOKEN, REPORT = "/oauth2/token", "/credit-reports/v2"
PRODUCT, ALERT_PRODUCT = "07000", "06500"
CREDIT_TRANSACTION = "CE"
NO_HIT = "NOHIT"
ALERTS = frozenset({"initialFraudAlert", "extendedFraudAlert", "activeDutyAlert"})
LATE = "23456789"
THOUSAND = 1_000
SETTINGS = settings_of(
    "https://api.transunion.com",
    Setting(name="client_id", label=_("Client ID")),
    Setting(name="client_secret", label=_("Client secret"), secret=True),
    Setting(name="industry_code", label=_("Industry code"), form="[A-Z]"),
    Setting(name="member_code", label=_("Member code"), form="[0-9]{4,8}"),
    Setting(name="prefix_code", label=_("Prefix code of the subscriber"), form="[0-9A-Z]{4}"),
    Setting(name="member_password", label=_("Password of the member"), secret=True),
    Setting(name="score_model", label=_("Score model"), form="[0-9A-Z]{5}", default="00V60"),
    Setting(name="income_model", label=_("Income model"), form="[0-9A-Z]{5}", default="00N94", help=_("In thousands of dollars a year.")),
)


class TransUnion(AgencyBureau):
    """One account with TransUnion."""

    agency = Agency(
        identifier="transunion",
        name="TransUnion LLC",
        address="P.O. Box 1000, Chester, PA 19016",
        phone="+1 800-888-4213",
        lowest_score=300,
        highest_score=850,
    )

    def _request_token(self) -> tuple[str, float]:
        form = {
            "grant_type": "client_credentials",
            "client_id": self._values["client_id"],
            "client_secret": self._values["client_secret"],
        }
        return token_in(self._remote.send("POST", TOKEN, form=form, headers={"Authorization": ""})[1])

    def _request(self, subject: Subject, reference: str) -> tuple[str, dict[str, Any], dict[str, str]]:
        values = self._values
        subscriber = {
            "industryCode": values["industry_code"],
            "memberCode": values["member_code"],
            "inquirySubscriberPrefixCode": values["prefix_code"],
            "password": values["member_password"],
        }
        record = {
            "indicative": _indicative(subject),
            "addOnProduct": [
                {"code": ALERT_PRODUCT},
                *({"code": values[name], "scoreModelProduct": True} for name in ("score_model", "income_model")),
            ],
        }
        bureau = {
            "document": "request",
            "transactionControl": {
                "userRefNumber": reference,
                "subscriber": subscriber,
                "options": {"country": "us", "language": "en", "contractualRelationship": "individual"},
            },
            "product": {
                "code": PRODUCT,
                "subject": {"number": 1, "subjectRecord": record},
                "permissiblePurpose": {"code": CREDIT_TRANSACTION, "inquiryECOADesignator": "individual"},
            },
        }
        return REPORT, {"creditBureau": bureau}, {}

    def _read(self, answer: Mapping[str, Any], reference: str) -> File | str:
        bureau = answer["creditBureau"]
        control, product = bureau["transactionControl"], bureau["product"]
        if control["userRefNumber"] != reference or product.get("error"):
            raise TypeError("the report of another inquiry, or an error")
        record = product["subject"]["subjectRecord"]
        added = {one["code"]: one for one in list_in(record.get("addOnProduct"))}
        if gap := _gap(record["fileSummary"], added.get(ALERT_PRODUCT)):
            return gap
        credit = (record.get("custom") or {}).get("credit") or {}
        scored, income = (_results(added.get(self._values[name])) for name in ("score_model", "income_model"))
        asked = (_day(one["date"]) for one in list_in(credit.get("inquiry")))
        factors = list_in(((scored or {}).get("factors") or {}).get("factor"))
        return File(
            ref=reference,
            on=day_of(_day(control["tracking"]["transactionTimeStamp"])),
            score=_points(scored),
            factors=tuple(
                self._factor(str(one["code"]), one.get("description")) for one in sorted(factors, key=lambda one: int(one["rank"]))
            ),
            trades=tuple(_trade(one) for one in list_in(credit.get("trade"))),
            inquiries=tuple(day for day in asked if day),
            alert=any(one.get("contentType") in ALERTS for one in list_in(record.get("consumerStatement"))),
            income=None if (found := _points(income)) is None else found * THOUSAND,
        )


def _indicative(subject: Subject) -> dict[str, Any]:
    """Return who is asked about."""
    first, last = names_of(subject)
    place = subject.address
    location = {"city": place["city"], "state": place.get("region", ""), "zipCode": place["postal_code"]}
    return {
        "name": {"person": {"first": first, "last": last}},
        "address": {"status": "current", "street": {"unparsed": place["line1"]}, "location": location},
        "dateOfBirth": subject.birth_date,
    }


def _gap(summary: Mapping[str, Any], alert: Mapping[str, Any] | None) -> str:
    """Return why a report has nothing to score (`base.FILES`), or an empty text."""
    told = (alert or {}).get("highRiskFraudAlert") or {}
    gaps = {
        "frozen": ((summary.get("creditDataStatus") or {}).get("freeze") or {}).get("indicator") is True,
        "deceased": bool(told.get("decease")),
        "none": str(summary["fileHitIndicator"]).upper().endswith(NO_HIT),
    }
    return next((file for file, holds in gaps.items() if holds), "")


def _results(product: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """Return the score of a product, None where it was not delivered."""
    found: Mapping[str, Any] | None = ((product or {}).get("scoreModel") or {}).get("score")
    return found


def _points(score: Mapping[str, Any] | None) -> int | None:
    """Return the number of a score such as `+712`; None for none."""
    return whole(score["results"]) if score and score.get("results") else None


def _day(value: object) -> date | None:
    """Return a day, written as a text or in an object beside what of it is estimated; None where none is told."""
    told = value.get("value") if isinstance(value, dict) else value
    return date.fromisoformat(told[:10]) if isinstance(told, str) and told else None


def _trade(one: Mapping[str, Any]) -> Trade:
    pattern = ((one.get("paymentHistory") or {}).get("paymentPattern") or {}).get("text") or ""
    return Trade(
        is_open=not (one.get("dateClosed") or one.get("datePaidOut")),
        is_revolving=one["portfolioType"] == "revolving",
        balance=whole(one.get("currentBalance")),
        limit=whole(one.get("creditLimit")),
        monthly=whole((one.get("terms") or {}).get("scheduledMonthlyPayment")),
        opened=_day(one.get("dateOpened")),
        late_months=late_in(pattern, LATE),
    )


def of_account(account: Account) -> TransUnion:
    """Return the adapter of an account."""
    return TransUnion(account)
