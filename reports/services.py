"""Writes of the daily figures: each event adds to one row of its merchant's day."""

import uuid
from dataclasses import fields
from datetime import datetime

from core.db import execute, unit
from reports.rules import Totals

FIGURES = tuple(field.name for field in fields(Totals))
"""The figures of a merchant's day; each is a column of MerchantDay."""
_DAY = "(%(at)s AT TIME ZONE k.time_zone)::date"


def _add_sql() -> str:
    """Return the statement that adds to a merchant's day, and inserts the day at its first event."""
    columns = ", ".join(FIGURES)
    values = ", ".join(f"%({name})s" for name in FIGURES)
    sums = ", ".join(f"{name} = d.{name} + excluded.{name}" for name in FIGURES)
    return f"""
        INSERT INTO reports_merchantday AS d (merchant_id, date, {columns})
        SELECT m.id, {_DAY}, {values}
        FROM merchants_merchant m JOIN markets_market k ON k.code = m.market_id WHERE m.id = %(merchant)s
        ON CONFLICT (merchant_id, date) DO UPDATE SET {sums}"""  # noqa: S608  (names of our own columns)


_ADD = _add_sql()
_SELL = f"""
    INSERT INTO reports_productday AS d (merchant_id, date, product_code, orders, sales_minor)
    SELECT m.id, {_DAY}, p.code, %(orders)s, %(minor)s
    FROM checkout_order o
    JOIN merchants_merchant m ON m.id = o.merchant_id JOIN markets_market k ON k.code = m.market_id
    JOIN plans_plan l ON l.id = o.plan_id JOIN plans_product p ON p.id = l.product_id
    WHERE o.id = %(order)s
    ON CONFLICT (merchant_id, date, product_code)
    DO UPDATE SET orders = d.orders + excluded.orders, sales_minor = d.sales_minor + excluded.sales_minor"""  # noqa: S608


def add_to_day(*, merchant_id: uuid.UUID, at: datetime, **figures: int) -> None:
    """Add figures (any of FIGURES) to a merchant's day in its own time zone; one statement."""
    unknown = figures.keys() - set(FIGURES)
    if unknown:
        raise TypeError(f"no such figures: {sorted(unknown)}")
    execute(_ADD, {name: figures.get(name, 0) for name in FIGURES} | {"merchant": merchant_id, "at": at})


def add_sale(*, order_id: uuid.UUID, merchant_id: uuid.UUID, amount_minor: int, at: datetime) -> None:
    """Add an authorized order to its merchant's day, and to its product's day; two statements."""
    with unit():
        add_to_day(merchant_id=merchant_id, at=at, finished=1, completed=1, sales_minor=amount_minor)
        execute(_SELL, {"order": order_id, "at": at, "orders": 1, "minor": amount_minor})


def take_back_sale(*, order_id: uuid.UUID, merchant_id: uuid.UUID, released_minor: int, sent_some: bool, at: datetime) -> None:
    """Subtract an order's released amount from the day of its sale (`at`), and the sale itself if nothing was captured; two statements."""
    orders = 0 if sent_some else -1
    with unit():
        add_to_day(merchant_id=merchant_id, at=at, completed=orders, sales_minor=-released_minor)
        execute(_SELL, {"order": order_id, "at": at, "orders": orders, "minor": -released_minor})
