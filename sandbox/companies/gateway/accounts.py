"""Bank accounts that may be debited: tokens, with their owners' mandates."""

import secrets
from sqlite3 import Row
from typing import Any

from sandbox.accounts import SORTS, Account, account_from, scheme_of
from sandbox.clock import iso
from sandbox.fields import currency_of, email_of, optional_text, text_of
from sandbox.message import Answer, Request, json_answer, refuse
from sandbox.world import World

PREFIX = "ba_"


def create(world: World, request: Request) -> Answer:
    """Keep an account with a mandate in one call, for simulations."""
    body = request.json()
    email, reference = email_of(body, "customer_email"), text_of(body, "customer_reference")
    scheme = scheme_of(currency_of(body))
    sort = optional_text(body, "sort") or (SORTS[scheme][1] if scheme in SORTS else "")
    account = account_from(scheme, text_of(body, "number"), sort)
    if isinstance(account, list):
        refuse(400, f"invalid_{account[0]}", "Check the account number: a digit is wrong or missing.", field=account[0])
    return json_answer(account_json(keep(world, account, email, reference)), 201)


def get(world: World, request: Request) -> Answer:
    """Show a bank account."""
    return json_answer(account_json(_found(world, request)))


def detach(world: World, request: Request) -> Answer:
    """End the mandate of an account, so that it cannot be debited any more."""
    row = _found(world, request)
    world.store.run("UPDATE bank_accounts SET detached = 1 WHERE token = ?", [row["token"]])
    return json_answer(account_json(row))


def keep(world: World, account: Account, email: str, reference: str) -> Row:
    """Store an account with a new mandate."""
    token, mandate = PREFIX + secrets.token_hex(12), f"MNDT-{secrets.token_hex(4).upper()}"
    values = [token, account.behavior, account.bank, account.last4, account.scheme, mandate, email, reference, 0, world.clock.now_ms()]
    world.store.run(f"INSERT INTO bank_accounts VALUES ({', '.join('?' * len(values))})", values)  # noqa: S608 - values are bound
    row = find(world, token)
    assert row is not None
    return row


def find(world: World, token: str) -> Row | None:
    """An account or None."""
    return world.store.one("SELECT * FROM bank_accounts WHERE token = ?", token)


def debited(world: World, token: object, currency: object) -> Row | None:
    """The account that a charge names, None for a card; refuses an unknown or detached account, and a currency other than its scheme's."""
    if not str(token).startswith(PREFIX):
        return None
    row = find(world, str(token))
    if row is None or row["detached"]:
        refuse(400, "invalid_request", "payment_method is unknown or was removed.", field="payment_method")
    if row["scheme"] != scheme_of(str(currency)):
        refuse(400, "invalid_request", f"{row['scheme']} is not debited in {currency}.", field="currency")
    return row


def account_json(row: Row) -> dict[str, Any]:
    """A bank account as JSON."""
    names = ("token", "bank", "last4", "scheme", "mandate", "customer_email", "customer_reference")
    return {**{name: row[name] for name in names}, "at": iso(row["at"])}


def _found(world: World, request: Request) -> Row:
    row = find(world, request.params["token"])
    if row is None:
        refuse(404, "not_found", "There is no such bank account.")
    return row
