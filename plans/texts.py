"""What pages say of payments that were taken off a schedule, to whom they are owed by, to shops and to operators."""

from django.utils.translation import gettext as _

from plans.rules.endings import Ending


def ending_text(ending: Ending | None, *, day: str = "", amount: str = "") -> str:
    """Say to shops and operators where a payment went; `day` is of the payment that a withdrawal made it part of, or of the refund."""
    match ending.kind if ending else "":
        case "withdrawal":
            return _("part of the payment on %(day)s, since the customer withdrew from the credit") % {"day": day}
        case "waived":
            return _("%(amount)s not asked for, too little to charge a card") % {"amount": amount}
        case "refund":
            return _("fell away with the refund of %(day)s") % {"day": day}
    return _("fell away")
