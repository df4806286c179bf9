"""Reads of a person's report and of what registers of payment remarks told: in one statement, or by itself.

Answers belong to a person and a lender: an answer about one account counts for the person's others with the same brand and market.
"""

import json
import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from math import ceil
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, QuerySet
from django.db.models.functions import JSONObject

from accounts.models import Consumer
from accounts.queries import account_ids
from core.compiled import prepared
from credit.models import BankAccess, CreditLine, Decision, Inquiry
from credit.rules.registers import REMARK, REVIEWED, Registered
from markets.queries import factors_to


def registers_named(decision: Decision | None) -> list[dict[str, str]]:
    """Return the registers whose remarks counted in a decision, with their addresses, for its notice; no query."""
    if decision is None or not {REMARK, REVIEWED} & set(decision.reasons):
        return []
    told = (Registered.from_json(one) for one in decision.inputs.get("registers", ()))
    return [{"name": one.name, "address": one.address} for one in told if one.is_hit]


@dataclass(frozen=True, slots=True)
class Told:
    """The newest answer of a register about a person, however old it is, and the account that it was asked about.

    `data` are the fields of `credit.gateways.registers.Remarks`.
    """

    provider: str
    at: datetime
    data: Mapping[str, Any]
    consumer_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class Remembered:
    """What registers told about a person in a currency, by their codes, and what all their accounts have in use, by currency."""

    in_use: Mapping[str, int] = field(default_factory=dict)
    told: Mapping[str, Told] = field(default_factory=dict)

    def in_use_minor(self, currency: str, on: date) -> int:
        """Return what is in use, in minor units of a currency; converted amounts are rounded up."""
        if not self.in_use.keys() - {currency}:
            return self.in_use.get(currency, 0)
        factors = factors_to(currency, on)
        return sum(ceil(used * factors[other]) for other, used in self.in_use.items())


def find_report(consumer: Consumer, currency: str) -> Inquiry | None:
    """Return the newest inquiry about a person that was answered with a report, however old it is, or None.

    An inquiry about any of their accounts with the same lender counts: with the consumer's brand, in their market. The `has_bank` of what
    is returned says whether the consumer's bank was read in the currency, so that a decision asks for what it showed only then.
    """
    return _reports.first(*_key(consumer, currency))


def find_report_and_remarks(consumer: Consumer, currency: str) -> tuple[Inquiry | None, Remembered]:
    """Return what `find_report` does, and what registers told; one query, two without a report."""
    key = _key(consumer, currency)
    found = _reports_and_remarks.first(*key)
    row: Any = found or _remarks.first(*key)
    return found, Remembered() if row is None else _remembered(row)


def _key(consumer: Consumer, currency: str) -> tuple[uuid.UUID, uuid.UUID, str, str, str]:
    return consumer.pk, consumer.holder_id, consumer.brand_id or "", consumer.market_id, currency


def _remembered(row: Any) -> Remembered:
    told = {one["register"]: one for one in map(_object, row.told or ())}
    in_use: Counter[str] = Counter()
    for one in map(_object, row.in_use or ()):
        in_use[one["currency"]] += one["used"]
    return Remembered(
        in_use,
        {
            code: Told(one["provider"], datetime.fromisoformat(one["at"]), one["data"], uuid.UUID(one["consumer"]))
            for code, one in told.items()
        },
    )


def _object(one: Any) -> Any:
    return json.loads(one) if isinstance(one, str) else one


def _answered(holder_id: uuid.UUID, brand_id: str, market_id: str, currency: str) -> QuerySet[Inquiry]:
    mine = account_ids(holder_id, brand=brand_id).filter(market_id=market_id)
    return Inquiry.objects.filter(consumer__in=mine, currency=currency, answered_at__isnull=False)


def _told(holder_id: uuid.UUID, brand_id: str, market_id: str, currency: str) -> dict[str, Any]:
    answered = _answered(holder_id, brand_id, market_id, currency).exclude(register="")
    newest = answered.order_by("register", "-answered_at").distinct("register")
    lines = CreditLine.objects.filter(consumer__in=account_ids(holder_id), used_minor__gt=0).order_by("id")
    answer = JSONObject(register="register", provider="provider", at="answered_at", data="data", consumer="consumer_id")
    return {
        "told": ArraySubquery(newest.values(answer=answer)),
        "in_use": ArraySubquery(lines.values(one=JSONObject(currency="currency", used="used_minor"))),
    }


def _newest(consumer_id: uuid.UUID, holder_id: uuid.UUID, brand_id: str, market_id: str, currency: str) -> QuerySet[Inquiry]:
    reports = _answered(holder_id, brand_id, market_id, currency).filter(data__has_key="score")
    read = BankAccess.objects.filter(consumer_id=consumer_id, currency=currency, read_at__isnull=False)
    return reports.annotate(has_bank=Exists(read)).order_by("-answered_at")


@prepared
def _reports(consumer_id: uuid.UUID, holder_id: uuid.UUID, brand_id: str, market_id: str, currency: str) -> QuerySet[Inquiry]:
    return _newest(consumer_id, holder_id, brand_id, market_id, currency)[:1]


@prepared
def _reports_and_remarks(consumer_id: uuid.UUID, holder_id: uuid.UUID, brand_id: str, market_id: str, currency: str) -> QuerySet[Inquiry]:
    told = _told(holder_id, brand_id, market_id, currency)
    return _newest(consumer_id, holder_id, brand_id, market_id, currency).annotate(**told)[:1]


@prepared
def _remarks(consumer_id: uuid.UUID, holder_id: uuid.UUID, brand_id: str, market_id: str, currency: str) -> QuerySet[Consumer]:
    return Consumer.objects.filter(id=consumer_id).annotate(**_told(holder_id, brand_id, market_id, currency))
