"""Count what is expected to be lost of open money at the end of each month, and post by how much it changed."""

import json
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from itertools import islice
from typing import NamedTuple

from django.db.models import OuterRef, Subquery

from core.adjusting import value_of
from core.arrays import plain_array
from core.clock import day_begins
from core.db import execute, rows, try_lock, unit
from core.ids import parse_id, public_id
from core.months import add_months
from ledger.provisions import ProvisionPosting, provisions
from ledger.queries import stream_balances_at
from markets.queries import STAGE_DAYS, list_markets, settings_in_force
from plans.models import ChargeOff, Forgiven
from plans.rules.arrears import BUCKETS, LEAST_DAYS
from plans.states import ChargeOffStatus
from reports.models import Provision, ProvisionMonth, ProvisionSegment
from reports.provisions import counting
from reports.provisions.queries import find_next, parameters_of
from reports.provisions.rules import (
    STAGES,
    YEAR,
    Floors,
    Flow,
    Movement,
    Parameters,
    Rolls,
    StageDays,
    chances_of,
    loss_bps,
    movements,
    next_month,
    rolls_of,
    summed,
)
from reports.settable import PROVISIONS_FEW, PROVISIONS_FIRST, PROVISIONS_LGD, PROVISIONS_LIFETIME, PROVISIONS_SECOND

CHUNK = 10_000
LOSS_MONTHS = 36
"""Plans that were given up in so many months count for the loss in a default."""
_LONG = 1_000_000


class Key(NamedTuple):
    """A segment: whose plans they are, and in which currency."""

    market: str
    brand: str
    product: str
    currency: str


_NAMES = ("market", "brand", "product", "currency")
"""The columns of a segment."""


@dataclass(slots=True)
class Losses:
    """Plans of a segment that were given up: how many, what was open of them, and what is left of that."""

    count: int = 0
    lost_minor: int = 0
    left_minor: int = 0


@dataclass(slots=True)
class Counted:
    """What was counted of a segment at a month's end; `flows` with a flag of those whose plans were given up."""

    flows: list[tuple[Flow, bool]] = field(default_factory=list)
    losses: Losses = field(default_factory=Losses)


def provide_months(*, at: datetime) -> int:
    """Count and post each month that has ended and was not counted, the oldest first; a timer. Return how many.

    A month is one transaction: ended anywhere, it is done again as a whole. It waits for the close of its last day in every time zone.
    """
    done = 0
    while (month := find_next(at)) is not None and _provide(month, at):
        done += 1
    return done


def _provide(month: date, at: datetime) -> bool:
    """Count and post a month; False if another worker does."""
    with unit():
        if not try_lock("reports.provisions") or find_next(at) != month:
            return False
        until = day_begins(next_month(month), "UTC")
        days = _stage_days(until.date() - timedelta(days=1))
        _note_plans(month, until, days)
        counted = _flows(month, until)
        for key, losses in _losses(until).items():
            if key in counted:
                counted[key].losses = losses
        row = ProvisionMonth.objects.create(month=month, counted_at=at, lifetime=bool(value_of(PROVISIONS_LIFETIME)))
        _write(row, counted, days, until - timedelta(microseconds=1))
        return True


def _stage_days(day: date) -> dict[str, StageDays]:
    """Return the days of the stages by market."""
    found = {one.code: settings_in_force(one.code, [STAGE_DAYS], day).get(STAGE_DAYS) for one in list_markets()}
    return {code: StageDays(value["over"], value["from"]) if value else StageDays() for code, value in found.items()}


def _note_plans(month: date, until: datetime, days: dict[str, StageDays]) -> None:
    """Write where each plan with open principal is at the month's end, by the ledger and by the closed days."""
    tops = {name: top for top, name in BUCKETS}
    bounds = [{"bucket": name, "least": least, "most": tops.get(name, _LONG)} for name, least in LEAST_DAYS.items()]
    told = {
        "month": month,
        "day": until.date() - timedelta(days=1),
        "bounds": json.dumps(bounds),
        "days": json.dumps([{"market": code} | asdict(one) for code, one in days.items()]),
    }
    # What is owed less the interest in it is the open principal.
    opened = (
        (parse_id("pln", owner), minor) for owner, minor in stream_balances_at(["receivable", "unearned_interest"], until) if minor > 0
    )
    for keys, minors in _columns(opened):
        execute(counting.NOTE, told | {"plans": plain_array(keys), "minors": plain_array(minors)})


def _columns(pairs: Iterable[tuple[uuid.UUID, int]]) -> Iterator[tuple[tuple[uuid.UUID, ...], tuple[int, ...]]]:
    """Yield columns of CHUNK pairs at most."""
    left = iter(pairs)
    while chunk := list(islice(left, CHUNK)):
        keys, minors = zip(*chunk, strict=True)
        yield keys, minors


