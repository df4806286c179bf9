"""The kind of proposals about an order: a refund on the shop's behalf that is too large for one operator."""

from datetime import date, datetime
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from checkout import services
from checkout.models import Order
from controls.kinds import Kind, Values
from controls.queries import proposal_of
from core.amounts import AmountField
from core.errors import Invalid, NotFound
from core.ids import parse_id
from core.moments import amount_words, desk_locale
from core.sentences import Sentence

AMOUNT, REFUNDED = "amount_minor", "refunded_minor"


class LargeRefund(Kind):
    """A refund of an order on the shop's behalf, in minor units; the shop and the consumer can read the proposal's reason."""

    name, about, title = "checkout.refund", "refund", gettext_lazy("Refund in the shop's place")

    def subject_name(self, subject: str) -> str:
        """Return the order's number at the shop, and the shop."""
        order = _order(subject)
        return f"{order.merchant_reference or order.public_id}, {order.merchant.name}"

    def current(self, subject: str, after: Values, starts_on: date | None) -> dict[str, Any]:
        """Return the amount refunded so far."""
        return {REFUNDED: _order(subject).refunded_minor}

    def check(self, subject: str, after: Values, starts_on: date | None) -> None:
        """Refuse an amount that cannot be refunded."""
        order, amount = _order(subject), after.get(AMOUNT)
        if set(after) != {AMOUNT} or type(amount) is not int or starts_on is not None:
            raise Invalid("This cannot be changed here.")
        if not 0 < amount <= order.refundable_minor:
            most = amount_words(order.refundable_minor, order.currency)
            raise Invalid("So much cannot be refunded.", fields={"amount": Sentence("at most %(most)s", most=most)})

    def carry_out(self, *, subject: str, after: Values, starts_on: date | None, actor: str, at: datetime) -> str:
        """Refund it; return the refund's public id."""
        order, reason = _order(subject), proposal_of(actor).reason
        told: dict[str, Any] = {"amount_minor": after[AMOUNT], "reason": reason, "actor": actor, "at": at}
        return services.refund_order(order_id=order.pk, merchant=order.merchant, **told).refund.public_id

    def words(self, subject: str, name: str, value: Any) -> tuple[str, str]:
        """Return an amount as money."""
        label = _("Refund") if name == AMOUNT else _("Refunded so far")
        return label, amount_words(value, _order(subject).currency)

    def form_fields(self, subject: str, after: Values) -> dict[str, forms.Field]:
        """Return the field of the amount."""
        currency = _order(subject).currency
        return {AMOUNT: AmountField(currency=currency, locale=desk_locale(), label=_("Amount"), initial=after[AMOUNT])}

    def link(self, subject: str) -> str:
        """Return the order's page."""
        return reverse("admin:checkout_order_change", args=[_order(subject).pk])


def _order(subject: str) -> Order:
    found = Order.objects.select_related("merchant").filter(pk=parse_id(Order.PREFIX, subject)).first()
    if found is None:
        raise NotFound("There is no such order.")
    return found
