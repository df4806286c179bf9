"""A filled database of an earlier schema is brought to today's while four writers of that time go on: nobody fails, waits long or loses."""

import gzip
import os
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg2
import psycopg2.extras
import pytest

from stack import databases
from stack.folders import Folders
from stack.paths import ROOT
from stack.postgres import APPLICATION, Postgres

DUMP = Path(__file__).with_name("filled.sql.gz")
# Who would wait longer for a lock fails.
LONGEST = "-c lock_timeout=2s"
MORE = 20_000
# Rows as a busy year leaves them, so that whoever rewrites a table or makes an index under its lock is found.
FILL = f"""
    SET session_replication_role = replica;
    INSERT INTO core_outboxevent (name, payload, at, relayed)
        SELECT 'checkout.captured', '{{}}', now(), true FROM generate_series(1, {MORE});
    INSERT INTO core_delivery (event_id, handler, stream, attempts, next_at, done_at, error)
        SELECT id, 'nobody', '', 1, now(), now(), '' FROM core_outboxevent;
    INSERT INTO payments_charge (id, gateway, reference, amount_minor, currency, status, gateway_ref, failure, tries, created_at,
            settled_at, refunded_minor, actor, action_url, payment_method_id)
        SELECT gen_random_uuid(), gateway, reference, amount_minor, currency, 'failed', '', 'expired_card', 1, created_at,
            created_at, 0, '', '', payment_method_id
        FROM (SELECT * FROM payments_charge LIMIT 1) c, generate_series(1, {MORE});
    INSERT INTO ledger_entry (id, kind, source, at)
        SELECT gen_random_uuid(), 'capture', 'cap_' || n, now() FROM generate_series(1, {MORE}) n;
    INSERT INTO ledger_line (currency, amount_minor, account_id, entry_id)
        SELECT 'USD', side.amount, l.account_id, e.id FROM ledger_entry e, (VALUES (1), (-1)) AS side (amount),
            (SELECT account_id FROM ledger_line LIMIT 1) l WHERE e.source LIKE 'cap\\_%';
"""
# The same for tables of which a row is copied: what differs from row to row `n`.
COPIED = {
    "accounts_consumer": {"id": "md5('consumer' || n)", "email_hash": "md5('mail' || n)", "phone_hash": "NULL"},
    "credit_creditline": {"id": "md5('line' || n)", "consumer_id": "md5('consumer' || n)"},
    "plans_plan": {"id": "md5('plan' || n)", "consumer_id": "md5('consumer' || n)", "reference": "'copy_' || n"},
    "plans_installment": {"id": "md5('installment' || n)", "plan_id": "md5('plan' || n)"},
    "plans_allocation": {
        "id": "nextval(pg_get_serial_sequence('plans_allocation', 'id'))",
        "installment_id": "md5('installment' || n)",
        "charge_id": "md5('charge' || n)",
    },
}
COPY = """
    INSERT INTO {table} SELECT (jsonb_populate_record(NULL::{table}, to_jsonb(t) || jsonb_build_object({changed}))).*
    FROM (SELECT * FROM {table} LIMIT 1) t, generate_series(1, {more}) n"""
WITHOUT_ROWS = f"""
    INSERT INTO payments_refund (id, gateway, reference, amount_minor, currency, status, gateway_ref, failure, tries, created_at,
            settled_at, charge_id)
        SELECT gen_random_uuid(), gateway, 'copy_' || n, 1, currency, 'succeeded', 'copy_' || n, '', 1, created_at, created_at, id
        FROM (SELECT * FROM payments_charge LIMIT 1) c, generate_series(1, {MORE}) n;
    INSERT INTO payments_break (id, kind, subject, reference, gateway, amount_minor, currency, detail, status, opened_at, closed_by, note)
        SELECT gen_random_uuid(), 'refund_failed', 'ref_' || n, 'copy', 'sandbox', 100, 'USD', '{{}}', 'open', now(), '', ''
        FROM generate_series(1, {MORE}) n"""
