"""Thousands of approved checkouts, each of a different consumer, which the authorize benchmarks use up.

The n-th of each kind has a key that ends in `FIRST + n`, so that a script of pgbench can name it: `'00000000-0000-7000-8001-:n'`.
"""

import uuid
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from django.db.models import Model

from accounts.models import Consent, Consumer
from accounts.queries import INQUIRY
from checkout import services as checkouts
from checkout.models import Checkout
from checkout.services import CheckoutDraft
from core.crypto import data_keys, lookup_hash, remember_key, sealed_fields
from core.db import execute, unit
from core.money import Money
from core.subject_keys import subject_of
from credit import rules
from credit.gateways import data_source
from credit.models import CreditLine, Decision, Inquiry, LimitChange
from credit.rules import Bureau, History, Inputs
from markets.models import Market
from merchants.services import create_merchant
from payments.models import PaymentMethod
from simulation.shopper import details_of

AMOUNT = Money(22_900, "USD")
PRODUCT = "pay_in_30"
REPORT = Bureau(780, False, 0, 4, 20, 0, 120, False, False, 300_000)
FIRST = 100_000_000_000
KINDS = (
    "consumer",
    "checkout",
    "decision",
    "line",
    "method",
    "order",
    "plan",
    "consent",
    "change",
    "case",
    "fraud_case",
    "assessment",
    "sighting",
    "inquiry",
)
_KEY = "'00000000-0000-7000-{kind}-' || ({first} + n)"
_COPY = """
    INSERT INTO {table} SELECT made.* FROM {table} AS pattern, generate_series(0, {count} - 1) AS n,
    LATERAL jsonb_populate_record(pattern, jsonb_build_object({values})) AS made WHERE pattern.id = '{pattern}'"""


def key(kind: str, n: int) -> uuid.UUID:
    """Return the key of the n-th object of a kind."""
    return uuid.UUID(f"00000000-0000-7000-{8001 + KINDS.index(kind)}-{FIRST + n:012}")


def make_purchases(count: int, at: datetime) -> None:
    """Make this many consumers with a limit, a card, and an approved checkout of 229 dollars that waits for the last click."""
    market = Market.objects.get(code="US")
    merchant = create_merchant(name="Bench", legal_name="Bench Inc.", market=market, payout_destination="bank_1", slug="bench", at=at)
    email = "pattern+approve@people.example"
    details = details_of(email, market)
    consumer = Consumer.objects.create(
        market=market,
        locale=market.locale,
        time_zone=market.time_zone,
        email=email,
        email_hash=lookup_hash(email),
        phone="+15035550123",
        name=details["name"],
        birth_date=details["birth_date"].isoformat(),
        address=details["address"],
        created_at=at,
    )
    with unit():
        line = CreditLine.objects.create(consumer=consumer, currency="USD", limit_minor=150_000, order_limit_minor=100_000, decided_at=at)
        told = LimitChange.objects.create(line=line, before_minor=0, after_minor=line.limit_minor, reason="first_decision", at=at)
    decision = _decide(consumer, at)
    card = {"brand": "visa", "last4": "4242", "exp_month": 12, "exp_year": at.year + 4}
    method = PaymentMethod.objects.create(
        consumer=consumer, gateway="sandbox", token="pattern", shown=card, created_at=at - timedelta(days=1)
    )
    item = {"name": "Desk lamp", "quantity": 1, "unit_amount": AMOUNT.minor, "amount": AMOUNT.minor, "sku": "L-1"}
    urls = {"confirmation": "https://shop.example/done", "cancel": "https://shop.example/basket"}
    draft = CheckoutDraft(amount=AMOUNT, merchant_reference="A-1001", items=[item], urls=urls)
    checkout = checkouts.open_checkout(merchant=merchant, draft=draft, at=at)
    Checkout.objects.filter(id=checkout.id).update(consumer=consumer, decision=decision, reached="approved")
    checkout.refresh_from_db()
    _copy(Consumer, consumer.id, count, kind="consumer", email_hash="md5('a' || n) || md5('b' || n)")
    Consumer.objects.update(identity="verified")
    with unit():
        _copy(CreditLine, line.id, count, kind="line", consumer_id=_key("consumer"))
        _copy(LimitChange, told.id, count, kind="change", line_id=_key("line"))
    _copy(Decision, decision.id, count, kind="decision", consumer_id=_key("consumer"), reference="'chk_' || n")
    _copy(PaymentMethod, method.id, count, kind="method", consumer_id=_key("consumer"), token="'pattern' || n")
    _copy(Checkout, checkout.id, count, kind="checkout", consumer_id=_key("consumer"), decision_id=_key("decision"))
    _seal_copies(consumer, [(key("consumer", n), key("consumer", n)) for n in range(count)])
    _seal_copies(checkout, [(key("checkout", n), key("consumer", n)) for n in range(count)])


