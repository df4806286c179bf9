"""Save versions of models, and assign roles to them."""

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Max, Q

from core.db import unit, wait_lock
from learning import queries
from learning.decided import DECIDING, foreign_columns, named
from learning.errors import NoModel, Refused
from learning.labels import Labelled
from learning.measuring import measure_version
from learning.models import Kind, ModelVersion, Outcome, Role, RoleChange, Suggestion, WatchedDay
from learning.storing import restore

if TYPE_CHECKING:
    # What trains takes long to load; who only writes does without.
    from learning.training import Trained

LONGEST = timedelta(hours=6)
"""A training that has not ended after so long was broken off, and another one may begin."""
QUIET = timedelta(days=7)
"""An alarm that a person has seen is not raised again for so long, unless something else joins it."""


def keep_version(
    *, family: str, name: str, data: Labelled, trained: "Trained", target: str, positive: str, source: str, actor: str, at: datetime
) -> ModelVersion:
    """Save the result of a training as the next version of a name."""
    measured = measure_version(family, data, trained, target=target, positive=positive, source=source)
    return keep_measured(family=family, name=name, measured=measured, actor=actor, at=at)


def keep_measured(*, family: str, name: str, measured: dict[str, Any], actor: str, at: datetime) -> ModelVersion:
    """Save what `measure_version` returned as the next version of a name."""
    with unit():
        wait_lock(f"model {family} {name}")
        newest = ModelVersion.objects.filter(family=family, name=name).aggregate(newest=Max("version"))["newest"] or 0
        return ModelVersion.objects.create(family=family, name=name, version=newest + 1, **measured, made_by=actor, made_at=at)


def promote_model(
    *,
    family: str,
    name: str,
    version: int | None,
    kind: str,
    role: str,
    share: int,
    reason: str,
    actor: str,
    approved_by: str,
    at: datetime,
) -> RoleChange:
    """Assign a role to one model of a version; `actor` proposed it, `approved_by` is another person.

    NoModel if it does not exist; Refused if the version must not be used, if it would decide by columns that decisions do not have, or if
    both are the same person; Damaged if its estimators, as they were stored, cannot be read.
    """
    if not actor or not approved_by or actor == approved_by:
        raise Refused("a model is promoted by two people")
    if kind not in Kind.values or role not in Role.values or not 0 <= share <= 100:
        raise Refused("no such model, role or share")
    with unit():
        queries.lock_roles(family)
        found = queries.get_version(family, name, version)
        if not found.usable:
            raise Refused(f"{found} must not be used: the licence of its data ({_table_of(found)}) keeps it out of the product")
        if role in DECIDING and (foreign := foreign_columns(found)):
            raise Refused(f"{found} cannot be {role}: it looks at columns that decisions of {family} do not have: {named(foreign)}")
        queries.scorer_of(found.pk)
        # The kept estimators are the evidence of what decides: they have to be readable from now on.
        restore(bytes(found.stored), found.stored_digest)
        return RoleChange.objects.create(
            family=family,
            role=role,
            version=found,
            kind=kind,
            share=share,
            reason=reason,
            proposed_by=actor,
            approved_by=approved_by,
            at=at,
        )


def _table_of(version: ModelVersion) -> str:
    """Return the name of the known table that a version was trained on, or its columns."""
    return str(version.lineage.get("table") or named(version.lineage.get("columns", ())))


def roll_back_model(*, family: str, role: str, reason: str, actor: str, at: datetime, seen: str | None = None) -> RoleChange:
    """Give a role back to its previous version; one person is enough. NoModel if there is none.

    `seen` is the key of the change that the person saw in force, if a page showed it to them; Refused if another one is by now.
    """
    with unit():
        changes = _changes(family, role, seen)
        if len(changes) < 2:
            raise NoModel(f"no {family} model was {role} before")
        # A role that was taken away goes back to what had it.
        before = changes[1] if changes[0].version_id is None else _before(changes)
        return RoleChange.objects.create(
            family=family,
            role=role,
            version=before.version,
            kind=before.kind,
            share=before.share,
            reason=reason,
            proposed_by=actor,
            at=at,
        )


