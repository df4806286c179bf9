"""Expected losses of open money: chances of default from rolls, the loss in a default, and how a provision moved; pure.

Amounts are integers in minor units, chances and shares in basis points, rounded half up.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass, fields
from datetime import date

from core.months import add_months

WHOLE_BPS = 10_000
YEAR, LIFE = 12, 60
"""Months ahead: a year, and more than any plan lasts."""
FIRST, SECOND, THIRD = 1, 2, 3
"""Stages (IFRS 9 5.5): in time, late, in default."""
STAGES = (FIRST, SECOND, THIRD)
DEFAULT, ENDED = "default", "ended"
"""Where a plan may be at a month's end besides a bucket: in stage 3 or given up, or without anything open."""
_FINE = 10**12

Rolls = Mapping[str, Mapping[str, int]]
"""How many plans went from a bucket at one month's end to a bucket, DEFAULT or ENDED at the next."""
Place = tuple[str, int]
"""A bucket and a stage: days within a bucket may be of two stages."""


@dataclass(frozen=True, slots=True)
class StageDays:
    """Days past due: above `over` a plan is in stage 2, from `third` on in stage 3."""

    over: int = 30
    third: int = 90


@dataclass(frozen=True, slots=True)
class Floors:
    """What counts where fewer than `few` were observed: chances of default of plans that are in stage 1, or later, and the loss."""

    few: int
    first_bps: int
    second_bps: int
    lgd_bps: int


@dataclass(frozen=True, slots=True)
class Chances:
    """Chances of default by bucket, within a year and in the whole life; `own` names the buckets with enough plans of our own."""

    year: Mapping[str, int]
    life: Mapping[str, int]
    own: tuple[str, ...]


def summed(parts: Iterable[Rolls]) -> dict[str, dict[str, int]]:
    """Add up the rolls of several months."""
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for one in parts:
        for source, targets in one.items():
            found[source].update(targets)
    return {source: dict(targets) for source, targets in found.items()}


def chances_of(rolls: Rolls, least: Mapping[str, int], days: StageDays, floors: Floors) -> Chances:
    """Return the chances of default: monthly rolls as a Markov chain. A bucket that few plans were in has its floor, wherever it is met.

    `least` are the fewest days past due in each bucket, the buckets in their order.
    """
    floor = {name: floors.first_bps if first <= days.over else floors.second_bps for name, first in least.items()}
    own = {name: targets for name, targets in rolls.items() if sum(targets.values()) >= floors.few}
    return Chances(_ahead(own, floor, YEAR), _ahead(own, floor, LIFE), tuple(name for name in least if name in own))


