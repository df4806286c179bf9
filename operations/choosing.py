"""What the forms that narrow a page down offer, and what of it a request chose."""

from collections.abc import Iterable
from typing import TypeVar

from django.http import HttpRequest

from brands.queries import list_brands
from core.formats import country_name
from markets.queries import list_markets

Choices = list[tuple[str, str]]
"""Codes with their names, in the order of the page."""
Usual = TypeVar("Usual")


def all_markets() -> Choices:
    """Return all markets, by the names of their countries."""
    return [(one.code, country_name(one.code)) for one in list_markets()]


def all_brands() -> Choices:
    """Return all brands."""
    return [(one.code, one.name) for one in list_brands()]


def chosen(request: HttpRequest, name: str, choices: Choices, usual: str = "") -> str:
    """Return the code that a request chose; `usual` for none and for an unknown one."""
    asked = request.GET.get(name, "")
    return asked if asked in dict(choices) else usual


def chosen_number(request: HttpRequest, name: str, numbers: Iterable[int], usual: Usual) -> int | Usual:
    """Return the number that a request chose of some; `usual` for none and for an unknown one."""
    asked = request.GET.get(name, "")
    return int(asked) if asked in map(str, numbers) else usual


def page_number(request: HttpRequest) -> int:
    """Return the number of the page that a request asks for, from 1 on."""
    asked = request.GET.get("page", "")
    return max(int(asked), 1) if asked.isascii() and asked.isdecimal() and len(asked) < 6 else 1
