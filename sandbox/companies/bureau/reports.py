"""The credit bureau: one report for each e-mail, the same every time, changed by its persona."""

import json
from typing import Any

from sandbox import documents, known_people
from sandbox.agencies import SLOW_S
from sandbox.credit_files import FACTORS, UNSCORED, WORDS, disposable_of, factors_of, summary_of
from sandbox.fields import birth_date_of, currency_of, email_of, text_of
from sandbox.message import Answer, Request, json_answer, refuse
from sandbox.personas import parts_of, review_of
from sandbox.world import World


def create(world: World, request: Request) -> Answer:
    """Report on a person; the same reference is the same inquiry."""
    body = request.json()
    reference, email = text_of(body, "reference"), email_of(body, "email")
    text_of(body, "name")
    text_of(body, "country")
    birth_date_of(body)
    parts = parts_of(email)
    if "failing_bureau" in parts:
        refuse(500, "internal_error", "The bureau has a fault.")
    row = documents.keep(world, "bureau", "rep", reference, report_on(email, currency_of(body)))
    answer = json_answer(json.loads(row["body"]), 201)
    answer.delay_s = SLOW_S if "slow_bureau" in parts else 0.0
    return answer


def report_on(email: str, currency: str) -> dict[str, Any]:
    """The report of an e-mail; it depends on the e-mail and the currency alone."""
    person, review = known_people.of_email(email), review_of(email)
    file = summary_of(person)
    gap = next((told for persona, told in UNSCORED.items() if persona in person.parts), "")
    factors = [FACTORS[code][0] for code in factors_of(file)]
    return {
        **file,
        **({"file": gap} if gap else {}),
        "score_factors": [{"code": one, "text": WORDS[one]} for one in factors],
        "fraud_alert": "fraud_hold" in person.parts,
        "manual_review": review is not None or "refer" in person.parts,
        "review": {"outcome": review[0], "after_minutes": review[1]} if review else None,
        "disposable_income_minor": disposable_of(person, currency),
        "currency": currency,
    }


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
