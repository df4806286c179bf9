"""Reads of what registers of payment remarks told: in the statement that finds a person's report, or by itself."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, QuerySet, Subquery
from django.db.models.functions import JSONObject

from accounts.models import Consumer
from core.compiled import prepared
from credit.models import BankAccess, CreditLine, Decision, Inquiry
from credit.rules.registers import REMARK, REVIEWED, Registered


def registers_named(decision: Decision | None) -> list[dict[str, str]]:
    """Return the registers whose remarks counted in a decision, with their addresses, for its notice; no query."""
    if decision is None or not {REMARK, REVIEWED} & set(decision.reasons):
        return []
    told = (Registered.from_json(one) for one in decision.inputs.get("registers", ()))
    return [{"name": one.name, "address": one.address} for one in told if one.is_hit]


@dataclass(frozen=True, slots=True)
class Told:
    """The newest answer of a register about an account, however old it is; `data` are the fields of `credit.gateways.registers.Remarks`."""

    provider: str
    at: datetime
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Remembered:
    """What registers told about an account in a currency, by their codes, and what the account has in use there, in minor units."""

    in_use_minor: int = 0
    told: Mapping[str, Told] = field(default_factory=dict)


def find_report_and_remarks(consumer_id: uuid.UUID, currency: str) -> tuple[Inquiry | None, Remembered]:
    """Return what `credit.queries.find_report` does, and what registers told; one query, two without a report."""
    found = _reports.first(consumer_id, currency)
    row: Any = found or _remarks.first(consumer_id, currency)
    return found, Remembered() if row is None else _remembered(row)


def _remembered(row: Any) -> Remembered:
    told = [json.loads(one) if isinstance(one, str) else one for one in row.told or ()]
    by_code = {one["register"]: Told(one["provider"], datetime.fromisoformat(one["at"]), one["data"]) for one in told}
    return Remembered(row.in_use or 0, by_code)


def _told(consumer_id: uuid.UUID, currency: str) -> dict[str, Any]:
    answered = Inquiry.objects.filter(consumer_id=consumer_id, currency=currency, answered_at__isnull=False).exclude(register="")
    newest = answered.order_by("register", "-answered_at").distinct("register")
    line = CreditLine.objects.filter(consumer_id=consumer_id, currency=currency).values("used_minor")
    answer = JSONObject(register="register", provider="provider", at="answered_at", data="data")
    return {"told": ArraySubquery(newest.values(answer=answer)), "in_use": Subquery(line[:1])}


@prepared
def _reports(consumer_id: uuid.UUID, currency: str) -> QuerySet[Inquiry]:
    answered = Inquiry.objects.filter(consumer_id=consumer_id, currency=currency, answered_at__isnull=False, data__has_key="score")
    read = BankAccess.objects.filter(consumer_id=consumer_id, currency=currency, read_at__isnull=False)
    return answered.annotate(has_bank=Exists(read), **_told(consumer_id, currency)).order_by("-answered_at")[:1]


@prepared
def _remarks(consumer_id: uuid.UUID, currency: str) -> QuerySet[Consumer]:
    return Consumer.objects.filter(id=consumer_id).annotate(**_told(consumer_id, currency))
