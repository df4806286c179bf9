"""What tests read off a page."""

import re
from typing import Any


def once_of(response: Any) -> str:
    """Return the key of the forms of a page."""
    return str(response.context["once"])


def toasts(response: Any) -> list[str]:
    """Return what the page says in passing."""
    return [str(message) for message in response.context["messages"]]


def text_of(response: Any) -> str:
    """Return a page's text with spaces evened out."""
    return " ".join(response.content.decode().split())


def asked_again(answer: Any, status: int = 200) -> Any:
    """Return the page that asks again after a form that could not be carried out: it has an address of its own."""
    assert answer.status_code == 302, answer.status_code
    assert "again=" in answer.headers["Location"], answer.headers["Location"]
    page = answer.client.get(answer.headers["Location"])
    assert page.status_code == status, page.status_code
    return page


def hidden(page: Any) -> dict[str, str]:
    """Return what the forms of a page send besides what a person fills in: its key, what was seen, the words agreed to."""
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.content.decode())
    return {name: value for name, value in found if name != "csrfmiddlewaretoken"}
