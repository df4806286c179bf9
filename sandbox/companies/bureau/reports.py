"""The credit bureau: one report for each e-mail, the same every time, changed by its persona."""

import json
from typing import Any

from sandbox import documents
from sandbox.fields import birth_date_of, currency_of, email_of, text_of
from sandbox.message import Answer, Request, json_answer
from sandbox.personas import draw, parts_of, review_of
from sandbox.world import World

LARGE_UNITS = frozenset({"DKK", "SEK", "NOK"})
EXCELLENT = {
    "file": "thick",
    "score": 842,
    "delinquencies_24m": 0,
    "open_accounts": 6,
    "utilization_pct": 8,
    "inquiries_6m": 0,
    "oldest_account_months": 168,
}
TERRIBLE = {
    "file": "thick",
    "score": 382,
    "delinquencies_24m": 7,
    "open_accounts": 11,
    "utilization_pct": 97,
    "inquiries_6m": 9,
    "oldest_account_months": 34,
}
THIN = {
    "file": "thin",
    "score": 610,
    "delinquencies_24m": 0,
    "open_accounts": 1,
    "utilization_pct": 35,
    "inquiries_6m": 2,
    "oldest_account_months": 5,
}
APPROVED_INCOME = 300_000
WELL_OFF_INCOME = 900_000
LARGE = 10
"""One euro is about so many units of a currency of large numbers."""
TERRIBLE_INCOME = 4_000


def create(world: World, request: Request) -> Answer:
    """Report on a person; the same reference is the same inquiry."""
    body = request.json()
    reference, email = text_of(body, "reference"), email_of(body, "email")
    text_of(body, "name")
    text_of(body, "country")
    birth_date_of(body)
    row = documents.keep(world, "bureau", "rep", reference, report_on(email, currency_of(body)))
    return json_answer(json.loads(row["body"]), 201)


def report_on(email: str, currency: str) -> dict[str, Any]:
    """The report of an e-mail; it depends on the e-mail and the currency alone."""
    parts, review = parts_of(email), review_of(email)
    file = _file(email, parts)
    return {
        **file,
        "score_factors": _factors(file),
        "fraud_alert": "fraud_hold" in parts,
        "manual_review": review is not None or "refer" in parts,
        "review": {"outcome": review[0], "after_minutes": review[1]} if review else None,
        "disposable_income_minor": _income(email, parts, currency),
        "currency": currency,
    }


def _file(email: str, parts: frozenset[str]) -> dict[str, Any]:
    for persona, file in (
        ("decline", TERRIBLE),
        ("approve", EXCELLENT),
        ("well_off", EXCELLENT),
        ("fraud_hold", EXCELLENT),
        ("thin", THIN),
    ):
        if persona in parts:
            return dict(file)
    score = draw(email, "score", 640, 820)
    return {
        "file": "thick",
        "score": score,
        "delinquencies_24m": 1 if score < 660 and draw(email, "late", 0, 2) == 0 else 0,
        "open_accounts": draw(email, "accounts", 2, 9),
        "utilization_pct": max(2, min(60, (830 - score) // 4 + draw(email, "utilization", -5, 10))),
        "inquiries_6m": draw(email, "inquiries", 0, 2),
        "oldest_account_months": draw(email, "oldest", 24, 220),
    }


def _factors(file: dict[str, Any]) -> list[dict[str, str]]:
    """The four factors that lowered a score most; the number of inquiries is always added if it lowered the score."""
    found = [
        ("late_payments", "Late payments in the last 24 months", file["delinquencies_24m"] > 0),
        ("balances", "Balances are high compared with credit limits", file["utilization_pct"] > 30),
        ("history", "Credit history is short", file["oldest_account_months"] < 36),
        ("accounts", "Number of open accounts", not 2 <= file["open_accounts"] <= 10),
    ]
    inquiries = [{"code": "inquiries", "text": "Number of recent inquiries"}] if file["inquiries_6m"] > 1 else []
    return [{"code": code, "text": text} for code, text, counts in found if counts] + inquiries


def _income(email: str, parts: frozenset[str], currency: str) -> int:
    if "well_off" in parts:
        return WELL_OFF_INCOME * (LARGE if currency in LARGE_UNITS else 1)
    if "approve" in parts:
        return APPROVED_INCOME
    if "decline" in parts:
        return TERRIBLE_INCOME
    return draw(email, "income", 1_000_000, 3_000_000) if currency in LARGE_UNITS else draw(email, "income", 150_000, 400_000)


def get(world: World, request: Request) -> Answer:
    """Show a report."""
    return json_answer(json.loads(documents.get_or_404(world, "bureau", "rep", request)["body"]))


def index(world: World, request: Request) -> Answer:
    """The reports of a reference."""
    return documents.whole_list([json.loads(row["body"]) for row in documents.rows_by_reference(world, "bureau", request)])


def review(world: World, request: Request) -> Answer:
    """The result of the bureau's manual review, once its minutes have passed in sandbox time."""
    row = documents.get_or_404(world, "bureau", "rep", request)
    report = json.loads(row["body"])
    if not report["manual_review"]:
        return json_answer({"status": "none", "outcome": None})
    planned = report["review"]
    done = planned is not None and world.clock.now_ms() - row["at"] >= planned["after_minutes"] * 60_000
    return json_answer({"status": "done", "outcome": planned["outcome"]} if done else {"status": "pending", "outcome": None})


def countries(_world: World, _request: Request) -> Answer:
    """The countries of the people it knows: it names none, which means all."""
    return documents.whole_list([])


ROUTES = [
    ("GET", "/bureau/v1/countries", countries),
    ("POST", "/bureau/v1/reports", create),
    ("GET", "/bureau/v1/reports", index),
    ("GET", "/bureau/v1/reports/{id}", get),
    ("GET", "/bureau/v1/reports/{id}/review", review),
]
