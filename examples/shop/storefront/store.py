"""The shop's data in one SQLite file: baskets, details, purchases, received events, webhook secrets."""

import json
import sqlite3
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SCHEMA = """
CREATE TABLE IF NOT EXISTS basket (
    visit TEXT NOT NULL, shop TEXT NOT NULL, product TEXT NOT NULL, quantity INTEGER NOT NULL CHECK (quantity > 0),
    PRIMARY KEY (visit, shop, product)
) STRICT;
CREATE TABLE IF NOT EXISTS details (visit TEXT NOT NULL, shop TEXT NOT NULL, customer TEXT NOT NULL, PRIMARY KEY (visit, shop)) STRICT;
CREATE TABLE IF NOT EXISTS draft (
    visit TEXT NOT NULL, shop TEXT NOT NULL, form TEXT NOT NULL, problem TEXT NOT NULL, PRIMARY KEY (visit, shop)
) STRICT;
CREATE TABLE IF NOT EXISTS purchase (
    reference TEXT PRIMARY KEY, token TEXT NOT NULL, visit TEXT NOT NULL, shop TEXT NOT NULL, currency TEXT NOT NULL,
    amount INTEGER NOT NULL, items TEXT NOT NULL, customer TEXT NOT NULL, idempotency_key TEXT NOT NULL UNIQUE,
    status TEXT NOT NULL DEFAULT 'started', checkout_id TEXT, checkout_url TEXT, order_id TEXT,
    captured INTEGER NOT NULL DEFAULT 0, refunded INTEGER NOT NULL DEFAULT 0, applied INTEGER NOT NULL DEFAULT 0,
    version INTEGER NOT NULL DEFAULT 0, created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ'))
) STRICT;
CREATE INDEX IF NOT EXISTS purchase_of_visit ON purchase (visit, shop);
CREATE TABLE IF NOT EXISTS event (
    shop TEXT NOT NULL, sequence INTEGER NOT NULL, id TEXT NOT NULL UNIQUE, type TEXT NOT NULL, reference TEXT, data TEXT NOT NULL,
    created_at TEXT NOT NULL, heard TEXT NOT NULL, heard_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ')),
    PRIMARY KEY (shop, sequence)
) STRICT;
CREATE INDEX IF NOT EXISTS event_of_purchase ON event (shop, reference);
CREATE TABLE IF NOT EXISTS account (
    shop TEXT PRIMARY KEY, mark TEXT NOT NULL, heard_to INTEGER NOT NULL DEFAULT 0, endpoint_id TEXT, endpoint_url TEXT, secret TEXT
) STRICT;
"""

PLACED = ("authorized", "pending_review", "partially_captured", "captured")
OVER = ("voided", "expired", "rejected", "closed")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a basket."""

    product: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Purchase:
    """A basket whose payment was started. `status` is the order's; before there is an order, it is `started`, `open` or `closed`."""

    reference: str
    token: str
    visit: str
    shop: str
    currency: str
    amount: int
    items: list[dict[str, Any]]
    customer: dict[str, Any]
    idempotency_key: str
    status: str
    checkout_id: str | None
    checkout_url: str | None
    order_id: str | None
    captured: int
    refunded: int
    version: int

    @property
    def waiting(self) -> bool:
        """Whether nothing has been received about it yet."""
        return self.status in {"started", "open"}


@dataclass(frozen=True, slots=True)
class Heard:
    """An event of the platform; `heard` says whether by webhook or from the list of events."""

    sequence: int
    id: str
    type: str
    created_at: str
    heard: str
    heard_at: str


@dataclass(frozen=True, slots=True)
class Account:
    """The shop's state of its merchant account: up to which event none is missing, and its webhook endpoint."""

    heard_to: int
    endpoint_id: str | None
    endpoint_url: str | None
    secret: str | None


