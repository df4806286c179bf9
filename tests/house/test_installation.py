"""Variables, migrations and indexes: what an installation relies on."""

import ast
import re
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.migrations import RunPython, RunSQL
from django.db.migrations.loader import MigrationLoader
from django.db.models import Field
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bnpl import env
from core.db import execute, rows
from tests.house.sources import APPS, RANK, ROOT, called, modules, walk
from tests.shops import AT, make_key, open_shop
from webhooks.services import create_endpoint

# What the operating system, the test runner and Celery set or read.
FOREIGN = {
    "PATH",
    "PYTHONPATH",
    "HOME",
    "TMPDIR",
    "NO_PROXY",
    "no_proxy",
    "PYTEST_XDIST_WORKER",
    "DJANGO_SETTINGS_MODULE",
    "PYTHONDONTWRITEBYTECODE",
}
# Programs of their own, described where they are.
OTHERS = {"sandbox", "examples", "benchmarks", "docs", "clients"}


def read_variables() -> set[tuple[str, str]]:
    """Return (variable, module) for everything that is read from the environment by name."""
    found = set()
    for path, tree in modules().items():
        if path.parts[0] in OTHERS:
            continue
        for node in walk(tree):
            if isinstance(node, ast.Call) and called(node) in {
                "env.get",
                "env.flag",
                "os.environ.get",
                "os.getenv",
                "environ.get",
                "given",
            }:
                name = node.args[0]
            elif isinstance(node, ast.Subscript) and called(node.value) == "os.environ":
                name = node.slice
            else:
                continue
            if isinstance(name, ast.Constant):
                found.add((name.value, str(path)))
    return found


def test_every_variable_that_is_read_is_known():
    assert {(name, path) for name, path in read_variables() if name not in env.KNOWN and name not in FOREIGN} == set()


def test_every_known_variable_is_read():
    texts = "\n".join((ROOT / path).read_text() for path in modules() if path != Path("bnpl/env.py"))
    texts += (ROOT / "manage.py").read_text()
    families = tuple(f"{prefix}_" for prefix in re.findall(r'env\.get\(f"([A-Z]+)_\{', texts))
    unread = {name for name in env.KNOWN if f'"{name}"' not in texts and not name.startswith(families)}
    assert unread == set()


def test_every_variable_is_described_for_whoever_installs():
    guide = (ROOT / "docs" / "guides" / "installation.md").read_text()
    of_tests = {"BNPL_TESTING", "BNPL_TEST_TEMPLATE", "BNPL_NO_VENV"}
    assert [name for name in env.KNOWN if f"`{name}`" not in guide] == sorted(of_tests, key=list(env.KNOWN).index)


def test_an_unknown_variable_is_an_error():
    with pytest.raises(KeyError):
        env.get("BNPL_NO_SUCH_THING")


def test_every_model_has_its_migration(db):
    out = StringIO()
    try:
        call_command("makemigrations", check=True, dry_run=True, stdout=out, stderr=out)
    except SystemExit:
        pytest.fail(out.getvalue())


def test_migrations_have_names_and_a_way_back():
    loader = MigrationLoader(None)
    wrong = []
    for (app, name), migration in loader.disk_migrations.items():
        if app not in APPS:
            continue
        if not re.fullmatch(r"\d{4}_[a-z]\w+", name) or "_auto_" in name:
            wrong.append(f"{app} {name}: no name")
        wrong += [
            f"{app} {name}: no way back" for step in migration.operations if isinstance(step, RunPython | RunSQL) and not step.reversible
        ]
    assert wrong == []


def test_foreign_keys_point_downwards():
    wrong = []
    for model in apps.get_models():
        app = model._meta.app_label
        for field in model._meta.get_fields():
            other = field.related_model._meta.app_label if field.many_to_one and field.related_model else ""
            if app in RANK and other in RANK and other != app and RANK[other] <= RANK[app]:
                wrong.append(f"{model.__name__}.{field.name} -> {other}")
    assert wrong == []


def fields_of_apps() -> Iterator[tuple[str, Field]]:
    """Yield (model.field, field) for every column of the apps."""
    for model in apps.get_models():
        if model._meta.app_label in RANK:
            yield from ((f"{model.__name__}.{field.name}", field) for field in model._meta.concrete_fields)


def test_money_is_whole_minor_units():
    kinds = {name: field.get_internal_type() for name, field in fields_of_apps()}
    assert [name for name, kind in kinds.items() if kind in {"FloatField", "DecimalField"}] == []
    whole = {"BigIntegerField", "PositiveIntegerField"}
    assert [name for name, kind in kinds.items() if name.endswith("_minor") and kind not in whole] == []


def test_rows_are_never_dated_behind_the_back_of_who_was_told_the_time():
    """`auto_now` reads the wall's clock; only accounts of people who work here, which no rule asks about, may."""
    automatic = {name for name, field in fields_of_apps() if getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False)}
    assert automatic == {"User.created_at"}


LISTS = [
    "checkouts?merchant_reference=A-1",
    "checkouts",
    "orders",
    "orders?status=authorized",
    "orders?merchant_reference=A-1",
    "settlements",
    "events?after=0",
    "webhook_endpoints",
    "webhook_endpoints/{endpoint}/deliveries",
]


DEAR = "; ".join(f"SET LOCAL enable_{way} = off" for way in ("sort", "incremental_sort", "seqscan", "bitmapscan"))


@pytest.mark.parametrize("path", LISTS)
def test_every_list_comes_in_order_from_an_index(db, path):
    """With sorting and scanning made dear, no plan of a list's statement sorts: an index gives the order."""
    shop = open_shop()
    if "{endpoint}" in path:
        path = path.format(endpoint=create_endpoint(merchant=shop, url="http://127.0.0.1:9/", actor="test", at=AT).public_id)
    with CaptureQueriesContext(connection) as captured:
        answer = Client(headers={"Authorization": f"Bearer {make_key(shop)}"}).get(f"/api/v1/{path}")
    assert answer.status_code == 200, answer.content
    statements = [query["sql"] for query in captured.captured_queries]
    ordered = [sql for sql in statements if sql.startswith("SELECT") and " ORDER BY " in sql and " LIMIT " in sql]
    assert ordered, "a list is ordered and limited"
    execute(DEAR)
    for sql in ordered:
        plan = "\n".join(line for (line,) in rows(f"EXPLAIN {sql}".replace("%", "%%")))
        assert "Index" in plan, plan
        assert "Sort" not in plan, plan
