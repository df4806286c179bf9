"""The page of roll rates: a matrix from bucket to bucket with counts, money and shares."""

from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from collection.arrears import NAMES, Matrix, list_matrices
from collection.promises import Kept, count_kept
from collection.reliefs import Relieved, list_relieved
from collection.states import PROMISE_DECIDED
from core import clock
from core.admin import ReadOnlyAdmin
from core.moments import amount_words, number_words, percent_words
from core.readable import words
from operations.arrears.wording import bucket_words
from operations.choosing import all_brands, all_markets, chosen, chosen_number
from operations.frame import show
from operations.wording import product_names
from plans.models import Hardship

SPANS = (7, 30, 90, 365)
YEAR = timedelta(days=365)
"""Reliefs of the last year are shown, since they take months to end."""


class RollPages(ReadOnlyAdmin):
    """How plans rolled from bucket to bucket, by market, brand and product."""

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the matrix of a market's last closed days; a constant number of queries."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        markets, brands = all_markets(), all_brands()
        market, days = chosen(request, "market", markets, markets[0][0]), chosen_number(request, "days", SPANS, 30)
        products = [(code, name) for (_market, code), name in product_names(market).items()]
        scope = {"market": market, "brand": chosen(request, "brand", brands), "product": chosen(request, "product", products)}
        context = {
            "asked": scope | {"days": days},
            "markets": markets,
            "brands": brands,
            "products": products,
            "spans": [(span, ngettext("%(n)s day", "%(n)s days", span) % {"n": span}) for span in SPANS],
            "tables": [_shown(one) for one in list_matrices(days=days, **scope)],
            "promises": [_kept(one) for one in count_kept(since=clock.now() - timedelta(days=days), **scope)],
        }
        today = clock.now().date()
        found = list_relieved(since=today - YEAR, day=today, **scope)
        context["reliefs"] = [_relieved(one) for one in found]
        return show(request, "arrears/rolls.html", _("Arrears"), **context)


def _relieved(one: Relieved) -> dict[str, Any]:
    """Return how the reliefs of a month and kind ended, as plain values."""
    counts = [
        (_("Paid to the end"), one.repaid),
        (_("Paid on time"), one.on_time),
        (_("Late again"), one.late),
        (_("Given up"), one.given_up),
        (_("Too early to say"), one.early),
    ]
    return {
        "month": one.month,
        "kind": dict(Hardship.KINDS)[one.kind],
        "count": number_words(one.count),
        "rate": "–" if one.cured_bps is None else percent_words(one.cured_bps),
        "counts": [(name, number_words(count)) for name, count in counts],
    }


def _kept(kept: Kept) -> dict[str, Any]:
    """Return how promises to pay ended, as plain values."""
    return {
        "currency": kept.currency,
        "rate": percent_words(kept.rate_bps),
        "counts": [(words(status), kept.counts.get(status, 0)) for status in PROMISE_DECIDED],
        "promised": amount_words(kept.promised_minor, kept.currency),
        "paid": amount_words(kept.paid_minor, kept.currency),
    }


def _shown(matrix: Matrix) -> dict[str, Any]:
    """Return a matrix as plain values; buckets in which no plan was are left out."""
    used = [name for name in NAMES if matrix.began[name]]
    return {
        "currency": matrix.currency,
        "first": matrix.first,
        "last": matrix.last,
        "columns": [bucket_words(name) for name in used],
        "rows": [
            {
                "name": bucket_words(source),
                "began": number_words(matrix.began[source]),
                "cells": [_cell(matrix, source, target) for target in used],
            }
            for source in used
        ],
        "stock": [(bucket_words(name), matrix.now[name], amount_words(matrix.late_minor[name], matrix.currency)) for name in used],
    }


def _cell(matrix: Matrix, source: str, target: str) -> dict[str, Any]:
    """Return a cell: its heading for narrow screens, the plans that went there, their share and money; or those that stayed."""
    cell = {"title": bucket_words(target), "stays": source == target}
    if roll := matrix.rolls.get((source, target)):
        money = amount_words(roll.late_minor, matrix.currency)
        return cell | {"count": number_words(roll.plans), "share": percent_words(roll.share_bps), "money": money}
    if source == target and (stayed := matrix.stayed[source]):
        return cell | {"count": number_words(stayed), "share": percent_words(stayed * 10_000 // matrix.began[source])}
    return cell
