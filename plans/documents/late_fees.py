"""What is charged of who pays late, in words: when, how much, and at most; nothing of who pays on time."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.formats import money_text, percent_text
from plans.rules.fees import (
    CONSUMER_YEAR,
    DEFAULT,
    DEFAULT_ONLY_FIRST,
    DEFAULT_ONLY_LATER,
    FROM_DAYS,
    INSTALLMENT,
    INSTALLMENT_BPS,
    ORDER,
    ORDER_BPS,
    REMINDER_MOST,
    REMINDERS,
    REMINDERS_APART,
    TOTAL_COST,
    Caps,
    FeeTerms,
    Reminding,
    Stage,
)


class Speaker(Protocol):
    """Who formats amounts (minor units) and shares (basis points) for a reader."""

    def money(self, minor: int) -> str:
        """Format an amount."""

    def percent(self, bps: int) -> str:
        """Format a share."""


@dataclass(frozen=True, slots=True)
class Reader:
    """A reader of a currency's amounts in a locale, as a `Speaker`."""

    currency: str
    locale: str

    def money(self, minor: int) -> str:
        """Format an amount."""
        return money_text(minor, self.currency, self.locale)

    def percent(self, bps: int) -> str:
        """Format a share."""
        return percent_text(bps, self.locale)


def fee_sentences(fees: FeeTerms, caps: Caps, say: Speaker, has_service: bool = False) -> list[str]:
    """Return every sentence about fees, with all caps; that there are none if the terms have none. The service fee stands elsewhere."""
    if not fees.any:
        return [_("We charge no late fee and no further interest.")]
    told = [_on_time(fees, has_service), *when_charged(fees, caps, say), *_at_most(caps, say)]
    return [*told, _("No further interest is added.")]


def short_sentences(fees: FeeTerms, caps: Caps, most_minor: int | None, say: Speaker, has_service: bool = False) -> list[str]:
    """Return the sentences for a page before consent: no fee on time, else when and how much, and the most of this purchase if known."""
    if not fees.any:
        return [_("Late? We remind you first, and there is no late fee.")]
    told = [_on_time(fees, has_service), _("Late? We remind you first."), *when_charged(fees, caps, say)]
    return told if most_minor is None else [*told, _of_purchase(say.money(most_minor))]


def _on_time(fees: FeeTerms, has_service: bool) -> str:
    """Say when there is no fee."""
    if has_service:
        return _("Beside a service fee that stands with the plan, you pay no fee as long as you pay on the days that you agreed to.")
    if fees.reschedule_minor:
        return _("You pay no fee as long as you pay on the days that you agreed to.")
    return _("You pay no fee as long as you pay on time.")


def when_charged(fees: FeeTerms, caps: Caps, say: Speaker) -> Iterator[str]:
    """Yield when a fee is charged, and how much; reminders as the caps leave them."""
    for number, stage in enumerate(fees.late):
        told = {"days": stage.grace_days, "fee": _stage(stage, say)}
        if number:
            yield _("Another %(fee)s is added if it is still open %(days)s days after its date.") % told
        else:
            yield (
                ngettext(
                    "A late fee of %(fee)s is added to a payment if something of it is still open %(days)s day after its date.",
                    "A late fee of %(fee)s is added to a payment if something of it is still open %(days)s days after its date.",
                    stage.grace_days,
                )
                % told
            )
    if fees.reminder:
        yield from _reminding(fees.reminder, caps, say)
    if fees.returned_minor:
        told = {"fee": say.money(fees.returned_minor)}
        yield _("If your bank gives a debit back for lack of cover, %(fee)s is added to its payment, once for each payment.") % told
    if fees.reschedule_minor:
        told = {"fee": say.money(fees.reschedule_minor)}
        yield _("Moving one payment to another day by yourself costs %(fee)s; you see it before you confirm.") % told


def _stage(stage: Stage, say: Speaker) -> str:
    if not stage.bps:
        return say.money(stage.fixed_minor)
    share = _("%(share)s of what is open") % {"share": say.percent(stage.bps)}
    if not stage.fixed_minor:
        return share
    return _("%(amount)s and %(share)s") % {"amount": say.money(stage.fixed_minor), "share": share}


def _reminding(told: Reminding, caps: Caps, say: Speaker) -> Iterator[str]:
    fee, most = min(told.fixed_minor, caps.get(REMINDER_MOST, told.fixed_minor)), min(told.most, caps.get(REMINDERS, told.most))
    apart = max(told.days_apart, caps.get(REMINDERS_APART, 0))
    facts = {"days": told.grace_days, "fee": say.money(fee), "apart": apart, "most": most}
    yield _("If something of a payment is still open %(days)s days after its date, we send a reminder and add %(fee)s for it.") % facts
    if most > 1:
        yield _("At most %(most)s such reminders follow one another, at least %(apart)s days apart.") % facts


def _of_purchase(most: str) -> str:
    return _("The fees of this purchase come to at most %(most)s in all.") % {"most": most}


def _at_most(caps: Caps, say: Speaker) -> Iterator[str]:
    """Yield a sentence for each cap on fees for being late."""
    shares = {
        INSTALLMENT_BPS: _("The fees of a payment come to at most %(most)s of what it asks."),
        ORDER_BPS: _("The fees of this purchase come to at most %(most)s of its price."),
        TOTAL_COST: _("All interest and fees of this purchase together come to at most %(most)s of its price."),
    }
    sums = {
        INSTALLMENT: _("The fees of a payment come to at most %(most)s."),
        ORDER: _("The fees of this purchase come to at most %(most)s in all."),
        CONSUMER_YEAR: _("All your fees within twelve months come to at most %(most)s, for all purchases together."),
        DEFAULT_ONLY_FIRST: _("In your first twelve months with us, all your fees for being late come to at most %(most)s."),
        DEFAULT_ONLY_LATER: _("In each later twelve months, all your fees for being late come to at most %(most)s."),
        DEFAULT: _("In twelve months with fees for services too, all your fees for being late come to at most %(most)s."),
    }
    yield from (told % {"most": say.money(caps[name])} for name, told in sums.items() if name in caps)
    yield from (told % {"most": say.percent(caps[name])} for name, told in shares.items() if name in caps)
    yield from _by_days(caps, say)


def _by_days(caps: Caps, say: Speaker) -> Iterator[str]:
    """Yield the caps of a market in which a payment bears one late fee, by how late it is."""
    steps = [(caps[days], say.money(caps[most])) for days, most in FROM_DAYS if days in caps and most in caps]
    if steps:
        yield _("A payment has one late fee at most.")
    for days, most in steps:
        yield _("From %(days)s days late it is at most %(most)s.") % {"days": days, "most": most}
