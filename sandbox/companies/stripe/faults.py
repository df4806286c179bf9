"""What banks do days later with Stripe's objects, and what Stripe forgets."""

from typing import Any

from sandbox.message import Answer, Request, json_answer
from sandbox.world import Faults, World

from . import debits, money, objects
from .protocol import Call, visible

KINDS = {"charges": "payment_intent", "refunds": "refund", "payouts": "transfer"}


def _clear_charge(world: World, public_id: str) -> dict[str, Any] | None:
    intent = objects.find(world, public_id, "payment_intent")
    return visible(debits.clear(Call(world, {}, {}), intent)) if intent else None


def _fail_charge(world: World, public_id: str, failure: str) -> dict[str, Any] | None:
    """Let a debit under way fail; a debit that cleared is claimed back by a dispute."""
    intent = objects.find(world, public_id, "payment_intent")
    if intent is None:
        return None
    if intent["status"] == "processing":
        return visible(debits.fail(Call(world, {}, {}), intent, failure))
    debits.claim_back(Call(world, {}, {}), intent)
    return visible(intent)


def _fail_refund(world: World, public_id: str, failure: str) -> dict[str, Any] | None:
    refund = objects.find(world, public_id, "refund")
    return visible(money.fail_refund(Call(world, {}, {}), refund, failure)) if refund else None


def _dispute(world: World, public_id: str, reason: str, amount: int | None) -> dict[str, Any] | None:
    """Dispute the charge of a payment intent."""
    intent = objects.find(world, public_id, "payment_intent")
    if intent is None:
        return None
    charge = objects.get(world, intent["latest_charge"], "charge")
    return visible(money.dispute_charge(Call(world, {}, {}), charge, reason, amount))


def _close_dispute(world: World, public_id: str, outcome: str) -> dict[str, Any] | None:
    dispute = objects.find(world, public_id, "dispute")
    return visible(money.decide_dispute(Call(world, {}, {}), dispute, outcome)) if dispute else None


def _alter(world: World, public_id: str, kind: str, changes: dict[str, Any]) -> dict[str, Any] | None:
    thing = objects.find(world, public_id, KINDS[kind])
    if thing is None:
        return None
    thing.update(changes)
    if "currency" in changes:
        thing["currency"] = changes["currency"].lower()
    if "amount" in changes and "amount_received" in thing:
        thing["amount_received"] = changes["amount"]
    return visible(objects.save(world, thing))


def forget_keys(world: World, _request: Request) -> Answer:
    """Forget the idempotency keys, as Stripe does after a day or more."""
    world.store.run("DELETE FROM stripe_answers")
    return json_answer({"status": "ok"})


FAULTS = Faults(
    clear_charge=_clear_charge,
    fail_charge=_fail_charge,
    fail_refund=_fail_refund,
    dispute=_dispute,
    close_dispute=_close_dispute,
    alter=_alter,
)