def end_role(*, family: str, role: str, reason: str, actor: str, at: datetime, seen: str | None = None) -> RoleChange:
    """Take a role away from the model that has it, so that none has; `seen` and Refused as in `roll_back_model`. NoModel if none has it."""
    with unit():
        changes = _changes(family, role, seen)
        if not changes or changes[0].version_id is None:
            raise NoModel(f"no {family} model is {role}")
        return RoleChange.objects.create(family=family, role=role, version=None, reason=reason, proposed_by=actor, at=at)


def _changes(family: str, role: str, seen: str | None) -> list[RoleChange]:
    """Lock the changes of a role and return them, the newest first; Refused if the newest is another one than a person saw."""
    changes = [change for change in queries.lock_roles(family) if change.role == role]
    if seen is not None and (not changes or str(changes[0].pk) != seen):
        raise Refused(f"the {role} of {family} has changed meanwhile")
    return changes


def _before(changes: list[RoleChange]) -> RoleChange:
    """Return the change to go back to: a second rollback goes back one more step instead of undoing the first."""
    steps = 0
    for place, change in enumerate(changes):
        if change.approved_by:
            if not steps:
                target = place + 1
                break
            steps -= 1
        else:
            steps += 1
    else:
        raise NoModel("nothing held this role before")
    if target >= len(changes):
        raise NoModel("nothing held this role before")
    return changes[target]


def note_watched(
    *, version: ModelVersion, kind: str, day: date, recent: dict[str, Any], ended: dict[str, Any], alarms: list[list[Any]], at: datetime
) -> WatchedDay:
    """Store what was found of a model on a day; its alarms take the place of older open ones, and open nothing that was seen lately."""
    with unit():
        before = WatchedDay.objects.filter(version=version, kind=kind)
        seen = before.filter(seen_at__gt=at - QUIET).order_by("-seen_at").first()
        known = {(what, column) for what, column, _value in seen.alarms} if seen else set()
        is_open = any((what, column) not in known for what, column, _value in alarms)
        before.filter(is_open=True).update(is_open=False)
        found = {"recent": recent, "ended": ended, "alarms": alarms, "is_open": is_open}
        return WatchedDay.objects.create(version=version, kind=kind, day=day, at=at, **found)


def see_alarms(*, version: ModelVersion, actor: str, at: datetime) -> int:
    """Record that a person has seen the open alarms of a version; return how many days had any."""
    return WatchedDay.objects.filter(version=version, is_open=True).update(is_open=False, seen_by=actor, seen_at=at)


def begin_suggestion(*, family: str, apart: timedelta, at: datetime) -> Suggestion | None:
    """Record that a training begins by itself; None if another one of the family began less than `apart` ago and did not break off."""
    with unit():
        wait_lock(f"suggestion {family}")
        broken_off = Q(outcome=Outcome.BEGUN, at__lte=at - LONGEST)
        if Suggestion.objects.filter(family=family, at__gt=at - apart).exclude(broken_off).exists():
            return None
        return Suggestion.objects.create(family=family, at=at)


def end_suggestion(
    *,
    suggestion: Suggestion,
    outcome: str,
    version: ModelVersion | None = None,
    kind: str = "",
    found: dict[str, Any] | None = None,
    at: datetime,
) -> Suggestion:
    """Record how a training ended; one that is suggested takes the place of older open ones of its family."""
    with unit():
        Suggestion.objects.filter(family=suggestion.family, is_open=True).update(is_open=False)
        suggestion.outcome, suggestion.version, suggestion.kind, suggestion.found = outcome, version, kind, found or {}
        suggestion.is_open, suggestion.ended_at = outcome == Outcome.SUGGESTED, at
        suggestion.save(update_fields=["outcome", "version", "kind", "found", "is_open", "ended_at"])
    return suggestion


def close_suggestions(*, version: ModelVersion, actor: str, at: datetime) -> int:
    """Record that a person proposed a suggested version, or let it be; return how many suggestions were open."""
    return Suggestion.objects.filter(version=version, is_open=True).update(is_open=False, closed_by=actor, closed_at=at)
