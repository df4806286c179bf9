"""Debits of bank accounts: `processing` for two days, then succeeded or failed, and perhaps disputed after that."""

from typing import Any

from sandbox.accounts import CLAIMED, CLAIMED_AFTER_MS, CLAIMED_BACK, ENDS_AFTER_MS, LACKS_FUNDS
from sandbox.world import World

from . import accounts, money, objects
from .protocol import Call, Thing, invalid, visible


def begin(call: Call, intent: Thing, method: Thing) -> Thing:
    """Confirm an intent for an account: the debit is under way."""
    kind = method["type"]
    if kind not in intent["payment_method_types"]:
        message = f"The PaymentMethod provided ({kind}) is not allowed for this PaymentIntent."
        invalid(message, param="payment_method", code="payment_method_type_not_allowed")
    if intent["currency"] != accounts.CURRENCIES[kind]:
        invalid(f"The currency provided ({intent['currency']}) is invalid for {kind}.", param="currency", code="invalid_currency")
    if not method["_set_up"]:
        message = "You must provide a mandate, or `mandate_data` for a new one, to debit this PaymentMethod."
        invalid(message, param="mandate_data", code="parameter_missing")
    charge = money.pending_charge(call, intent, method)
    intent.update(status="processing", payment_method=method["id"], latest_charge=charge["id"], last_payment_error=None, next_action=None)
    objects.save(call.world, intent)
    objects.tell(call.world, "payment_intent.processing", intent)
    _wait(call.world, intent, ENDS_AFTER_MS)
    return intent


def _wait(world: World, intent: Thing, for_ms: int) -> None:
    world.store.run("INSERT OR REPLACE INTO stripe_debits VALUES (?, ?)", [intent["id"], world.clock.now_ms() + for_ms])


def do_due(world: World) -> None:
    """End the debits that are due, and let payers claim back the debits that they claim."""
    for row in world.store.all("SELECT intent FROM stripe_debits WHERE due_at <= ? ORDER BY due_at, intent", world.clock.now_ms()):
        world.store.run("DELETE FROM stripe_debits WHERE intent = ?", [row["intent"]])
        _go_on(Call(world, {}, {}), objects.get(world, row["intent"], "payment_intent"))


def _go_on(call: Call, intent: Thing) -> None:
    method = objects.get(call.world, intent["payment_method"], "payment_method")
    if intent["status"] != "processing":
        claim_back(call, intent)
    elif method["_behavior"] == LACKS_FUNDS:
        fail(call, intent, "insufficient_funds")
    else:
        clear(call, intent)


def clear(call: Call, intent: Thing) -> Thing:
    """Let a debit clear now."""
    if intent["status"] != "processing":
        invalid(f"This PaymentIntent is {intent['status']}.")
    method = objects.get(call.world, intent["payment_method"], "payment_method")
    call.world.store.run("DELETE FROM stripe_debits WHERE intent = ?", [intent["id"]])
    charge = money.end_charge(call, intent["latest_charge"])
    intent.update(status="succeeded", amount_received=intent["amount"])
    objects.save(call.world, intent)
    objects.tell(call.world, "payment_intent.succeeded", intent)
    if method["_behavior"] == CLAIMED_BACK:
        _wait(call.world, intent, CLAIMED_AFTER_MS)
    money.dispute_first(call, charge)
    return intent


def fail(call: Call, intent: Thing, failure: str) -> Thing:
    """Let a debit under way fail now."""
    call.world.store.run("DELETE FROM stripe_debits WHERE intent = ?", [intent["id"]])
    message = failure.replace("_", " ").capitalize() + "."
    method = objects.get(call.world, intent["payment_method"], "payment_method")
    money.end_charge(call, intent["latest_charge"], failure, message)
    problem: dict[str, Any] = {"charge": intent["latest_charge"], "code": failure, "message": message, "payment_method": visible(method)}
    intent.update(status="requires_payment_method", payment_method=None, last_payment_error={**problem, "type": "invalid_request_error"})
    objects.save(call.world, intent)
    objects.tell(call.world, "payment_intent.payment_failed", intent)
    return intent


def claim_back(call: Call, intent: Thing) -> None:
    """Let the payer claim a debit back: as at Stripe, this is a dispute that is lost at once."""
    charge = objects.get(call.world, intent["latest_charge"], "charge")
    if charge["status"] == "succeeded" and not charge["disputed"] and not charge["amount_refunded"]:
        dispute = money.dispute_charge(call, charge, CLAIMED)
        money.decide_dispute(call, dispute, "lost")
