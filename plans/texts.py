"""Texts about payments that were taken off a schedule, for consumers, shops and operators."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from plans.models import Product
from plans.rules.endings import Ending

NAMES = (gettext_noop("4 payments"), gettext_noop("In 30 days"), gettext_noop("6 months"), gettext_noop("12 months"))
"""The names of the products that every installation begins with; one that an operator adds is shown as they wrote it."""


def product_name(product: Product) -> str:
    """Return the name of a product in the present language."""
    return _(product.name)


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
