"""Reads of acts on accounts: since when a person has a device, and what happened after somebody signed in from a new one."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from core.db import rows
from fraud.models import AccountAct
from fraud.states import ActKind, Verdict

NEW_FOR = timedelta(days=1)
"""How long a device stays new to a person, whatever they do from it."""
AFTER_NEW = timedelta(days=7)
"""An act within this time after a sign-in from a new device counts as an act from it."""
LOOK_BACK = timedelta(days=30)
SHOWN = 20
_LET = f"'{Verdict.ALLOW}', '{Verdict.HOLD}'"
_SIGN_IN = f"a.person_key = %(person)s AND a.kind = '{ActKind.SIGN_IN}' AND a.at <= %(at)s"
# Each is answered by one row of an index, however often the person signed in.
FIRST_SIGNED_IN = f"""
    (SELECT a.at FROM fraud_accountact a WHERE {_SIGN_IN} AND a.device <> '' AND a.device = %(device)s ORDER BY a.at LIMIT 1),
    (SELECT a.at FROM fraud_accountact a WHERE {_SIGN_IN} AND a.browser <> '' AND a.browser = %(browser)s ORDER BY a.at LIMIT 1),
    (SELECT a.at FROM fraud_accountact a WHERE {_SIGN_IN} AND (a.device <> '' OR a.browser <> '') ORDER BY a.at LIMIT 1)"""  # noqa: S608
_BOUGHT = f"""
    SELECT min(at) FILTER (WHERE device <> '' AND device = %(device)s), min(at) FILTER (WHERE browser <> '' AND browser = %(browser)s),
        min(at) FILTER (WHERE device <> '' OR browser <> ''), {FIRST_SIGNED_IN}
    FROM (SELECT s.device, s.browser, s.at FROM fraud_sighting s WHERE s.person_key = %(person)s AND s.at <= %(at)s
        AND s.verdict IN ({_LET}) ORDER BY s.at DESC LIMIT 50) AS mine"""  # noqa: S608  (words of our own)


_WITHIN = "a.person_key = %(person)s AND a.at > %(look_back)s AND a.at <= %(at)s"
LAST_ACTS = f"""
    (SELECT jsonb_object_agg(k.kind, extract(epoch FROM x.at)) FROM unnest(%(act_kinds)s::text[]) AS k(kind) CROSS JOIN LATERAL (
        SELECT a.at FROM fraud_accountact a WHERE {_WITHIN} AND a.kind = k.kind AND a.from_new ORDER BY a.at DESC LIMIT 1) AS x),
    (SELECT ARRAY[a.network_kind, a.zone_gap_min::text] FROM fraud_accountact a WHERE {_WITHIN} AND a.kind = '{ActKind.SIGN_IN}'
        ORDER BY a.at DESC LIMIT 1)"""  # noqa: S608  (words of our own)
"""Columns of a statement: by kind, when the last act after a sign-in from a new device was; the network of the last sign-in."""
AFTER_KINDS = [kind.value for kind in ActKind if kind != ActKind.CODE_FAILED]


def last_of(told: str | None, *kinds: ActKind) -> datetime | None:
    """Return when the last act of some kinds was, from the first column of LAST_ACTS (JSON); None for none."""
    found: dict[str, float] = json.loads(told) if told else {}
    times = [found[kind] for kind in kinds if kind in found]
    return datetime.fromtimestamp(max(times), UTC) if times else None


@dataclass(frozen=True, slots=True)
class DeviceAge:
    """Since when a person has a device, and any device.

    `first_at` is the first purchase that was let through, or sign-in, from it, `any_at` that from any device; None for never. `by_id`: it
    was known by its own id before.
    """

    first_at: datetime | None
    any_at: datetime | None
    by_id: bool

    def is_new(self, *, told: bool, at: datetime) -> bool | None:
        """Return whether the device is new to the person; None if it said nothing (not `told`), or they have no older one."""
        if not told or self.any_at is None:
            return None
        young = self.first_at is None or self.first_at > at - NEW_FOR
        return None if young and self.first_at == self.any_at else young


def device_age(bought_id: Any, bought_like: Any, bought_any: Any, signed_id: Any, signed_like: Any, signed_any: Any) -> DeviceAge:
    """Return the age of a device from the columns of a statement."""
    first = min((one for one in (bought_id, bought_like, signed_id, signed_like) if one), default=None)
    return DeviceAge(first, min((one for one in (bought_any, signed_any) if one), default=None), bool(bought_id or signed_id))


def find_device_age(values: Mapping[str, str], at: datetime) -> DeviceAge:
    """Return since when a person has a device; `values` are keyed hashes by column. One query."""
    told = {"person": values["person_key"], "device": values["device"], "browser": values["browser"], "at": at}
    ((*columns,),) = rows(_BOUGHT, told)
    return device_age(*columns)


def is_after_new(person_key: str, at: datetime) -> bool:
    """Return whether somebody signed in to a person's account from a new device within the week before. One query."""
    mine = AccountAct.objects.filter(person_key=person_key, kind=ActKind.SIGN_IN, from_new=True)
    return mine.filter(at__gt=at - AFTER_NEW, at__lte=at).exists()


def acts_before(consumer_id: uuid.UUID, at: datetime) -> list[AccountAct]:
    """Return the newest acts on an account within 30 days before a time, without their sealed texts. One query."""
    seen = AccountAct.objects.filter(consumer_id=consumer_id, at__gt=at - LOOK_BACK, at__lte=at)
    return list(seen.defer("internet", "zone").order_by("-id")[:SHOWN])
