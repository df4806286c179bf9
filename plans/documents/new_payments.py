"""The agreement on new payments of a running plan, in the words that the person accepts."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from core.clock import local_date
from core.formats import day_text, money_text, percent_text
from plans.models import Plan
from plans.restructuring import NewPayments, Offer

VERSION = "1"


def new_payments_text(plan: Plan, offer: Offer, found: NewPayments, lender: str, locale: str) -> str:
    """Return the text of the agreement in the active language; `lender` is the legal name."""
    return "".join(f"{line}\n" for line in _lines(plan, offer, found, lender, locale))


def _lines(plan: Plan, offer: Offer, found: NewPayments, lender: str, locale: str) -> Iterator[str]:
    def money(minor: int) -> str:
        return money_text(minor, plan.currency, locale)

    day = day_text(local_date(plan.created_at, plan.time_zone), locale, "full")
    yield _("Agreement on new payments")
    yield ""
    yield _("Lender: %(lender)s") % {"lender": lender}
    yield _("It changes the agreement of %(day)s about the purchase %(reference)s. All else in it stays.") % {
        "day": day,
        "reference": plan.reference,
    }
    yield _("What you owe today: %(amount)s") % {"amount": money(found.owed_minor)}
    if found.fees_minor:
        yield _("Fees that stay open beside: %(amount)s") % {"amount": money(found.fees_minor)}
    yield _("Interest a year: %(rate)s") % {"rate": percent_text(offer.rate_bps, locale)}
    yield _("APR: %(rate)s") % {"rate": percent_text(found.apr_bps, locale)}
    yield _("All new payments together: %(amount)s") % {"amount": money(found.total_minor)}
    yield ""
    for due, principal, interest in found.payments:
        yield f"{day_text(due, locale, 'full')}: {money(principal + interest)}"
    yield ""
    yield _("You may still pay earlier at any time. Interest that has not accrued then falls away.")