EVENT = """
    WITH e AS (INSERT INTO core_outboxevent (name, payload, at, relayed) VALUES ('checkout.captured', '{}', now(), true) RETURNING id)
    INSERT INTO core_delivery (event_id, handler, stream, attempts, next_at, error)
    SELECT id, 'upgrade', '', 0, now(), '' FROM e RETURNING id"""
HEARD = "UPDATE core_delivery SET done_at = now(), attempts = attempts + 1 WHERE id = %s"
ENTRY = "INSERT INTO ledger_entry (id, kind, source, at) VALUES (%s, 'capture', %s, now())"
LINES = """
    INSERT INTO ledger_line (currency, amount_minor, account_id, entry_id)
    SELECT 'USD', side.amount, (SELECT account_id FROM ledger_line ORDER BY id LIMIT 1), %s FROM (VALUES (100), (-100)) AS side (amount)"""
CHARGE = """
    INSERT INTO payments_charge (id, gateway, reference, amount_minor, currency, status, gateway_ref, failure, tries, created_at,
        refunded_minor, actor, action_url, payment_method_id)
    SELECT %s, gateway, reference, 100, currency, 'pending', '', '', 0, now(), 0, '', '', payment_method_id FROM payments_charge LIMIT 1"""
CHARGED = "UPDATE payments_charge SET status = 'succeeded', gateway_ref = %s, settled_at = now() WHERE id = %s"
CHECKOUT = """
    INSERT INTO checkout_checkout (id, amount_minor, currency, merchant_reference, items, customer, urls, capture, metadata, status,
        product_code, reached, expires_at, created_at, merchant_id, items_sealed, metadata_sealed)
    SELECT %s, 5000, currency, 'UP', '[]', '', urls, capture, '{}', 'open', '', 'opened', now(), now(), merchant_id, '', ''
    FROM checkout_checkout LIMIT 1"""
EXPIRED = "UPDATE checkout_checkout SET status = 'expired' WHERE id = %s"


OLD_LINES = """
    SELECT l.* FROM ledger_line l JOIN ledger_entry e ON e.id = l.entry_id
    WHERE e.source NOT LIKE 'cap\\_%' AND e.source NOT LIKE 'up\\_%' ORDER BY 1"""

GROWING = (
    "core_outboxevent",
    "core_delivery",
    "payments_charge",
    "ledger_entry",
    "ledger_line",
    "checkout_order",
    "payments_break",
    *COPIED,
)
UNCHECKED = "SELECT conname FROM pg_constraint WHERE NOT convalidated"
UNIQUE = "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'break_once'"


@dataclass
class Writer:
    """Writes as the version of the dump did, until it is told to stop; keeps how often it did and what failed."""

    url: str
    write: Callable[[Any, uuid.UUID], None]
    counted: str
    wrote: int = 0
    failed: list[str] = field(default_factory=list)

    def run(self, over: threading.Event) -> None:
        """Write again and again, each time in a transaction of its own."""
        with closing(psycopg2.connect(self.url, options=LONGEST)) as link:
            while not over.is_set():
                try:
                    with link, link.cursor() as cursor:
                        self.write(cursor, uuid.uuid4())
                except psycopg2.Error as error:
                    self.failed.append(str(error))
                    return
                self.wrote += 1
                time.sleep(0.005)


def events(cursor: Any, _key: uuid.UUID) -> None:
    """An event is told and heard."""
    cursor.execute(EVENT)
    cursor.execute(HEARD, cursor.fetchone())


def books(cursor: Any, key: uuid.UUID) -> None:
    """An entry is posted."""
    cursor.execute(ENTRY, [key, f"up_{key}"])
    cursor.execute(LINES, [key])


def charges(cursor: Any, key: uuid.UUID) -> None:
    """A card is charged."""
    cursor.execute(CHARGE, [key])
    cursor.execute(CHARGED, [f"up_{key}", key])


def checkouts(cursor: Any, key: uuid.UUID) -> None:
    """A checkout is opened and runs out."""
    cursor.execute(CHECKOUT, [key])
    cursor.execute(EXPIRED, [key])


