"""The readable scorecard: points for the facts of a credit file and of the history with us, and the reasons that cost most points; pure."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from credit.rules.inputs import Bureau, History

MAX_FACTORS = 4


@dataclass(frozen=True, slots=True)
class Characteristic:
    """One line of the scorecard: the source of its value, and the points of each value.

    `bands` are (from value, points) in rising order of value; the last band that the value reaches counts.
    """

    reason: str
    value: Callable[[Bureau, History], int]
    bands: tuple[tuple[int, int], ...]

    @property
    def most(self) -> int:
        """The most points that this line can give."""
        return max(points for _, points in self.bands)

    def points(self, bureau: Bureau, history: History) -> int:
        """Return the points of this person's value."""
        value = self.value(bureau, history)
        return [points for lowest, points in self.bands if value >= lowest][-1]


def _record_with_us(_: Bureau, history: History) -> int:
    """Return 0 for late payments, 1 without a history, 2 for a few payments on time, 3 for many."""
    if history.paid_late:
        return 0
    return 1 + (history.paid_on_time >= 1) + (history.paid_on_time >= 4)


FLOOR = -(10**12)
SCORECARD_1: tuple[Characteristic, ...] = (
    Characteristic(
        "credit_record",
        lambda bureau, _: bureau.score,
        ((FLOOR, 0), (500, 60), (560, 110), (600, 170), (640, 230), (680, 280), (720, 330), (780, 370)),
    ),
    Characteristic("late_payments", lambda bureau, _: bureau.delinquencies_24m, ((FLOOR, 150), (1, 90), (2, 40), (3, 0))),
    Characteristic("high_utilization", lambda bureau, _: bureau.utilization_pct, ((FLOOR, 110), (30, 90), (50, 55), (75, 20), (90, 0))),
    Characteristic("short_history", lambda bureau, _: bureau.oldest_account_months, ((FLOOR, 10), (12, 45), (36, 70), (84, 90))),
    Characteristic("many_inquiries", lambda bureau, _: bureau.inquiries_6m, ((FLOOR, 80), (2, 60), (4, 30), (7, 0))),
    Characteristic("account_mix", lambda bureau, _: bureau.open_accounts, ((FLOOR, 20), (1, 45), (3, 60), (11, 35))),
    Characteristic("little_history_with_us", _record_with_us, ((0, 0), (1, 40), (2, 60), (3, 80))),
)


@lru_cache(maxsize=64)
def score_of(bureau: Bureau, history: History) -> tuple[int, tuple[str, ...]]:
    """Return the points (0 to 940) and the reasons that cost most points, ranked, at most four; ties keep the scorecard's order."""
    lost = []
    score = 0
    for line in SCORECARD_1:
        points = line.points(bureau, history)
        score += points
        if points < line.most:
            lost.append((line.most - points, _reason(line, history)))
    ranked = sorted(lost, key=lambda pair: -pair[0])
    return score, tuple(reason for _, reason in ranked[:MAX_FACTORS])


def _reason(line: Characteristic, history: History) -> str:
    """Return the reason code of a line; late payments and a short history have different codes."""
    return "late_with_us" if line.reason == "little_history_with_us" and history.paid_late else line.reason
