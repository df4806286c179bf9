"""Reading bodies: strict JSON, small and shallow, of text that PostgreSQL can keep."""

import json
import math
from collections.abc import Iterable, Mapping
from typing import IO, Any

from rest_framework.parsers import BaseParser

from core.errors import Malformed, TooLarge
from core.sentences import Sentence

MAX_BODY_BYTES = 256 * 1024
MAX_DEPTH = 16


class StrictJSONParser(BaseParser):
    """Accept one JSON object in UTF-8 without duplicate names, NaN, deep nesting or characters that cannot be stored."""

    media_type = "application/json"

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Return the object; Malformed with the reason, TooLarge beyond `MAX_BODY_BYTES`."""
        raw = stream.read(MAX_BODY_BYTES + 1)
        if len(raw) > MAX_BODY_BYTES:
            raise TooLarge(Sentence("The body is larger than %(size)s KiB.", size=MAX_BODY_BYTES // 1024))
        value = parse_json(raw)
        if not isinstance(value, dict):
            raise Malformed("The body must be a JSON object.", code="body.not_an_object")
        return value


def parse_json(raw: bytes) -> Any:
    """Return the value of a JSON text in UTF-8; Malformed where it is invalid or cannot be stored."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise Malformed("The body must be JSON in UTF-8.", code="body.not_utf8") from None
    try:
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant, parse_float=_finite)
    except RecursionError:
        raise _too_deep() from None
    except ValueError as error:
        if isinstance(error, json.JSONDecodeError):
            detail = Sentence("The body is not valid JSON: line %(line)s, column %(column)s.", line=error.lineno, column=error.colno)
        else:
            detail = Sentence("The body is not valid JSON: a number has too many digits.")
        raise Malformed(detail, code="body.not_json") from None
    _check_storable(value)
    return value


def _unique(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise Malformed(
                "A name appears twice in one object of the body.",
                code="body.duplicate_name",
                fields={printable(name): Sentence("appears twice")},
            )
        found[name] = value
    return found


def _no_constant(name: str) -> Any:
    raise Malformed(Sentence("%(name)s is not a JSON value.", name=name), code="body.not_json")


def _finite(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise Malformed("A number in the body is too large.", code="body.not_json")
    return value


def _too_deep() -> Malformed:
    return Malformed(Sentence("The body is nested more than %(most)s levels deep.", most=MAX_DEPTH), code="body.too_deep")


def _check_storable(root: Any) -> None:
    """Refuse deep nesting, NUL characters and half surrogate pairs anywhere in a value."""
    todo: list[tuple[str, Any, int]] = [("", root, 1)]
    while todo:
        name, value, depth = todo.pop()
        if isinstance(value, str):
            check_text(value, name)
        elif isinstance(value, dict | list):
            if depth > MAX_DEPTH:
                raise _too_deep()
            children = value.items() if isinstance(value, dict) else ((f"[{i}]", child) for i, child in enumerate(value))
            for key, child in children:
                check_text(key, name)
                todo.append((f"{name}.{key}".replace(".[", "[").lstrip("."), child, depth + 1))


def has_unstorable(text: str) -> bool:
    """Return whether a text holds a NUL character or half of a surrogate pair, which the database does not store."""
    return "\x00" in text or any("\ud800" <= char <= "\udfff" for char in text)


def check_text(text: str, name: str) -> None:
    """Refuse text that cannot be stored: a NUL character or half of a surrogate pair; Malformed names the field."""
    if has_unstorable(text):
        field = printable(name) or "body"
        raise Malformed(
            "The text contains a NUL character or half of a surrogate pair.",
            code="text.not_storable",
            fields={field: Sentence("must not contain NUL characters or unpaired surrogates")},
        )


def printable(name: str) -> str:
    """Return a name that the sender chose in a form that is safe to send back: valid Unicode, at most 100 characters."""
    return name.encode("utf-8", "replace").decode().replace("\x00", "?")[:100]
