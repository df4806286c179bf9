"""A shop's terms in words, for the back office."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop, ngettext

from core.formats import percent_text
from core.moments import amount_words, desk_locale
from core.readable import words

NAMES = {
    "fee_bps": gettext_lazy("Fee"),
    "fee_fixed_minor": gettext_lazy("Fixed fee for each capture"),
    "postpone_fixed_minor": gettext_lazy("Fixed price of later payments"),
    "postpone_bps": gettext_lazy("Price of later payments, of what is open"),
    "postpone_most": gettext_lazy("How often payments of an order may come later"),
    "refund_fees": gettext_lazy("Fees go back with a refund"),
    "authorization_days": gettext_lazy("An order can be captured for"),
    "held_categories": gettext_lazy("Kinds of goods that hold an order"),
    "max_quantity": gettext_lazy("Most pieces of one item before an order is held"),
    "payout_destination": gettext_lazy("Account at the payout provider"),
    "suspended": gettext_lazy("Suspended"),
}


GOODS = (gettext_noop("Bullion"), gettext_noop("Gift card"), gettext_noop("Prepaid card"))
"""The kinds of goods that hold an order by default; kinds that operators add are shown as written."""


def term_text(name: str, value: Any, currency: str) -> str:
    """Format the value of a shop's term."""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if name in {"fee_bps", "postpone_bps"}:
        return percent_text(value, desk_locale())
    if name in {"fee_fixed_minor", "postpone_fixed_minor"}:
        return amount_words(value, currency)
    if name == "authorization_days":
        return ngettext("%(count)s day", "%(count)s days", value) % {"count": value}
    if isinstance(value, list):
        return ", ".join(words(one) for one in value) or _("None")
    return str(value) or _("None")
