"""What is drawn by chance for a life: a person's habits, and fees that ask for as much as they can. Amounts in minor units."""

from dataclasses import dataclass
from random import Random

from plans.rules.fees import FeeTerms, Reminding, Stage

PAYS_ON_TIME, PAYS_LATE, PAYS_SELDOM = (0.95, 0.9), (0.3, 0.5), (0.05, 0.1)
"""How likely a person pays a payment on its day, and later at each look."""


@dataclass(frozen=True, slots=True)
class Habits:
    """How likely a person pays on the day and later, and how likely each other thing happens at a look."""

    on_time: float
    later: float
    free: float
    reverse: float
    refund: float
    service: float
    waive: float
    ease: float
    buy: float


def draw_habits(by: Random) -> Habits:
    """Draw a person's habits: most who are late stay late, since that is where fees come from."""
    on_time, later = by.choices([PAYS_ON_TIME, PAYS_LATE, PAYS_SELDOM], [2, 4, 4])[0]
    chances = {name: by.choice([0.0, 0.05, 0.2]) for name in ("free", "reverse", "refund", "service", "waive", "buy")}
    return Habits(on_time, later, ease=by.choice([0.0, 0.0, 0.02]), **chances)


def draw_terms(by: Random) -> FeeTerms:
    """Draw fees for being late: up to four stages and a reminder as often as each day."""
    stages = tuple(_stage(by) for _ in range(by.choice([0, 1, 2, 2, 3, 4])))
    reminder = None
    if not stages or by.random() < 0.6:
        reminder = Reminding(by.choice([500, 6_000, 10_000, 25_000]), by.randint(1, 15), by.choice([1, 3, 5, 10, 14]), by.randint(1, 9))
    return FeeTerms(stages, reminder)


def _stage(by: Random) -> Stage:
    fixed = by.choice([0, 1, 700, 1_500, by.randint(1, 40_000)])
    return Stage(by.randint(1, 40), fixed, by.choice([0, 0, 500, 10_000]) if fixed else by.randint(1, 10_000))


def draw_amount(by: Random) -> int:
    """Draw the amount of a purchase, with many small ones, where shares of it bind."""
    return int(10 ** by.uniform(3, 5.5))


def draw_service(by: Random) -> int:
    """Draw the fee that is asked for a service."""
    return by.choice([1, 500, 5_000, by.randint(1, 30_000)])
