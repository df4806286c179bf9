"""Held orders as a file, with all values that their list can be searched by."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from checkout.models import OrderReview
from checkout.ruling import rules_that_hold
from checkout.states import OrderReviewStatus
from core.csv_files import Cell
from core.money import units_of
from core.readable import words

BATCH = 500
RELATED = ("order__merchant", "order__consumer", "prepared_by", "approved_by", "rejected_by")


def header() -> tuple[str, ...]:
    """Return the translated headings."""
    return (
        *(_("Order"), _("Reference"), _("Shop"), _("Brand"), _("Person"), _("Currency"), _("Amount"), _("Status"), _("Why"), _("Rules")),
        *(_("Placed"), _("Prepared by"), _("Prepared"), _("Recommendation"), _("What was found")),
        *(_("Approved by"), _("Approved"), _("Rejected by"), _("Rejected"), _("Reason")),
    )


def lines_of(found: QuerySet[OrderReview], note: Callable[[Sequence[OrderReview]], None]) -> Iterator[Sequence[Cell]]:
    """Yield a line for each held order, newest first, in batches; `note` is called with each batch before its lines are yielded."""
    rules, wanted = rules_that_hold(), found.select_related(*RELATED).order_by("-pk")
    rows = list(wanted[:BATCH])
    while rows:
        note(rows)
        yield from (_line(row, rules) for row in rows)
        rows = list(wanted.filter(pk__lt=rows[-1].pk)[:BATCH])


def _line(row: OrderReview, rules: dict[str, str]) -> Sequence[Cell]:
    order = row.order
    ends = {status: _moment(row.decided_at) if row.status == status else "" for status in OrderReviewStatus}
    return (
        *(order.public_id, order.merchant_reference, order.merchant.name, order.merchant.brand_id or "", order.consumer.public_id),
        *(order.currency, units_of(order.amount_minor, order.currency), words(row.status), str(row.get_reason_display())),
        *("; ".join(rules.get(key, key) for key in row.held_by or ()), _moment(row.created_at), str(row.prepared_by or "")),
        *(_moment(row.prepared_at), str(row.get_recommendation_display()), row.prepared_note, str(row.approved_by or "")),
        *(ends[OrderReviewStatus.APPROVED], str(row.rejected_by or ""), ends[OrderReviewStatus.REJECTED], row.decision_reason),
    )


def _moment(at: datetime | None) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S") if at else ""
