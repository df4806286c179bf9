"""Migrations do tomorrow what they did when they were made, beside a running product."""

import ast
import gzip
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.postgres.operations import AddConstraintNotValid, ValidateConstraint
from django.db import connection, migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState

from core.together import Together
from tests.house.sources import ROOT, imported

# What may stand in a migration of the product's own: kinds of fields, keys, and what is frozen beside migrations. All else changes with the
# product. Of what encrypts today, only the kinds of fields: generated migrations import their module.
FIELDS = {"core.crypto", "core.crypto.EncryptedJSONField", "core.crypto.EncryptedTextField"}
LASTING = {
    "core.ids",
    "core.ranges",
    "core.together",
    "core.migrations._personal",
    "core.migrations._renewing",
    "core.migrations._sealing",
    "markets.migrations._loading",
}
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
        if name.split(".")[0] in apps
        and name not in FIELDS
        and not any(name == lasting or name.startswith(f"{lasting}.") for lasting in LASTING)
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


# Older than the rule that forbids them, or harmless, and why they may stand.
BEFORE_THE_RULE = {
    "checkout.0016_order_reviews": "renames the table, which takes a stop of the workers anyway, and few orders were ever held",
    "plans.0019_offered_since": "a table of some tens of products",
    "plans.0021_charge_offs_by_proposal": "withdraws the charge-offs that wait for a second operator, which are few",
}
INDEX = re.compile(r"\bCREATE\s+(?:UNIQUE\s+)?INDEX\s+(?!CONCURRENTLY)", re.IGNORECASE)
NOT_NULL = re.compile(r"\bSET\s+NOT\s+NULL\b|\bALTER\s+(?:COLUMN\s+)?\w+\s+(?:SET\s+DATA\s+)?TYPE\b", re.IGNORECASE)
CONSTRAINT = re.compile(r"\bADD\s+CONSTRAINT\b(?!.*\b(?:NOT\s+VALID|USING\s+INDEX)\b)", re.IGNORECASE | re.DOTALL)
VALIDATED = re.compile(r"\bVALIDATE\s+CONSTRAINT\s+(\w+)", re.IGNORECASE)
WRITES = re.compile(r"\b(?:UPDATE|DELETE\s+FROM|INSERT\s+INTO)\s+(?:public\.)?(\w+)", re.IGNORECASE)
UNCHECKED = re.compile(r"\bADD\s+CONSTRAINT\s+(\w+).*\bNOT\s+VALID\b", re.IGNORECASE | re.DOTALL)


def of_the_database(operations: list[Any]) -> Iterator[Any]:
    """Yield the operations that change the database, out of those that hold others too."""
    for operation in operations:
        inner = getattr(operation, "database_operations", None)
        if inner is None and isinstance(operation, Together):
            inner = operation.operations
        if inner is None:
            yield operation
        else:
            yield from of_the_database(inner)


def statements(operation: migrations.RunSQL) -> Iterator[str]:
    """Yield the statements of an operation; a function's body is part of the one that makes it."""
    for sql in operation.sql if isinstance(operation.sql, list | tuple) else [operation.sql]:
        yield from re.sub(r"\$(\w*)\$.*?\$\1\$", "", sql if isinstance(sql, str) else sql[0], flags=re.DOTALL).split(";")


def adds_under_lock(field: models.Field) -> bool:
    """Return whether PostgreSQL reads all rows, or makes an index, to add the column; not so for a foreign key that is null at first."""
    is_filled = not field.null or field.has_default() or field.has_db_default()
    is_checked = field.remote_field is not None and field.db_constraint and is_filled
    return is_checked or field.unique or field.db_index


def locks_of(operation: Any, made: set[str]) -> str:
    """Say what an operation does under a table's lock for as long as the table is large; empty if nothing."""
    model = getattr(operation, "model_name", getattr(operation, "name", "")).lower()
    if isinstance(operation, migrations.RunSQL):
        long = [sql for sql in statements(operation) if INDEX.search(sql) or CONSTRAINT.search(sql) or NOT_NULL.search(sql)]
        return " ".join(long[0].split()) if long else ""
    if not model or model in made:
        return ""
    # Children of these that work beside writers are other classes.
    if type(operation) is migrations.AddIndex:
        return f"index {operation.index.name}"
    if type(operation) is migrations.AddConstraint:
        return f"constraint {operation.constraint.name}"
    if type(operation) is migrations.AlterUniqueTogether and operation.option_value:
        return f"unique {operation.option_value}"
    return f"field {operation.name}" if type(operation) is migrations.AddField and adds_under_lock(operation.field) else ""


