"""Reading values from a page's HTML."""

import re
from typing import Any


def once_of(response: Any) -> str:
    """Return the idempotency key of a page's forms."""
    return str(response.context["once"])


def toasts(response: Any) -> list[str]:
    """Return the page's toasts."""
    return [str(message) for message in response.context["messages"]]


def text_of(response: Any) -> str:
    """Return a page's text with normalized spaces."""
    return " ".join(response.content.decode().split())


def asked_again(answer: Any, status: int = 200) -> Any:
    """Return the page that shows a refused form again: it has an address of its own."""
    assert answer.status_code == 302, answer.status_code
    assert "again=" in answer.headers["Location"], answer.headers["Location"]
    page = answer.client.get(answer.headers["Location"])
    assert page.status_code == status, page.status_code
    return page


def hidden(page: Any) -> dict[str, str]:
    """Return the hidden fields of a page's forms: the key, the values that the page showed, the agreement's seal."""
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.content.decode())
    return {name: value for name, value in found if name != "csrfmiddlewaretoken"}
