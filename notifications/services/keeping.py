"""The notices of refusals, counter-offers, rejected orders, lower limits and late payments, written once and kept as they were sent."""

import hashlib
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import override

from accounts.models import Consumer
from accounts.rules.addresses import address_line
from brands.queries import get_brand, version_of
from checkout.agreeing import lender_of
from checkout.models import Order
from checkout.queries import find_order_of_plan
from checkout.refusing import rejected_at, rejected_for, write_cut, write_notice, write_rejection
from collection.models import LateNotice
from core.characters import visible
from core.clock import local_date
from core.locales import page_locale
from core.months import add_months
from credit.adverse import ADVERSE, keep_months
from credit.cuts import Cut
from credit.deciders import was_by_people
from credit.models import Decision
from markets.queries import rows_in_force
from notifications import queries
from notifications.models import Notice
from notifications.refusals import cut_notice, refusal_notice, rights_of
from plans.documents.facts import Borrower
from plans.documents.late_notice import Late, LateFacts, write_late_notice
from plans.documents.reading import Paper
from plans.queries import by_date, installments_of


def keep_refusal(*, decision: Decision, at: datetime) -> Notice:
    """Write and keep the notice of a decision that refused, in the person's language; one that was kept before is returned instead."""
    consumer = decision.consumer

    def write() -> Paper:
        return write_notice(decision, consumer, rights_of(consumer, refusal_notice(consumer, decision, decision.at)))

    return _keep("application_refused", decision.public_id, consumer, write, decision.at, at, by_people=was_by_people(decision))


def keep_rejection(*, order: Order, at: datetime) -> Notice:
    """Write and keep the notice of a held order that people rejected, like `keep_refusal`."""
    consumer, decided_at = order.consumer, rejected_at(order)

    def write() -> Paper:
        notice = refusal_notice(consumer, order.decision, decided_at, codes=rejected_for(order.review))
        return write_rejection(order, rights_of(consumer, notice, by_people=True))

    return _keep("order_rejected", order.public_id, consumer, write, decided_at, at, by_people=True)


def keep_cut(*, cut: Cut, at: datetime) -> Notice:
    """Write and keep the notice of a lower limit, like `keep_refusal`."""

    def write() -> Paper:
        return write_cut(cut, rights_of(cut.consumer, cut_notice(cut)))

    return _keep("limit_cut", cut.public_id, cut.consumer, write, cut.at, at, by_people=False)


def keep_late_notice(*, given: LateNotice, at: datetime) -> Notice:
    """Write and keep a notice that the law demands while a plan is late, like `keep_refusal`; it tells what is late at that moment."""
    plan = given.plan

    def write() -> Paper:
        consumer, today = plan.consumer, local_date(at, plan.time_zone)
        order = find_order_of_plan(plan.pk)
        late = [row for row in by_date(installments_of(plan)) if row.is_late(today)]
        told = LateFacts(
            kind=given.kind,
            day=today,
            locale=page_locale(consumer.locale),
            lender=lender_of(get_brand(consumer.brand_id)),
            borrower=Borrower(consumer.public_id, visible(consumer.name), visible(address_line(consumer.address or {}))),
            shop=visible(order.merchant.name) if order else "",
            currency=plan.currency,
            payments=tuple(Late(row.due_date, row.open_minor, row.open_fees_minor) for row in late),
            days=given.days,
            law=given.law,
        )
        return write_late_notice(told, at)

    return _keep(f"{given.kind}_notice", given.public_id, plan.consumer, write, at, at, by_people=False)


def _keep(kind: str, subject: str, consumer: Consumer, write: Any, decided_at: datetime, at: datetime, *, by_people: bool) -> Notice:
    """Return the kept notice of a subject; without one, write it now. Of two that write at once, the first counts."""
    found = queries.find_notice(kind, subject)
    if found is not None:
        return found
    with override(consumer.language or settings.LANGUAGE_CODE):
        paper: Paper = write()
    day = local_date(decided_at, consumer.time_zone)
    made = Notice(
        consumer=consumer,
        kind=kind,
        subject=subject,
        paper=asdict(paper),
        seal=hashlib.sha256(paper.text.encode()).hexdigest(),
        versions={
            "text": paper.version,
            "law": {key: row.valid_from.isoformat() for key, row in rows_in_force(consumer.market_id, ADVERSE, day).items()},
            "brand": version_of(str(consumer.brand_id)),
        },
        by_people=by_people,
        decided_at=decided_at,
        at=at,
        keep_until=_kept_until(max(at, decided_at), keep_months(consumer.market_id, day)),
    )
    Notice.objects.bulk_create([made], ignore_conflicts=True)
    return queries.get_notice(kind, subject)


def _kept_until(at: datetime, months: int) -> datetime:
    return datetime.combine(add_months(at.date(), months), at.timetz())
