"""Setups: a person enters a card or a bank account once, on the hosted page, and the platform gets a token."""

from sqlite3 import Row
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from sandbox import setups
from sandbox.accounts import Account
from sandbox.cards import ASK_FIRST, Card, card_from_body
from sandbox.clock import iso
from sandbox.fields import currency_of, email_of, optional_text, text_of, url_of
from sandbox.message import Answer, Request, json_answer, refuse
from sandbox.world import CardPage, World

from . import accounts, events
from .methods import card_json, keep_card, refusal_of, usable


def create(world: World, request: Request) -> Answer:
    """Open a hosted page for a customer: for a card, or for a bank account (`kind`: `account`)."""
    body = request.json()
    kind = optional_text(body, "kind") or "card"
    if kind not in ("card", "account"):
        refuse(400, "invalid_request", "kind must be card or account.", field="kind")
    row = setups.open_setup(
        world,
        "gateway",
        email=email_of(body, "customer_email"),
        reference=text_of(body, "customer_reference"),
        return_url=url_of(body, "return_url"),
        currency=currency_of(body),
        cancel_url=url_of(body, "cancel_url") if body.get("cancel_url") else None,
        merchant_name=optional_text(body, "merchant_name", limit=60),
        kind=kind,
        locale=optional_text(body, "locale", limit=20),
    )
    return json_answer(setup_json(world, row), 201)


def check(world: World, request: Request) -> Answer:
    """Let the bank of a stored card confirm that its owner is there, although it did not ask (3-D Secure)."""
    body = request.json()
    method = usable(world, body)
    row = setups.open_setup(
        world,
        "gateway",
        email=method["customer_email"],
        reference=method["customer_reference"],
        return_url=url_of(body, "return_url"),
        currency="",
        subject=method["token"],
    )
    known = {name: method[name] for name in ("behavior", "brand", "last4", "exp_month", "exp_year", "postal_code", "fingerprint")}
    setups.ask_to_confirm(world, row, Card(**known))
    return json_answer(setup_json(world, setups.current(world, row["id"])), 201)


def get(world: World, request: Request) -> Answer:
    """Show a setup."""
    return json_answer(setup_json(world, _found(world, request)))


def give_card(world: World, request: Request) -> Answer:
    """Finish a setup without a browser, as the person would."""
    row = _found(world, request)
    if row["status"] not in ("open", "requires_action") or row["kind"] != "card":
        refuse(409, "setup_not_open", f"This setup is {row['status']}, or not for a card.")
    card, authenticates = card_from_body(request.json(), world.clock.now_ms())
    refusal = refusal_of(card, authenticates)
    if refusal is None:
        setups.finish(world, row, card)
        return json_answer(setup_json(world, _found(world, request)))
    if card.behavior in ASK_FIRST:
        setups.ask_to_confirm(world, row, card)
    return refusal


def setup_json(world: World, row: Row) -> dict[str, Any]:
    """A setup as JSON."""
    method, account = None, None
    if row["payment_method"] and row["kind"] == "account":
        account = accounts.find(world, row["payment_method"])
    elif row["payment_method"]:
        method = world.store.one("SELECT * FROM payment_methods WHERE token = ?", row["payment_method"])
    return {
        "id": row["id"],
        "status": row["status"],
        "url": setups.address_of(world, row),
        "customer_email": row["customer_email"],
        "customer_reference": row["customer_reference"],
        "return_url": row["return_url"],
        "currency": row["currency"],
        "payment_method": card_json(method) if method else None,
        "bank_account": accounts.account_json(account) if account else None,
        "declines": setups.declines(world, row),
        "at": iso(row["at"]),
    }


def _found(world: World, request: Request) -> Row:
    row = setups.find(world, request.params["id"])
    if row is None:
        refuse(404, "not_found", "There is no such setup.")
    return row


def _keep(world: World, row: Row, card: Card) -> str:
    if setups.is_check(row):
        return str(row["subject"])
    token: str = keep_card(world, card, row["customer_email"], row["customer_reference"])["token"]
    return token


def keep_account(world: World, row: Row, account: Account) -> str:
    """Store the account that a person typed on the hosted page."""
    token: str = accounts.keep(world, account, row["customer_email"], row["customer_reference"])["token"]
    return token


def _declined(world: World, row: Row, name: str) -> None:
    events.tell(world, "setup.failed", {"id": row["id"], "customer_reference": row["customer_reference"], "decline": name})


def _address(row: Row) -> str:
    """The return (or cancel) URL with the outcome in its query."""
    parts = urlsplit(setups.target_of(row))
    outcome = urlencode({"setup": row["id"], "status": row["status"]})
    return urlunsplit(parts._replace(query=f"{parts.query}&{outcome}" if parts.query else outcome))  # noqa: SLF001 - public in spite of its name


CARD_PAGE = CardPage(refuses=lambda _card: False, keep=_keep, declined=_declined, address=_address)
