"""What tests read off a page."""

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
