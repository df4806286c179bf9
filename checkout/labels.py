"""Fraud labels of people and orders, translated, with author and time."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext, gettext_lazy

from accounts.models import User
from checkout.models import Order
from core.ids import parse_id
from fraud.network.queries import labels_of
from fraud.states import LabelSource

SOURCES: dict[str, Any] = {
    LabelSource.CHARGEBACK: gettext_lazy("The bank, in a dispute"),
    LabelSource.COLLECTIONS: gettext_lazy("Collection"),
}


@dataclass(frozen=True, slots=True)
class LabelWords:
    """A label in force, in words; `about` is the public id of the order or checkout (empty for the person), `order` the order's key."""

    consumer_id: uuid.UUID
    about: str
    order: uuid.UUID | None
    is_fraud: bool
    word: str
    by: str
    at: datetime
    reason: str


def describe_labels(consumers: Iterable[uuid.UUID]) -> list[LabelWords]:
    """Return the labels in force of accounts and of their orders in words, newest first. At most two queries."""
    labels = labels_of(list(consumers))
    keys = {one.actor for one in labels if one.source == LabelSource.DESK}
    people = {str(user.pk): str(user) for user in User.objects.filter(pk__in=keys)} if keys else {}
    return [
        LabelWords(
            one.consumer_id,
            one.order,
            parse_id(Order.PREFIX, one.order) if one.order.startswith(f"{Order.PREFIX}_") else None,
            one.is_fraud,
            gettext("Fraud") if one.is_fraud else gettext("Honest"),
            people.get(one.actor) or str(SOURCES.get(one.source, one.actor)),
            one.at,
            str(one.reason),
        )
        for one in labels
    ]
