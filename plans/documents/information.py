"""The information sheet that some markets' law requires before consent, and the payment plan with the balance after each payment."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from plans.documents.agreement import (
    chosen_by_risk,
    complaints,
    cost_lines,
    lender_text,
    payment_table,
    place_text,
    service_words,
    shop_text,
    when_text,
)
from plans.documents.facts import Facts
from plans.documents.late_fees import fee_sentences
from plans.documents.laws import PLACES
from plans.documents.lines import head, pair, row, text, title

TITLES: dict[str, Any] = {
    "standard": gettext_lazy("Standard European Consumer Credit Information"),
    "key": gettext_lazy("Key information about your credit"),
    "lending": gettext_lazy("Truth in Lending disclosures"),
}


def information_lines(facts: Facts, version: str) -> Iterator[str]:
    """Yield the lines of the sheet; nothing if the market's law requires none."""
    if not facts.law.sheet:
        return
    told = {"today": facts.date(facts.day, "year"), "version": version}
    yield title(str(TITLES[facts.law.sheet]))
    yield text(
        _("Read it before you agree: it binds nobody."),
        _("It holds for an agreement made on %(today)s. Version %(version)s.") % told,
    )
    yield from _at_a_glance(facts)
    yield from _lender(facts)
    yield from _credit(facts)
    yield from _rights(facts)
    yield from complaints(facts)


def _at_a_glance(facts: Facts) -> Iterator[str]:
    count = len(facts.payments) - bool(facts.deposit_minor)
    yield head(_("The most important points"))
    yield from cost_lines(facts)
    until = {"count": count, "day": facts.date(facts.last_day, "year")}
    yield pair(_("Duration"), ngettext("%(count)s payment, on %(day)s", "%(count)s payments, the last on %(day)s", count) % until)
    yield pair(
        _("If a payment is late"),
        _("fees as they stand below; no further interest; new purchases may be refused")
        if facts.fees.any
        else _("no late fee and no further interest; new purchases may be refused"),
    )
    yield pair(_("Paying early"), _("in part or in full at any time, at no cost"))
    if facts.law.withdrawal_days:
        yield pair(_("Right to withdraw"), _("within %(days)s days, without a reason") % {"days": facts.law.withdrawal_days})
    yield head(_("When you pay"))
    yield from payment_table(facts)
    if facts.fees.any:
        yield head(_("Fees if you pay late"))
        yield text(*fee_sentences(facts.fees, facts.fee_caps, facts, facts.service_minor > 0))


def _lender(facts: Facts) -> Iterator[str]:
    yield head(_("Who lends"))
    yield pair(_("Lender"), lender_text(facts))
    places = PLACES.get(facts.law.market)
    supervisor = facts.lender.supervision or (places.supervisor if places else "")
    if supervisor:
        yield pair(_("Supervisor"), supervisor)


def _credit(facts: Facts) -> Iterator[str]:
    yield head(_("The credit"))
    yield pair(_("Kind of credit"), _("credit for one purchase, at a fixed rate, paid back in installments"))
    yield pair(_("What it pays for"), _("order %(order)s at %(shop)s") % {"order": facts.order, "shop": shop_text(facts)})
    yield pair(_("Cash price"), facts.money(facts.principal_minor))
    when = _("to the shop, when it ships; you receive the goods") if facts.ships_later else _("to the shop; you receive the goods")
    yield pair(_("Paid out"), when)
    yield pair(_("How you pay"), _("from the card that you choose, on each day; you can change the card"))
    yield pair(_("Security"), pgettext("security", "none"))
    yield pair(_("Insurance or another contract"), _("not needed"))


def _rights(facts: Facts) -> Iterator[str]:
    yield head(_("Your rights"))
    yield text(_("You may have a copy of the agreement before you agree, at no cost: it stands beside this sheet."))
    yield text(_("You may ask at any time, at no cost, for a table of what you have paid and what is left."))
    yield text(_("If we refuse you after looking into a credit file, we tell you so, and which file it was."))
    yield text(
        _("People decided; you may ask another person to look again and to explain.")
        if facts.by_people
        else _("A computer decides; you may ask a person to look again and to explain."),
        chosen_by_risk(facts),
    )
    if facts.law.withdrawal_days:
        yield text(
            _("If you withdraw, pay back what you owe within 30 days, with the interest until that day and nothing else."),
            _("A form for it stands at the end of the agreement."),
        )


def payment_plan_lines(facts: Facts, version: str) -> Iterator[str]:
    """Yield the lines of the payment plan: each payment with its interest and the balance after it."""
    told = {"today": facts.date(facts.day, "year"), "version": version}
    yield title(_("Payment plan"))
    yield text(_("As agreed on %(today)s. Version %(version)s.") % told)
    yield pair(_("Lender"), facts.lender.legal_name)
    yield pair(_("Borrower"), facts.borrower.name or facts.borrower.number)
    yield pair(_("Order"), _("%(order)s at %(shop)s") % {"order": facts.order, "shop": facts.shop.name})
    yield pair(_("Total of payments"), facts.money(facts.total_minor))
    yield head(_("Payments"))
    yield row([_("Payment"), _("Day"), _("Amount"), _("of which interest"), _("Left to pay")])
    left = facts.total_minor
    for one in facts.payments:
        left -= one.amount_minor
        amounts = [facts.money(minor) for minor in (one.amount_minor, one.interest_minor, left)]
        yield row([place_text(facts, one) if facts.deposit_minor else str(one.number), when_text(facts, one), *amounts])
    if facts.service_minor:
        yield text(service_words(facts))
    if facts.ships_later:
        yield text(_("The dates are those of a shop that ships today."), _("Your account shows the dates that count."))
    if facts.fees.any:
        yield text(*fee_sentences(facts.fees, facts.fee_caps, facts, facts.service_minor > 0))
