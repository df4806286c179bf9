"""For whom a model decides how late people are reminded, in place of the table of their market."""

import uuid
from dataclasses import dataclass
from hashlib import sha256

from collection.segments import Arm
from core.remembered import Remembered
from learning.models import Family, Role, RoleChange
from learning.queries import list_roles

roles_of_reminders: Remembered[dict[str, RoleChange]] = Remembered(lambda: list_roles(Family.REMINDER), seconds=5)
"""The models that have a role, cached: a promoted model is used by all processes within these seconds."""


@dataclass(frozen=True, slots=True)
class Judge:
    """By what a person's steps go, and the model that tells their need; in the arm of the table it only tells it, for comparison."""

    arm: Arm
    change: RoleChange


def place_of(consumer_id: uuid.UUID) -> int:
    """Return the place of a person from 0 to 99: always the same, and unlike their place elsewhere."""
    return int.from_bytes(sha256(f"reminder:{consumer_id}".encode()).digest()[:4]) % 100


def judge_of(consumer_id: uuid.UUID) -> Judge | None:
    """Return by what the steps of a person go; None as long as no model is champion or challenger.

    The challenger has its share of people, the champion the others; without a champion they keep the table.
    """
    roles = roles_of_reminders()
    champion, challenger = roles.get(Role.CHAMPION), roles.get(Role.CHALLENGER)
    if challenger is not None and place_of(consumer_id) < challenger.share:
        return Judge(Arm.CHALLENGER, challenger)
    if champion is not None:
        return Judge(Arm.CHAMPION, champion)
    return Judge(Arm.TABLE, challenger) if challenger is not None else None
