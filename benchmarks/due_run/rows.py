"""Plans with a due installment: each has a consumer of its own, its first payment made, its second due, two to come."""

import io
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from core.db import execute, unit
from core.ids import public_id, uuid7
from ledger.models import account_id

AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
"""The time of the run; the first payments were made two weeks earlier."""
PAID_AT = datetime(2026, 11, 8, 12, 0, tzinfo=UTC)

_WORK = """
    CREATE TEMPORARY TABLE seed (n int, consumer uuid, method uuid, plan uuid, plan_ref text, account uuid, capture uuid, paid uuid,
        charge uuid, charge_ref text)"""
_PEOPLE = """
    INSERT INTO accounts_consumer (id, locale, time_zone, email, email_hash, phone, name, birth_date, address, identity, created_at,
        market_id)
    SELECT consumer, 'en_US', 'America/New_York', '', md5(n::text), '', '', '', '', 'verified', %(paid)s, 'US' FROM seed"""
_METHODS = """
    INSERT INTO payments_paymentmethod (id, consumer_id, gateway, token, shown, position, created_at)
    SELECT method, consumer, %(gateway)s, 'pm_' || md5(method::text),
        '{"brand": "visa", "last4": "4242", "exp_month": 12, "exp_year": 2030}', 0, %(paid)s FROM seed"""
_LIMITS = """
    INSERT INTO credit_creditline (id, consumer_id, currency, limit_minor, order_limit_minor, used_minor, decided_at)
    SELECT uuidv7(), consumer, 'USD', 100000, 100000, 17175, %(paid)s FROM seed"""
_LIMIT_CHANGES = """
    INSERT INTO credit_limitchange (id, line_id, before_minor, after_minor, reason, at)
    SELECT uuidv7(), l.id, 0, l.limit_minor, 'first_decision', %(paid)s FROM seed JOIN credit_creditline l ON l.consumer_id = consumer"""
_PLANS = """
    INSERT INTO plans_plan (id, reference, currency, principal_minor, apr_bps, time_zone, agreed, agreement, agreement_sealed, status,
        created_at, consumer_id, payment_method_id, product_id)
    SELECT plan, 'ord_' || substr(plan_ref, 5), 'USD', 22900, 0, 'America/New_York', '{}', '{}', '', 'active', %(paid)s, consumer,
        method,
        (SELECT id FROM plans_product WHERE market_id = 'US' AND code = 'pay_in_4') FROM seed"""
_INSTALLMENTS = """
    INSERT INTO plans_installment (id, plan_id, number, part, start_date, due_date, principal_minor, interest_minor, paid_principal_minor,
        paid_interest_minor, refunded_minor, status, attempts, last_failure, paid_at, next_attempt_at)
    SELECT CASE WHEN k = 1 THEN paid ELSE uuidv7() END, plan, k, 1, '2026-11-08', '2026-11-08'::date + 14 * (k - 1), 5725, 0,
        CASE WHEN k = 1 THEN 5725 ELSE 0 END, 0, 0, CASE WHEN k = 1 THEN 'paid' ELSE 'scheduled' END, 0, '',
        CASE WHEN k = 1 THEN %(paid)s END,
        CASE WHEN k > 1 THEN ('2026-11-08'::date + 14 * (k - 1))::timestamp AT TIME ZONE 'America/New_York' END
    FROM seed, generate_series(1, 4) AS k ORDER BY n, k"""
_CHARGES = """
    INSERT INTO payments_charge (id, gateway, payment_method_id, reference, amount_minor, currency, actor, status, gateway_ref, failure,
        action_url, tries, refunded_minor, created_at, settled_at)
    SELECT charge, %(gateway)s, method, plan_ref, 5725, 'USD', '', 'succeeded', 'ch_' || charge_ref, '', '', 1, 0, %(paid)s, %(paid)s
    FROM seed"""
_ALLOCATIONS = """
    INSERT INTO plans_allocation (installment_id, charge_id, principal_minor, interest_minor, refunded_minor, at)
    SELECT paid, charge, 5725, 0, 0, %(paid)s FROM seed"""
_SHARED = """
    INSERT INTO ledger_account (id, kind, owner, currency)
    VALUES (%(cash)s, 'cash', %(gateway)s, 'USD'), (%(sales)s, 'sales', 'bench', 'USD')"""
_ACCOUNTS = "INSERT INTO ledger_account (id, kind, owner, currency) SELECT account, 'receivable', plan_ref, 'USD' FROM seed"
_ENTRIES = """
    INSERT INTO ledger_entry (id, kind, source, at)
    SELECT capture, 'capture', 'cap_' || md5(capture::text), %(paid)s FROM seed
    UNION ALL SELECT charge, 'charge', charge_ref, %(paid)s FROM seed"""
_LINES = """
    INSERT INTO ledger_line (entry_id, account_id, currency, amount_minor)
    SELECT capture, account, 'USD', 22900 FROM seed UNION ALL SELECT capture, %(sales)s, 'USD', -22900 FROM seed
    UNION ALL SELECT charge, %(cash)s, 'USD', 5725 FROM seed UNION ALL SELECT charge, account, 'USD', -5725 FROM seed"""
_NAMES = "CREATE TABLE bench_name AS SELECT plan AS plan_id, plan_ref AS plan FROM seed"
_ALL = (
    _NAMES,
    _PEOPLE,
    _METHODS,
    _LIMITS,
    _LIMIT_CHANGES,
    _PLANS,
    _INSTALLMENTS,
    _CHARGES,
    _ALLOCATIONS,
    _SHARED,
    _ACCOUNTS,
    _ENTRIES,
    _LINES,
)


def make(count: int, *, gateway: str) -> None:
    """Make this many plans whose second installment is due at `AT`, with all their related rows."""
    shared = {"cash": str(account_id("cash", gateway, "USD")), "sales": str(account_id("sales", "bench", "USD"))}
    with unit():
        execute(_WORK)
        _copy(_seed(n) for n in range(count))
        # The rows are consistent, so constraints need not check them.
        execute("SET LOCAL session_replication_role = replica")
        for statement in _ALL:
            execute(statement, {"paid": PAID_AT, "gateway": gateway, **shared})
        execute("DROP TABLE seed")


def _seed(n: int) -> tuple[Any, ...]:
    consumer, method, plan, capture, paid, charge = (_old(n) for _ in range(6))
    reference = public_id("pln", plan)
    return n, consumer, method, plan, reference, account_id("receivable", reference, "USD"), capture, paid, charge, public_id("chg", charge)


def _old(n: int) -> uuid.UUID:
    """Return a key as if made some time before the run, in the order of the rows."""
    value = uuid7().int & ~(((1 << 48) - 1) << 80)
    return uuid.UUID(int=value | (int(PAID_AT.timestamp() * 1000) + n) << 80)


def _copy(rows: Iterable[tuple[Any, ...]]) -> None:
    from django.db import connection

    text = io.StringIO("".join("\t".join(map(str, row)) + "\n" for row in rows))
    with connection.cursor() as cursor:
        cursor.copy_expert("COPY seed FROM STDIN", text)
