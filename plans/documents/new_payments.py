"""The agreement on new payments of a running plan, in the words that the person accepts."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from core.clock import local_date
from core.formats import day_text, money_text, percent_text
from plans.documents.lines import head, pair, row, text, title
from plans.models import Plan
from plans.restructuring import NewPayments, Offer

KIND = "new_terms"
VERSION = "2"


def new_payments_text(plan: Plan, offer: Offer, found: NewPayments, lender: str, locale: str) -> str:
    """Return the text of the agreement in the active language; `lender` is the legal name."""
    return "".join(f"{line}\n" for line in _lines(plan, offer, found, lender, locale))


def _lines(plan: Plan, offer: Offer, found: NewPayments, lender: str, locale: str) -> Iterator[str]:
    def money(minor: int) -> str:
        return money_text(minor, plan.currency, locale)

    day = day_text(local_date(plan.created_at, plan.time_zone), locale, "full")
    yield title(_("Agreement on new payments"))
    yield text(
        _("It changes the agreement of %(day)s about the purchase %(reference)s. All else in it stays.")
        % {"day": day, "reference": plan.reference}
    )
    yield pair(_("Lender"), lender)
    yield pair(_("What you owe today"), money(found.owed_minor))
    if found.fees_minor:
        yield pair(_("Fees that stay open beside"), money(found.fees_minor))
    yield pair(_("Interest a year"), percent_text(offer.rate_bps, locale))
    yield pair(_("APR"), percent_text(found.apr_bps, locale))
    yield pair(_("All new payments together"), money(found.total_minor))
    yield head(_("Payments"))
    yield row([_("Payment"), _("Day"), _("Amount")])
    for number, (due, principal, interest) in enumerate(found.payments, 1):
        yield row([str(number), day_text(due, locale, "full"), money(principal + interest)])
    yield text(_("You may still pay earlier at any time. Interest that has not accrued then falls away."))
