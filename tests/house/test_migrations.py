"""Migrations do tomorrow what they did when they were made, beside a running product."""

import ast
import gzip
import re
from collections.abc import Iterator
from pathlib import Path

from django.db import migrations
from django.db.migrations.loader import MigrationLoader

from tests.house.sources import ROOT, imported

# What may stand in a migration of the product's own: kinds of fields, keys, and what is frozen beside migrations. All else changes with the
# product.
LASTING = {"core.crypto", "core.ids", "core.together", "core.migrations._renewing", "markets.migrations._loading"}
DUMP = ROOT / "tests/upgrade/filled.sql.gz"


def numbered() -> Iterator[tuple[Path, ast.Module]]:
    """Yield every migration, and what is frozen beside them."""
    for path in sorted(ROOT.glob("*/migrations/[0-9_]*.py")):
        yield path.relative_to(ROOT), ast.parse(path.read_text())


def test_migrations_call_nothing_that_changes_with_the_product():
    apps = {path.parent.parent.name for path in ROOT.glob("*/migrations")}
    found = [
        f"{path}: {name}"
        for path, tree in numbered()
        for name in imported(tree)
        if name.split(".")[0] in apps and not any(name == lasting or name.startswith(f"{lasting}.") for lasting in LASTING)
    ]
    assert found == []


def since_the_dump() -> Iterator[tuple[str, str, migrations.Migration]]:
    """Yield the migrations that an upgrade from the dump runs."""
    rows = re.search(
        r"^COPY public\.django_migrations .*?\n(.*?)^\\\.$", gzip.decompress(DUMP.read_bytes()).decode(), re.DOTALL | re.MULTILINE
    )
    assert rows is not None
    applied = {tuple(row.split("\t")[1:3]) for row in rows[1].splitlines()}
    assert len(applied) > 80
    for (app, name), migration in sorted(MigrationLoader(None).disk_migrations.items()):
        if (ROOT / app / "migrations").exists() and (app, name) not in applied:
            yield app, name, migration


def test_indexes_of_tables_in_use_are_made_beside_their_writers():
    newer = list(since_the_dump())
    assert newer
    found = []
    for app, name, migration in newer:
        made = {operation.name.lower() for operation in migration.operations if isinstance(operation, migrations.CreateModel)}
        for operation in migration.operations:
            # Its child that makes an index beside writers is another class of the same operation.
            if type(operation) is migrations.AddIndex and operation.model_name.lower() not in made:
                found.append(f"{app}.{name}: {operation.index.name}")
            if isinstance(operation, migrations.RunPython) and migration.atomic and operation.code is not migrations.RunPython.noop:
                found.append(f"{app}.{name}: rows in the transaction that locks the table")
    assert found == []
