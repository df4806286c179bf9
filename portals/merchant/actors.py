"""The names of people who did something."""

import uuid
from collections.abc import Iterable

from accounts.models import User


def actors_by_id(actors: Iterable[str]) -> dict[str, str]:
    """Return the names of the people among actors (`user:<key>`), by actor; one statement."""
    keys: dict[str, uuid.UUID] = {}
    for actor in actors:
        head, _, key = actor.partition(":")
        if head == "user":
            keys[actor] = uuid.UUID(key)
    people = User.objects.in_bulk(list(keys.values())) if keys else {}
    return {actor: people[key].name or people[key].email for actor, key in keys.items() if key in people}