def _flows(month: date, until: datetime) -> dict[Key, Counted]:
    """Return where plans went from the month before to this one, by segment."""
    told = {
        "month": month,
        "before": add_months(month, -1, anchor_day=1),
        "since": day_begins(month, "UTC"),
        "until": until,
    }
    found: defaultdict[Key, Counted] = defaultdict(Counted)
    for *key, bucket, stage, to_bucket, to_stage, is_lost, plans, opened, lost, kept, closed in rows(counting.FLOWS, told):
        before, after = (bucket, stage) if stage else None, (to_bucket, to_stage) if to_stage else None
        found[Key(*key)].flows.append((Flow(before, after, plans, int(opened), int(lost), int(kept), int(closed)), is_lost))
    return found


def _losses(until: datetime) -> dict[Key, Losses]:
    """Return what was given up in the last LOSS_MONTHS, and what is left of it, by segment."""
    found: defaultdict[Key, Losses] = defaultdict(Losses)
    since = day_begins(add_months(until.date(), -LOSS_MONTHS), "UTC")
    settled = _settled(since, until)
    balances = stream_balances_at(["bad_debt"], until)
    left = (
        (settled.get(owner) or parse_id("cof", owner), minor) for owner, minor in balances if owner in settled or owner.startswith("cof_")
    )
    for *key, count, lost in rows(counting.GIVEN_UP, {"since": since, "until": until}):
        found[Key(*key)] = Losses(count, int(lost))
    for keys, minors in _columns(left):
        told = {"since": since, "until": until, "keys": plain_array(keys), "minors": plain_array(minors)}
        for *key, minor in rows(counting.LEFT, told):
            found[Key(*key)].left_minor += int(minor)
    return found


def _settled(since: datetime, until: datetime) -> dict[str, uuid.UUID]:
    """Return what of plans that were given up fell away by a settlement, by its account: the charge-off that lost it before."""
    given_up = ChargeOff.objects.filter(plan=OuterRef("plan"), status=ChargeOffStatus.CONFIRMED).order_by("-id").values("id")[:1]
    found = Forgiven.objects.filter(given_up=True, at__gte=since, at__lt=until).annotate(charge_off=Subquery(given_up))
    return {public_id(Forgiven.PREFIX, key): lost for key, lost in found.values_list("id", "charge_off") if lost}


def _write(month: ProvisionMonth, counted: dict[Key, Counted], days: dict[str, StageDays], at: datetime) -> None:
    """Write the segments of a month with their stages, and post by how much each provision changed."""
    floors = Floors(value_of(PROVISIONS_FEW), value_of(PROVISIONS_FIRST), value_of(PROVISIONS_SECOND), value_of(PROVISIONS_LGD))
    past, before = _past(month), _before(month)
    made, stages, postings = [], [], []
    for key, one in sorted(counted.items()):
        rolls = rolls_of(one.flows)
        chances = chances_of(summed([*past[key], rolls]), LEAST_DAYS, days[key.market], floors)
        lgd_bps, lgd_own = loss_bps(one.losses.lost_minor, one.losses.left_minor, one.losses.count, floors)
        segment = ProvisionSegment(
            month=month,
            market=key.market,
            brand=key.brand,
            product=key.product,
            currency=key.currency,
            rolls=rolls,
            **asdict(chances),
            losses=one.losses.count,
            lost_minor=one.losses.lost_minor,
            left_minor=one.losses.left_minor,
            lgd_bps=lgd_bps,
            lgd_own=lgd_own,
        )
        moved = movements((flow for flow, _ in one.flows), before.get(key), parameters_of(segment, lifetime=month.lifetime))
        made.append(segment)
        stages += _stages(segment, one, moved)
        more = sum(one.change for one in moved.values())
        postings.append(ProvisionPosting(segment.source, segment.owner, segment.currency, more, at))
    ProvisionSegment.objects.bulk_create(made)
    Provision.objects.bulk_create(stages)
    provisions(postings)


def _stages(segment: ProvisionSegment, counted: Counted, moved: dict[int, Movement]) -> list[Provision]:
    found = []
    for stage in STAGES:
        inside = [flow for flow, _ in counted.flows if flow.after and flow.after[1] == stage]
        plans, exposure = sum(flow.plans for flow in inside), sum(flow.closed for flow in inside)
        if plans or moved[stage] != Movement():
            found.append(Provision(segment=segment, stage=stage, plans=plans, exposure_minor=exposure, **asdict(moved[stage])))
    return found


def _past(month: ProvisionMonth) -> defaultdict[Key, list[Rolls]]:
    """Return the rolls of the months before that make a year with this one, by segment."""
    found: defaultdict[Key, list[Rolls]] = defaultdict(list)
    since = add_months(month.month, 1 - YEAR, anchor_day=1)
    for *key, rolls in ProvisionSegment.objects.filter(month__gte=since, month__lt=month.month).values_list(*_NAMES, "rolls"):
        found[Key(*key)].append(rolls)
    return found


def _before(month: ProvisionMonth) -> dict[Key, Parameters]:
    """Return the parameters of the month before, by segment."""
    last = ProvisionSegment.objects.filter(month=add_months(month.month, -1, anchor_day=1)).select_related("month")
    return {Key(one.market, one.brand, one.product, one.currency): parameters_of(one, lifetime=one.month.lifetime) for one in last}
