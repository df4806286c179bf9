"""Reads of versions and roles, and scorers of stored versions."""

import uuid
from functools import lru_cache

from django.db.models import QuerySet
from django.db.models.fields.json import KeyTransform

from core.db import wait_lock
from learning.errors import NoModel
from learning.flat import Scorer
from learning.models import ModelVersion, RoleChange, Suggestion, WatchedDay
from learning.storing import scorer_from, unflatten

HEAVY = ("stored", "flat", "card")
"""The columns of a version that are too large to be read with a list."""
WATCH_DUE = """EXISTS (
    SELECT 1 FROM (
        SELECT DISTINCT ON (family, role) version_id, kind FROM learning_rolechange ORDER BY family, role, number DESC, id DESC) r
    WHERE r.version_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM learning_watchedday w
        WHERE w.version_id = r.version_id AND w.kind = r.kind AND w.day >= (%(at)s::timestamptz AT TIME ZONE 'UTC')::date))"""
"""SQL: whether a model that has a role was not watched today (UTC)."""
SHOWN_DAYS = 90


def list_watched(version: ModelVersion) -> list[WatchedDay]:
    """Return the newest days on which the models of a version were watched, the oldest first."""
    return list(WatchedDay.objects.filter(version=version).order_by("-day", "kind")[: 2 * SHOWN_DAYS])[::-1]


def open_alarms() -> QuerySet[WatchedDay]:
    """Return the days whose alarms nobody has seen yet, with their versions, the oldest first."""
    found = WatchedDay.objects.filter(is_open=True).select_related("version")
    return found.defer(*(f"version__{one}" for one in HEAVY)).order_by("at", "id")


def open_suggestions() -> QuerySet[Suggestion]:
    """Return the suggested versions about which nobody has said anything yet, the oldest first."""
    found = Suggestion.objects.filter(is_open=True).select_related("version")
    return found.defer(*(f"version__{one}" for one in HEAVY)).order_by("at", "id")


def find_last_suggestion(family: str) -> Suggestion | None:
    """Return the newest training that the machine began by itself."""
    found = Suggestion.objects.filter(family=family).select_related("version")
    return found.defer(*(f"version__{one}" for one in HEAVY)).order_by("-at", "-id").first()


def list_versions(family: str) -> QuerySet[ModelVersion]:
    """Return the versions of a family, newest first, without their bytes and cards, with the card's `figures`."""
    found = ModelVersion.objects.filter(family=family).annotate(figures=KeyTransform("figures", "card"))
    return found.defer(*HEAVY).order_by("-id")


def get_version(family: str, name: str, version: int | None = None) -> ModelVersion:
    """Return a version of a model by its name, by default the newest; NoModel if there is none."""
    found = ModelVersion.objects.filter(family=family, name=name)
    one = found.order_by("-version").first() if version is None else found.filter(version=version).first()
    if one is None:
        there = ", ".join(sorted(set(ModelVersion.objects.filter(family=family).values_list("name", flat=True)))) or "none yet"
        raise NoModel(f"there is no {family} model {name}{'' if version is None else f' version {version}'}; there are: {there}")
    return one


def get_named(family: str, model: str) -> ModelVersion:
    """Return the version that `NAME@VERSION` means, or `NAME` for the newest; NoModel if there is none."""
    name, at, version = model.partition("@")
    if at and not version.isdecimal():
        raise NoModel(f"{model} is no NAME@VERSION: a version is a number")
    return get_version(family, name, int(version) if at else None)


def list_roles(family: str) -> dict[str, RoleChange]:
    """Return the changes in force, by role; one query."""
    held = RoleChange.objects.filter(family=family).select_related("version").defer(*(f"version__{one}" for one in HEAVY))
    newest = held.order_by("role", "-number", "-id").distinct("role")
    return {one.role: one for one in newest if one.version_id}


def lock_roles(family: str) -> list[RoleChange]:
    """Return the changes of roles of a family, newest first; until the transaction ends nobody else changes them.

    The lock is one of the family, since a lock of its rows would not see the row that was added while it was waited for.
    """
    wait_lock(f"roles:{family}")
    return list(RoleChange.objects.filter(family=family).order_by("-number", "-id"))


@lru_cache(maxsize=16)
def scorer_of(version_id: uuid.UUID) -> Scorer:
    """Return the scorer of a version's two models, cached in this process; Damaged if the stored bytes were changed."""
    version = ModelVersion.objects.only("flat", "flat_digest").get(pk=version_id)
    return scorer_from(unflatten(bytes(version.flat), version.flat_digest))
