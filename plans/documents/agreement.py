"""The credit agreement, section by section."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from plans.documents.facts import Facts, Payment
from plans.documents.late_fees import fee_sentences
from plans.documents.laws import PLACES
from plans.documents.lines import blank, head, link, pair, row, text, title

_REFUNDS = {
    "last_first": lambda: _("When the shop refunds you, your last payments get smaller or fall away first."),
    "next_first": lambda: _("When the shop refunds you, your next payments get smaller or fall away first."),
    "pro_rata": lambda: _("When the shop refunds you, all your payments get smaller in proportion."),
    "reamortize": lambda: _("When the shop refunds you, what is left is spread over your remaining payments."),
}


def agreement_lines(facts: Facts, version: str) -> Iterator[str]:
    """Yield the lines of the agreement."""
    day = {"lender": facts.lender.legal_name, "today": facts.date(facts.day, "year"), "version": version}
    yield title(_("Credit agreement"))
    yield text(_("Between %(lender)s and you. %(today)s, version %(version)s.") % day)
    yield from parties(facts)
    yield from _basket(facts)
    yield from _costs(facts)
    yield from _payments(facts)
    yield from _terms(facts)
    if facts.law.withdrawal_days:
        yield from _withdrawal(facts)
    yield from _ends(facts)
    if facts.law.withdrawal_days:
        yield from _withdrawal_form(facts)


def parties(facts: Facts) -> Iterator[str]:
    """Yield the lender and the borrower, who are the parties, and the shop, which is not a party."""
    yield head(_("Who agrees"))
    yield pair(_("Lender"), lender_text(facts))
    borrower = ", ".join(part for part in (facts.borrower.name, facts.borrower.address) if part)
    told = {"borrower": borrower, "number": facts.borrower.number}
    yield pair(_("Borrower"), _("%(borrower)s, customer %(number)s, who signed in with a one-time code") % told)
    yield pair(_("Shop"), shop_text(facts))
    yield text(_("The shop is not a party to the credit; it sells you the goods."))


def lender_text(facts: Facts) -> str:
    """Name the lender with its brand and addresses."""
    lender = facts.lender
    named = _("%(lender)s, trading as %(name)s") % {"lender": lender.legal_name, "name": lender.name}
    return ", ".join(part for part in (named, lender.register_number, lender.address, lender.email) if part)


def shop_text(facts: Facts) -> str:
    """Name the shop with its company."""
    return f"{facts.shop.legal_name} ({facts.shop.name})"


def _basket(facts: Facts) -> Iterator[str]:
    yield head(_("What you buy"))
    for item in facts.items:
        yield pair(f"{item.quantity} × {item.name}", facts.money(item.amount_minor))
    yield pair(_("Order"), _("%(order)s, checkout %(number)s") % {"order": facts.order, "number": facts.checkout})


def _costs(facts: Facts) -> Iterator[str]:
    yield head(_("What it costs"))
    yield from cost_lines(facts)


def cost_lines(facts: Facts) -> Iterator[str]:
    """Yield the amounts of the credit, its rates and its total, each in its own line."""
    if facts.deposit_minor:
        yield pair(_("Price"), facts.money(facts.principal_minor))
        yield pair(_("Deposit (down payment)"), facts.money(facts.deposit_minor))
    yield pair(_("Amount of credit (amount financed)"), facts.money(facts.financed_minor))
    if facts.service_minor:
        yield pair(_("Interest"), facts.money(facts.interest_minor))
        yield pair(_("Service fee, in the first payment"), facts.money(facts.service_minor))
        yield pair(_("Cost of the credit (finance charge)"), facts.money(facts.interest_minor + facts.service_minor))
        yield pair(_("Other fees"), _("none if you pay on time") if facts.fees.any else _("none"))
    else:
        yield pair(_("Interest (finance charge)"), facts.money(facts.interest_minor))
        yield pair(_("Fees"), _("none if you pay on time") if facts.fees.any else _("none"))
    if facts.deposit_minor:
        yield pair(_("Total of payments after the deposit"), facts.money(facts.total_minor - facts.deposit_minor))
        yield pair(_("Total with the deposit (total sale price)"), facts.money(facts.total_minor))
    else:
        yield pair(_("Total of payments"), facts.money(facts.total_minor))
    if facts.rate_bps:
        yield pair(_("Fixed yearly rate"), facts.percent(facts.rate_bps))
    yield pair(_("Annual percentage rate (APR)"), facts.percent(facts.apr_bps))


def _payments(facts: Facts) -> Iterator[str]:
    yield head(_("When you pay"))
    yield from payment_table(facts)
    if facts.service_minor:
        yield text(
            service_words(facts),
            _("If the shop ships in parts, each part bears its share of it.") if facts.ships_later else "",
        )
    if facts.ships_later:
        yield text(
            _("The dates are those of a shop that ships today."),
            _("If the shop ships later, every date moves by as many days, and no amount changes."),
            _("If it ships in parts, each part is paid in the same number of payments, counted from its own day."),
            _("You owe nothing for what the shop does not ship."),
            _("What is not shipped within %(days)s days falls away, unless the shop asks for longer, at most 180 days.")
            % {"days": facts.authorization_days},
        )
    else:
        yield text(_("The shop ships at once, so the dates are as they stand here."))
    yield text(
        _first_words(facts),
        _("We take each payment from the card that you choose, on its day."),
        _("You can change the card whenever you like."),
    )
    if facts.smallest_minor > 1:
        smallest = {"smallest": facts.money(facts.smallest_minor)}
        yield text(
            _("Cards cannot be charged less than %(smallest)s.") % smallest,
            _("We take a smaller payment together with the next one, and you do not have to pay it where no other comes."),
        )


def _first_words(facts: Facts) -> str:
    """Say how a first payment is taken that is due when the shop ships; empty if there is none."""
    if facts.payments[0].when not in {"now", "ships"}:
        return ""
    if facts.deposit_minor:
        return _(
            "The deposit is part of the price, and no part of the credit. We hold it on your card when you agree, and take it when the"
            " shop ships, at the latest 6 days after you agreed or after a person approved the order. What the shop does not ship of it"
            " goes back to that card."
        )
    return _("We hold the first payment on your card when you agree, and take it when the shop ships.")


def service_words(facts: Facts) -> str:
    """Say which payment has the service fee in it, and how much that is."""
    told = {"fee": facts.money(facts.service_minor)}
    if facts.deposit_minor:
        return _("The first payment after the deposit includes the service fee of %(fee)s.") % told
    return _("The first payment includes the service fee of %(fee)s.") % told


def payment_table(facts: Facts) -> Iterator[str]:
    """Yield the table of payments: which, when, how much."""
    yield row([_("Payment"), _("Day"), _("Amount")])
    for one in facts.payments:
        yield row([place_text(facts, one), when_text(facts, one), facts.money(one.amount_minor)])


def place_text(facts: Facts, one: Payment) -> str:
    """Say which payment it is: the deposit, or its number among the payments of the credit."""
    before = 1 if facts.deposit_minor else 0
    if one.number <= before:
        return _("Deposit")
    return _("%(n)s of %(of)s") % {"n": one.number - before, "of": len(facts.payments) - before}


def when_text(facts: Facts, one: Payment) -> str:
    """Say when a payment is taken, or that it is waived."""
    if one.when == "waived":
        return _("not charged, as it is too small")
    return facts.date(one.due_date) if one.when == "day" else _("when the shop ships")


def _terms(facts: Facts) -> Iterator[str]:
    yield head(_("Paying early"))
    yield text(
        _("You may pay the next payment or everything at any time, at no cost."),
        _("Interest for the days that you no longer borrow falls away.") if facts.rate_bps else "",
        _("Paying early does not lower the service fee.") if facts.service_minor else "",
    )
    yield head(_("If a payment is late"))
    yield text(
        _("We remind you three days before each payment."),
        _("If the card refuses a payment, we tell you why and try again on later days."),
        *fee_sentences(facts.fees, facts.fee_caps, facts, facts.service_minor > 0),
        _("While a payment is overdue we may say no to new purchases."),
        _("If you cannot pay, tell us before the date, on the Help page or at %(email)s: a person answers.") % _mail(facts),
    )
    yield head(_("Returns"))
    yield text(
        _REFUNDS[facts.refund_rule](),
        _("What you have paid beyond that goes back to the card that paid it."),
        _("The service fee falls away if everything goes back that the shop sent; a smaller refund does not lower it.")
        if facts.service_minor
        else "",
    )


def _withdrawal(facts: Facts) -> Iterator[str]:
    yield head(_("Your right to withdraw"))
    days = {"days": facts.law.withdrawal_days}
    yield text(
        _("You may withdraw from this credit within %(days)s days of today, without a reason.") % days,
        _("Choose “Withdraw from it” on the page of the purchase, write to %(email)s, or send the form at the end.") % _mail(facts),
        _("Then pay back what you owe within 30 days, in one payment."),
        _("You pay only the interest until the day on which you withdraw, which for this agreement is at most %(interest)s in all.")
        % {"interest": facts.money(facts.interest_minor)},
        _("The service fee falls away; what you have paid of it goes back to you.") if facts.service_minor else "",
        _("Withdrawing from the credit does not send the goods back: that is between you and the shop."),
    )


def _ends(facts: Facts) -> Iterator[str]:
    yield head(_("How we decided"))
    yield text(
        _("People decided from what you told us, your credit file and how you have paid us before.")
        if facts.by_people
        else _("A computer decided from what you told us, your credit file and how you have paid us before."),
        chosen_by_risk(facts),
        _("You may ask a person to look at the decision again, say what you think of it, and be told the reasons."),
        _("Choose “Ask a person to look again” on the Limit page, or write to %(email)s.") % _mail(facts),
    )
    yield from complaints(facts)
    yield head(_("Copies"))
    yield text(
        _("We keep this text as you saw it."),
        _("You find it with your purchase at %(name)s as long as the purchase is there.") % {"name": facts.lender.name},
    )


def chosen_by_risk(facts: Facts) -> str:
    """Return the sentence about a plan that a computer offers by risk; empty for a plan that everybody is offered."""
    if not facts.is_personal:
        return ""
    if facts.by_people:
        return _("A computer chose to offer you this plan, by how likely it is that what you buy is paid back.")
    return _("It also chose to offer you this plan, by how likely it is that what you buy is paid back.")


def complaints(facts: Facts) -> Iterator[str]:
    """Yield where to complain (first the lender, then the market's complaints body) and who supervises the lender."""
    yield head(_("Complaints"))
    places = PLACES.get(facts.law.market)
    yield text(_("Write to %(email)s first.") % _mail(facts), str(places.complaint) if places else "")
    if facts.lender.email:
        yield link(facts.lender.email, f"mailto:{facts.lender.email}")
    if places:
        yield link(places.decider, places.decider_page)
    if facts.lender.supervision:
        yield text(facts.lender.supervision)
    elif places:
        yield link(_("Supervisor: %(supervisor)s") % {"supervisor": places.supervisor}, places.supervisor_page)


def _withdrawal_form(facts: Facts) -> Iterator[str]:
    yield head(_("Form for withdrawing"))
    yield text(_("Fill it in and send it back only if you want to withdraw from the credit on paper or by e-mail."))
    yield pair(_("To"), lender_text(facts))
    yield pair(_("I withdraw from the credit agreement of"), facts.date(facts.day, "year"))
    yield pair(_("for the order"), _("%(order)s, checkout %(number)s") % {"order": facts.order, "number": facts.checkout})
    yield pair(_("Borrower"), ", ".join(part for part in (facts.borrower.name, facts.borrower.address) if part))
    yield blank(_("Day"))
    yield blank(_("Signature (only on paper)"))


def _mail(facts: Facts) -> dict[str, str]:
    return {"email": facts.lender.email}
