"""Texts about products and about payments that were taken off a schedule, for consumers, shops and operators."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.classes import class_title
from core.moments import amount_words, percent_words
from plans.models import Product
from plans.rules.endings import Ending
from plans.rules.terms import LISTS

NAMES = {
    "pay_in_4": gettext_lazy("4 payments"),
    "pay_in_30": gettext_lazy("In 30 days"),
    "monthly_6": gettext_lazy("6 months"),
    "monthly_12": gettext_lazy("12 months"),
}
"""The names of the products that every installation begins with; names of products that operators add are shown as written."""

TERMS: dict[str, Any] = {
    "offered": gettext_lazy("On offer"),
    "name": gettext_lazy("Name, as people see it"),
    "count": gettext_lazy("Number of payments"),
    "interval": gettext_lazy("When they are due"),
    "interval_days": gettext_lazy("Days until a single payment"),
    "first": gettext_lazy("First payment"),
    "skipped": gettext_lazy("Intervals that are skipped before the payments begin"),
    "day_rule": gettext_lazy("A due date on a weekend or holiday"),
    "rate_bps": gettext_lazy("Interest a year"),
    "shop_rate_bps": gettext_lazy("Interest a year that the shop pays"),
    "service_minor": gettext_lazy("Service fee of a purchase"),
    "service_bps": gettext_lazy("Service fee beside it, of what is lent"),
    "service_most_minor": gettext_lazy("Most that the service fee is"),
    "deposit_bps": gettext_lazy("Deposit, of the price"),
    "minimum_minor": gettext_lazy("Smallest amount"),
    "maximum_minor": gettext_lazy("Largest amount"),
    "remainder": gettext_lazy("What does not divide goes to"),
    "refund_rule": gettext_lazy("A refund lowers"),
    "position": gettext_lazy("Place in the checkout's list"),
    "audience": gettext_lazy("Offered to"),
    "brands": gettext_lazy("Only with these brands"),
    "shops": gettext_lazy("Only at these shops"),
    "trades": gettext_lazy("Only at shops that sell"),
    "classes": gettext_lazy("Only for these customers"),
    "stands_for": gettext_lazy("Offered in place of"),
}
"""The names of a product's terms, for operators."""
CHOICES: dict[str, dict[str, Any]] = {
    "interval": {
        "biweekly": gettext_lazy("every two weeks"),
        "monthly": gettext_lazy("every month"),
        "days": gettext_lazy("once, after some days"),
    },
    "first": {"now": gettext_lazy("when the shop sends the goods"), "later": gettext_lazy("one interval later")},
    "remainder": {"last": gettext_lazy("the last payment"), "first": gettext_lazy("the first payment")},
    "refund_rule": {
        "last_first": gettext_lazy("the last payments first"),
        "next_first": gettext_lazy("the next payments first"),
        "pro_rata": gettext_lazy("all payments in proportion"),
        "reamortize": gettext_lazy("all payments, which are computed anew"),
    },
    "audience": {"all": gettext_lazy("everybody"), "by_rule": gettext_lazy("only people to whom a rule offers it")},
    "day_rule": {
        "as_is": gettext_lazy("stays"),
        "next": gettext_lazy("moves to the next business day"),
        "previous": gettext_lazy("moves to the business day before"),
        "modified": gettext_lazy("moves to the next business day, within its month"),
    },
}

REARRANGED: dict[str, Any] = {
    "re_aged": gettext_lazy("Late payments put at the end"),
    "reamortized": gettext_lazy("All open payments spread evenly"),
    "restructured": gettext_lazy("Other payments, as agreed with the person"),
    "restructure_offered": gettext_lazy("Other payments offered to the person"),
    "restructure_declined": gettext_lazy("Other payments declined by the person"),
}
"""How the payments of a plan are laid out anew (`plans.rules.rearranging`), for operators."""
DEPOSITS: dict[str, Any] = {
    "held": gettext_lazy("Held on the card"),
    "under_way": gettext_lazy("Being charged"),
    "paid": gettext_lazy("Paid"),
    "declined": gettext_lazy("Not paid: nothing can be captured"),
    "ended": gettext_lazy("Ended with the order"),
}
"""The states of a deposit (`plans.models.Deposit.state`), for operators."""


def late_words(days: int) -> str:
    """Say how late a payment is: "12 days late"; empty if it is not late."""
    return ngettext("%(days)s day late", "%(days)s days late", days) % {"days": days} if days > 0 else ""


def product_name(product: Product) -> str:
    """Return the name of a product, with the time without payments that its name does not count."""
    name = _name(product)
    if not product.skipped:
        return name
    if product.interval == "monthly":
        told = ngettext(
            "%(name)s, with %(count)s month without payments", "%(name)s, with %(count)s months without payments", product.skipped
        )
        return told % {"name": name, "count": product.skipped}
    weeks = 2 * product.skipped
    told = ngettext("%(name)s, with %(count)s week without payments", "%(name)s, with %(count)s weeks without payments", weeks)
    return told % {"name": name, "count": weeks}


def _name(product: Product) -> str:
    """Return its name alone; names that only count payments, months or days are translated."""
    written = {
        f"{product.count} payments": ngettext("%(count)s payment", "%(count)s payments", product.count) % {"count": product.count},
        f"{product.count} months": ngettext("%(count)s month", "%(count)s months", product.count) % {"count": product.count},
        f"In {product.interval_days} days": ngettext("In %(count)s day", "In %(count)s days", product.interval_days)
        % {"count": product.interval_days},
    }
    known = _(product.name)
    return written.get(product.name, known) if known == product.name else known


def after_days(days: int) -> str:
    """Say when the single payment of a product is due: so many days after the capture."""
    return ngettext("after %(days)s day", "after %(days)s days", days) % {"days": days}


def term_text(name: str, value: Any, currency: str) -> str:
    """Format the value of a product's term for operators; minor units are in `currency`."""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if name == "name" and value:
        return _(value)
    if name in CHOICES:
        return str(CHOICES[name].get(value, value))
    if name.endswith("_minor") and (value or not name.startswith("service_")):
        return amount_words(value, currency)
    if name in LISTS:
        return ", ".join(_class_words(one) if name == "classes" else one for one in value) or _("All")
    days = ngettext("%(count)s day", "%(count)s days", value) % {"count": value} if name == "interval_days" and value else "–"
    rate = percent_words(value) if name.endswith("_bps") and value else _("None")
    place = str(value + 1) if name == "position" else ""
    told = {"rate_bps": rate, "shop_rate_bps": rate, "service_bps": rate, "deposit_bps": rate, "interval_days": days, "position": place}
    return told.get(name, str(value or "") or _("None"))


def _class_words(named: str) -> str:
    """Return a class of customers (`axis:code`) in words."""
    axis, _sign, code = named.partition(":")
    return class_title(axis, code)


def ending_text(ending: Ending | None, *, day: str = "", amount: str = "") -> str:
    """Return the text for shops and operators on where a payment went; `day` is that of the merged payment, or of the refund."""
    match ending.kind if ending else "":
        case "withdrawal":
            return _("part of the payment on %(day)s, since the customer withdrew from the credit") % {"day": day}
        case "waived":
            return _("%(amount)s not asked for, too little to charge a card") % {"amount": amount}
        case "smaller" | "anew":
            return _("now in other payments")
        case "refund":
            return _("fell away with the refund of %(day)s") % {"day": day}
    return _("fell away")
