"""Authorizations: holds on a card that expire after seven days of sandbox time."""

from sqlite3 import Row
from typing import Any

from sandbox.cards import failure_of
from sandbox.clock import iso
from sandbox.fields import amount_of, currency_of, idempotency_key_of, optional_text, text_of
from sandbox.message import Answer, Request, json_answer, refuse
from sandbox.world import World

from . import records
from .methods import decline_of, usable

LASTS_MS = 7 * 24 * 3600 * 1000
FILTERS = {"idempotency_key": "key", "reference": "reference"}


def create(world: World, request: Request) -> Answer:
    """Hold an amount on a card; `description` is the text on the card's statement."""
    key = idempotency_key_of(request)
    body = request.json()
    wanted = {
        "amount": amount_of(body),
        "currency": currency_of(body),
        "payment_method": text_of(body, "payment_method"),
        "reference": text_of(body, "reference"),
        "description": optional_text(body, "description", limit=1000),
    }
    row = records.stored(world, "authorizations", key, wanted)
    if row is not None:
        return records.answer_for(row, authorization_json(world, row, as_first=True), replayed=True)
    records.refuse_small(wanted)
    now_ms = world.clock.now_ms()
    failure = decline_of(world, usable(world, body), is_charge=False)
    values = {
        "key": key,
        "status": "failed" if failure else "held",
        **wanted,
        "failure": failure,
        "expires_at": now_ms + LASTS_MS,
        "at": now_ms,
    }
    row = records.insert(world, "authorizations", values)
    return records.answer_for(row, authorization_json(world, row), replayed=False)


def get(world: World, request: Request) -> Answer:
    """Show an authorization."""
    return json_answer(authorization_json(world, records.get_or_404(world, "authorizations", "auth", request)))


def index(world: World, request: Request) -> Answer:
    """List authorizations."""
    return records.listing(world, request, "authorizations", FILTERS, authorization_json)


def release(world: World, request: Request) -> Answer:
    """Release the rest of a hold; a second release changes nothing."""
    row = records.get_or_404(world, "authorizations", "auth", request)
    if row["status"] == "captured":
        refuse(409, "authorization_captured", "All of this authorization was charged.")
    if standing(row, world.clock.now_ms()) == "held":
        world.store.run("UPDATE authorizations SET status = 'released' WHERE seq = ?", [row["seq"]])
        row = records.get_or_404(world, "authorizations", "auth", request)
    return json_answer(authorization_json(world, row))


def draw_on(world: World, wanted: dict[str, Any], now_ms: int) -> None:
    """Reserve a part of a hold for a charge; refuses with 409 when the hold is too small."""
    row = records.found(world, "authorizations", "auth", wanted["authorization"])
    if row is None:
        refuse(400, "invalid_request", "There is no such authorization.", field="authorization")
    if row["payment_method"] != wanted["payment_method"] or row["currency"] != wanted["currency"]:
        refuse(409, "authorization_mismatch", "The authorization is of another payment method or currency.")
    status = standing(row, now_ms)
    if status != "held":
        code = "authorization_lapsed" if status == "lapsed" else "authorization_not_held"
        refuse(409, code, f"The authorization is {status}. Charge without it.")
    if row["captured"] + wanted["amount"] > row["amount"]:
        refuse(409, "authorization_too_small", f"The authorization has {row['amount'] - row['captured']} left.")
    world.store.run(
        "UPDATE authorizations SET captured = captured + ?1, status = iif(captured + ?1 = amount, 'captured', status) WHERE seq = ?2",
        [wanted["amount"], row["seq"]],
    )


def standing(row: Row, now_ms: int) -> str:
    """The status at a time: a hold expires by itself."""
    return "lapsed" if row["status"] == "held" and now_ms >= row["expires_at"] else str(row["status"])


def authorization_json(world: World, row: Row, *, as_first: bool = False) -> dict[str, Any]:
    """An authorization as JSON; `as_first` gives the answer of its creation."""
    first_status = "failed" if row["failure"] else "held"
    return {
        "id": world.store.id_of("auth", row["seq"]),
        "status": first_status if as_first else standing(row, world.clock.now_ms()),
        "idempotency_key": row["key"],
        "amount": row["amount"],
        "captured": 0 if as_first else row["captured"],
        "currency": row["currency"],
        "payment_method": row["payment_method"],
        "reference": row["reference"],
        "description": row["description"],
        "failure": failure_of(row["failure"]),
        "expires_at": iso(row["expires_at"]),
        "at": iso(row["at"]),
    }
