"""What operators did with cases of a market in a span of days: calls, promises and the money that came of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, Subquery, Sum

from collection.models import Call, Case, PayLink, Promise, Settlement
from collection.states import PROMISE_DECIDED, PromiseStatus, SettlementStatus
from payments.models import Charge
from payments.states import MovementStatus


@dataclass(slots=True)
class Done:
    """Counts of calls, of those that reached the person, of promises, of those decided and kept, and what was paid of them."""

    calls: int = 0
    reached: int = 0
    promises: int = 0
    decided: int = 0
    kept: int = 0
    paid_minor: int = 0
    offered: int = 0
    accepted: int = 0
    settled: int = 0
    links: int = 0
    links_paid: int = 0


@dataclass(slots=True)
class Figures:
    """What was done by the key of the operator, and by the place of the bucket of the case (`Case.rank`)."""

    by_operator: dict[str, Done] = field(default_factory=dict)
    by_rank: dict[int, Done] = field(default_factory=dict)


def count_work(*, market: str, currency: str, since: datetime, until: datetime) -> Figures:
    """Count the calls that began, and the promises that operators noted, in a market in a span; eight queries.

    A person's own promises do not count. What was paid is in minor units of the currency, as decided by now. The bucket is that of the
    person's last case, as of its last closed day.
    """
    calls = Call.objects.filter(case__consumer__market=market, begun_at__gte=since, begun_at__lt=until)
    promises = Promise.objects.filter(plan__consumer__market=market, plan__currency=currency, made_at__gte=since, made_at__lt=until)
    promises = promises.exclude(made_by__startswith="con_")
    last = Case.objects.filter(consumer=OuterRef("plan__consumer")).order_by("-id").values("rank")[:1]
    counted = {"n": Count("id"), "reached": Count("id", filter=Q(outcome__in=[Call.SPOKE, Call.STOP]))}
    promised = {
        "n": Count("id"),
        "decided": Count("id", filter=Q(status__in=PROMISE_DECIDED)),
        "kept": Count("id", filter=Q(status=PromiseStatus.KEPT)),
        "paid": Sum("paid_minor"),
    }
    found = Figures()
    for called in calls.values("begun_by").annotate(**counted):
        _add_calls(found.by_operator.setdefault(called["begun_by"], Done()), called)
    for ranked in calls.values("case__rank").annotate(**counted):
        _add_calls(found.by_rank.setdefault(ranked["case__rank"], Done()), ranked)
    for made in promises.values("made_by").annotate(**promised):
        _add_promises(found.by_operator.setdefault(made["made_by"], Done()), made)
    for one in promises.annotate(rank=Subquery(last)).exclude(rank=None).values("rank").annotate(**promised):
        _add_promises(found.by_rank.setdefault(one["rank"], Done()), one)
    _count_settlements(found, market, since, until)
    _count_links(found, market, since, until)
    return found


def _count_settlements(found: Figures, market: str, since: datetime, until: datetime) -> None:
    made = Settlement.objects.filter(plan__product__market=market, made_at__gte=since, made_at__lt=until)
    counted = {
        "n": Count("id"),
        "accepted": Count("id", filter=Q(accepted_at__isnull=False)),
        "settled": Count("id", filter=Q(status=SettlementStatus.SETTLED)),
    }
    last = Case.objects.filter(consumer=OuterRef("consumer")).order_by("-id").values("rank")[:1]
    for one in made.values("made_by").annotate(**counted):
        _add_settlements(found.by_operator.setdefault(one["made_by"], Done()), one)
    for ranked in made.annotate(rank=Subquery(last)).exclude(rank=None).values("rank").annotate(**counted):
        _add_settlements(found.by_rank.setdefault(ranked["rank"], Done()), ranked)


def _count_links(found: Figures, market: str, since: datetime, until: datetime) -> None:
    sent = PayLink.objects.filter(call__case__consumer__market=market, sent_at__gte=since, sent_at__lt=until)
    stands = Charge.objects.filter(pk=OuterRef("charge_id"), status=MovementStatus.SUCCEEDED)
    sent = sent.annotate(is_paid=Exists(stands))
    counted = {"n": Count("id"), "paid": Count("id", filter=Q(is_paid=True))}
    for one in sent.values("sent_by").annotate(**counted):
        _add_links(found.by_operator.setdefault(one["sent_by"], Done()), one)
    for ranked in sent.values("call__case__rank").annotate(**counted):
        _add_links(found.by_rank.setdefault(ranked["call__case__rank"], Done()), ranked)


def _add_settlements(done: Done, row: Mapping[str, Any]) -> None:
    done.offered, done.accepted, done.settled = row["n"], row["accepted"], row["settled"]


def _add_links(done: Done, row: Mapping[str, Any]) -> None:
    done.links, done.links_paid = row["n"], row["paid"]


def _add_calls(done: Done, row: Mapping[str, Any]) -> None:
    done.calls, done.reached = row["n"], row["reached"]


def _add_promises(done: Done, row: Mapping[str, Any]) -> None:
    done.promises, done.decided, done.kept, done.paid_minor = row["n"], row["decided"], row["kept"], row["paid"] or 0
