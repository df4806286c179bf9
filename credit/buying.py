"""What a decision would say now of a person's new purchases, as pages tell it: whether they stop, and what is left of a limit."""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from accounts.models import Consumer
from credit.assessing import asked_today
from credit.behavior import behavior_of
from credit.models import Decision, LimitReview
from credit.queries import Spending
from credit.reasons import RESTRICTED
from credit.replaying import asked_last
from credit.rules import EASED, Behavior, History, is_computed, owing
from credit.rules.behavior import OVERDUE


@dataclass(frozen=True, slots=True)
class Buying:
    """Whether a decision would refuse whatever is bought: `why` is its reason's code, else empty; `elsewhere` if only other brands know it.

    `behavior` is what rules let the account of a late person do.
    """

    history: History
    behavior: Behavior | None
    why: str
    elsewhere: bool

    @property
    def is_late(self) -> bool:
        """Whether purchases wait for what is late with the brand."""
        return self.why == OVERDUE and not self.elsewhere

    @property
    def is_eased(self) -> bool:
        """Whether they wait for a purchase that had relief, or whose person has a breathing space, with the brand."""
        return self.why == EASED and not self.elsewhere

    @property
    def buys_late(self) -> bool:
        """Whether something is late and rules let the person buy all the same."""
        return not self.why and self.behavior is not None

    @property
    def takes_part(self) -> bool:
        """Whether rules leave a late person only a part of their limit."""
        return self.buys_late and self.behavior is not None and self.behavior.factor_bps is not None


def buying_of(consumer: Consumer, history: History, elsewhere: Collection[str]) -> Buying:
    """Return what a decision would say of a person by their history with us; `elsewhere` as for a decision. No query."""
    behavior = behavior_of(consumer, history)
    why = RESTRICTED if history.halted_now else owing(history, behavior)
    return Buying(history, behavior, why, why in elsewhere)


def limits_now(
    consumer: Consumer,
    buying: Buying,
    found: Collection[Spending],
    decisions: Mapping[str, Decision],
    reviews: Mapping[uuid.UUID, LimitReview],
    at: datetime,
) -> dict[str, int]:
    """Return the part of computed limits that rules leave a late person, in minor units by currency; never above the limit of the line.

    By the newest decision of each currency or a later review, with today's history, rules and share of the market. No query but for what
    a process remembers.
    """
    limits = {}
    for one in found if buying.takes_part else ():
        decision = decisions.get(one.line.currency)
        if decision is None or not decision.inputs or one.line.by_hand_minor is not None:
            continue
        inputs, assess = asked_last(decision, reviews.get(one.line.pk))
        now = replace(inputs, amount_minor=0, used_minor=one.exposure_minor, own_minor=None, safety=None, afford=None)
        now = replace(now, history=buying.history, behavior=buying.behavior)
        if is_computed(now):
            ruled = asked_today(consumer, decision, at)(now)
            limits[one.line.currency] = min(one.line.limit_minor, assess(ruled).limit_minor)
    return limits
