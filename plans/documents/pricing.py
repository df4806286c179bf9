"""The risk-based pricing notice: that a credit report made the terms less favorable than those of others (12 CFR 1022.73(a)(1))."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from plans.documents.facts import Facts, Pricing
from plans.documents.lines import head, link, pair, point, text, title

LEARN_MORE = "https://www.consumerfinance.gov/learnmore"
"""The page of the Consumer Financial Protection Bureau that the notice has to name."""


def pricing_lines(facts: Facts, version: str) -> Iterator[str]:
    """Yield the lines of the notice; nothing for a person whose terms are not less favorable because of a report."""
    told = facts.pricing
    if told is None:
        return
    yield title(_("How your credit report affects the price of this credit"))
    yield text(_("Read it before you agree. Version %(version)s.") % {"version": version})
    yield text(
        _("A credit report has information about your credit history, such as whether you pay on time, and how much you owe to others."),
        _("We used information from your credit report to set the terms of this credit, such as its APR of %(apr)s.")
        % {"apr": facts.percent(facts.apr_bps)},
        _("These terms may be less favorable than those that we offer to people with better credit histories."),
    )
    yield head(_("What you can do"))
    yield text(
        _("Check your report. You have the right to dispute with the bureau what is wrong or missing in it."),
        _("Federal law gives you the right to a free copy of it for %(days)s days after you receive this notice.")
        % {"days": told.free_days},
        _("Ask the bureau for it:"),
    )
    yield pair(_("Credit bureau"), told.bureau)
    yield pair(_("Address"), told.address)
    yield pair(_("Telephone"), told.phone)
    yield text(_("The Consumer Financial Protection Bureau explains credit reports, and your rights:"))
    yield link("consumerfinance.gov/learnmore", LEARN_MORE)
    if told.score is not None:
        yield from _score(told, facts)


def _score(told: Pricing, facts: Facts) -> Iterator[str]:
    yield head(_("Your credit score"))
    yield pair(_("Your score"), str(told.score))
    yield pair(_("From"), told.bureau)
    yield pair(_("Day of the score"), facts.date(told.on, "year"))
    yield pair(_("Scores go from"), _("%(lowest)s to %(highest)s") % {"lowest": told.lowest, "highest": told.highest})
    yield text(
        _("A credit score is a number that sums up the information in a credit report."),
        _("We used yours to set the terms of this credit."),
        _("It can change over time, as your credit history changes."),
    )
    if told.factors:
        yield text(_("What lowered your score most:"))
        yield from map(point, told.factors)
