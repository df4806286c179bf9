"""TransUnion's protocol: the credit report of product 07000 in JSON, as far as a lender asks for it."""

from datetime import date
from typing import Any

from sandbox import agencies
from sandbox.agencies import full_name
from sandbox.credit_files import FACTORS, CreditFile, Trade
from sandbox.message import Answer, Request
from sandbox.page import code
from sandbox.world import Company, World

TOKEN, REPORT = "/transunion/oauth2/token", "/transunion/credit-reports/v2"
ALERT_PRODUCT = "06500"
STATEMENTS = {"fraud": "initialFraudAlert", "active_duty": "activeDutyAlert"}


def token(world: World, request: Request) -> Answer:
    """A token; the client's secret is the sandbox's key."""
    form = request.form()
    right = form.get("grant_type") == "client_credentials" and bool(form.get("client_id"))
    return agencies.token_answer(world, "transunion", right=right and world.is_key(form.get("client_secret")))


def report(world: World, request: Request) -> Answer:
    """A credit report."""

    def read(body: dict[str, Any]) -> tuple[str, str, str]:
        bureau = body["creditBureau"]
        one = bureau["product"]["subject"]["subjectRecord"]["indicative"]
        name = full_name(one["name"]["person"]["first"], one["name"]["person"]["last"])
        return bureau["transactionControl"]["userRefNumber"], name, one["dateOfBirth"]

    return agencies.report(world, request, "transunion", read, answer)


def answer(file: CreditFile, body: dict[str, Any], on: date) -> dict[str, Any]:
    """The answer of product 07000."""
    bureau = body["creditBureau"]
    wanted = bureau["product"]["subject"]["subjectRecord"]["addOnProduct"]
    score, income = [one["code"] for one in wanted if one.get("scoreModelProduct")][:2]
    record = {
        "fileSummary": {
            "fileHitIndicator": "regularNoHit" if file.file == "none" else "regularHit",
            "creditDataStatus": {"freeze": {"indicator": file.file == "frozen"}},
        },
        "custom": {
            "credit": {"trade": [_trade(one) for one in file.trades], "inquiry": [{"date": {"value": str(day)}} for day in file.inquiries]}
        },
        "consumerStatement": [{"contentType": STATEMENTS[file.alert]}] if file.alert else None,
        "addOnProduct": _products(file, score, income),
    }
    control = {"userRefNumber": bureau["transactionControl"]["userRefNumber"], "tracking": {"transactionTimeStamp": f"{on}T10:00:00"}}
    product = {"code": bureau["product"]["code"], "subject": {"number": 1, "subjectRecord": record}}
    return {"creditBureau": {"document": "response", "transactionControl": control, "product": product}}


def _products(file: CreditFile, score: str, income: str) -> list[dict[str, Any]]:
    ranks = [{"rank": number + 1, "code": one, "description": FACTORS[one][1]} for number, one in enumerate(file.factors)]
    scored = {"results": f"+{file.score}", "factors": {"factor": ranks[::-1]}} if file.score is not None else None
    found: list[dict[str, Any]] = [
        {"code": ALERT_PRODUCT, "highRiskFraudAlert": {"decease": {"source": "file"}} if file.file == "deceased" else {}},
        {"code": score, "status": "defaultDelivered", "scoreModel": {"score": scored}},
    ]
    return found + ([] if file.income is None else [{"code": income, "scoreModel": {"score": {"results": f"+{file.income:03}"}}}])


def _trade(one: Trade) -> dict[str, Any]:
    found = {
        "portfolioType": "revolving" if one.revolving else "installment",
        "currentBalance": f"{one.balance:09}",
        "creditLimit": f"{one.limit:09}",
        "terms": {"scheduledMonthlyPayment": f"{one.monthly:09}"},
        "dateOpened": {"estimatedDay": True, "value": f"{one.opened[0]}-{one.opened[1]:02}-01T00:00:00"},
        "paymentHistory": {"paymentPattern": {"text": ("2" * one.late + "1" * 48)[:48]}},
    }
    return found if one.open else found | {"dateClosed": {"value": "2020-01-01T00:00:00"}}


TRANSUNION = Company(
    name="transunion",
    api=("/transunion/",),
    routes=[("POST", TOKEN, token), ("POST", REPORT, report)],
    lines=lambda _world: [("TransUnion's protocol", code("/transunion"))],
)