def make_reports(count: int, at: datetime) -> None:
    """Give so many consumers a report that a bureau answered an hour ago, of which they were told before."""
    asked = {"currency": "USD", "provider": data_source(market="US").name, "asked_at": at - timedelta(hours=1)}
    inquiries = (Inquiry(id=key("inquiry", n), consumer_id=key("consumer", n), **asked) for n in range(count))
    Inquiry.objects.bulk_create(inquiries, batch_size=2_000)
    told = {"data": asdict(REPORT) | {"factors": []}, "provider_ref": "bench", "cost_minor": 100, "cost_currency": "USD", "took_ms": 300}
    Inquiry.objects.update(**told, answered_at=asked["asked_at"])
    said = {"kind": INQUIRY, "version": "1", "text_hash": "0" * 64, "given": True, "how": "checkout", "at": asked["asked_at"]}
    Consent.objects.bulk_create((Consent(consumer_id=key("consumer", n), **said) for n in range(count)), batch_size=2_000)


def _seal_copies(pattern: Model, copies: Sequence[tuple[uuid.UUID, uuid.UUID]]) -> None:
    """Encrypt a row's values again for each of its copies, with their own keys, since encryption is bound to row and person."""
    fields = sealed_fields(type(pattern))
    values = {field: getattr(pattern, field.attname) for field in fields}
    columns = ", ".join(f"{field.column} = %s" for field in fields)
    for first in range(0, len(copies), 500):
        chunk = copies[first : first + 500]
        keys = data_keys([subject_of(person) for _, person in chunk])
        with unit():
            for pk, person in chunk:
                row = type(pattern)(pk=pk)
                if fields[0].person != "pk":
                    setattr(row, fields[0].person, person)
                remember_key(row, keys[subject_of(person)])
                sealed = [str(field.seal(value, row)) for field, value in values.items()]
                execute(f"UPDATE {pattern._meta.db_table} SET {columns} WHERE id = %s", [*sealed, pk])


def _decide(consumer: Consumer, at: datetime) -> Decision:
    """Save the scorecard's decision about a person with a good credit file."""
    inputs = Inputs(AMOUNT.minor, 2, "verified", 0, History(), REPORT, "")
    verdict = rules.SCORECARDS[rules.CURRENT](inputs)
    fields = {name: value for name, value in asdict(verdict).items() if name != "reasons"}
    return Decision.objects.create(
        consumer=consumer,
        reference="pattern",
        currency=AMOUNT.currency,
        amount_minor=AMOUNT.minor,
        reasons=list(verdict.reasons),
        inputs=inputs.as_json(),
        versions={"scorecard": rules.CURRENT},
        at=at,
        **fields,
    )


def _key(kind: str) -> str:
    return _KEY.format(kind=8001 + KINDS.index(kind), first=FIRST)


def _copy(model: type, pattern: uuid.UUID, count: int, *, kind: str, **columns: str) -> None:
    """Copy a row this many times, with different keys and columns."""
    values = ", ".join(f"'{name}', {expression}" for name, expression in {"id": _key(kind), **columns}.items())
    table: str = model._meta.db_table  # type: ignore[attr-defined]
    execute(_COPY.format(table=table, count=count, values=values, pattern=pattern))