class Store:
    """The file, shared by all threads of the server."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self.db.row_factory = sqlite3.Row
        self.lock = threading.RLock()
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute("PRAGMA synchronous = NORMAL")
        self.db.executescript(SCHEMA)

    def run(self, sql: str, *values: Any) -> list[sqlite3.Row]:
        """Run one statement and return its rows; each is a transaction of its own."""
        with self.lock:
            return self.db.execute(sql, values).fetchall()

    def close(self) -> None:
        """Close the file."""
        with self.lock:
            self.db.close()

    # Baskets

    def basket(self, visit: str, shop: str) -> list[Line]:
        """Return a visit's basket in the order in which it was filled."""
        return [Line(row["product"], row["quantity"]) for row in self.run(_BASKET, visit, shop)]

    def set_line(self, visit: str, shop: str, product: str, quantity: int) -> None:
        """Set the quantity of a product in the basket; 0 removes it."""
        if quantity > 0:
            self.run(_SET_LINE, visit, shop, product, quantity)
        else:
            self.run("DELETE FROM basket WHERE visit = ? AND shop = ? AND product = ?", visit, shop, product)

    def empty_basket(self, purchase: Purchase) -> None:
        """Remove the purchased items from the basket; later additions stay."""
        for item in purchase.items:
            self.run(_TAKE_OUT, purchase.visit, purchase.shop, item["sku"], item["quantity"])

    # Details

    def details(self, visit: str, shop: str) -> dict[str, Any]:
        """Return the delivery details that a visit has given."""
        found = self.run("SELECT customer FROM details WHERE visit = ? AND shop = ?", visit, shop)
        return dict(json.loads(found[0]["customer"])) if found else {}

    def keep_details(self, visit: str, shop: str, customer: dict[str, Any]) -> None:
        """Keep the delivery details of a visit."""
        self.run("INSERT OR REPLACE INTO details VALUES (?, ?, ?)", visit, shop, json.dumps(customer))

    def draft(self, visit: str, shop: str) -> tuple[dict[str, str], str]:
        """Return the last form that failed, and why; empty if there is none."""
        found = self.run("SELECT form, problem FROM draft WHERE visit = ? AND shop = ?", visit, shop)
        return (dict(json.loads(found[0]["form"])), found[0]["problem"]) if found else ({}, "")

    def keep_draft(self, visit: str, shop: str, form: dict[str, str], problem: str) -> None:
        """Save a form that failed, and why, for the page that asks again."""
        self.run("INSERT OR REPLACE INTO draft VALUES (?, ?, ?, ?)", visit, shop, json.dumps(form), problem)

    # Purchases

    def add_purchase(self, purchase: Purchase) -> None:
        """Save a purchase, before the platform is called."""
        self.run(_ADD_PURCHASE, *(json.dumps(value) if isinstance(value, list | dict) else value for value in _columns(purchase)))

    def find_purchase(self, reference: str) -> Purchase | None:
        """Return a purchase by its reference."""
        found = self.run("SELECT * FROM purchase WHERE reference = ?", reference)
        return _purchase(found[0]) if found else None

    def purchases(self, visit: str, shop: str) -> list[Purchase]:
        """Return a visit's purchases, newest first."""
        found = self.run("SELECT * FROM purchase WHERE visit = ? AND shop = ? ORDER BY created_at DESC, rowid DESC", visit, shop)
        return [_purchase(row) for row in found]

    def note_checkout(self, reference: str, checkout_id: str, url: str) -> None:
        """Save the checkout that the platform opened for a purchase."""
        self.run("UPDATE purchase SET checkout_id = ?, checkout_url = ?, status = 'open' WHERE reference = ?", checkout_id, url, reference)

    def note_order(self, reference: str, order: dict[str, Any]) -> Purchase | None:
        """Save an order fetched from the platform; return the purchase if it changed."""
        values = (order["id"], order["status"], order["captured"], order["refunded"])
        return self._changed(self.run(_NOTE_ORDER, *values, reference, *values))

    def note_closed(self, reference: str) -> Purchase | None:
        """Record that a checkout ended without an order; return the purchase if it changed."""
        return self._changed(self.run(_NOTE_CLOSED, reference))

    # Events

    def hear(self, shop: str, event: dict[str, Any], heard: str) -> Purchase | None:
        """Save an event once and apply it, in one transaction; return the purchase that it changed.

        A known event changes nothing. An event that arrives after a later one is listed but not applied.
        """
        data = event["data"]
        reference = data.get("merchant_reference")
        with self.lock, self.db:
            self.db.execute("BEGIN IMMEDIATE")
            new = self.run(
                *(_ADD_EVENT, shop, event["sequence"], event["id"], event["type"], reference, json.dumps(data), event["created_at"], heard)
            )
            if not new:
                return None
            self.run(_ADVANCE, shop, shop)
            if "order_id" in data and "captured" in data:
                told = (data["order_id"], data["status"], data["captured"], data["refunded"], event["sequence"])
                return self._changed(self.run(_APPLY, *told, reference, shop, event["sequence"]))
            return self.note_closed(reference) if event["type"] == "checkout.expired" and reference else None

    def events(self, purchase: Purchase) -> list[Heard]:
        """Return the received events of a purchase, in order of occurrence."""
        return [Heard(**dict(row)) for row in self.run(_EVENTS, purchase.shop, purchase.reference)]

    # The merchant account

    def adopt(self, shop: str, mark: str) -> None:
        """Reset the account's state if the shop has the keys of another account, since events and endpoint belong to the old one."""
        known = self.run("SELECT mark FROM account WHERE shop = ?", shop)
        if not known or known[0]["mark"] != mark:
            self.run("DELETE FROM event WHERE shop = ?", shop)
            self.run("INSERT OR REPLACE INTO account (shop, mark) VALUES (?, ?)", shop, mark)

    def account(self, shop: str) -> Account:
        """Return the shop's state of its merchant account."""
        row = self.run("SELECT heard_to, endpoint_id, endpoint_url, secret FROM account WHERE shop = ?", shop)[0]
        return Account(**dict(row))

    def keep_endpoint(self, shop: str, endpoint_id: str, url: str, secret: str) -> None:
        """Save the webhook endpoint's secret, which is shown only once."""
        self.run("UPDATE account SET endpoint_id = ?, endpoint_url = ?, secret = ? WHERE shop = ?", endpoint_id, url, secret, shop)

    def _changed(self, rows: Sequence[sqlite3.Row]) -> Purchase | None:
        return _purchase(rows[0]) if rows else None


