"""What a consumer's request is about, for the work list: the amount of its purchase, and what an operator does next."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy

from accounts.models import ConsumerRequest
from checkout.models import Checkout, Order
from core.errors import NotFound
from core.ids import parse_id
from core.moments import amount_words

ANSWER = gettext_lazy("Answer")
STEPS: dict[str, Any] = {
    "review": gettext_lazy("Look again, and answer"),
    "correction": gettext_lazy("Correct it, and answer"),
    "closure": gettext_lazy("Close it, and answer"),
    "restriction": gettext_lazy("Weigh it, and answer"),
    "objection": gettext_lazy("Weigh it, and answer"),
    "copy": gettext_lazy("Send the copy"),
}
"""What an operator does with a request of a kind; all others are answered."""


def step_of(row: ConsumerRequest) -> str:
    """Return what an operator does next with a request."""
    return str(STEPS.get(row.kind, ANSWER))


def amounts_of(rows: Iterable[ConsumerRequest]) -> dict[str, str]:
    """Return the amounts of the orders and checkouts that requests are about, by reference; two queries at most."""
    found: dict[str, str] = {}
    references = {row.reference for row in rows if row.reference}
    for model in (Order, Checkout):
        keys = {key: reference for reference in references if (key := _key(model.PREFIX, reference)) is not None}
        if keys:
            known = model.objects.filter(pk__in=keys).values_list("pk", "amount_minor", "currency")
            found |= {keys[key]: amount_words(minor, currency) for key, minor, currency in known}
    return found


def _key(prefix: str, reference: str) -> Any:
    try:
        return parse_id(prefix, reference)
    except NotFound:
        return None
