"""Judge how much reminding people need who became late, where a model is tried or in charge."""

import logging
import uuid
from collections.abc import Mapping
from datetime import date, datetime

from collection.judges import Judge, judge_of
from collection.models import LateNeed
from collection.needs import facts_on
from collection.segments import need_of
from learning.errors import Damaged
from learning.flat import probability
from learning.queries import scorer_of

log = logging.getLogger("bnpl.collection")


def judge_late(*, people: Mapping[uuid.UUID, date], day: date, at: datetime) -> dict[uuid.UUID, LateNeed]:
    """Return what was judged of some late people, by the day since which they are late, as of a closed day; at most four queries.

    Who was not judged yet is judged now, once while they are late without a break. Empty as long as no model has a role. A model that
    cannot be read judges nobody: the table of their market counts for them.
    """
    judges = {key: judge for key in people if (judge := judge_of(key)) is not None}
    if not judges:
        return {}
    known = _known(people)
    untold = [key for key in judges if key not in known]
    if not untold:
        return known
    facts = facts_on([(key, day) for key in untold])
    made: list[LateNeed] = []
    for key, told in zip(untold, facts, strict=True):
        risk_bps = _risk(judges[key], told)
        if risk_bps is None:
            continue
        judge, need = judges[key], need_of(risk_bps)
        kept = {"arm": judge.arm, "need": need, "risk_bps": risk_bps, "model": f"{judge.change.version} {judge.change.kind}"}
        made.append(LateNeed(consumer_id=key, since=people[key], day=day, at=at, **kept))
    LateNeed.objects.bulk_create(made, ignore_conflicts=True)
    # The close of another zone, in which a person has plans too, may have judged them at the same moment.
    return _known(people)


def _known(people: Mapping[uuid.UUID, date]) -> dict[uuid.UUID, LateNeed]:
    found = LateNeed.objects.filter(consumer__in=people)
    return {one.consumer_id: one for one in found if one.since == people[one.consumer_id]}


def _risk(judge: Judge, facts: Mapping[str, object]) -> int | None:
    """Return the risk of not paying in basis points; None if the model's stored form is damaged."""
    assert judge.change.version_id is not None
    try:
        scorer = scorer_of(judge.change.version_id)
    except Damaged:
        log.exception("the model of reminders %s cannot be read", judge.change.version)
        return None
    return round(probability(scorer.score(facts, judge.change.kind)) * 10_000)
