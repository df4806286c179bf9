"""Events at banks days later, and errors of a gateway, on request: for both card gateways, the sandbox's own and Stripe's."""

from sqlite3 import Row
from typing import Any

from sandbox.fields import amount_of, currency_of, optional_text
from sandbox.gateway import charges, disputes, payouts, records, refunds
from sandbox.message import Answer, Request, json_answer, refuse
from sandbox.stripe import money, objects
from sandbox.stripe.protocol import Call, Thing, visible
from sandbox.world import World

PREFIXES = {"charges": "ch", "refunds": "re", "payouts": "po", "disputes": "dp"}
STRIPE_KINDS = {"charges": "payment_intent", "refunds": "refund", "payouts": "transfer", "disputes": "dispute"}
STATUSES = {"succeeded", "paid", "failed"}


def fail_refund(world: World, request: Request) -> Answer:
    """Let a refund that succeeded fail after all."""
    failure = optional_text(request.json(), "failure") or "expired_or_canceled_card"
    thing = _stripe(world, "refunds", request)
    if thing is not None:
        return json_answer(visible(money.fail_refund(Call(world, {}, {}), thing, failure)))
    return json_answer(refunds.fail(world, _own(world, "refunds", request), failure))


def fail_charge(world: World, request: Request) -> Answer:
    """Let the payer's bank take back a charge that succeeded; Stripe's come back as disputes."""
    failure = optional_text(request.json(), "failure") or "insufficient_funds"
    return json_answer(charges.fail(world, _own(world, "charges", request), failure))


def fail_payout(world: World, request: Request) -> Answer:
    """Let a payout that was paid come back; Stripe's transfers are reversed by its own API."""
    failure = optional_text(request.json(), "failure") or "account_closed"
    return json_answer(payouts.fail(world, _own(world, "payouts", request), failure))


def dispute_charge(world: World, request: Request) -> Answer:
    """Let a cardholder dispute a charge, or `amount` of it, at the bank."""
    body = request.json()
    reason = optional_text(body, "reason") or disputes.USUAL
    amount = amount_of(body) if "amount" in body else None
    intent = _stripe(world, "charges", request)
    if intent is not None:
        charge = objects.get(world, intent["latest_charge"], "charge")
        return json_answer(visible(money.dispute_charge(Call(world, {}, {}), charge, reason, amount)), 201)
    return json_answer(disputes.begin(world, _own(world, "charges", request), reason, amount), 201)


def close_dispute(world: World, request: Request) -> Answer:
    """Let the bank decide a dispute: `won` or `lost` for the shop's side."""
    outcome = request.json().get("outcome")
    if outcome not in disputes.OUTCOMES:
        refuse(400, "invalid_request", "outcome must be won or lost.", field="outcome")
    dispute = _stripe(world, "disputes", request)
    if dispute is not None:
        return json_answer(visible(money.decide_dispute(Call(world, {}, {}), dispute, outcome)))
    return json_answer(disputes.close(world, _own(world, "disputes", request), outcome))


def alter(world: World, request: Request) -> Answer:
    """Change a stored charge, refund or payout, as a faulty gateway would: no event reports the change."""
    kind, body = request.params["kind"], request.json()
    if kind not in PREFIXES or kind == "disputes":
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
    thing = _stripe(world, kind, request)
    if thing is not None:
        return json_answer(visible(_alter_stripe(world, thing, changes)))
    row = _own(world, kind, request)
    for name, value in changes.items():
        world.store.run(f"UPDATE {kind} SET {name} = ? WHERE seq = ?", [value, row["seq"]])  # noqa: S608 - names are ours, values are bound
    return json_answer(dict(_own(world, kind, request)))


def _alter_stripe(world: World, thing: Thing, changes: dict[str, Any]) -> Thing:
    thing.update(changes)
    if "currency" in changes:
        thing["currency"] = changes["currency"].lower()
    if "amount" in changes and "amount_received" in thing:
        thing["amount_received"] = changes["amount"]
    return objects.save(world, thing)


def _stripe(world: World, kind: str, request: Request) -> Thing | None:
    return objects.find(world, request.params["id"], STRIPE_KINDS[kind])


def _own(world: World, kind: str, request: Request) -> Row:
    """The row that the path names, by the gateway's id or by its idempotency key."""
    public_id = request.params["id"]
    row = records.found(world, kind, PREFIXES[kind], public_id)
    if row is None and kind != "disputes":
        row = world.store.one(f"SELECT * FROM {kind} WHERE key = ?", public_id)  # noqa: S608 - names are ours, values are bound
    if row is None:
        refuse(404, "not_found", "There is no such object.")
    return row


def forget_keys(world: World, _request: Request) -> Answer:
    """Forget the idempotency keys of Stripe's protocol, as Stripe does after a day or more."""
    world.store.run("DELETE FROM stripe_answers")
    return json_answer({"status": "ok"})


ROUTES = [
    ("POST", "/control/charges/{id}/fail", fail_charge),
    ("POST", "/control/refunds/{id}/fail", fail_refund),
    ("POST", "/control/payouts/{id}/fail", fail_payout),
    ("POST", "/control/charges/{id}/dispute", dispute_charge),
    ("POST", "/control/disputes/{id}/close", close_dispute),
    ("POST", "/control/{kind}/{id}/alter", alter),
    ("POST", "/control/stripe/forget_keys", forget_keys),
]
