"""Equifax's protocol: OneView Consumer Credit Report, version 1, as far as a lender asks for it."""

import base64
from datetime import date
from typing import Any

from sandbox import agencies
from sandbox.agencies import full_name
from sandbox.credit_files import FACTORS, CreditFile, Trade
from sandbox.message import Answer, Request
from sandbox.page import code
from sandbox.world import Company, World

TOKEN, REPORT = "/equifax/v2/oauth/token", "/equifax/business/oneview/consumer-credit/v1/reports/credit-report"
KIND = "equifaxUSConsumerCreditReport"
HITS = {"none": ("2", "No-Hit"), "frozen": ("1", "Hit - security freeze")}
ALERTS = {
    "fraud": {"code": "V", "description": "Fraud Victim Initial Alert"},
    "active_duty": {"code": "A", "description": "Active Duty"},
}


def token(world: World, request: Request) -> Answer:
    """A token for the scope of OneView; the client's secret is the sandbox's key."""
    form, kind = request.form(), request.headers.get("authorization", "")
    try:
        client, _colon, secret = base64.b64decode(kind.removeprefix("Basic ").encode(), validate=True).decode().partition(":")
    except ValueError:
        client = secret = ""
    right = form.get("grant_type") == "client_credentials" and form.get("scope", "").endswith("/business/oneview/consumer-credit/v1")
    return agencies.token_answer(world, "equifax", right=right and bool(client) and world.is_key(secret))


def report(world: World, request: Request) -> Answer:
    """A credit report."""

    def read(body: dict[str, Any]) -> tuple[str, str, str]:
        one = body["consumers"]
        name = full_name(one["name"][0]["firstName"], one["name"][0]["lastName"])
        return body["customerReferenceIdentifier"], name, agencies.day_of_month_first(one["dateOfBirth"])

    return agencies.report(world, request, "equifax", read, answer)


def answer(file: CreditFile, body: dict[str, Any], on: date) -> dict[str, Any]:
    """The answer of OneView."""
    score, income = (one["identifier"] for one in body["customerConfiguration"][KIND]["models"][:2])
    hit, words = HITS.get(file.file, ("1", "Hit"))
    found: dict[str, Any] = {
        "customerReferenceNumber": body["customerReferenceIdentifier"],
        "hitCode": {"code": hit, "description": words},
        "reportDate": f"{on:%m%d%Y}",
        "trades": [_trade(one) for one in file.trades],
        "inquiries": [{"inquiryDate": f"{day:%m%d%Y}"} for day in file.inquiries],
        "models": [_scored(file, score), *([] if file.income is None else [{"modelNumber": income, "score": file.income}])],
    }
    if file.alert:
        found["fraudVictimIndicator"] = ALERTS[file.alert]
    if file.file == "deceased":
        found["fraudSocialNumAlertCode"] = {"code": "A", "description": "Social reported as deceased"}
    return {"status": "completed", "consumers": {KIND: [found]}}


def _scored(file: CreditFile, model: str) -> dict[str, Any]:
    if file.score is None:
        return {"modelNumber": model, "rejects": [{"code": "1", "description": "Insufficient file"}]}
    reasons = [{"code": one, "description": FACTORS[one][1]} for one in file.factors]
    return {"modelNumber": model, "score": file.score, "reasons": reasons}


def _trade(one: Trade) -> dict[str, Any]:
    history = [{"code": "2"}] * min(one.late, 24) + [{"code": "1"}] * 24
    found = {
        "portfolioTypeCode": {"code": "R" if one.revolving else "I"},
        "balance": one.balance,
        "creditLimit": one.limit,
        "scheduledPaymentAmount": one.monthly,
        "dateOpened": f"{one.opened[1]:02}00{one.opened[0]}",
        # A slash stands between the years.
        "paymentHistory1to24": [*history[:12], {"code": "/"}, *history[12:24]],
    }
    return found if one.open else found | {"dateClosed": "01002020"}


EQUIFAX = Company(
    name="equifax",
    api=("/equifax/",),
    routes=[("POST", TOKEN, token), ("POST", REPORT, report)],
    lines=lambda _world: [("Equifax's protocol", code("/equifax"))],
)
