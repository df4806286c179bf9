"""Reads of versions and roles, and scorers of stored versions."""

import uuid
from functools import lru_cache

from django.db.models import QuerySet
from django.db.models.fields.json import KeyTransform

from learning.errors import NoModel
from learning.flat import Scorer
from learning.models import ModelVersion, RoleChange
from learning.storing import scorer_from, unflatten


def list_versions(family: str) -> QuerySet[ModelVersion]:
    """Return the versions of a family, newest first, without their bytes and cards, with the card's `figures`."""
    found = ModelVersion.objects.filter(family=family).annotate(figures=KeyTransform("figures", "card"))
    return found.defer("stored", "flat", "card").order_by("-id")


def get_version(family: str, name: str, version: int | None = None) -> ModelVersion:
    """Return a version of a model by its name, by default the newest; NoModel if there is none."""
    found = ModelVersion.objects.filter(family=family, name=name)
    one = found.order_by("-version").first() if version is None else found.filter(version=version).first()
    if one is None:
        there = ", ".join(sorted(set(ModelVersion.objects.filter(family=family).values_list("name", flat=True)))) or "none yet"
        raise NoModel(f"there is no {family} model {name}{'' if version is None else f' version {version}'}; there are: {there}")
    return one


def list_roles(family: str) -> dict[str, RoleChange]:
    """Return the changes in force, by role; one query."""
    held = RoleChange.objects.filter(family=family).select_related("version").defer("version__stored", "version__flat", "version__card")
    newest = held.order_by("role", "-number", "-id").distinct("role")
    return {one.role: one for one in newest if one.version_id}


def lock_roles(family: str) -> list[RoleChange]:
    """Return the changes of roles of a family, newest first, locked until the transaction ends."""
    return list(RoleChange.objects.select_for_update(of=("self",)).filter(family=family).order_by("-number", "-id"))


@lru_cache(maxsize=16)
def scorer_of(version_id: uuid.UUID) -> Scorer:
    """Return the scorer of a version's two models, cached in this process; Damaged if the stored bytes were changed."""
    version = ModelVersion.objects.only("flat", "flat_digest").get(pk=version_id)
    return scorer_from(unflatten(bytes(version.flat), version.flat_digest))
