"""What people declare of their income and costs, and what decisions make of it."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from accounts.models import Consumer
from core.adjusting import value_of
from core.clock import local_date
from core.db import unit
from core.errors import refuse
from core.money import MAX_MINOR, Money
from core.sentences import Sentence
from credit import queries
from credit.errors import DeclaredTooOften
from credit.models import Decision, Declaration
from credit.reasons import ELSEWHERE, RAISED, RAISED_ELSEWHERE
from credit.rules.affording import MOST_DEPENDANTS, Affordability, Declared
from credit.settable import DECLARED_A_DAY, RAISED_DAYS

MOST = {"dependants": MOST_DEPENDANTS}
"""The largest value of what is declared, where it is no amount."""


def declare(*, consumer: Consumer, currency: str, declared: Declared, reference: str, at: datetime) -> Declaration:
    """Store what a person declares of a month, or corrects; Invalid names every figure that is out of range.

    `reference` is the checkout that asked. The same figures told again, as by a form that is sent twice, are stored once. Each version
    stays. DeclaredTooOften after so many within a day; figures that leave more than those that were refused shortly before are marked.
    """
    figures = asdict(declared)
    refuse({name: "" if _fits(name, value) else _fault(name) for name, value in figures.items()})
    with unit():
        queries.lock_declaring(consumer)
        last = queries.find_declaration(consumer, currency, after=at - timedelta(minutes=10))
        if last is not None and (last.figures, last.reference) == (figures, reference):
            return last
        if len(queries.list_declarations(consumer, currency, after=at - timedelta(days=1))) >= value_of(DECLARED_A_DAY):
            raise DeclaredTooOften("You have told us other figures several times today. Try again tomorrow, or ask a person.")
        raised = _is_raised(consumer, currency, declared, at)
        told = {"consumer": consumer, "currency": currency, "figures": figures, "reference": reference}
        return Declaration.objects.create(**told, is_raised=raised, at=at)


def _is_raised(consumer: Consumer, currency: str, declared: Declared, at: datetime) -> bool:
    """Return whether figures leave more than any that counted when the person was refused shortly before."""
    law = queries.find_law(consumer.market_id, currency, local_date(at, consumer.time_zone))
    if law is None:
        return False
    refused = queries.declared_at_refusals(consumer, currency, after=at - timedelta(days=value_of(RAISED_DAYS)))
    return any(declared.left_minor(law) > one.left_minor(law) for one in refused)


def in_words_of_brand(decision: Decision, codes: Sequence[str], elsewhere: Collection[str]) -> list[str]:
    """Return a verdict's reason codes for the decision's brand: none tells of other brands. A query only where figures were raised.

    `elsewhere` are the codes whose facts are only about purchases with other brands.
    """
    told = [ELSEWHERE[code] if code in elsewhere else code for code in codes]
    if RAISED in told:
        after = decision.at - timedelta(days=value_of(RAISED_DAYS))
        if not queries.was_refused_here(decision.consumer, decision.currency, after=after):
            told = [RAISED_ELSEWHERE if code == RAISED else code for code in told]
    return told


def _fits(name: str, value: object) -> bool:
    return type(value) is int and 0 <= value <= MOST.get(name, MAX_MINOR)


def _fault(name: str) -> str:
    return Sentence("must be a number from %(least)s to %(most)s", least=0, most=MOST.get(name, MAX_MINOR))


def affordability_of(
    consumer: Consumer, amount: Money, payment_of: Callable[[], int] | None, at: datetime, used_minor: int
) -> Affordability | None:
    """Return what counts for affordability in a decision about an amount; None where the market's law asks for nothing.

    `payment_of` returns the most that falls due in a month under the lightest plan, in minor units; without it, the whole amount does. What
    the person declared is read only where the law asks for it.
    """
    law = queries.find_law(consumer.market_id, amount.currency, local_date(at, consumer.time_zone))
    owed_minor = amount.minor + used_minor
    if law is None or not law.applies(owed_minor):
        return None
    after = at - timedelta(days=law.valid_days)
    found = queries.find_declaration(consumer, amount.currency, after=after) if law.asks(owed_minor) else None
    payment_minor = amount.minor if payment_of is None else payment_of()
    return Affordability(law, payment_minor, Declared(**found.figures) if found else None, raised=bool(found and found.is_raised))
