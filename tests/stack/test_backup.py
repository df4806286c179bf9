"""A backup holds nobody's data key: restored beside the keys of today, it shows everybody but who was erased meanwhile."""

import os
import subprocess
import sys
import uuid
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import connection

from accounts import services as accounts
from accounts.models import Consumer
from bnpl.env import ROOT
from core.subject_keys import destroy_key, subject_of
from markets.models import Market
from stack import databases
from stack.folders import Folders
from stack.postgres import Postgres

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
READ = """
import django
django.setup()
from accounts.models import Consumer, ConsumerRequest
from core.unreadable import listing
for model, field in ((Consumer, "name"), (ConsumerRequest, "text")):
    with listing():
        print([str(getattr(row, field)) for row in model.objects.order_by("pk")])
"""


@pytest.fixture
def cluster() -> Postgres:
    return Postgres(Folders(Path(os.environ["BNPL_VAR"])))


def dumped(cluster: Postgres, url: str, folder: Path) -> tuple[Path, Path]:
    """Run the script of the deployment; return its two files."""
    places = folder / "database", folder / "keys"
    for place in places:
        place.mkdir(parents=True)
    path = f"{cluster.binaries}{os.pathsep}{os.environ['PATH']}"
    command = ["sh", str(ROOT / "deploy/backup.sh"), *map(str, places)]
    subprocess.run(command, env={**os.environ, "PATH": path, "DATABASE_OWNER_URL": url}, check=True, capture_output=True)
    database, keys = (next(place.iterdir()) for place in places)
    return database, keys


def shown(env: dict[str, str], url: str) -> list[str]:
    """Return what the product shows of a restored database."""
    env = env | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "bnpl.settings"}
    done = subprocess.run([sys.executable, "-c", READ], env=env, cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


@pytest.mark.django_db(transaction=True)
def test_who_was_erased_is_erased_in_an_older_backup_too(cluster, process_env, tmp_path):
    people = []
    for name in ("Ann", "Bea", "Cy"):
        rest = {"locale": "en_US", "time_zone": "UTC", "created_at": AT}
        one = Consumer.objects.create(market=Market.objects.get(code="US"), name=name, email_hash=name, **rest)
        accounts.open_request(consumer=one, kind="complaint", text=f"Ask {name}", at=AT)
        people.append(one)
    url = cluster.url(connection.settings_dict["NAME"])
    before, _ = dumped(cluster, url, tmp_path / "before")
    written = subprocess.run([str(cluster.binaries / "pg_restore"), "--file=-", str(before)], capture_output=True, check=True).stdout
    assert (b"COPY public.accounts_consumer " in written, subject_of(people[0].pk).encode() in written) == (True, False)
    destroy_key(subject_of(people[1].pk), at=AT)
    _, keys = dumped(cluster, url, tmp_path / "after")
    name = f"restored_{uuid.uuid4().hex[:8]}"
    cluster.create_database(name)
    restored = cluster.url(name)
    try:
        for file in (before, keys):
            load = [str(cluster.binaries / "pg_restore"), "--no-owner", "--dbname", restored, str(file)]
            done = subprocess.run(load, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr
        assert shown(process_env, restored) == ["['Ann', 'unreadable', 'Cy']", "['Ask Ann', 'unreadable', 'Ask Cy']"]
    finally:
        databases.drop(cluster.url("postgres"), name)
