"""What the pretended Experian, Equifax and TransUnion have in common: tokens, whom they know, one answer for a reference."""

import json
import secrets
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from sandbox import documents, known_people
from sandbox.credit_files import CreditFile, file_of
from sandbox.message import Answer, Refused, Request, json_answer
from sandbox.world import World

TOKEN_S = 1_800
SLOW_S = 5.0
Reads = Callable[[dict[str, Any]], tuple[str, str, str]]
Answers = Callable[[CreditFile, dict[str, Any], date], dict[str, Any]]


def today(world: World) -> date:
    """The day in sandbox time."""
    return datetime.fromtimestamp(world.clock.now_ms() / 1000, UTC).date()


def issue(world: World, company: str, *, scope: str = "", subject: str = "", seconds: int = TOKEN_S) -> str:
    """Make a token of a company, good for some seconds of sandbox time."""
    token = f"{company}-{secrets.token_urlsafe(24)}"
    sql = "INSERT INTO access_tokens (token, company, scope, subject, until) VALUES (?, ?, ?, ?, ?)"
    world.store.run(sql, [token, company, scope, subject, world.clock.now_ms() + seconds * 1000])
    return token


def opened(world: World, company: str, token: str) -> tuple[str, str] | None:
    """The scope and the subject of a company's token; None for one that is none, or not good any more."""
    row = world.store.one("SELECT * FROM access_tokens WHERE token = ? AND company = ?", token, company)
    return (row["scope"], row["subject"]) if row and row["until"] > world.clock.now_ms() else None


def token_answer(world: World, company: str, *, right: bool) -> Answer:
    """A token for who knows the secrets, otherwise 401 in the form of OAuth (RFC 6749, 5.2)."""
    if not right:
        return json_answer({"error": "invalid_client", "error_description": "Client authentication failed"}, 401)
    return json_answer({"access_token": issue(world, company), "token_type": "Bearer", "expires_in": str(TOKEN_S)})


def report(world: World, request: Request, company: str, read: Reads, answer: Answers) -> Answer:
    """Answer an inquiry: `read(body)` returns reference, name and day of birth (ISO), `answer(file, body, on)` the document.

    The same reference gives the same answer, and is one inquiry. 401 without a good token, 400 for a body that cannot be read.
    """
    if opened(world, company, request.headers.get("authorization", "").removeprefix("Bearer ")) is None:
        return json_answer({"errors": [{"errorCode": "401", "message": "Access token is invalid or has expired"}]}, 401)
    body = request.json()
    try:
        reference, name, born = read(body)
        date.fromisoformat(born)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise Refused(json_answer({"errors": [{"errorCode": "400", "message": f"The request cannot be read: {error}"}]}, 400)) from error
    person = known_people.find(world, name, born)
    if "failing_bureau" in person.parts:
        return json_answer({"errors": [{"errorCode": "500", "message": "Internal error"}]}, 500)
    on = today(world)
    kept = documents.keep(world, company, "inq", reference, {"answer": answer(file_of(world, person, on), body, on)})
    found = json_answer(json.loads(kept["body"])["answer"])
    found.delay_s = SLOW_S if "slow_bureau" in person.parts else 0.0
    return found


def day_of_month_first(text: str) -> str:
    """A day written as MMDDYYYY in ISO form."""
    return f"{text[4:]}-{text[:2]}-{text[2:4]}"


def full_name(first: str, last: str) -> str:
    """A whole name; who has one name only gives it twice."""
    return first if first == last else f"{first} {last}"
