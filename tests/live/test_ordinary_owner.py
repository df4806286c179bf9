"""The owner of the database is an ordinary role, as clouds give one: it may make no roles, and no settings that are for superusers."""

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from stack import databases
from stack.folders import Folders
from stack.paths import ROOT
from stack.postgres import APPLICATION, Postgres

OLD = "INSERT INTO core_outboxevent (name, payload, at, relayed) VALUES ('x', '{}', now() - interval '31 days', true)"


def run(url: str, *statements: str) -> list[tuple[Any, ...]]:
    """Run statements, and return the rows of the last one."""
    with closing(psycopg2.connect(url)) as link, link.cursor() as cursor:
        link.autocommit = True
        for statement in statements:
            cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


def migrate(owner: str, application: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "DATABASE_URL": application, "DATABASE_OWNER_URL": owner}
    command = [sys.executable, "manage.py", "migrate", "--noinput", "-v", "0"]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def owned() -> Iterator[str]:
    """Give the address of an empty database, for its owner without any privilege."""
    cluster, name = Postgres(Folders(Path(os.environ["BNPL_VAR"]))), f"ordinary_{uuid.uuid4().hex[:8]}"
    cluster.create_database(name)
    run(cluster.url("postgres"), f"CREATE ROLE {name} LOGIN", f"ALTER DATABASE {name} OWNER TO {name}")
    yield cluster.url(name).replace("postgres@", f"{name}@")
    databases.drop(cluster.url("postgres"), name)
    run(cluster.url("postgres"), f"DROP ROLE {name}")


def test_an_owner_without_privileges_makes_the_tables_and_the_application_works_in_them(owned):
    name = owned.partition("//")[2].partition("@")[0]
    stranger = migrate(owned, owned.replace(f"{name}@", "nobody_made_me@"))
    assert stranger.returncode == 1
    assert "There is no role nobody_made_me, which DATABASE_URL names" in stranger.stderr
    assert run(owned, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [(0,)]

    application = owned.replace(f"{name}@", f"{APPLICATION}@")
    done = migrate(owned, application)
    assert done.returncode == 0, done.stderr[-3000:]
    assert run(application, OLD, "SELECT public.forget_events(now(), 10)") == [(1,)]
    with pytest.raises(psycopg2.errors.IntegrityError, match="append-only"):
        run(application, OLD, "DELETE FROM core_outboxevent")
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        run(application, "DROP TABLE core_outboxevent")
