"""Experian's protocol: Consumer Credit Profile, version 2, as far as a lender asks for it."""

from datetime import date
from typing import Any

from sandbox import agencies
from sandbox.agencies import full_name
from sandbox.credit_files import CreditFile, Trade
from sandbox.message import Answer, Request
from sandbox.page import code
from sandbox.world import Company, World

TOKEN, REPORT = "/experian/oauth2/v1/token", "/experian/consumerservices/credit-profile/v2/credit-report"
STATEMENTS = {"frozen": "25", "fraud": "26", "active_duty": "31"}
NO_SCORE = "9003"


def token(world: World, request: Request) -> Answer:
    """A token for an hour's half: the client's secret is the sandbox's key, the user's name and password anything."""
    head, body = request.headers, request.json()
    right = head.get("grant_type") == "password" and bool(head.get("client_id") and body.get("username") and body.get("password"))
    return agencies.token_answer(world, "experian", right=right and world.is_key(head.get("client_secret")))


def report(world: World, request: Request) -> Answer:
    """A credit profile."""

    def read(body: dict[str, Any]) -> tuple[str, str, str]:
        one = body["consumerPii"]["primaryApplicant"]
        name = full_name(one["name"]["firstName"], one["name"]["lastName"])
        return request.headers["clientreferenceid"], name, agencies.day_of_month_first(one["dob"]["dob"])

    return agencies.report(world, request, "experian", read, answer)


def answer(file: CreditFile, body: dict[str, Any], on: date) -> dict[str, Any]:
    """The answer of Consumer Credit Profile."""
    wanted = body["addOns"]["riskModels"]["modelIndicator"]
    profile = {
        "headerRecord": [{"y2kReportedDate": f"{on:%m%d%Y}"}],
        "riskModel": _models(file, wanted[0], wanted[1]),
        "statement": [{"type": STATEMENTS[one]} for one in (file.file, file.alert) if one in STATEMENTS],
        "fraudShield": [{"fraudShieldIndicators": {"indicator": ["25"] if file.file == "deceased" else ["07"]}}],
        "informationalMessage": [{"messageNumber": "07", "messageText": "NO RECORD FOUND"}] if file.file == "none" else [],
        "tradeline": [_trade(one) for one in file.trades],
        "inquiry": [{"date": f"{day:%m%d%Y}"} for day in file.inquiries],
    }
    return {"creditProfile": [profile]}


def _models(file: CreditFile, score: str, income: str) -> list[dict[str, Any]]:
    factors = [{"importance": str(number), "code": one} for number, one in enumerate(file.factors)]
    found: list[dict[str, Any]] = [
        {"modelIndicator": score, "score": NO_SCORE}
        if file.score is None
        else {"modelIndicator": score, "score": f"{file.score:04}", "scoreFactors": factors}
    ]
    return found + ([] if file.income is None else [{"modelIndicator": income, "score": f"{file.income:04}"}])


def _trade(one: Trade) -> dict[str, Any]:
    return {
        "openOrClosed": "O" if one.open else "C",
        "revolvingOrInstallment": "R" if one.revolving else "I",
        "balanceAmount": f"{one.balance:08}",
        "monthlyPaymentAmount": str(one.monthly),
        "openDate": f"{one.opened[1]:02}01{one.opened[0]}",
        "enhancedPaymentData": {"creditLimitAmount": str(one.limit) if one.limit else "UNKNOWN"},
        "paymentHistory": ("1" * one.late + "C" * 25)[:25],
    }


EXPERIAN = Company(
    name="experian",
    api=("/experian/",),
    routes=[("POST", TOKEN, token), ("POST", REPORT, report)],
    lines=lambda _world: [("Experian's protocol", code("/experian"))],
)
