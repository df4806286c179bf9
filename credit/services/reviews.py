"""The daily review of limits, in chunks: each is one transaction with a fixed number of statements, and the next begins behind it."""

import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from accounts.models import Consumer
from accounts.objections import spared_among
from accounts.queries import blocked_holders
from core import providers
from core.adjusting import value_of
from core.clock import local_date
from core.db import execute, rows, unit
from core.ids import public_id
from core.outbox import append_all
from credit import queries, rules
from credit.assessing import consult_again
from credit.behavior import behavior_of
from credit.events import LimitChanged, LimitLowered
from credit.models import CreditLine, Decision, LimitChange, LimitReview, ReviewPass
from credit.reviewing import Look, Reviewed, as_late, is_reviewed, review
from credit.rules import History, Inputs
from credit.services.asking import is_recent
from credit.settable import RAISE_DAYS, RAISE_PERCENT
from markets.queries import economy_bps

CHUNK = 100
CHUNKS = 100
"""How many chunks one call reviews at most; the next call goes on."""
Records = Callable[[Collection[uuid.UUID]], Mapping[uuid.UUID, Mapping[str, History]]]
"""How each person repaid, by the key of their first account and by brand."""
_BEGIN = """
    INSERT INTO credit_reviewpass (id, day) VALUES (1, %s)
    ON CONFLICT (id) DO UPDATE SET day = excluded.day, after = NULL, finished_at = NULL
    WHERE credit_reviewpass.day < excluded.day"""
# All accounts of the persons of the next lines, since one person has one limit.
_NEXT = """
    WITH next AS (
        SELECT line.id, coalesce(c.person_id, c.id) AS holder
        FROM credit_creditline line JOIN accounts_consumer c ON c.id = line.consumer_id
        WHERE %(after)s::uuid IS NULL OR line.id > %(after)s::uuid ORDER BY line.id LIMIT %(most)s)
    SELECT (SELECT id FROM next ORDER BY id DESC LIMIT 1), array(
        SELECT c.id FROM accounts_consumer c WHERE c.id IN (SELECT holder FROM next)
        UNION SELECT c.id FROM accounts_consumer c WHERE c.person_id IN (SELECT holder FROM next))"""


@dataclass(slots=True)
class _Known:
    """What a chunk's persons are known by, read once for all."""

    blocked: Collection[uuid.UUID]
    records: Mapping[uuid.UUID, Mapping[str, History]]
    decisions: Mapping[tuple[uuid.UUID, str], Decision]
    reviews: Mapping[uuid.UUID, LimitReview]


def review_limits(*, records: Records, at: datetime) -> int:
    """Review the limits that are still to be reviewed on a day (UTC), up to `CHUNKS` chunks; return how many limits moved.

    Safe to kill anywhere, to repeat, and to run at the same time as itself and as purchases: a chunk holds its persons' lines while it
    lasts, and one process reviews at a time.
    """
    providers.refresh()
    execute(_BEGIN, [at.astimezone(UTC).date()])
    moved = 0
    for _chunk in range(CHUNKS):
        found = _review_chunk(records, at)
        if found is None:
            break
        moved += found
    return moved


def _review_chunk(records: Records, at: datetime) -> int | None:
    """Review the next lines and return how many moved; None if none is left, or if another process reviews."""
    with unit():
        where = ReviewPass.objects.select_for_update(skip_locked=True).filter(day=at.astimezone(UTC).date(), finished_at=None).first()
        if where is None:
            return None
        last, accounts = rows(_NEXT, {"after": where.after and str(where.after), "most": CHUNK})[0]
        if last is None:
            where.finished_at = at
        else:
            where.after = last
        where.save(update_fields=["after", "finished_at"])
        return None if last is None else _review(queries.lock_lines_among(accounts), records, at)


def _review(lines: Sequence[CreditLine], records: Records, at: datetime) -> int:
    """Review locked lines, all those of some persons, and store what moved."""
    persons: dict[uuid.UUID, list[CreditLine]] = {}
    for line in lines:
        persons.setdefault(line.consumer.holder_id, []).append(line)
    known = _Known(
        blocked_holders(persons),
        records(list(persons)),
        queries.newest_decisions([line.consumer_id for line in lines]),
        queries.newest_reviews([line.pk for line in lines]),
    )
    found = []
    # Whoever of a person's accounts objects, speaks for the person.
    left_alone = spared_among(line.consumer_id for line in lines)
    for mine in persons.values():
        if any(line.consumer_id in left_alone for line in mine):
            continue
        for currency in {line.currency for line in mine}:
            found += _review_person(mine, currency, known, at)
    _store(found, at)
    return len(found)


