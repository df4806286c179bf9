"""Simulated bank events days later, and gateway errors, for the objects of every company that has such."""

from typing import Any

from sandbox.fields import amount_of, currency_of, optional_text
from sandbox.message import Answer, Request, json_answer, refuse
from sandbox.world import World

ALTERABLE = {"charges", "refunds", "payouts"}
STATUSES = {"succeeded", "paid", "failed"}
OUTCOMES = ("won", "lost")
USUAL_REASON = "product_not_received"


def fail_refund(world: World, request: Request) -> Answer:
    """Let a refund that succeeded fail later."""
    failure = optional_text(request.json(), "failure") or "expired_or_canceled_card"
    return json_answer(_changed(world, "fail_refund", request, failure))


def clear_charge(world: World, request: Request) -> Answer:
    """Let a bank debit that is under way clear now."""
    return json_answer(_changed(world, "clear_charge", request))


def fail_charge(world: World, request: Request) -> Answer:
    """Let a debit under way fail, or let the payer's bank take back a charge that succeeded; Stripe's are taken back by disputes."""
    failure = optional_text(request.json(), "failure") or "insufficient_funds"
    return json_answer(_changed(world, "fail_charge", request, failure))


def fail_payout(world: World, request: Request) -> Answer:
    """Let a payout that was paid be returned; Stripe's transfers are reversed by its own API."""
    failure = optional_text(request.json(), "failure") or "account_closed"
    return json_answer(_changed(world, "fail_payout", request, failure))


def dispute_charge(world: World, request: Request) -> Answer:
    """Let a cardholder dispute a charge, or `amount` of it, at the bank."""
    body = request.json()
    reason = optional_text(body, "reason") or USUAL_REASON
    return json_answer(_changed(world, "dispute", request, reason, amount_of(body) if "amount" in body else None), 201)


def close_dispute(world: World, request: Request) -> Answer:
    """Let the bank decide a dispute: `won` or `lost` for the shop's side."""
    outcome = request.json().get("outcome")
    if outcome not in OUTCOMES:
        refuse(400, "invalid_request", "outcome must be won or lost.", field="outcome")
    return json_answer(_changed(world, "close_dispute", request, outcome))


def alter(world: World, request: Request) -> Answer:
    """Change a stored charge, refund or payout, as a faulty gateway would: no event reports the change."""
    kind, body = request.params["kind"], request.json()
    if kind not in ALTERABLE:
        refuse(404, "not_found", "There is nothing at this address.")
    changes: dict[str, Any] = {}
    if "amount" in body:
        changes["amount"] = amount_of(body)
    if "currency" in body:
        changes["currency"] = currency_of(body)
    if "status" in body:
        if body["status"] not in STATUSES:
            refuse(400, "invalid_request", f"status must be one of {', '.join(sorted(STATUSES))}.", field="status")
        changes["status"] = body["status"]
    return json_answer(_changed(world, "alter", request, kind, changes))


def _changed(world: World, order: str, request: Request, *details: Any) -> dict[str, Any]:
    """The object that the path names, changed by the company to which it belongs."""
    acts = [getattr(company.faults, order, None) for company in world.companies.values()]
    answers = (act(world, request.params["id"], *details) for act in acts if act)
    found: dict[str, Any] | None = next((answer for answer in answers if answer is not None), None)
    if found is None:
        refuse(404, "not_found", "There is no such object.")
    return found


ROUTES = [
    ("POST", "/control/charges/{id}/clear", clear_charge),
    ("POST", "/control/charges/{id}/fail", fail_charge),
    ("POST", "/control/refunds/{id}/fail", fail_refund),
    ("POST", "/control/payouts/{id}/fail", fail_payout),
    ("POST", "/control/charges/{id}/dispute", dispute_charge),
    ("POST", "/control/disputes/{id}/close", close_dispute),
    ("POST", "/control/{kind}/{id}/alter", alter),
]
