"""The embedded PostgreSQL on awkward machines: killed servers, stale lock files, deep folders, root."""

import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from stack.errors import StackError
from stack.folders import Folders
from stack.postgres import LONGEST_SOCKET_PATH, SOCKET_NAME, Postgres
from stack.processes import identify, wait_gone
from stack.supervisor import Supervisor


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Folders:
    """Give a folder whose cluster the tests of this file share."""
    made = Folders(tmp_path_factory.mktemp("pg"))
    made.make()
    return made


@pytest.fixture
def cluster(folders: Folders) -> Postgres:
    return Postgres(folders)


@contextlib.contextmanager
def running(cluster: Postgres) -> Iterator[Supervisor]:
    supervisor = Supervisor(cluster.folders, say=lambda _text: None)
    try:
        supervisor.start(cluster.program())
        yield supervisor
    finally:
        supervisor.stop()


def run(cluster: Postgres, statement: str) -> list[tuple[object, ...]]:
    connection = psycopg2.connect(cluster.url("bnpl"))
    connection.autocommit = True
    with contextlib.closing(connection), connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


def test_committed_rows_survive_a_killed_server_that_is_started_again(cluster):
    with running(cluster) as supervisor:
        cluster.create_database("bnpl")
        cluster.create_database("bnpl")
        run(cluster, "CREATE TABLE kept (n int)")
        run(cluster, "INSERT INTO kept VALUES (1)")
        os.kill(supervisor.runs["postgres"].pid, signal.SIGKILL)
        supervisor.runs["postgres"].process.wait(5)
        supervisor.tend()
        supervisor._due["postgres"] = 0
        supervisor.tend()
        supervisor._wait_up(cluster.program())
        assert run(cluster, "SELECT n FROM kept") == [(1,)]


def test_a_server_that_nobody_recorded_is_stopped_before_a_new_one_starts(cluster):
    """The supervisor was killed, its record is lost, the server lives on."""
    with running(cluster) as lost:
        cluster.folders.processes.unlink()
        old = lost.runs["postgres"].identity
        with running(cluster):
            assert wait_gone(old, 5)
            assert cluster.accepts()


def test_a_stale_lock_file_with_the_number_of_another_program_is_cleared(cluster):
    with running(cluster):
        pass
    lock = cluster.data / "postmaster.pid"
    lock.write_text(f"{os.getpid()}\n{cluster.data}\n1\n5432\n{cluster.home}\n\n0 0\nready\n")
    with running(cluster):
        assert cluster.accepts()
    assert identify(os.getpid())


def test_a_killed_initdb_leaves_nothing_that_looks_finished(tmp_path):
    cluster = Postgres(Folders(tmp_path))
    cluster.folders.make()
    half = cluster.home / "data.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    with running(cluster):
        assert cluster.accepts()


def test_a_deep_folder_gets_a_short_socket_path(tmp_path):
    cluster = Postgres(Folders(tmp_path / ("deep" * 12) / ("deeper" * 12)))
    cluster.folders.make()
    assert len(str(cluster.home / SOCKET_NAME)) > LONGEST_SOCKET_PATH
    with running(cluster):
        cluster.create_database("bnpl")
        assert run(cluster, "SELECT 1") == [(1,)]
    assert len(str(cluster.socket_folder / SOCKET_NAME)) <= LONGEST_SOCKET_PATH
    cluster.socket_folder.rmdir()


def test_a_folder_with_spaces_and_quotes_works(tmp_path):
    cluster = Postgres(Folders(tmp_path / "a b'c%20"))
    cluster.folders.make()
    with running(cluster):
        cluster.create_database("bnpl")
        assert run(cluster, "SELECT 1") == [(1,)]


def test_nobody_else_may_enter_the_data_folder(cluster):
    with running(cluster) as supervisor:
        assert cluster.home.stat().st_mode & 0o077 == 0
        owner = Path(f"/proc/{supervisor.runs['postgres'].pid}").stat().st_uid
    assert owner == cluster.data.stat().st_uid
    assert owner != 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give folders away")
def test_a_folder_of_somebody_else_is_refused_with_his_name(tmp_path):
    cluster = Postgres(Folders(tmp_path))
    cluster.home.mkdir()
    os.chown(cluster.home, 1, 1)
    with pytest.raises(StackError, match=r"belongs to daemon: run as that user"):
        cluster.prepare()


def test_a_cluster_waits_for_the_disk_unless_it_is_thrown_away(tmp_path):
    folders = Folders(tmp_path)
    assert "fsync=off" not in Postgres(folders).program().argv
    assert "fsync=off" in Postgres(folders, durable=False).program().argv
