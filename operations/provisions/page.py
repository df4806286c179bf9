"""The page of provisions as plain values, and the lines of its file."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from core.moments import amount_words, day_words, number_words, percent_words
from core.money import units_of
from operations.arrears.wording import bucket_words
from operations.choosing import all_brands, all_markets, chosen
from operations.wording import product_names
from plans.rules.arrears import CURRENT
from reports.models import ProvisionMonth
from reports.provisions.queries import NOTHING, SegmentView, StageView, by_currency, list_segments
from reports.provisions.rules import FIRST, MOVES, SECOND, STAGES

NO_SHARE = "–"
Names = Mapping[tuple[str, str], str]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the page was asked for: a counted month (None: none is counted), and codes of a market and a brand, or empty texts for all."""

    month: ProvisionMonth | None
    market: str
    brand: str

    @property
    def file(self) -> str:
        """The query string of the file."""
        return "?" + urlencode({"month": str(self.month or ""), "market": self.market, "brand": self.brand, "as": "csv"})


def asked_by(request: HttpRequest, months: list[ProvisionMonth]) -> Asked:
    """Return what a request asks for; unknown values count as none, an unknown month as the newest."""
    month, newest = request.GET.get("month", ""), months[0] if months else None
    return Asked(
        next((one for one in months if str(one) == month), newest),
        chosen(request, "market", all_markets()),
        chosen(request, "brand", all_brands()),
    )


def _stage_words(stage: int) -> str:
    return {FIRST: _("Stage 1: in time"), SECOND: _("Stage 2: late")}.get(stage) or _("Stage 3: in default")


def _move_titles() -> dict[str, str]:
    return {
        "opening": _("At the end of the month before"),
        "new": _("New"),
        "repaid": _("Repaid"),
        "moved": _("Moved between stages or buckets"),
        "parameters": _("Changed parameters"),
        "charged_off": _("Given up"),
        "closing": _("At the end of the month"),
    }


def page_of(asked: Asked, months: list[ProvisionMonth]) -> dict[str, Any]:
    """Return the content of the page."""
    segments = _segments(asked)
    names = product_names() if segments else {}
    return {
        "asked": asked,
        "months": [(str(one), day_words(one.month, "month")) for one in months],
        "markets": all_markets(),
        "brands": all_brands(),
        "tables": [
            _table(currency, stages, [one for one in segments if one.segment.currency == currency], names)
            for currency, stages in by_currency(segments).items()
        ],
    }


def _segments(asked: Asked) -> list[SegmentView]:
    return list_segments(asked.month.month, market=asked.market, brand=asked.brand) if asked.month else []


def _table(currency: str, stages: Mapping[int, StageView], segments: list[SegmentView], names: Names) -> dict[str, Any]:
    whole = sum(stages.values(), NOTHING)
    columns = [*(_stage_words(stage) for stage in STAGES), _("In all")]
    views = [*(stages[stage] for stage in STAGES), whole]
    return {
        "currency": currency,
        "figures": [title for title, _text in _cells(whole, currency)],
        "segment_figures": [title for title, _text in _segment(segments[0], names)["cells"]],
        "stages": [(title, _cells(view, currency)) for title, view in zip(columns, views, strict=True)],
        "columns": columns,
        "moves": [
            (
                title,
                name in ("opening", "closing"),
                list(zip(columns, (amount_words(getattr(one.movement, name), currency) for one in views), strict=True)),
            )
            for name, title in _move_titles().items()
        ],
        "segments": [_segment(one, names) for one in segments],
    }


def _cells(view: StageView, currency: str) -> list[tuple[str, str]]:
    share = view.coverage_bps
    return [
        (_("Plans"), number_words(view.plans)),
        (_("Open principal"), amount_words(view.exposure_minor, currency)),
        (_("Provision"), amount_words(view.movement.closing, currency)),
        (_("Coverage"), NO_SHARE if share is None else percent_words(share)),
    ]


def _segment(one: SegmentView, names: Names) -> dict[str, Any]:
    segment = one.segment
    late = [(bucket_words(name), percent_words(bps)) for name, bps in segment.life.items() if name in segment.own and name != CURRENT]
    return {
        "name": _name(one, names),
        "brand": segment.brand,
        "cells": [
            *_cells(one.whole, segment.currency),
            (_("Default within a year"), percent_words(segment.year[CURRENT])),
            (_("Default in the whole life"), percent_words(segment.life[CURRENT])),
            (_("Loss in a default"), percent_words(segment.lgd_bps)),
        ],
        "late": late,
        "own_chance": CURRENT in segment.own,
        "own_loss": segment.lgd_own,
    }


def _name(one: SegmentView, names: Names) -> str:
    segment = one.segment
    return f"{segment.market} · {names.get((segment.market, segment.product), segment.product)}"


def header() -> list[str]:
    """Return the heading of the file."""
    return [
        *(_("Month"), _("Market"), _("Brand"), _("Product"), _("Currency"), _("Stage"), _("Plans"), _("Open principal")),
        *_move_titles().values(),
        *(_("Coverage"), _("Default within a year"), _("Default in the whole life"), _("Our own"), _("Loss in a default"), _("Our own")),
    ]


def lines_of(asked: Asked) -> Iterator[list[str | int | Decimal]]:
    """Yield the lines of the file, a stage each: amounts in units of their currency, shares in percent, chances of plans in time."""
    names = product_names()
    for one in _segments(asked):
        segment = one.segment
        for stage, view in one.stages.items():
            share = view.coverage_bps
            yield [
                *(str(asked.month), segment.market, segment.brand, names.get((segment.market, segment.product), segment.product)),
                *(segment.currency, stage, view.plans, units_of(view.exposure_minor, segment.currency)),
                *(units_of(getattr(view.movement, name), segment.currency) for name in MOVES),
                *(
                    "" if share is None else Decimal(share) / 100,
                    Decimal(segment.year[CURRENT]) / 100,
                    Decimal(segment.life[CURRENT]) / 100,
                ),
                *(_yes(CURRENT in segment.own), Decimal(segment.lgd_bps) / 100, _yes(segment.lgd_own)),
            ]


def _yes(value: bool) -> str:
    return _("Yes") if value else _("No")
