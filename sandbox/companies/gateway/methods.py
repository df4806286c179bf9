"""Payment methods: tokens for cards, and the effect of persona and test card on each use."""

import secrets
from sqlite3 import Row
from typing import Any

from sandbox.cards import ASK_FIRST, DECLINED_HERE, DECLINES, Card, card_from_body, is_over, own_fingerprint
from sandbox.clock import iso
from sandbox.fields import email_of, text_of
from sandbox.message import Answer, Request, json_answer, problem, refuse
from sandbox.personas import count_charge
from sandbox.world import World


def create(world: World, request: Request) -> Answer:
    """Tokenize a card in one call, for simulations."""
    body = request.json()
    email, reference = email_of(body, "customer_email"), text_of(body, "customer_reference")
    card, authenticates = card_from_body(body, world.clock.now_ms())
    refusal = refusal_of(card, authenticates)
    if refusal:
        return refusal
    return json_answer(method_json(keep_card(world, card, email, reference)), 201)


def get(world: World, request: Request) -> Answer:
    """Show a payment method."""
    return json_answer(method_json(_found(world, request)))


def detach(world: World, request: Request) -> Answer:
    """Detach a payment method, so that it cannot be charged any more."""
    row = _found(world, request)
    world.store.run("UPDATE payment_methods SET detached = 1 WHERE token = ?", [row["token"]])
    return json_answer(method_json(row))


def refusal_of(card: Card, authenticates: bool) -> Answer | None:
    """The 402 answer for a card that cannot be stored, else None."""
    if card.behavior.startswith("page:"):
        decline_code = card.behavior.removeprefix("page:")
        return problem(402, DECLINES[decline_code][0], DECLINED_HERE, decline_code=decline_code)
    if card.behavior in ASK_FIRST and not authenticates:
        code, message = DECLINES["authentication_required"]
        return problem(402, code, message, decline_code="authentication_required")
    return None


def keep_card(world: World, card: Card, email: str, reference: str) -> Row:
    """Store a card as a new payment method."""
    token = "pm_" + secrets.token_hex(12)
    world.store.run(
        "INSERT INTO payment_methods VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?)",
        [
            token,
            card.behavior,
            card.brand,
            card.last4,
            card.exp_month,
            card.exp_year,
            card.postal_code,
            email,
            reference,
            world.clock.now_ms(),
            card.fingerprint,
        ],
    )
    row = world.store.one("SELECT * FROM payment_methods WHERE token = ?", token)
    assert row is not None
    return row


def usable(world: World, body: dict[str, Any]) -> Row:
    """The payment method named in a request; refuses an unknown or detached one with 400."""
    token = text_of(body, "payment_method")
    row = world.store.one("SELECT * FROM payment_methods WHERE token = ?", token)
    if row is None or row["detached"]:
        refuse(400, "invalid_request", "payment_method is unknown or was removed.", field="payment_method")
    return row


def decline_of(world: World, method: Row, *, is_charge: bool) -> str | None:
    """Why a use of the method fails (a decline code), or None. Counts the charge for a persona that needs the count."""
    if is_over(method["exp_month"], method["exp_year"], world.clock.now_ms()):
        return "expired_card"
    behavior: str = method["behavior"]
    decline_code = None if behavior in ("ok", "confirm_once") else behavior
    if is_charge and "+" in method["customer_email"]:
        second = count_charge(world, method["customer_email"]) == 2
        if second and decline_code is None:
            return "insufficient_funds"
    if behavior == "authentication_required" and not is_charge:
        return None
    return decline_code


def card_json(row: Row) -> dict[str, Any]:
    """The part of a payment method that a setup shows."""
    own = {name: row[name] for name in ("token", "brand", "last4", "exp_month", "exp_year", "postal_code")}
    return {**own, "fingerprint": own_fingerprint(row["fingerprint"])}


def method_json(row: Row) -> dict[str, Any]:
    """A payment method as JSON."""
    customer = {"customer_email": row["customer_email"], "customer_reference": row["customer_reference"]}
    return {**card_json(row), **customer, "at": iso(row["at"])}


def _found(world: World, request: Request) -> Row:
    row = world.store.one("SELECT * FROM payment_methods WHERE token = ?", request.params["token"])
    if row is None:
        refuse(404, "not_found", "There is no such payment method.")
    return row