WRITERS = {
    events: "SELECT count(*) FROM core_delivery WHERE handler = 'upgrade' AND done_at IS NOT NULL",
    books: "SELECT count(*) FROM ledger_entry WHERE source LIKE 'up\\_%'",
    charges: "SELECT count(*) FROM payments_charge WHERE gateway_ref LIKE 'up\\_%'",
    checkouts: "SELECT count(*) FROM checkout_checkout WHERE merchant_reference = 'UP' AND status = 'expired'",
}


def migration(url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `manage.py migrate` as the owner of the database."""
    environment = {**os.environ, "DATABASE_URL": url.replace("postgres@", f"{APPLICATION}@"), "DATABASE_OWNER_URL": url}
    command = [sys.executable, "manage.py", "migrate", "--noinput", "-v", "0", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def counted(url: str, sql: str) -> int:
    """Return what a counting statement says."""
    with closing(psycopg2.connect(url)) as link, link.cursor() as cursor:
        cursor.execute(sql)
        return int(cursor.fetchone()[0])


def list_of(url: str, sql: str) -> list[tuple[Any, ...]]:
    """Return the rows of a statement."""
    with closing(psycopg2.connect(url)) as link, link.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def held(url: str) -> dict[str, int]:
    """Return how many rows the tables that grow have."""
    return {table: counted(url, f"SELECT count(*) FROM {table}") for table in GROWING}


@pytest.fixture
def filled() -> Iterator[str]:
    """Give the address of a database of the dump's schema, filled."""
    cluster = Postgres(Folders(Path(os.environ["BNPL_VAR"])))
    name = f"upgrade_{uuid.uuid4().hex[:8]}"
    cluster.create_database(name)
    url = cluster.url(name)
    try:
        dumped = gzip.decompress(DUMP.read_bytes()).replace(b"CREATE SCHEMA public;", b"")
        loading = [str(cluster.binaries / "psql"), "-q", "-v", "ON_ERROR_STOP=1", url]
        subprocess.run(loading, input=dumped, check=True, capture_output=True)
        with closing(psycopg2.connect(url)) as link, link, link.cursor() as cursor:
            cursor.execute(FILL)
            for table, changes in COPIED.items():
                changed = ", ".join(f"'{column}', {value}" for column, value in changes.items())
                cursor.execute(COPY.format(table=table, changed=changed, more=MORE))
            cursor.execute(WITHOUT_ROWS)
        yield url
    finally:
        databases.drop(cluster.url("postgres"), name)


@pytest.mark.timeout(400)
@pytest.mark.django_db
def test_a_filled_database_is_upgraded_under_writers(filled):
    before, applied = held(filled), counted(filled, "SELECT count(*) FROM django_migrations")
    assert {table: count for table, count in before.items() if count < MORE and table != "checkout_order"} == {}
    over = threading.Event()
    application = filled.replace("postgres@", f"{APPLICATION}@")
    writers = [Writer(application, write, sql) for write, sql in WRITERS.items()]
    threads = [threading.Thread(target=writer.run, args=[over]) for writer in writers]
    for thread in threads:
        thread.start()
    lines = list_of(filled, OLD_LINES)
    done = migration(filled)
    over.set()
    for thread in threads:
        thread.join()
    assert done.returncode == 0, done.stderr
    assert migration(filled, "--check").returncode == 0
    assert [writer.failed for writer in writers] == [[], [], [], []]
    assert [counted(filled, writer.counted) for writer in writers] == [writer.wrote for writer in writers]
    assert min(writer.wrote for writer in writers) > 10
    after = held(filled)
    assert {table: count for table, count in before.items() if after[table] < count} == {}
    assert counted(filled, "SELECT count(*) FROM django_migrations") > applied
    assert counted(filled, "SELECT coalesce(sum(amount_minor), 0) FROM ledger_line") == 0
    assert list_of(filled, UNCHECKED) == []
    assert list_of(filled, UNIQUE) == [("UNIQUE (kind, subject, number)",)]
    assert len(lines) > 10
    assert list_of(filled, OLD_LINES) == lines
    for sql in ("UPDATE plans_planchange SET kind = 'x'", "TRUNCATE ledger_line", "DELETE FROM ledger_line"):
        with closing(psycopg2.connect(application)) as link, pytest.raises(psycopg2.Error, match=r"append-only|permission denied"):
            link.cursor().execute(sql)
