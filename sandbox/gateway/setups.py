"""Setups: a person enters a card once, on the hosted page, and the platform gets a token."""

import json
import secrets
from dataclasses import asdict
from sqlite3 import Row
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from sandbox.clock import iso
from sandbox.fields import currency_of, email_of, optional_text, text_of, url_of
from sandbox.message import Answer, Request, json_answer, refuse
from sandbox.world import World

from .cards import ASK_FIRST, Card, card_from_body
from .methods import card_json, keep_card, refusal_of


def create(world: World, request: Request) -> Answer:
    """Open a hosted card page for a customer."""
    body = request.json()
    row = open_setup(
        world,
        email=email_of(body, "customer_email"),
        reference=text_of(body, "customer_reference"),
        return_url=url_of(body, "return_url"),
        currency=currency_of(body),
        cancel_url=url_of(body, "cancel_url") if body.get("cancel_url") else None,
        merchant_name=optional_text(body, "merchant_name", limit=60),
    )
    return json_answer(setup_json(world, row), 201)


def open_setup(
    world: World,
    *,
    email: str,
    reference: str,
    return_url: str,
    currency: str,
    cancel_url: str | None = None,
    merchant_name: str | None = None,
    stripe_intent: str | None = None,
) -> Row:
    """Record a new setup and return it."""
    setup_id = "seti_" + secrets.token_hex(12)
    world.store.run(
        "INSERT INTO setups VALUES (?, 'open', ?, ?, ?, ?, ?, ?, NULL, NULL, ?, ?)",
        [setup_id, email, reference, return_url, cancel_url, merchant_name, currency, stripe_intent, world.clock.now_ms()],
    )
    row = find(world, setup_id)
    assert row is not None
    return row


def find(world: World, setup_id: str) -> Row | None:
    """A setup or None."""
    return world.store.one("SELECT * FROM setups WHERE id = ?", setup_id)


def get(world: World, request: Request) -> Answer:
    """Show a setup."""
    return json_answer(setup_json(world, _found(world, request)))


def give_card(world: World, request: Request) -> Answer:
    """Finish a setup without a browser, as the person would."""
    row = _found(world, request)
    if row["status"] not in ("open", "requires_action"):
        refuse(409, "setup_not_open", f"This setup is {row['status']}.")
    card, authenticates = card_from_body(request.json(), world.clock.now_ms())
    refusal = refusal_of(card, authenticates)
    if refusal is None:
        finish(world, row, card)
        return json_answer(setup_json(world, _found(world, request)))
    if card.behavior in ASK_FIRST:
        ask_to_confirm(world, row, card)
    return refusal


def ask_to_confirm(world: World, row: Row, card: Card) -> None:
    """Keep the card aside until its person confirms (3-D Secure)."""
    world.store.run("UPDATE setups SET status = 'requires_action', pending_card = ? WHERE id = ?", [json.dumps(asdict(card)), row["id"]])


def pending_card(row: Row) -> Card:
    """The card that waits for confirmation."""
    return Card(**json.loads(row["pending_card"]))


def finish(world: World, row: Row, card: Card) -> None:
    """Keep the card and close the setup."""
    method = keep_card(world, card, row["customer_email"], row["customer_reference"])
    _close(world, row, "succeeded", method["token"])


def cancel(world: World, row: Row) -> None:
    """Close the setup without a card."""
    _close(world, row, "canceled", None)


def reopen(world: World, row: Row) -> None:
    """Drop the card that was not confirmed."""
    world.store.run("UPDATE setups SET status = 'open', pending_card = NULL WHERE id = ?", [row["id"]])


MOST_DECLINES = 5
"""So many cards of one visit may be declined; then it is over."""


def decline(world: World, row: Row) -> bool:
    """Record a declined card on the page and send the event; True where it was one too many, which ends the visit."""
    world.store.run("INSERT INTO setup_declines VALUES (?, ?)", [row["id"], world.clock.now_ms()])
    declines = _declines(world, row)
    if not row["stripe_intent"]:
        told = {"id": row["id"], "customer_reference": row["customer_reference"], "decline": declines[-1]}
        world.courier.record("gateway", "setup.failed", told)
    if len(declines) < MOST_DECLINES:
        return False
    cancel(world, row)
    return True


def _declines(world: World, row: Row) -> list[str]:
    """A name for each card that was declined on the page, the oldest first."""
    counted = world.store.one("SELECT count(*) AS declines FROM setup_declines WHERE setup = ?", row["id"])
    return [f"{row['id']}.{number}" for number in range(1, counted["declines"] + 1)] if counted else []


def _close(world: World, row: Row, status: str, token: str | None) -> None:
    world.store.run("UPDATE setups SET status = ?, payment_method = ?, pending_card = NULL WHERE id = ?", [status, token, row["id"]])


def return_address(row: Row) -> str:
    """The address after the page: the return (or cancel) URL with the outcome in its query."""
    target: str = row["cancel_url"] if row["status"] == "canceled" and row["cancel_url"] else row["return_url"]
    if row["stripe_intent"]:
        return target
    parts = urlsplit(target)
    outcome = urlencode({"setup": row["id"], "status": row["status"]})
    return urlunsplit(parts._replace(query=f"{parts.query}&{outcome}" if parts.query else outcome))  # noqa: SLF001 - public in spite of its name


def setup_json(world: World, row: Row) -> dict[str, Any]:
    """A setup as JSON."""
    method = None
    if row["payment_method"]:
        method = world.store.one("SELECT * FROM payment_methods WHERE token = ?", row["payment_method"])
    return {
        "id": row["id"],
        "status": row["status"],
        "url": world.url(f"/gateway/cards/{row['id']}"),
        "customer_email": row["customer_email"],
        "customer_reference": row["customer_reference"],
        "return_url": row["return_url"],
        "currency": row["currency"],
        "payment_method": card_json(method) if method else None,
        "declines": _declines(world, row),
        "at": iso(row["at"]),
    }


def _found(world: World, request: Request) -> Row:
    row = find(world, request.params["id"])
    if row is None:
        refuse(404, "not_found", "There is no such setup.")
    return row
