"""The fees of a purchase in words: those on each payment, and the next one with the day until which paying avoids it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from core.clock import local_date
from core.formats import day_text, money_text
from core.sentences import one_stop
from plans.fees import ComingFee, coming_fees, fees_on
from plans.models import Fee
from plans.rules.fees import FeeKind
from plans.states import FeeStatus
from portals.consumer.purchases.queries import Purchase

_ENDS = {
    FeeStatus.FORGIVEN: gettext_noop("%(fee)s of %(amount)s, added %(day)s · waived, you do not owe it"),
    FeeStatus.WITHDRAWN: gettext_noop("%(fee)s of %(amount)s, added %(day)s · taken off, your payment came in time"),
}


def fee_notes(purchase: Purchase, today: date, locale: str) -> Mapping[int, list[str]]:
    """Return the notes about fees of each payment of a purchase, by number; one query, and one more if something is late."""
    fees = fees_on(purchase.rows)
    coming = coming_fees(purchase.order.plan, purchase.rows, fees, today)
    currency, zone = purchase.order.currency, purchase.order.plan.time_zone
    return {
        row.number: [
            *(_with_credit(fee, currency, locale, zone) for fee in fees.get(row.id, ()) if fee.amount_minor or fee.credit_minor),
            *([coming_note(coming[row.number], currency, locale)] if row.number in coming else []),
        ]
        for row in purchase.rows
    }


def _with_credit(fee: Fee, currency: str, locale: str, zone: str) -> str:
    """Return a fee with what a credit of the person paid of it; where it ended, that went back to the credit."""
    note = _note(fee, currency, locale, zone)
    if not fee.credit_minor or fee.status in _ENDS:
        return note
    return note + " · " + _("%(amount)s of it from your credit") % {"amount": money_text(fee.credit_minor, currency, locale)}


def _note(fee: Fee, currency: str, locale: str, zone: str) -> str:
    """Return a fee with the day on which it was added: the day after the one whose close decided it, as all that changed is dated."""
    day = day_text(local_date(fee.at, zone), locale)
    told = {"fee": fee.get_kind_display(), "amount": money_text(fee.amount_minor + fee.credit_minor, currency, locale), "day": day}
    if fee.status == FeeStatus.WITHDRAWN and fee.kind == FeeKind.RETURNED:
        return _("%(fee)s of %(amount)s, added %(day)s · taken off, your bank paid after all") % told
    if fee.status == FeeStatus.WITHDRAWN and fee.kind == FeeKind.SERVICE:
        return _("%(fee)s of %(amount)s, added %(day)s · taken off, you do not owe it") % told
    if fee.status in _ENDS:
        return _(_ENDS[FeeStatus(fee.status)]) % told
    if not fee.open_minor:
        return _("%(fee)s of %(amount)s, added %(day)s · paid") % told
    if fee.paid_minor:
        left = {"left": money_text(fee.open_minor, currency, locale)}
        return _("%(fee)s of %(amount)s, added %(day)s · %(left)s of it not paid") % (told | left)
    return _("%(fee)s of %(amount)s, added %(day)s · not paid") % told


def coming_note(coming: ComingFee, currency: str, locale: str) -> str:
    """Say until when to pay so that the next fee does not come."""
    told = {"day": day_text(coming.until, locale), "fee": money_text(coming.most_minor, currency, locale)}
    if coming.kind == FeeKind.REMINDER:
        return one_stop(_("Pay until the end of %(day)s, or we send a reminder for which at most %(fee)s is added.") % told)
    return one_stop(_("Pay until the end of %(day)s, or a late fee of at most %(fee)s is added.") % told)


def late_note(purchase: Purchase, today: date, locale: str) -> str:
    """Say on the page for paying what fees a late purchase has, and the first one to come; empty without the one and the other."""
    fees = sum(row.open_fees_minor for row in purchase.opened)
    coming = coming_fees(purchase.order.plan, purchase.rows, fees_on(purchase.rows), today)
    first = min(coming.values(), key=lambda one: one.until, default=None)
    told = [_("%(amount)s of what is open is fees.") % {"amount": money_text(fees, purchase.order.currency, locale)}] if fees else []
    if first:
        told.append(coming_note(first, purchase.order.currency, locale))
    return " ".join(told)


def with_fees(numbers: Iterable[int], purchase: Purchase, locale: str) -> Sequence[str]:
    """Say how much of a price is fees; nothing if none is."""
    chosen = set(numbers)
    fees = sum(row.open_fees_minor for row in purchase.opened if row.number in chosen)
    return [_("with %(amount)s of fees") % {"amount": money_text(fees, purchase.order.currency, locale)}] if fees else []
