"""The platform's own cases as a table for `fraud_model train`: the signals of attempts to buy, and whether each was fraud."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q

from accounts.objections import requests_sparing
from controls.rules.facts import FactType
from fraud.facts import FACTS, MODEL_RISK
from fraud.models import Assessment, Label

BAD = "bad"
MATURE = timedelta(days=60)
"""The age at which an attempt without complaints counts as honest: most chargebacks come within two months."""
COLUMNS = [fact.name for fact in FACTS if fact.type != FactType.TEXTS and fact.name not in {MODEL_RISK.name, "shop", "listed"}]
"""The signals to learn from: no lists, no scores of earlier models, no ids."""


def list_cases(*, at: datetime, since: datetime | None = None) -> Iterator[list[Any]]:
    """Yield a row of column names, then a row for each attempt with a known outcome: its signals, and whether it was fraud (1 or 0).

    An attempt is fraud if a label of the order or of its person says so, from the desk, a bank or collection. It is honest if such a label
    says so, or if its order is of MATURE age without a label. Refused attempts and those of people who are erased, or object to the use of
    their data, are left out, and those before `since`. Rows stream from the database.
    """
    yield [*COLUMNS, BAD]
    for row in _ended(at, since).iterator(chunk_size=2_000):
        signals = row.signals
        yield [_plain(signals.get(name)) for name in COLUMNS] + [int(row.is_fraud)]


def list_recent(*, at: datetime, since: datetime) -> Iterator[list[Any]]:
    """Yield a row of column names, then a row of signals for each attempt since then that became an order, the newest first.

    Models are trained on orders, so that others would look like a drift.
    """
    yield list(COLUMNS)
    recent = Assessment.objects.filter(at__gt=since, at__lte=at).exclude(order="").exclude(signals={}).order_by("-id").only("signals")
    for row in recent.iterator(chunk_size=2_000):
        yield [_plain(row.signals.get(name)) for name in COLUMNS]


def _ended(at: datetime, since: datetime | None) -> Any:
    labels = Label.objects.filter(Q(order=OuterRef("order")) & ~Q(order="") | Q(order="", consumer=OuterRef("consumer")), ended_at=None)
    spared = requests_sparing().filter(consumer=OuterRef("consumer"))
    known = Assessment.objects.filter(~Exists(spared)).exclude(order="").exclude(signals={})
    if since is not None:
        known = known.filter(at__gte=since)
    told = known.annotate(is_fraud=Exists(labels.filter(is_fraud=True)), is_honest=Exists(labels.filter(is_fraud=False)))
    return told.filter(Q(is_fraud=True) | Q(is_honest=True) | Q(at__lte=at - MATURE)).order_by("id")


def _plain(value: Any) -> Any:
    """Return a signal as a table cell: booleans as numbers, unknown values as an empty cell."""
    if value is None:
        return ""
    return int(value) if isinstance(value, bool) else value
