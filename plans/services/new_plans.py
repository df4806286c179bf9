"""Documents about new payments of a running plan, kept as they were written for its person."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.utils import translation

from core.clock import local_date
from core.locales import page_locale
from core.unreadable import Unreadable
from plans.documents.new_payments import KIND, VERSION
from plans.documents.reading import Paper, order_of
from plans.documents.relief import NewPlan, write_new_plan
from plans.hardship import open_of
from plans.models import Hardship, Installment, Plan, ReliefPaper
from plans.queries import by_date


def keep_new_plan(
    *,
    plan: Plan,
    rows: Sequence[Installment],
    kind: str,
    days: int = 0,
    rebate_minor: int = 0,
    relief: Hardship | None = None,
    at: datetime,
) -> None:
    """Write the payment plan that a person has by relief, or since an operator laid payments out anew, in their language, and keep it."""
    consumer = plan.consumer
    with translation.override(consumer.language or translation.get_language()):
        told = NewPlan(
            day=local_date(at, plan.time_zone),
            locale=page_locale(consumer.locale),
            lender=_kept(plan).get("lender") or {},
            borrower=consumer.name or consumer.public_id,
            order=order_of(_kept(plan), plan.reference),
            currency=plan.currency,
            kind=kind,
            days=days,
            payments=tuple((row.due_date, row.open_minor) for row in by_date(open_of(rows))),
            rebate_minor=rebate_minor,
        )
        paper = write_new_plan(told, at)
    ReliefPaper.objects.create(consumer=consumer, plan=plan, relief=relief, paper=asdict(paper), at=at)


def keep_new_terms(*, plan: Plan, text: str, language: str, at: datetime) -> None:
    """Keep the agreement on new payments that a person accepted, word for word, as a document."""
    paper = Paper(
        kind=KIND,
        version=VERSION,
        language=language.partition("-")[0],
        text=text,
        lender=_kept(plan).get("lender") or {},
        at=at.isoformat(),
    )
    ReliefPaper.objects.create(consumer=plan.consumer, plan=plan, paper=asdict(paper), at=at)


def _kept(plan: Plan) -> dict[str, Any]:
    return {} if isinstance(plan.agreement, Unreadable) else plan.agreement
