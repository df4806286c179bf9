"""Reading and checking the fields of a request; each refusal is 400 and names the field."""

import re
from datetime import date, datetime
from typing import Any

from sandbox.message import Request, refuse

MAX_AMOUNT = 99_999_999_999
MAX_LIMIT = 1000
_CURRENCY = re.compile(r"[A-Za-z]{3}")
_VISIBLE = re.compile(r"[\x21-\x7e]{1,255}")


def amount_of(body: dict[str, Any], name: str = "amount") -> int:
    """A positive integer in minor units."""
    value = body.get(name)
    if type(value) is not int or not 0 < value <= MAX_AMOUNT:
        refuse(400, "invalid_request", f"{name} must be an integer in minor units from 1 to {MAX_AMOUNT}.", field=name)
    return value


def currency_of(body: dict[str, Any]) -> str:
    """A currency code in upper case."""
    value = body.get("currency")
    if not isinstance(value, str) or not _CURRENCY.fullmatch(value):
        refuse(400, "invalid_request", "currency must be a three-letter ISO code.", field="currency")
    return value.upper()


def text_of(body: dict[str, Any], name: str, *, limit: int = 255) -> str:
    """A required text of 1 to `limit` characters."""
    value = body.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= limit:
        refuse(400, "invalid_request", f"{name} must be a text of 1 to {limit} characters.", field=name)
    return value


def optional_text(body: dict[str, Any], name: str, *, limit: int = 255) -> str | None:
    """A text or None."""
    return None if body.get(name) in (None, "") else text_of(body, name, limit=limit)


def optional_flag(body: dict[str, Any], name: str, default: bool) -> bool:
    """A boolean with a default."""
    value = body.get(name, default)
    if not isinstance(value, bool):
        refuse(400, "invalid_request", f"{name} must be true or false.", field=name)
    return value


def email_of(body: dict[str, Any], name: str) -> str:
    """An e-mail address in lower case."""
    value = text_of(body, name).strip().lower()
    if "@" not in value:
        refuse(400, "invalid_request", f"{name} must be an e-mail address.", field=name)
    return value


def url_of(body: dict[str, Any], name: str) -> str:
    """An http or https address."""
    value = text_of(body, name, limit=2000)
    if not value.startswith(("http://", "https://")):
        refuse(400, "invalid_request", f"{name} must start with http:// or https://.", field=name)
    return value


def birth_date_of(body: dict[str, Any]) -> date:
    """A birth date in ISO form."""
    try:
        return date.fromisoformat(text_of(body, "birth_date"))
    except ValueError:
        refuse(400, "invalid_request", "birth_date must look like 1990-05-31.", field="birth_date")


def idempotency_key_of(request: Request) -> str:
    """The Idempotency-Key header, required."""
    key = request.headers.get("idempotency-key")
    if not key:
        refuse(400, "idempotency_key_required", "Send an Idempotency-Key header: one key for each thing you want done once.")
    if not _VISIBLE.fullmatch(key):
        refuse(400, "idempotency_key_invalid", "The Idempotency-Key must be 1 to 255 visible ASCII characters.")
    return key


def limit_of(query: dict[str, str], default: int = 100) -> int:
    """The page size, 1 to 1000."""
    raw = query.get("limit", str(default))
    if not raw.isascii() or not raw.isdigit() or not 1 <= int(raw[:6]) <= MAX_LIMIT:
        refuse(400, "invalid_request", f"limit must be from 1 to {MAX_LIMIT}.", field="limit")
    return int(raw)


def moment_of(query: dict[str, str], name: str) -> int:
    """A time in ISO 8601 with its zone, as milliseconds since 1970."""
    try:
        moment = datetime.fromisoformat(query[name])
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        refuse(400, "invalid_request", f"{name} must be a time with its zone, such as 2026-11-22T00:00:00Z.", field=name)
    return int(moment.timestamp() * 1000)


def cursor_of(query: dict[str, str], default: int) -> int:
    """The position after which a page starts."""
    raw = query.get("cursor", "")
    if not raw:
        return default
    if not raw.isascii() or not raw.isdigit() or len(raw) > 18:
        refuse(400, "invalid_request", "cursor must be the next_cursor of the page before.", field="cursor")
    return int(raw)
