"""Links from ledger accounts and entries to the pages of their causes."""

import uuid
from typing import Any

from django.urls import reverse

from checkout.models import Capture, Refund
from core.errors import NotFound
from core.ids import parse_id
from operations.people.finding import PAGES
from payments.models import MovementEvent, Transfer


def page_of(public_id: str) -> str:
    """Return the URL of the page of an entry's cause or an account's owner, or ""; captures and refunds are on their order's page."""
    bare = public_id.partition(":")[0]
    prefix = bare.partition("_")[0]
    try:
        if prefix in (Capture.PREFIX, Refund.PREFIX):
            made: Any = Capture if prefix == Capture.PREFIX else Refund
            key = made.objects.filter(pk=parse_id(prefix, bare)).values_list("order_id", flat=True).first()
            return reverse("admin:checkout_order_change", args=[key]) if key else ""
        if prefix in (Transfer.PREFIX, MovementEvent.PREFIX):
            return _page_of_turn(prefix, parse_id(prefix, bare))
        model = PAGES.get(prefix)
        if model is None:
            return ""
        return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[parse_id(prefix, bare)])
    except NotFound:
        return ""


def _page_of_turn(prefix: str, key: uuid.UUID) -> str:
    """Return the URL of the page of the movement that a bank transfer pays or that a turn belongs to; empty if there is none."""
    if prefix == Transfer.PREFIX:
        kind, movement = "refund", Transfer.objects.filter(pk=key).values_list("refund_id", flat=True).first()
    else:
        kind, movement = MovementEvent.objects.filter(pk=key).values_list("movement_kind", "movement_id").first() or ("", None)
    return reverse(f"admin:payments_{kind}_change", args=[movement]) if movement else ""
