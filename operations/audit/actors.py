"""Readable names of the audit log's actors."""

import uuid
from collections.abc import Iterable

from django.utils.translation import gettext as _

from accounts.models import User


def name_actors(actors: Iterable[str]) -> dict[str, str]:
    """Return the name of each actor; one query for users."""
    wanted = set(actors)
    keys = {key: actor for actor in wanted if (key := _key(actor)) is not None}
    users = User.objects.in_bulk(list(keys)) if keys else {}
    return {actor: _plain(actor) for actor in wanted} | {keys[key]: str(user) for key, user in users.items()}


def _key(actor: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(actor)
    except ValueError:
        return None


def _plain(actor: str) -> str:
    """Name an actor that is not a user."""
    kind, _sep, rest = actor.partition(":")
    if actor.startswith("con_") or _key(actor) is not None:
        return _("The person (%(id)s)") % {"id": actor}
    if actor == "visitor":
        return _("A visitor")
    named = {
        "key": _("API key %(name)s"),
        "command": _("Command %(name)s"),
        "program": _("Program %(name)s"),
        "proposal": _("Proposal %(name)s"),
        "role": _("Database role %(name)s"),
        "timer": _("The platform, by timer (%(name)s)"),
        "handler": _("The platform, on an event (%(name)s)"),
        "door": _("A provider or program (%(name)s)"),
    }
    return named[kind] % {"name": rest} if rest and kind in named else _("The platform")
