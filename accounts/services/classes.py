"""Classes of people: assigned by rules or pinned by operators, with a history of changes; and the classes themselves."""

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from accounts import queries
from accounts.classes import class_of, get_class, kept_classes, known_classes, pins_of
from accounts.models import ClassChange, Consumer, CustomerClass, User
from core.db import unit, wait_lock
from core.errors import Conflict, Invalid, refuse, require, why_fault
from core.ids import public_id
from core.sentences import Sentence

MAY_PIN, MAY_ADD = "accounts.pin_class", "accounts.add_customerclass"
CODE = re.compile(r"[a-z][a-z0-9_]{0,29}", re.ASCII)
LONGEST_TITLE, LONGEST_REASON = 60, 500


@dataclass(frozen=True, slots=True)
class Found:
    """A rule's result for an axis: the code of the class, the rule's id and name."""

    value: str
    rule: str
    rule_name: str


def assign_classes(*, consumer_id: uuid.UUID, found: Mapping[str, Found], version: int, actor: str, at: datetime) -> list[ClassChange]:
    """Give a person, in all their accounts, the classes that rules found; return the changes.

    An axis for which no rule held loses its class; a pinned one stays as it is, and a person who was erased has none.
    """
    with unit():
        holder = _lock(consumer_id)
        if holder.is_erased:
            return []
        pinned = pins_of(holder)
        values = {axis: class_of(holder, axis) or "" for axis in CustomerClass.AXES}
        changes = []
        for axis in CustomerClass.AXES.keys() - pinned:
            new = found.get(axis, Found("", "", ""))
            if new.value != values[axis]:
                told = {"rule": new.rule, "rule_name": new.rule_name, "version": version, "actor": actor, "at": at}
                changes.append(ClassChange(consumer=holder, axis=axis, before=values[axis], value=new.value, **told))
                values[axis] = new.value
        _keep(holder, values, pinned, changes)
    return changes


def pin_class(*, consumer_id: uuid.UUID, axis: str, value: str, reason: str, user: User, at: datetime) -> ClassChange:
    """Pin a person's class on an axis: rules cannot change it until it is unpinned.

    Forbidden; Invalid names `value` or `reason`; Conflict if nothing would change.
    """
    _check_may(user, reason)
    if value and not CustomerClass.objects.filter(axis=axis, code=value).exists():
        raise Invalid("There is no such class.", fields={"value": Sentence("is no class of this kind")})
    return _by_hand(consumer_id, axis, value, reason, user, at, pins=True)


def unpin_class(*, consumer_id: uuid.UUID, axis: str, reason: str, user: User, at: datetime) -> ClassChange:
    """Let rules decide about an axis again; the class stays until they do. Forbidden; Invalid names `reason`; Conflict."""
    _check_may(user, reason)
    return _by_hand(consumer_id, axis, None, reason, user, at, pins=False)


def _check_may(user: User, reason: str) -> None:
    require(user, MAY_PIN)
    refuse({"reason": why_fault(reason)})


def _by_hand(consumer_id: uuid.UUID, axis: str, value: str | None, reason: str, user: User, at: datetime, *, pins: bool) -> ClassChange:
    if axis not in CustomerClass.AXES:
        raise Invalid("There is no such kind of class.", fields={"axis": Sentence("is no kind of class")})
    with unit():
        holder = _lock(consumer_id)
        if holder.is_erased:
            raise Conflict("This person was erased.", code="accounts.erased")
        values = {one: class_of(holder, one) or "" for one in CustomerClass.AXES}
        before, pinned = values[axis], pins_of(holder)
        after = before if value is None else value
        if (axis in pinned) == pins and after == before:
            raise Conflict("Nothing would change.", code="accounts.nothing_changes")
        told = {"reason": reason.strip()[:LONGEST_REASON], "actor": str(user.pk), "at": at}
        change = ClassChange(consumer=holder, axis=axis, before=before, value=after, pinned=pins, **told)
        _keep(holder, values | {axis: after}, pinned | {axis} if pins else pinned - {axis}, [change])
    return change


def _lock(consumer_id: uuid.UUID) -> Consumer:
    """Lock a person, and return their first account as it is after that."""
    holder_id = queries.lock_person_of(consumer_id)
    return queries.get_consumer(public_id(Consumer.PREFIX, holder_id))


def _keep(holder: Consumer, values: Mapping[str, str], pinned: frozenset[str], changes: list[ClassChange]) -> None:
    ClassChange.objects.bulk_create(changes)
    kept = kept_classes(values, pinned)
    # An account that joined the person since has no classes yet.
    if changes or holder.other_accounts.exclude(classes=kept).exists():
        Consumer.objects.filter(pk__in=queries.account_ids(holder.pk)).update(classes=kept)


def add_class(*, axis: str, code: str, titles: Mapping[str, str], user: User, at: datetime) -> CustomerClass:
    """Add a class that rules and operators can give; Forbidden, Invalid names the field, Conflict if the code exists."""
    require(user, MAY_ADD)
    given = _titles(titles)
    refuse(
        {
            "axis": "" if axis in CustomerClass.AXES else "is no kind of class",
            "code": "" if CODE.fullmatch(code) else Sentence("use small letters, digits and _, beginning with a letter"),
            "title_en": "" if given.get("en") else Sentence("is empty"),
        }
    )
    with unit():
        wait_lock(f"class {axis} {code}")
        if CustomerClass.objects.filter(axis=axis, code=code).exists():
            raise Conflict("There is a class of this code already.", code="accounts.class_exists")
        made = CustomerClass.objects.create(axis=axis, code=code, titles=given, made_by=str(user.pk), changed_by=str(user.pk), made_at=at)
    known_classes.forget()
    return made


def rename_class(*, axis: str, code: str, titles: Mapping[str, str], user: User, at: datetime) -> CustomerClass:
    """Give a class new titles; its members keep it. Forbidden, NotFound, Invalid names the field."""
    require(user, MAY_ADD)
    given = _titles(titles)
    refuse({"title_en": "" if given.get("en") else Sentence("is empty")})
    with unit():
        found = get_class(axis, code)
        found.titles, found.changed_by = given, str(user.pk)
        found.save(update_fields=["titles", "changed_by"])
    known_classes.forget()
    return found


def _titles(titles: Mapping[str, str]) -> dict[str, str]:
    return {language: text.strip()[:LONGEST_TITLE] for language, text in titles.items() if text.strip()}