def _review_person(lines: Sequence[CreditLine], currency: str, known: _Known, at: datetime) -> list[tuple[CreditLine, LimitReview]]:
    """Return a person's lines in a currency whose limit moves, with their reviews."""
    own = [line for line in lines if line.currency == currency]
    decided = [known.decisions[key] for line in own if (key := (line.consumer_id, currency)) in known.decisions]
    if not decided or any(line.consumer.is_erased for line in lines):
        return []
    decision = max(decided, key=lambda one: one.pk)
    newest = max(own, key=lambda line: (line.decided_at, line.pk))
    consumer = next(line.consumer for line in own if line.consumer_id == decision.consumer_id)
    by_brand = known.records.get(consumer.holder_id, {})
    inputs = _inputs(lines, decision, consumer, sum(by_brand.values(), History()), known.blocked, at)
    if not is_reviewed(inputs):
        return []
    look = _look(newest, inputs, decision, known.reviews.get(newest.pk), at)
    # What is overdue counts as late; a rule asks for it so, too.
    inputs = replace(inputs, history=as_late(inputs.history))
    look = replace(look, inputs=consult_again(consumer, decision, inputs, at))
    assess = rules.SCORECARDS[decision.versions["scorecard"]]
    moved = []
    for line in own:
        brand = by_brand.get(str(line.consumer.brand_id), History())
        seen = replace(look, elsewhere=bool(inputs.history.paid_late) and not brand.paid_late + brand.overdue_now)
        answer = review(seen, assess)
        if answer.limit_minor not in {line.limit_minor, look.before_minor}:
            moved.append((line, _made(line, decision, seen, answer, at)))
    return moved


def _inputs(
    lines: Sequence[CreditLine], decision: Decision, consumer: Consumer, history: History, blocked: Collection[uuid.UUID], at: datetime
) -> Inputs:
    """Return a decision's inputs as they are today, for no amount; `lines` are all those of the person."""
    today, decided = local_date(at, consumer.time_zone), Inputs.from_json(decision.inputs)
    used = queries.exposure(lines, decision.currency, at.date())
    # What the last purchase still uses: it stood beside what was used when it was decided.
    still = min(max(used - decided.used_minor, 0), decided.amount_minor)
    return replace(
        decided,
        amount_minor=0,
        identity=consumer.identity,
        used_minor=used,
        risk=replace(decided.risk, still_used_minor=still) if decided.risk else None,
        history=history,
        review=decision.inquiry.review if decision.inquiry else "",
        is_blocked=consumer.holder_id in blocked or bool(history.halted_now),
        by_hand_minor=queries.limit_by_hand(lines, decision.currency),
        order_by_hand_minor=queries.order_limit_by_hand(lines, decision.currency, today),
        ruled=None,
        afford=None,
        own_minor=None,
        granted_minor=None,
        proven_minor=None,
        safety=None,
        behavior=behavior_of(consumer, history),
        economy_bps=economy_bps(consumer.market_id, today),
    )


def _look(line: CreditLine, inputs: Inputs, decision: Decision, last: LimitReview | None, at: datetime) -> Look:
    """Return what a review uses besides the inputs of the day; `line` is the one that moved last, `last` its newest review."""
    has_recent = decision.inquiry is not None and is_recent(decision.inquiry, at)
    is_later = last is not None and last.at > decision.at
    was = Look.from_json(last.look).inputs if last is not None and is_later else Inputs.from_json(decision.inputs)
    return Look(
        inputs=inputs,
        before_minor=line.limit_minor,
        may_rise=has_recent
        and not inputs.history.overdue_now
        and not inputs.history.eased_now
        and at - line.decided_at >= timedelta(days=value_of(RAISE_DAYS)),
        rise_pct=value_of(RAISE_PERCENT),
        was_late=as_late(was.history).paid_late,
        was_on_time=was.history.paid_on_time,
        was_economy_bps=was.economy_bps,
    )


def _made(line: CreditLine, decision: Decision, look: Look, answer: Reviewed, at: datetime) -> LimitReview:
    return LimitReview(
        line=line,
        decision=decision,
        before_minor=line.limit_minor,
        limit_minor=answer.limit_minor,
        order_limit_minor=answer.order_limit_minor,
        score=answer.score,
        why=answer.why,
        reasons=list(answer.reasons),
        look=look.as_json(),
        version=decision.versions["scorecard"],
        at=at,
    )


def _store(found: Sequence[tuple[CreditLine, LimitReview]], at: datetime) -> None:
    """Set the lines to their reviews' limits, record the changes with their reasons, and tell them."""
    if not found:
        return
    for line, made in found:
        line.limit_minor, line.order_limit_minor, line.decided_at = made.limit_minor, made.order_limit_minor, at
    CreditLine.objects.bulk_update([line for line, _made in found], ["limit_minor", "order_limit_minor", "decided_at"])
    LimitReview.objects.bulk_create([made for _line, made in found])
    LimitChange.objects.bulk_create(
        LimitChange(line=line, before_minor=made.before_minor, after_minor=made.limit_minor, reason=made.why, at=at) for line, made in found
    )
    append_all((_told(line, made) for line, made in found), at=at)


def _told(line: CreditLine, made: LimitReview) -> LimitChanged | LimitLowered:
    consumer, moved = public_id(Consumer.PREFIX, line.consumer_id), {"before_minor": made.before_minor, "after_minor": made.limit_minor}
    if made.is_cut:
        return LimitLowered(consumer=consumer, notice=made.public_id, currency=line.currency, **moved)
    return LimitChanged(consumer=consumer, currency=line.currency, **moved)
