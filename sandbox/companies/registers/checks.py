"""Questions to registers of payment remarks, decided by persona."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox import documents
from sandbox.fields import birth_date_of, currency_of, email_of, text_of
from sandbox.message import Answer, Request, json_answer
from sandbox.personas import draw, parts_of
from sandbox.world import World

LARGE_UNITS = frozenset({"DKK", "SEK", "NOK"})
SMALL_MINOR = 100


def create(world: World, request: Request) -> Answer:
    """Look a person up; the same reference is the same question."""
    body = request.json()
    reference, email, register = text_of(body, "reference"), email_of(body, "email"), text_of(body, "register")
    text_of(body, "name")
    text_of(body, "country")
    birth_date_of(body)
    found = _found(email, register, currency_of(body), world.clock.now_ms())
    return json_answer(json.loads(documents.keep(world, "registers", "rgc", reference, found)["body"]), 201)


def _found(email: str, register: str, currency: str, now_ms: int) -> dict[str, Any]:
    parts = parts_of(email)
    clear = {"register": register, "currency": currency, "remarks": 0, "owed_minor": 0, "newest_on": None}
    if not parts & {"remark", "small_remark"}:
        return clear
    if "remark" not in parts:
        return clear | {"remarks": 1, "owed_minor": SMALL_MINOR, "newest_on": _day(now_ms, 200)}
    owed = draw(email, f"{register} owed", 20_000, 90_000) * (10 if currency in LARGE_UNITS else 1)
    newest = _day(now_ms, draw(email, f"{register} days", 40, 700))
    return clear | {"remarks": draw(email, register, 1, 3), "owed_minor": owed, "newest_on": newest}


def _day(now_ms: int, days: int) -> str:
    return (datetime.fromtimestamp(now_ms / 1000, UTC).date() - timedelta(days=days)).isoformat()


def index(world: World, request: Request) -> Answer:
    """The questions of a reference."""
    return documents.whole_list([json.loads(row["body"]) for row in documents.rows_by_reference(world, "registers", request)])


def countries(_world: World, _request: Request) -> Answer:
    """The countries of its registers: it names none, which means all."""
    return documents.whole_list([])


ROUTES = [
    ("GET", "/registers/v1/countries", countries),
    ("POST", "/registers/v1/checks", create),
    ("GET", "/registers/v1/checks", index),
]
