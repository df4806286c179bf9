"""A statement's lines as a file, the same for the shop and for operators."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from django.http import HttpResponse

from core.csv_files import Cell, csv_answer
from core.money import units_of
from merchants.models import Settlement
from merchants.queries import items_of

HEADER = ("settlement", "date", "type", "order", "capture_or_refund", "reference", "at", "currency", "amount", "fee", "net")


def statement_file(settlement: Settlement) -> HttpResponse:
    """Return a statement's lines as CSV, oldest first: times in the shop's time zone, amounts in whole units."""
    return csv_answer(f"settlement-{settlement.date}", HEADER, _rows(settlement))


def _rows(settlement: Settlement) -> Iterator[Sequence[Cell]]:
    currency, zone = settlement.currency, ZoneInfo(settlement.merchant.market.time_zone)
    for item in items_of(settlement):
        yield (
            *(settlement.public_id, settlement.date.isoformat(), item.kind, item.order_ref, item.source, item.merchant_reference),
            *(_time(item.at, zone), currency),
            *(units_of(minor, currency) for minor in (item.gross_minor, -item.fee_minor, item.net_minor)),
        )


def _time(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).isoformat(timespec="seconds")
