"""The next payment, as the top of the home page shows it."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from core.formats import money_text
from plans.models import Installment
from portals.consumer.frame import Visitor
from portals.consumer.purchases.queries import Purchase


def next_payment(to_come: Sequence[tuple[Purchase, Installment]], facts: dict[str, Any], visitor: Visitor) -> dict[str, Any]:
    """Return the next payment for the top of the home page, with the total due on that day in the same currency.

    `facts` is its row from `upcoming_rows`.
    """
    purchase, row = to_come[0]
    others = [
        one.asked_minor(other) for one, other in to_come[1:] if (other.due_date, one.order.currency) == (row.due_date, facts["currency"])
    ]
    if others:
        amount = money_text(purchase.asked_minor(row) + sum(others), facts["currency"], visitor.locale)
        facts["also"] = _("%(count)s payments that day, %(amount)s in all") % {"count": len(others) + 1, "amount": amount}
    return facts | {"note": _note(facts) % facts}


def _note(facts: dict[str, Any]) -> str:
    """Return the note beside the next payment: its card, or why it is not charged yet."""
    if facts["under_way"]:
        return _("%(shop)s, %(which)s · a payment is on its way")
    if facts["waits"]:
        return _("%(shop)s, %(which)s · we take nothing by ourselves for now")
    if facts["owed_again"] and not facts["failed"]:
        return _of_owed_again(facts)
    if not facts["has_card"]:
        return _("%(shop)s, %(which)s · add a card to pay it")
    if facts["failed"]:
        return _("%(shop)s, %(which)s · refused, nothing was charged · next from %(card)s")
    return _("%(shop)s, %(which)s · from %(card)s")


def _of_owed_again(facts: dict[str, Any]) -> str:
    if not facts["has_card"]:
        return _("%(shop)s, %(which)s · you had paid it, and your bank took the payment back · add a card to pay it")
    return _("%(shop)s, %(which)s · you had paid it, and your bank took the payment back · next from %(card)s")
