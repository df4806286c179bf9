"""Requests and responses of the pages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import parse_qs

from storefront.markup import Markup

COOKIE = "demo_shop"
COOKIE_AGE_S = 60 * 60 * 24 * 30


@dataclass(frozen=True, slots=True)
class Request:
    """A request; header names in lower case. `visit` identifies the browser: a random value in a cookie."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    visit: str

    @property
    def form(self) -> dict[str, str]:
        """The fields of a form, trimmed."""
        return {name: value.strip() for name, value in first_values(self.body.decode("utf-8", "replace")).items()}


@dataclass(frozen=True, slots=True)
class Response:
    """A response."""

    body: bytes = b""
    status: int = HTTPStatus.OK
    content_type: str = "text/html; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)


class Failed(Exception):
    """A request that cannot be answered with its page."""

    def __init__(self, status: HTTPStatus, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


def first_values(encoded: str) -> dict[str, str]:
    """Return the first value of each name of a query string or form."""
    return {name: values[0] for name, values in parse_qs(encoded, keep_blank_values=True, max_num_fields=100).items()}


def page(content: Markup, status: int = HTTPStatus.OK) -> Response:
    """Return a page."""
    return Response(content.encode(), status)


def see_other(location: str) -> Response:
    """Send the browser on with a GET."""
    return Response(status=HTTPStatus.SEE_OTHER, headers={"Location": location})
