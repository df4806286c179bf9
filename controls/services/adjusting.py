"""Settings that operators change: one person, or two where a setting is dangerous; each process remembers the values for some seconds."""

import logging
import uuid
from collections.abc import Mapping
from datetime import datetime

from django.db import DatabaseError, connection

from controls.errors import Changed
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
PROPOSED = "controls.setting"
"""The kind of proposal that changes a dangerous setting."""
VALUE = "value"


def _read_changed() -> Mapping[str, int]:
    try:
        return {one.name: one.value for one in newest_changes().values() if one.value is not None}
    except DatabaseError:
        # Before the first migration there is no table. A transaction that an error has ended must not go on as if nothing were.
        if connection.in_atomic_block:
            raise
        log.warning("settings cannot be read")
        return changed_values.value or {}


changed_values: Remembered[Mapping[str, int]] = Remembered(_read_changed, seconds=3)
"""The values that operators set, by name."""


def change_setting(*, name: str, value: int | None, reason: str, seen: int, user: Person, at: datetime) -> SettingChange:
    """Change a setting at once, or back to its default where `value` is None; it holds in every process within some seconds.

    `seen` is the key of the newest change that the operator saw (0 where there was none). Forbidden where the setting takes two people, or
    without the permission; Invalid names `value` or `reason`; Changed where somebody changed it meanwhile.
    """
    setting = get_setting(name)
    require(user, MAY_CHANGE)
    if setting.dangerous:
        raise Forbidden("This setting takes two people: propose the change.")
    _refuse_faults(setting, value, reason)
    with unit():
        return _write(setting, value, reason, str(user.pk), at, seen=seen)


def propose_setting(*, name: str, value: int | None, reason: str, seen: int, user: Person, at: datetime) -> uuid.UUID:
    """Propose the value of a dangerous setting; it holds once another person agrees. Return the proposal's key.

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
    """Write the value on which two people agreed; in the caller's transaction, for an approved proposal."""
    return _write(get_setting(name), value, reason, actor, at)


def held_value(setting: Setting) -> int:
    """Return the value that holds, from the row itself and not from what this process remembers."""
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
