"""Benchmarks begin: their modules can be read, and the rows that they work on can be written with today's tables.

Each of them runs for minutes and measures nothing on a shared machine; what breaks them is a column or a function that changed.
"""

import ast
import importlib.util
from collections.abc import Iterator

import pytest
from django.db import connection

from accounts.models import Consumer
from benchmarks.__main__ import names
from benchmarks.bench_authorize import authorize
from benchmarks.bench_decision import decided
from benchmarks.bench_due_run import limit_statements
from benchmarks.due_run import rows as due
from benchmarks.due_run.gateways import InstantGateway, SlowGateway
from benchmarks.lists.cast import populate
from benchmarks.lists.pages import pages
from benchmarks.purchases import key, make_purchases, make_reports
from collection.services import claim_due
from core.db import rows
from tests.house.sources import ROOT
from tests.owner import as_owner

FEW = 1_000
"""The small one of the two databases of lists: with fewer plans some lists stay empty."""


def brought(source: str) -> Iterator[tuple[str, str]]:
    """Yield module and name of all that a source imports, wherever it does: benchmarks import the product once it is set up."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from ((node.module, alias.name) for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)


def is_there(module: str, name: str) -> bool:
    """Return whether a name can be imported from a module."""
    found = importlib.import_module(module)
    return not name or hasattr(found, name) or importlib.util.find_spec(f"{module}.{name}") is not None


def test_all_that_benchmarks_import_is_there():
    assert len(names()) >= 8
    sources = [*ROOT.glob("benchmarks/**/*.py")]
    wanted = {(path.relative_to(ROOT).as_posix(), *one) for path in sources for one in brought(path.read_text())}
    assert [one for one in sorted(wanted) if not is_there(*one[1:])] == []


@pytest.fixture
def owner(transactional_db) -> Iterator[None]:
    """Act as the owner of the database, as benchmarks do: some of them write rows without triggers."""
    with as_owner():
        yield
        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = DEFAULT; RESET work_mem; DROP TABLE IF EXISTS bench_name; DISCARD TEMP")


def test_purchases_are_loaded_and_authorized(owner, at):
    make_purchases(3, at)
    authorize(range(1, 3), at)()
    assert rows("SELECT count(*) FROM checkout_order WHERE status = 'authorized'") == [(2,)]


def test_reports_are_loaded_and_decided_on(owner, at):
    make_purchases(2, at)
    make_reports(2, at)
    assert decided(Consumer.objects.select_related("market").get(pk=key("consumer", 1)), at) > 0
    assert rows("SELECT count(*) FROM credit_decision WHERE reference = 'chk_bench'") == [(1,)]


def test_gateways_of_the_due_run_have_what_every_gateway_has():
    for kind in (InstantGateway, SlowGateway):
        assert not kind.__abstractmethods__, kind


def test_due_installments_are_loaded_and_claimed(owner):
    due.make(5, gateway="sandbox")
    assert len(claim_due(at=due.AT)[0]) == 5


def test_the_limit_of_the_due_run_writes_rows_of_today(owner):
    due.make(5, gateway="bench")
    with connection.cursor() as cursor:
        for statement in limit_statements():
            cursor.execute(statement)
    assert rows("SELECT count(*) FROM plans_installment WHERE number = 2 AND status = 'paid'") == [(5,)]


def test_lists_are_filled_and_every_page_of_them_opens(owner):
    cast = populate(FEW)
    opened = [(page.name, page.client.get(page.path).status_code) for page in pages(cast)]
    assert len(opened) > 40
    assert [one for one in opened if one[1] != 200] == []
