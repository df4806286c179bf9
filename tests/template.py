"""The migrated database that each test process copies: migrating costs fifteen seconds, copying one.

The template is named after everything that decides what migrations make, so that a changed migration makes a new one. It stays in the
cluster of the test slot, which lives on between runs.
"""

import hashlib
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg2
from django.core.management import call_command
from django.db import connection

from bnpl.env import ROOT

PREFIX = "bnpl_template_"
BUILDING = "bnpl_building"
DECIDING = ("*/migrations/*.py", "*/models.py", "*/models/*.py", "*/services.py", "*/data/*", "core/*.py", "requirements/dev.txt")
_LOCK = 7301


def fingerprint() -> str:
    """Return what names the present state of all migrations, of the models that permissions follow from, and of the data they load."""
    seen = hashlib.sha256()
    for path in sorted({path for pattern in DECIDING for path in Path(ROOT).glob(pattern) if path.is_file()}):
        seen.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes())
    return seen.hexdigest()[:16]


def use_template() -> None:
    """Let Django copy the test database from a migrated one, which is made first where it is missing."""
    settings = connection.settings_dict
    wanted = PREFIX + fingerprint()
    with closing(_connect(settings)) as server, server.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE %s OR datname = %s", [f"{PREFIX}%", BUILDING])
        known = {name for (name,) in cursor.fetchall()}
        for name in known - {wanted}:
            cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        if wanted not in known:
            _build(settings, cursor)
            cursor.execute(f'ALTER DATABASE "{BUILDING}" RENAME TO "{wanted}"')
    settings["TEST"]["TEMPLATE"] = wanted


def _connect(settings: dict[str, Any]) -> Any:
    server = psycopg2.connect(
        dbname="postgres", user=settings["USER"], password=settings["PASSWORD"], host=settings["HOST"], port=settings["PORT"] or None
    )
    server.autocommit = True
    return server


def _build(settings: dict[str, Any], cursor: Any) -> None:
    cursor.execute(f'CREATE DATABASE "{BUILDING}"')
    usual = settings["NAME"]
    connection.close()
    settings["NAME"] = BUILDING
    try:
        call_command("migrate", verbosity=0, interactive=False)
    finally:
        connection.close()
        settings["NAME"] = usual