def has_plain_index(field: models.Field) -> bool:
    """Return whether Django makes an index for a column beside that of a unique constraint."""
    return field.db_index and not field.unique


def is_read_whole(before: models.Field, after: models.Field) -> bool:
    """Return whether PostgreSQL reads or writes all rows to change a column: for another type, or where it may no longer be empty.

    The same for an index that comes with the column, which is made under the table's lock. A text that may be longer costs nothing.
    """
    if before.null and not after.null:
        return True
    if (after.unique and not before.unique) or (has_plain_index(after) and not has_plain_index(before)):
        return True
    if after.remote_field is not None:
        return before.remote_field is None and after.db_constraint
    was, becomes = (field.db_type(connection) or "" for field in (before, after))
    length, longer = (re.fullmatch(r"varchar\((\d+)\)", kind) for kind in (was, becomes))
    if length and (longer or becomes == "text"):
        return bool(longer) and int(longer[1]) < int(length[1])
    return was != becomes


def altered(migration: migrations.Migration, state: ProjectState) -> Iterator[str]:
    """Yield the columns that a migration changes while it reads the whole table; `state` is that of the models before it."""
    for operation in migration.operations:
        if type(operation) is migrations.AlterField:
            before = state.models[migration.app_label, operation.model_name_lower].fields[operation.name]
            if is_read_whole(before, operation.field):
                yield f"column {operation.model_name}.{operation.name}"
        operation.state_forwards(migration.app_label, state)


def long_locks(migration: migrations.Migration) -> Iterator[str]:
    """Yield what a migration does under a lock that its table's writers would wait for."""
    operations = list(of_the_database(migration.operations))
    made = {operation.name.lower() for operation in operations if isinstance(operation, migrations.CreateModel)}
    yield from filter(None, (locks_of(operation, made) for operation in operations))
    sql = [sql for operation in operations if isinstance(operation, migrations.RunSQL) for sql in statements(operation)]
    tables = {f"{migration.app_label}_{name}" for name in made}
    written = {found[1] for one in sql if not one.lstrip().upper().startswith("CREATE") and (found := WRITES.search(one))} - tables
    yield from (f"rows of {table} in the transaction that locks a table" for table in sorted(written) if migration.atomic)
    added = {found[1] for one in sql if (found := UNCHECKED.search(one))}
    added |= {operation.constraint.name for operation in operations if isinstance(operation, AddConstraintNotValid)}
    checked = {found[1] for one in sql if (found := VALIDATED.search(one))}
    checked |= {operation.name for operation in operations if isinstance(operation, ValidateConstraint)}
    yield from (f"{name} is validated in the transaction that adds it" for name in sorted(added & checked) if migration.atomic)
    for operation in operations:
        if isinstance(operation, migrations.RunPython) and migration.atomic and operation.code is not migrations.RunPython.noop:
            yield "rows in the transaction that locks the table"


def test_tables_in_use_are_changed_beside_their_writers():
    loader = MigrationLoader(None)
    newer = {f"{app}.{name}": list(long_locks(migration)) for app, name, migration in since_the_dump()}
    assert newer
    for app, name, migration in since_the_dump():
        if any(type(operation) is migrations.AlterField for operation in migration.operations):
            newer[f"{app}.{name}"] += altered(migration, loader.project_state([(app, name)], at_end=False))
    assert {name: found for name, found in newer.items() if found and name not in BEFORE_THE_RULE} == {}
    assert [name for name in BEFORE_THE_RULE if not newer[name]] == []


# What the version before still reads and writes while `migrate` runs; none of it may go before a version that does without it is in use.
GOING = (
    migrations.RemoveField,
    migrations.RenameField,
    migrations.DeleteModel,
    migrations.RenameModel,
    migrations.AlterModelTable,
)


def test_nothing_goes_that_the_version_before_uses():
    gone = {
        f"{app}.{name}"
        for app, name, migration in since_the_dump()
        for operation in of_the_database(migration.operations)
        if isinstance(operation, GOING)
    }
    assert gone <= set(BEFORE_THE_RULE)


POSITIVE = models.CheckConstraint(condition=models.Q(amount__gt=0), name="positive")
ONCE = models.UniqueConstraint(fields=["number"], name="once")


