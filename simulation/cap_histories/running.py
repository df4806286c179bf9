"""Living many lives one after the other, and counting what the oracle says of each."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from random import Random

from markets.queries import currency_of, fee_rows
from plans.fees import caps_in
from plans.rules.fees import Caps
from simulation.cap_histories.law import LAWS, judge
from simulation.cap_histories.lives import Event, Life
from simulation.cap_histories.served import live_served
from simulation.plan_cases.running import books_apart, rolled_back

NO_STATE = "--"
"""A state without a law of its own."""
MOST_INTEREST_BPS = 11_000


@dataclass(slots=True)
class Tally:
    """What happened to the fees that were tried: `unasked` have nothing to ask for, because only fees left a payment open.

    `errors` are errors with which the product ended lives, and faults of the books after them.
    """

    tried: int = 0
    whole: int = 0
    cut: int = 0
    refused: int = 0
    unasked: int = 0
    caps: Counter[str] = field(default_factory=Counter)
    breaches: list[str] = field(default_factory=list)
    needless: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def count(self, market: str, life: str, event: Event) -> None:
        """Count the fees of an event, and let the oracle judge them."""
        new = [fee for fee in event.facts.fees if fee.key in set(event.new)]
        self.tried += len(new)
        self.whole += sum(fee.amount == fee.wanted > 0 for fee in new)
        self.cut += sum(0 < fee.amount < fee.wanted for fee in new)
        self.refused += sum(fee.amount == 0 < fee.wanted for fee in new)
        self.unasked += sum(fee.wanted == 0 for fee in new)
        self.caps.update(cap for cap in event.caps if cap)
        found = judge(LAWS[market], event.facts, event.new)
        self.breaches += [f"{life}: {why}" for why in found.breaches]
        self.needless += [f"{life}: {why}" for why in found.needless]


def live_all(*, market: str, day: date, count: int, served: int, seed: int, plant: str, tally: Tally) -> Iterator[int]:
    """Live lives of a market, under its caps of a day, the served ones first, and yield the number of each once it was counted."""
    caps = caps_of(market, day, plant)
    for number in range(count):
        by = Random(f"{market}:{seed}:{number}")  # noqa: S311  (chance of a simulation)
        if number < served:
            _live_served(by, market, caps, f"life {number}", tally)
        else:
            for event in Life(by, caps, MOST_INTEREST_BPS).live():
                tally.count(market, f"life {number}", event)
        yield number


def _live_served(by: Random, market: str, caps: Caps, life: str, tally: Tally) -> None:
    """Live a life through the services, then check the books; an error is counted, and the next one is lived."""
    code = market.partition("-")[0]
    try:
        with rolled_back() as gateway:
            for event in live_served(by=by, market=code, currency=currency_of(code), caps=caps, gateway=gateway):
                tally.count(market, life, event)
            tally.errors += [f"{life}: {wrong}" for wrong in books_apart()]
    except Exception as error:  # noqa: BLE001  (told at the end)
        tally.errors.append(f"{life}: {type(error).__name__}: {error}".strip())


def caps_of(market: str, day: date, plant: str = "") -> Caps:
    """Return the caps that the product holds for a market, or for a state (US-CA), on a day; without the planted one."""
    code, _, state = market.partition("-")
    fee_rows.forget()
    found = caps_in(code, state or NO_STATE, day)
    return {name: value for name, value in (found.caps if found else {}).items() if name != plant}