def _columns(purchase: Purchase) -> tuple[Any, ...]:
    return (
        *(purchase.reference, purchase.token, purchase.visit, purchase.shop, purchase.currency, purchase.amount),
        *(purchase.items, purchase.customer, purchase.idempotency_key),
    )


def _purchase(row: sqlite3.Row) -> Purchase:
    values = {name: row[name] for name in Purchase.__slots__}
    return Purchase(**values | {"items": json.loads(row["items"]), "customer": json.loads(row["customer"])})


_BASKET = "SELECT product, quantity FROM basket WHERE visit = ? AND shop = ? ORDER BY rowid"
_SET_LINE = """
    INSERT INTO basket VALUES (?, ?, ?, ?) ON CONFLICT (visit, shop, product) DO UPDATE SET quantity = excluded.quantity"""
_TAKE_OUT = "DELETE FROM basket WHERE visit = ? AND shop = ? AND product = ? AND quantity <= ?"
_ADD_PURCHASE = """
    INSERT INTO purchase (reference, token, visit, shop, currency, amount, items, customer, idempotency_key)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"""
_NOTE_ORDER = """
    UPDATE purchase SET order_id = ?, status = ?, captured = ?, refunded = ?, version = version + 1
    WHERE reference = ? AND (order_id, status, captured, refunded) IS NOT (?, ?, ?, ?) RETURNING *"""
_NOTE_CLOSED = """
    UPDATE purchase SET status = 'closed', version = version + 1
    WHERE reference = ? AND status IN ('started', 'open') RETURNING *"""
_APPLY = """
    UPDATE purchase SET order_id = ?, status = ?, captured = ?, refunded = ?, applied = ?, version = version + 1
    WHERE reference = ? AND shop = ? AND applied < ? RETURNING *"""
_ADD_EVENT = """
    INSERT INTO event (shop, sequence, id, type, reference, data, created_at, heard) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT DO NOTHING RETURNING sequence"""
# Up to the first gap; the shop fetches events from there.
_ADVANCE = """
    WITH RECURSIVE unbroken (n) AS (
        SELECT heard_to FROM account WHERE shop = ?
        UNION ALL
        SELECT event.sequence FROM event JOIN unbroken ON event.sequence = unbroken.n + 1 AND event.shop = ?2
    )
    UPDATE account SET heard_to = (SELECT max(n) FROM unbroken) WHERE shop = ?2"""
_EVENTS = """
    SELECT sequence, id, type, created_at, heard, heard_at FROM event WHERE shop = ? AND reference = ? ORDER BY sequence"""
