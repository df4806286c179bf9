"""Shared by all benchmarks: servers of their own, the statements that the product sends, `pgbench`, alternating runs."""

import argparse
import contextlib
import json
import multiprocessing
import os
import re
import statistics
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from multiprocessing.synchronize import Barrier
from pathlib import Path
from threading import BrokenBarrierError
from typing import Any, Literal, TypeVar

from bnpl.env import var_dir
from stack import redis
from stack.folders import Folders
from stack.ports import LOOPBACK, free_port
from stack.postgres import Postgres
from stack.supervisor import Supervisor
from stack.variables import process_environment

DATABASE = "bench"
# The time that the server may need to apply a changed setting in all its sessions.
RELOAD_S = 0.3
READY_S = 120
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure, with the value that it must reach (`least`) and the one that it should reach (`aim`)."""

    name: str
    value: float
    least: float
    aim: float
    better: Literal["higher", "lower"]
    detail: str

    @property
    def ok(self) -> bool:
        """Whether the least is reached."""
        return self.value >= self.least if self.better == "higher" else self.value <= self.least


@dataclass(frozen=True)
class Stack:
    """The servers of one benchmark. `env` is for programs that it starts beside them, on the ports in it."""

    folders: Folders
    supervisor: Supervisor
    cluster: Postgres
    env: Mapping[str, str]
    web_port: int
    sandbox_port: int


_running: list[Stack] = []


@contextmanager
def stack() -> Iterator[Stack]:
    """Run a fresh PostgreSQL, with commits that wait for the disk, and a fresh Redis; set up Django on a migrated database of its own.

    All files are in `bench/` under `$BNPL_VAR`; a running demo is not affected. Call it only once per process.
    """
    folders = Folders(var_dir() / "bench")
    with folders.held("A benchmark is running in this folder already."):
        supervisor = Supervisor(folders, say=lambda _text: None)
        supervisor.take_over()
        Postgres(folders).end_leftover()
        folders.wipe()
        try:
            yield _start(folders, supervisor)
        finally:
            _running.clear()
            _close_connections()
            supervisor.stop()


def _start(folders: Folders, supervisor: Supervisor) -> Stack:
    cluster, ports = Postgres(folders, durable=True), [free_port() for _ in range(3)]
    supervisor.start(cluster.program(), redis.program(folders, ports[2]))
    cluster.create_database(DATABASE)
    env = process_environment(
        {
            "BNPL_VAR": str(folders.var),
            "BNPL_MODE": "sandbox",
            "BNPL_BASE_URL": f"http://{LOOPBACK}:{ports[0]}",
            "SANDBOX_URL": f"http://{LOOPBACK}:{ports[1]}",
            "DATABASE_URL": cluster.url(DATABASE),
            "REDIS_URL": redis.url(ports[2]),
        }
    )
    os.environ.update(env)
    import django
    from django.core.management import call_command

    django.setup()
    (folders.var / "static").mkdir(exist_ok=True)
    call_command("migrate", verbosity=0)
    started = Stack(folders, supervisor, cluster, env, ports[0], ports[1])
    _running.append(started)
    return started


def _close_connections() -> None:
    from django.db import connections

    connections.close_all()


def settle() -> None:
    """Update the database's statistics and write everything to disk, so that both sides start in the same state."""
    server("VACUUM ANALYZE", "CHECKPOINT")


def server(*commands: str, database: str = DATABASE) -> None:
    """Run commands outside any transaction, on a connection of their own."""
    import psycopg2

    connection = psycopg2.connect(_running[0].cluster.url(database))
    connection.autocommit = True
    with connection.cursor() as cursor:
        for command in commands:
            cursor.execute(command)
    connection.close()


