"""HTTP requests, answers, and errors that become answers."""

import json
from dataclasses import dataclass, field
from typing import Any, NoReturn
from urllib.parse import parse_qs, quote, unquote

MAX_BODY_BYTES = 10 * 1024 * 1024
# Characters that an address may contain unchanged; all others are percent-encoded, a line feed as `%0A`.
_IN_ADDRESSES = "!#$%&'()*+,/:;=?@[]~"
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Refused(Exception):
    """A request that cannot be carried out; `answer` says why. Nothing was recorded."""

    def __init__(self, answer: "Answer") -> None:
        super().__init__(answer.status)
        self.answer = answer


@dataclass(slots=True)
class Request:
    """One HTTP request; header names are in lower case."""

    method: str
    path: str
    query_string: str
    headers: dict[str, str]
    body: bytes
    params: dict[str, str] = field(default_factory=dict)

    @property
    def query(self) -> dict[str, str]:
        """The last value of each query parameter."""
        if not self.query_string:
            return {}
        return {name: values[-1] for name, values in parse_qs(self.query_string, keep_blank_values=True).items()}

    def json(self) -> dict[str, Any]:
        """The body as a JSON object; refuses anything else with 400."""
        document = self.json_document()
        if not isinstance(document, dict):
            refuse(400, "invalid_request", "The body must be a JSON object.")
        return document

    def json_document(self) -> Any:
        """The body as any JSON value; refuses a body that cannot be parsed with 400."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            refuse(400, "invalid_json", "The body is not valid JSON.")

    def form(self) -> dict[str, str]:
        """The last value of each form field."""
        return {name: values[-1] for name, values in self.form_lists().items()}

    def form_lists(self) -> dict[str, list[str]]:
        """All values of each form field, in order."""
        try:
            return parse_qs(self.body.decode(), keep_blank_values=True, max_num_fields=2000)
        except ValueError:
            refuse(400, "invalid_request", "The body is not a valid form.")


@dataclass(slots=True)
class Answer:
    """One HTTP answer; `hang_up` closes the connection without sending it, `silent` keeps it open without sending it."""

    status: int
    body: bytes = b""
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()
    hang_up: bool = False
    silent: bool = False
    delay_s: float = 0.0


def json_answer(document: Any, status: int = 200, headers: tuple[tuple[str, str], ...] = ()) -> Answer:
    """Answer with a JSON document."""
    return Answer(status, _encode(document).encode("utf-8", "replace"), "application/json", headers)


def redirect(location: str) -> Answer:
    """Redirect the browser with 303. It keeps nothing: with its back button it would else go by a redirect that is out of date."""
    headers = (("Location", quote(location, safe=_IN_ADDRESSES)), ("Cache-Control", "no-store"))
    return Answer(303, b"", "text/plain; charset=utf-8", headers)


def problem(status: int, code: str, message: str, **extra: Any) -> Answer:
    """An error answer in the sandbox's own form, `{"error": {...}}`."""
    return json_answer({"error": {"code": code, "message": message, **extra}}, status)


def refuse(status: int, code: str, message: str, **extra: Any) -> NoReturn:
    """Stop with an error answer."""
    raise Refused(problem(status, code, message, **extra))


def path_text(raw: str) -> str:
    """A path as text, percent-decoded."""
    return unquote(raw) if "%" in raw else raw
