"""The deposit of a purchase in the words of its page: held, being taken, taken, not taken, or gone back."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from core.clock import local_date
from core.formats import day_text, money_text
from core.sentences import one_stop
from payments.models import Charge, PaymentMethod
from plans.models import Deposit, Plan
from portals.cards import card_title
from portals.consumer.purchases.queries import Purchase


@dataclass(frozen=True, slots=True)
class ShownDeposit:
    """A deposit: its amount, what is to be said of it, and whether the person has to pay it; minor units."""

    minor: int
    note: str
    to_pay: bool


def shown_deposit(purchase: Purchase, locale: str) -> ShownDeposit | None:
    """Return the deposit of a purchase; None if there is none, or if its order ended before it was taken. At most two queries."""
    deposit = purchase.deposit
    if deposit is None or (deposit.ended_at is not None and not deposit.paid_minor):
        return None
    return ShownDeposit(deposit.amount_minor, _note(deposit, purchase, locale), to_pay=purchase.owes_deposit)


def _note(deposit: Deposit, purchase: Purchase, locale: str) -> str:
    plan, shop = purchase.order.plan, purchase.order.merchant.name
    told: dict[str, Any] = {"card": card_title(_method(deposit, plan)), "shop": shop}
    if deposit.next_attempt_at is not None:
        told["day"] = day_text(local_date(deposit.next_attempt_at, plan.time_zone), locale)
    if deposit.ended_at is not None:
        back = sum(one.returned_minor for one in deposit.payments.all())
        return _("%(amount)s of it went back to %(card)s.") % (told | {"amount": money_text(back, plan.currency, locale)})
    if deposit.state == "under_way":
        return _("It is being taken from %(card)s; the bank has not answered yet.") % told
    if deposit.state == "declined":
        again = one_stop(_("We try again on %(day)s.") % told) if "day" in told else ""
        return " ".join(filter(None, [_("It could not be taken from %(card)s. %(shop)s cannot ship before it is paid.") % told, again]))
    if deposit.state == "paid":
        return _paid(deposit, purchase, told, locale)
    if "day" in told:
        return (
            _("Held on %(card)s. It is taken when %(shop)s ships, by %(day)s at the latest, and goes back if %(shop)s does not ship.")
            % told
        )
    # People are still deciding about the order; its hold may have lapsed.
    return _("It is taken from %(card)s once the purchase is approved and %(shop)s ships.") % told


def _paid(deposit: Deposit, purchase: Purchase, told: dict[str, Any], locale: str) -> str:
    assert deposit.paid_at is not None
    told |= {"day": day_text(local_date(deposit.paid_at, purchase.order.plan.time_zone), locale)}
    if purchase.order.remaining_authorized_minor:
        return one_stop(_("Taken from %(card)s on %(day)s. What %(shop)s does not ship of it goes back.") % told)
    return one_stop(_("Taken from %(card)s on %(day)s.") % told)


def _method(deposit: Deposit, plan: Plan) -> PaymentMethod:
    """Return the card that paid a deposit, or that it is to be taken from."""
    paid = deposit.payments.order_by("-id").first()
    key = deposit.charge_id or (paid.charge_id if paid and not deposit.open_minor else None)
    if key is not None:
        return Charge.objects.select_related("payment_method").get(id=key).payment_method
    return deposit.authorization.payment_method if deposit.authorization else plan.payment_method