def copy(name: str, source: str = DATABASE) -> None:
    """Copy a database, replacing an older copy; closes all connections of this process."""
    _close_connections()
    server(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", f"CREATE DATABASE {name} TEMPLATE {source}", "CHECKPOINT", database="postgres")


PREPARE = "PREPARE "
_LINE = re.compile(r"^~(?P<pid>\d+)~(?P<database>\w*)~(?P<level>\w+):  (?P<text>.*)$")


@contextmanager
def trace() -> Iterator[list[str]]:
    """Yield a list, which at the end of the block contains every statement sent to the database in it, by any process.

    They are taken from the server's log, so they are exactly as sent, BEGIN and COMMIT included.
    """
    log = _running[0].folders.log / "postgres.log"
    found: list[str] = []
    server(
        "ALTER SYSTEM SET log_statement = 'all'",
        "ALTER SYSTEM SET log_line_prefix = '~%p~%d~'",
        "SELECT pg_reload_conf()",
        database="postgres",
    )
    time.sleep(RELOAD_S)
    start = log.stat().st_size
    try:
        yield found
        with log.open("rb") as file:
            file.seek(start)
            found.extend(_statements(file.read().decode()))
    finally:
        server("ALTER SYSTEM RESET ALL", "SELECT pg_reload_conf()", database="postgres")
        time.sleep(RELOAD_S)


def _statements(text: str) -> Iterator[str]:
    """Yield the statements of a server's log; continuation lines begin with a tab.

    After the first use of each statement that the session had prepared comes the one that prepares it.
    """
    entries: list[list[str]] = []
    for line in text.split("\n"):
        if _LINE.match(line):
            entries.append([line])
        elif entries and line.startswith("\t"):
            entries[-1].append(line[1:])
    prepared: set[str] = set()
    for first, *more in entries:
        match = _LINE.match(first)
        if match is None or match["database"] != DATABASE:
            continue
        if match["level"] == "LOG" and match["text"].startswith("statement: "):
            yield "\n".join([match["text"].removeprefix("statement: "), *more])
        elif match["level"] == "DETAIL" and match["text"].startswith(f"prepare: {PREPARE}"):
            statement = "\n".join([match["text"].removeprefix("prepare: "), *more])
            if statement not in prepared:
                prepared.add(statement)
                yield statement


def script(statements: Sequence[str], names: Mapping[str, str], head: Sequence[str] = ()) -> str:
    """Write statements as one pgbench transaction, each literal of `names` replaced; ValueError for one that does not occur.

    `head` holds pgbench's own commands, such as `\\set`. What the product's sessions had prepared, each client prepares at first.
    """
    sent = [statement.strip().removesuffix(";") for statement in statements]
    body = ";\n".join(one for one in sent if not one.startswith(PREPARE)) + ";\n"
    prepares = [f"{one};" for one in sent if one.startswith(PREPARE)]
    head = [*head, "\\if :prepared = 0", *prepares, "\\set prepared 1", "\\endif"]
    for literal in sorted(names, key=len, reverse=True):
        if literal not in body:
            raise ValueError(f"nothing sends {literal}")
        body = body.replace(literal, names[literal])
    return "".join(f"{line}\n" for line in head) + body


def pgbench(text: str, *, clients: int, seconds: int = 0, transactions: int = 0, defines: Mapping[str, object] | None = None) -> float:
    """Run a script with this many clients under the simple protocol, for seconds or transactions each; return its rate per second."""
    running = _running[0]
    path = running.folders.var / "limit.sql"
    path.write_text(text)
    amount = ["-T", str(seconds)] if seconds else ["-t", str(transactions)]
    values = [part for name, value in {"prepared": 0, **(defines or {})}.items() for part in ("-D", f"{name}={value}")]
    threads = min(clients, os.cpu_count() or 1)
    address = ["-h", str(running.cluster.socket_folder), "-U", "postgres"]
    command = [str(running.cluster.binaries / "pgbench"), *address, "-M", "simple", "--no-vacuum", "-c", str(clients), "-j", str(threads)]
    done = subprocess.run([*command, *amount, *values, "-f", str(path), DATABASE], capture_output=True, text=True, check=False)
    rate = re.search(r"^tps = ([\d.]+)", done.stdout, re.MULTILINE)
    failed = re.search(r"number of failed transactions: (\d+)", done.stdout)
    if done.returncode or rate is None or (failed and failed[1] != "0"):
        raise RuntimeError(f"pgbench failed:\n{done.stdout}\n{done.stderr[-4000:]}")
    return float(rate[1])


def in_processes(count: int, prepare: Callable[[int], Callable[[], Result]]) -> tuple[list[Result], float]:
    """Run a function in this many processes at once; return their results, and the seconds from the start of all to the end of the last.

    `prepare` runs in each process, with its number, and returns the measured function: connections and imports are not measured.
    """
    _close_connections()
    context = multiprocessing.get_context("fork")
    barrier, results = context.Barrier(count + 1), context.SimpleQueue()
    children = [context.Process(target=_child, args=(number, prepare, barrier, results)) for number in range(count)]
    for child in children:
        child.start()
    with contextlib.suppress(BrokenBarrierError):
        barrier.wait(READY_S)
    start = time.perf_counter()
    found = [results.get() for _ in children]
    seconds = time.perf_counter() - start
    for child in children:
        child.join()
    faults = [value for _, value, fault in found if fault]
    if faults:
        raise RuntimeError(f"a process failed:\n{faults[0]}")
    return [value for _, value, _ in sorted(found, key=lambda entry: int(entry[0]))], seconds


def _child(number: int, prepare: Callable[[int], Callable[[], Any]], barrier: Barrier, results: Any) -> None:
    try:
        run = prepare(number)
        barrier.wait(READY_S)
        results.put((number, run(), False))
    except BaseException:  # noqa: BLE001  (the parent raises it)
        results.put((number, traceback.format_exc(), True))
        barrier.abort()


def alternate(product: Callable[[], float], limit: Callable[[], float], rounds: int = 3) -> list[tuple[float, float]]:
    """Run product, limit, product, limit ...; return the figures of each round. The median of the ratios counts."""
    return [(product(), limit()) for _ in range(rounds)]


def median_ratio(pairs: Sequence[tuple[float, float]]) -> float:
    """Return the median of product divided by limit."""
    return statistics.median(product / limit for product, limit in pairs)


def table(figures: Sequence[Figure]) -> str:
    """Return the figures as a table for a terminal."""
    lines = [f"{'name':<30} {'value':>9} {'least':>7} {'aim':>7}      detail"]
    for figure in figures:
        sign = "ok" if figure.ok else "MISS"
        lines.append(f"{figure.name:<30} {figure.value:>9.3f} {figure.least:>7g} {figure.aim:>7g} {sign:<4} {figure.detail}")
    return "\n".join(lines)


def run(measure: Callable[[], list[Figure]]) -> None:
    """Run one benchmark as a program: measure, print, and write the figures to `--out` if given."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path)
    wanted = parser.parse_args()
    figures = measure()
    print(table(figures), flush=True)
    if wanted.out:
        wanted.out.write_text(json.dumps([asdict(figure) for figure in figures]))
    sys.exit(0 if all(figure.ok for figure in figures) else 1)
