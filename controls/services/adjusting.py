"""Settings that operators change: one person alone, or two for a dangerous setting. Each process caches the values for some seconds."""

import logging
import uuid
from collections.abc import Mapping
from datetime import datetime

from django.db import DatabaseError, connection

from controls.errors import Changed
from controls.guards import SETTING
from controls.kinds import Person
from controls.models import SettingChange
from controls.queries import list_changes, newest_changes
from controls.services.proposing import propose
from core.adjusting import Setting, get_setting
from core.db import unit, wait_lock
from core.errors import Forbidden, Invalid, refuse, require, why_fault
from core.remembered import Remembered

log = logging.getLogger("bnpl.controls")
MAY_CHANGE, MAY_PROPOSE, MAY_APPROVE = "controls.change_setting", "controls.propose_setting", "controls.approve_setting"
PROPOSED = SETTING
"""The kind of proposal that changes a dangerous setting."""
VALUE = "value"


def _read_changed() -> Mapping[str, int]:
    try:
        return {one.name: one.value for one in newest_changes().values() if one.value is not None}
    except DatabaseError:
        # Before the first migration there is no table. Inside a transaction the error has to be raised, since PostgreSQL has aborted it.
        if connection.in_atomic_block:
            raise
        log.warning("settings cannot be read")
        return changed_values.value or {}


changed_values: Remembered[Mapping[str, int]] = Remembered(_read_changed, seconds=3)
"""The values that operators have set, by name."""


def change_setting(*, name: str, value: int | None, reason: str, seen: int, user: Person, at: datetime) -> SettingChange:
    """Change a setting at once, or back to its default if `value` is None; every process uses it within some seconds.

    `seen` is the key of the newest change that the operator saw (0 if there was none). Forbidden if the setting needs two people, or
    without the permission; Invalid names `value` or `reason`; Changed if somebody changed it meanwhile.
    """
    setting = get_setting(name)
    require(user, MAY_CHANGE)
    if setting.dangerous:
        raise Forbidden("This setting takes two people: propose the change.")
    _refuse_faults(setting, value, reason)
    with unit():
        return _write(setting, value, reason, str(user.pk), at, seen=seen)


def propose_setting(*, name: str, value: int | None, reason: str, seen: int, user: Person, at: datetime) -> uuid.UUID:
    """Propose a value for a dangerous setting, which takes effect when another person agrees; return the proposal's key.

    Errors as in `change_setting`.
    """
    setting = get_setting(name)
    require(user, MAY_PROPOSE)
    if not setting.dangerous:
        raise Forbidden("This setting takes one person: change it.")
    _refuse_faults(setting, value, reason)
    with unit():
        _refuse_old(name, seen)
        made = propose(kind=PROPOSED, subject=name, after={VALUE: value}, reason=reason, starts_on=None, user=user, at=at)
    return made.pk


def set_agreed(*, name: str, value: int | None, actor: str, reason: str, at: datetime) -> SettingChange:
    """Write the value that two people agreed on, in the caller's transaction."""
    return _write(get_setting(name), value, reason, actor, at)


def held_value(setting: Setting) -> int:
    """Return the value in force from the database, not from this process's cache."""
    newest = list_changes(setting.name).first()
    return setting.base if newest is None or newest.value is None or setting.fault(newest.value) else newest.value


def _refuse_faults(setting: Setting, value: int | None, reason: str) -> None:
    refuse({"value": "" if value is None else setting.fault(value), "reason": why_fault(reason)})


def _refuse_old(name: str, seen: int) -> None:
    newest = list_changes(name).first()
    if (newest.pk if newest else 0) != seen:
        raise Changed("Somebody changed this setting meanwhile. Look at it again.")


def _write(setting: Setting, value: int | None, reason: str, actor: str, at: datetime, *, seen: int | None = None) -> SettingChange:
    wait_lock(f"setting {setting.name}")
    if seen is not None:
        _refuse_old(setting.name, seen)
    before = held_value(setting)
    if before == (setting.base if value is None else value):
        raise Invalid("Nothing would change.", code="controls.nothing_changes")
    made = SettingChange(name=setting.name, value=value, before=before, reason=reason.strip()[:500], actor=actor, at=at)
    made.save(force_insert=True)
    changed_values.forget()
    return made
