"""The identity provider: document, selfie, data match and screening, decided by persona."""

import json
from datetime import UTC, date, datetime
from sqlite3 import Row
from typing import Any

from sandbox import documents, known_people
from sandbox.fields import birth_date_of, email_of, text_of
from sandbox.message import Answer, Request, json_answer
from sandbox.personas import parts_of
from sandbox.world import World

PENDING_MS = 5 * 60 * 1000
ADULT_YEARS = 18


def create(world: World, request: Request) -> Answer:
    """Check a person; the same reference is the same check."""
    body = request.json()
    email, reference = email_of(body, "email"), text_of(body, "reference")
    name, country = text_of(body, "name"), text_of(body, "country")
    born = birth_date_of(body)
    known_people.remember(world, name, born.isoformat(), email)
    reasons = _reasons(email, born, world.clock.now_ms())
    check = _result(reasons, country, named=bool(name))
    check["waits"] = "kyc_pending" in parts_of(email) and not reasons
    return json_answer(_shown(world, documents.keep(world, "kyc", "kyc", reference, check)), 201)


def _reasons(email: str, born: date, now_ms: int) -> list[str]:
    today = datetime.fromtimestamp(now_ms / 1000, UTC).date()
    age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    parts = parts_of(email)
    found = {"document_mismatch": "kyc_fail" in parts, "sanctions_match": "sanctions" in parts, "under_age": age < ADULT_YEARS}
    return [reason for reason, holds in found.items() if holds]


def _result(reasons: list[str], country: str, *, named: bool) -> dict[str, Any]:
    mismatch = "mismatch" if "document_mismatch" in reasons else "match"
    listed = "sanctions_match" in reasons
    return {
        "status": "rejected" if reasons else "clear",
        "reasons": reasons,
        "sanctions_hit": listed,
        "pep_hit": False,
        "evidence": {
            "document": {"type": "passport", "country": country, "result": "clear" if mismatch == "match" else "consider"},
            "selfie": {"result": "clear"},
            "data_match": {"name": mismatch if named else "missing", "birth_date": mismatch, "address": "match"},
            "screening": {"lists": ["OFAC SDN", "EU consolidated", "UN consolidated", "UK HMT"], "result": "hit" if listed else "clear"},
        },
    }


def _current(document: dict[str, Any], age_ms: int) -> dict[str, Any]:
    """The current state of a check: a pending one clears by itself."""
    waits = document.pop("waits")
    return {**document, "status": "pending"} if waits and age_ms < PENDING_MS else document


def _shown(world: World, row: Row) -> dict[str, Any]:
    return _current(json.loads(row["body"]), world.clock.now_ms() - row["at"])


def get(world: World, request: Request) -> Answer:
    """Show a check."""
    return json_answer(_shown(world, documents.get_or_404(world, "kyc", "kyc", request)))


def index(world: World, request: Request) -> Answer:
    """The checks of a reference."""
    return documents.whole_list([_shown(world, row) for row in documents.rows_by_reference(world, "kyc", request)])


def countries(_world: World, _request: Request) -> Answer:
    """The countries of the people it checks: it names none, which means all."""
    return documents.whole_list([])


ROUTES = [
    ("GET", "/kyc/v1/countries", countries),
    ("POST", "/kyc/v1/checks", create),
    ("GET", "/kyc/v1/checks", index),
    ("GET", "/kyc/v1/checks/{id}", get),
]
