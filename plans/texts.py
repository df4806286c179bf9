"""Texts about payments that were taken off a schedule, for consumers, shops and operators."""

from django.utils.translation import gettext as _

from plans.rules.endings import Ending


def ending_text(ending: Ending | None, *, day: str = "", amount: str = "") -> str:
    """Return the text for shops and operators on where a payment went; `day` is that of the merged payment, or of the refund."""
    match ending.kind if ending else "":
        case "withdrawal":
            return _("part of the payment on %(day)s, since the customer withdrew from the credit") % {"day": day}
        case "waived":
            return _("%(amount)s not asked for, too little to charge a card") % {"amount": amount}
        case "refund":
            return _("fell away with the refund of %(day)s") % {"day": day}
    return _("fell away")