def key(**options: Any) -> models.ForeignKey:
    """Return a foreign key without an index."""
    return models.ForeignKey("brands.brand", models.PROTECT, db_index=False, **options)


@pytest.mark.parametrize(
    ("operations", "found"),
    [
        ([migrations.AddConstraint("plan", POSITIVE)], 1),
        ([migrations.AddConstraint("plan", ONCE)], 1),
        ([migrations.CreateModel("Plan", []), migrations.AddConstraint("plan", ONCE)], 0),
        ([AddConstraintNotValid("plan", POSITIVE)], 0),
        ([AddConstraintNotValid("plan", POSITIVE), ValidateConstraint("plan", "positive")], 1),
        ([migrations.SeparateDatabaseAndState(state_operations=[migrations.AddConstraint("plan", ONCE)])], 0),
        ([migrations.SeparateDatabaseAndState([migrations.AddConstraint("plan", ONCE)])], 1),
        ([migrations.AddField("plan", "brand", key(default="main"))], 1),
        ([migrations.AddField("plan", "brand", key(default="main", db_constraint=False))], 0),
        ([migrations.AddField("plan", "brand", key(null=True))], 0),
        ([migrations.AddField("plan", "word", models.CharField(default="", db_index=True))], 1),
        ([migrations.AlterUniqueTogether("plan", {("number", "word")})], 1),
        ([migrations.AlterUniqueTogether("plan", set())], 0),
        ([migrations.RunSQL("CREATE UNIQUE INDEX once ON plan (number)")], 1),
        ([migrations.RunSQL("CREATE UNIQUE INDEX CONCURRENTLY once ON plan (number)")], 0),
        ([migrations.RunSQL("ALTER TABLE plan ADD CONSTRAINT once UNIQUE USING INDEX once")], 0),
        ([migrations.RunSQL("ALTER TABLE plan ADD CONSTRAINT positive CHECK (amount > 0)")], 1),
        ([migrations.RunSQL("ALTER TABLE plan ALTER COLUMN word SET NOT NULL")], 1),
        ([migrations.RunSQL("ALTER TABLE plan ALTER number TYPE bigint")], 1),
        ([migrations.RunSQL("ALTER TABLE plan ALTER number DROP NOT NULL")], 0),
        ([migrations.RunSQL("UPDATE plans_plan SET word = 'a'")], 1),
        ([migrations.RunSQL("WITH old AS (SELECT 1) DELETE FROM plans_plan")], 1),
        ([migrations.CreateModel("Plan", []), migrations.RunSQL("INSERT INTO plans_plan (number) SELECT 1")], 0),
        ([migrations.RunSQL("CREATE TRIGGER a BEFORE UPDATE OF word ON plans_plan EXECUTE FUNCTION b()")], 0),
        ([migrations.RunSQL("ALTER TABLE plan ADD CONSTRAINT a CHECK (b) NOT VALID; ALTER TABLE plan VALIDATE CONSTRAINT a")], 1),
    ],
)
def test_what_would_lock_a_table_is_found(operations, found):
    migration = migrations.Migration("plans", "plans")
    migration.operations = operations
    assert len(list(long_locks(migration))) == found


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        (models.CharField(max_length=20), models.CharField(max_length=40), False),
        (models.CharField(max_length=20), models.TextField(), False),
        (models.CharField(max_length=40), models.CharField(max_length=20), True),
        (models.CharField(max_length=20, null=True), models.CharField(max_length=20), True),
        (models.CharField(max_length=20), models.CharField(max_length=20, null=True), False),
        (models.IntegerField(), models.BigIntegerField(), True),
        (models.CharField(max_length=20), models.IntegerField(), True),
        (models.CharField(max_length=20, choices=[("a", "A")]), models.CharField(max_length=20, choices=[("b", "B")]), False),
        (models.CharField(max_length=20), models.CharField(max_length=20, db_index=True), True),
        (models.CharField(max_length=20, db_index=True), models.CharField(max_length=20, unique=True), True),
        (models.CharField(max_length=20, unique=True), models.CharField(max_length=20, db_index=True), True),
        (models.CharField(max_length=20, unique=True), models.CharField(max_length=20, unique=True, db_index=True), False),
        (models.UUIDField(), key(), True),
        (models.UUIDField(), key(db_constraint=False), False),
    ],
)
def test_a_column_for_which_the_table_is_read_is_found(before, after, found):
    assert is_read_whole(before, after) is found