def _ahead(own: Rolls, floor: Mapping[str, int], months: int) -> dict[str, int]:
    """Return the chance of default within so many months, by bucket, in basis points."""
    fixed = {name: bps * (_FINE // WHOLE_BPS) for name, bps in floor.items() if name not in own} | {DEFAULT: _FINE, ENDED: 0}
    chance = dict.fromkeys(own, 0)
    for _ in range(months):
        known = fixed | chance
        chance = {
            source: sum(count * known[target] for target, count in targets.items()) // sum(targets.values())
            for source, targets in own.items()
        }
    return {name: _half_up((fixed | chance)[name] * WHOLE_BPS, _FINE) for name in floor}


def loss_bps(lost_minor: int, left_minor: int, count: int, floors: Floors) -> tuple[int, bool]:
    """Return the share of given up money that is not recovered, and whether it is our own: of at least `few` plans that were given up."""
    if count < floors.few or lost_minor <= 0:
        return floors.lgd_bps, False
    return _half_up(min(max(left_minor, 0), lost_minor) * WHOLE_BPS, lost_minor), True


@dataclass(frozen=True, slots=True)
class Parameters:
    """By what a segment's open money is provided for in a month; `lifetime`: in stage 1 for the whole life too (CECL)."""

    year: Mapping[str, int]
    life: Mapping[str, int]
    lgd_bps: int
    lifetime: bool

    def pd_bps(self, place: Place) -> int:
        """Return the chance of default of plans in a bucket and stage."""
        bucket, stage = place
        if stage == THIRD:
            return WHOLE_BPS
        return (self.life if stage == SECOND or self.lifetime else self.year)[bucket]


def expected(exposure_minor: int, pd_bps: int, lgd_bps: int) -> int:
    """Return the expected loss of an exposure: PD x LGD x EAD."""
    return _half_up(exposure_minor * pd_bps * lgd_bps, WHOLE_BPS * WHOLE_BPS)


def _half_up(part: int, whole: int) -> int:
    return (2 * part + whole) // (2 * whole)


@dataclass(frozen=True, slots=True)
class Flow:
    """Plans of a segment that were in one place and are in another, or in none; `opened` and `closed` are what was and is open of them.

    Of what was open, `lost` was given up; `kept` is still open, and the rest was repaid. What is open beyond `kept` is new.
    """

    before: Place | None
    after: Place | None
    plans: int
    opened: int
    lost: int
    kept: int
    closed: int


@dataclass(frozen=True, slots=True)
class Movement:
    """How the provision of a stage moved in a month, in minor units: `closing` is the sum of all others."""

    opening: int = 0
    new: int = 0
    repaid: int = 0
    moved: int = 0
    parameters: int = 0
    charged_off: int = 0
    closing: int = 0

    @property
    def change(self) -> int:
        """By how much the provision is higher at the end."""
        return self.closing - self.opening

    def __add__(self, other: "Movement") -> "Movement":
        """Add two movements."""
        return Movement(*(one + two for one, two in zip(astuple(self), astuple(other), strict=True)))


MOVES = tuple(one.name for one in fields(Movement))


def movements(flows: Iterable[Flow], before: Parameters | None, now: Parameters) -> dict[int, Movement]:
    """Return how each stage's provision moved from the parameters of the month before (None: nothing was provided for) to those of now.

    The causes follow one another: what was given up leaves, then what was repaid, both at the old place and parameters; the rest moves to
    its new place, then the parameters change, then what is new comes. Each step is the difference of two rounded provisions, so that
    they add up.
    """
    told, old = list(flows), before or now
    steps = [
        _provided(((one.before, one.opened) for one in told), old),
        _provided(((one.before, one.opened - one.lost) for one in told), old),
        _provided(((one.before, one.kept) for one in told), old),
        _provided(((one.after, one.kept) for one in told), old),
        _provided(((one.after, one.kept) for one in told), now),
        _provided(((one.after, one.closed) for one in told), now),
    ]
    return {stage: _movement([step[stage] for step in steps]) for stage in STAGES}


def _movement(steps: list[int]) -> Movement:
    opening, given_up, repaid, moved, changed, closing = steps
    return Movement(
        opening=opening,
        charged_off=given_up - opening,
        repaid=repaid - given_up,
        moved=moved - repaid,
        parameters=changed - moved,
        new=closing - changed,
        closing=closing,
    )


def _provided(exposures: Iterable[tuple[Place | None, int]], by: Parameters) -> Counter[int]:
    """Return the provision by stage, each place's rounded once."""
    placed, found = Counter[Place](), Counter[int]()
    for place, minor in exposures:
        if place is not None:
            placed[place] += minor
    for place, minor in placed.items():
        found[place[1]] += expected(minor, by.pd_bps(place), by.lgd_bps)
    return found


def rolls_of(flows: Iterable[tuple[Flow, bool]]) -> dict[str, dict[str, int]]:
    """Count where plans went that were not in stage 3; the flag says that these were given up."""
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for one, is_lost in flows:
        if one.before is None or one.before[1] == THIRD:
            continue
        found[one.before[0]][_target(one, is_lost)] += one.plans
    return {source: dict(targets) for source, targets in found.items()}


def _target(one: Flow, is_lost: bool) -> str:
    if is_lost or (one.after and one.after[1] == THIRD):
        return DEFAULT
    return one.after[0] if one.after else ENDED


def next_month(month: date) -> date:
    """Return the first day of the month after that of a first day."""
    return add_months(month, 1, anchor_day=1)
