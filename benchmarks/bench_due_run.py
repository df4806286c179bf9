"""The due run: 50,000 due installments, compared with the same work done as sets; and with a slow gateway.

`due_run_one_worker`, `due_run_two_workers`: the product's own timer in one process and in two, with a gateway that answers at once,
compared with `due_run/limit.sql`: each statement of the product once, for all installments, in one session. Every run has a fresh copy of
the same database. `due_run_slow_gateway`: the charges per second of one process if the gateway takes 300 ms, compared with its calls in
flight / 0.3 s. A run whose rows do not add up fails.
"""

import os
import re
import resource
import statistics
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

from benchmarks.harness import Figure, copy, in_processes, run, server, settle, stack, trace

DUE = 50_000
SLOW_DUE = 1_500
ROUNDS = 3
GATEWAY = "bench"
TEMPLATE, COPY = "bench_due", "bench_run"
LIMIT = Path(__file__).parent / "due_run" / "limit.sql"
WRITES = re.compile(r"INSERT INTO (\w+) \(([^)]*)\)|UPDATE (\w+) (?:AS )?\w+ SET")


def measure() -> list[Figure]:
    """Measure all three figures."""
    with stack():
        _prepare()
        rounds = [(_limit(), _product(1), _product(2)) for _ in range(ROUNDS)]
        slow = _slow()
    one, two = (statistics.median(limit / seconds[n] for limit, *seconds in rounds) for n in (0, 1))
    times = ", ".join(f"{limit:.1f}/{first:.1f}/{second:.1f} s" for limit, first, second in rounds)
    return [
        Figure("due_run_one_worker", one, 0.30, 0.50, "higher", f"{DUE:,} due; sets / one / two workers: {times}"),
        Figure("due_run_two_workers", two, 0.45, 0.75, "higher", f"{DUE:,} due; the same runs"),
        slow,
    ]


def _prepare() -> None:
    """Make the database that every run copies, and check that the limit writes the same columns as the product."""
    from benchmarks.due_run import rows

    rows.make(DUE, gateway=GATEWAY)
    settle()
    copy(TEMPLATE)
    _use("InstantGateway")
    with trace() as sent:
        _charge_a_chunk()
    product, limit = _written("\n".join(sent)), _written(LIMIT.read_text())
    if product != limit:
        raise RuntimeError(f"The product writes other rows than the limit: {product ^ limit}")


def _written(text: str) -> set[tuple[str, ...]]:
    """Return what statements write: the tables they update, and those they insert into with the columns; without their temporary tables."""
    return {
        (table, *columns.replace("\n", " ").replace(" ", "").split(",")) if table else (updated,)
        for table, columns, updated in WRITES.findall(text)
    }


def _charge_a_chunk() -> None:
    from django.db import connection

    from benchmarks.due_run.rows import AT
    from collection.services import claim_due
    from payments import services as payments

    requests, _, _ = claim_due(at=AT)
    payments.run_charges(requests=requests, at=AT)
    connection.close()


def _use(gateway: str) -> None:
    """Register the gateway, as the app of a gateway does."""
    from core.providers import Capability, Provider, forget, register

    able = frozenset({Capability.CARDS, Capability.REPORTS})
    register(Provider(identifier=GATEWAY, name="Benchmark", capabilities=able, adapter=f"benchmarks.due_run.gateways.{gateway}"))
    forget()


def _connect(database: str) -> None:
    from django.db import connection

    connection.close()
    connection.settings_dict["NAME"] = database
    connection.ensure_connection()


def limit_statements() -> list[str]:
    """Return the statements of the limit, for the time of the run."""
    from benchmarks.due_run.rows import AT

    text = re.sub(r"^--.*$", "", LIMIT.read_text(), flags=re.MULTILINE).replace(":at::", f"'{AT.isoformat()}'::")
    return [statement for statement in text.split(";\n") if statement.strip()]


def _limit() -> float:
    """Return the seconds that the whole set takes with set-based statements."""
    from django.db import connection

    copy(COPY, TEMPLATE)
    _connect(COPY)
    with connection.cursor() as cursor:
        start = time.perf_counter()
        for statement in limit_statements():
            cursor.execute(statement)
        seconds = time.perf_counter() - start
    _check(DUE)
    return seconds


def _product(workers: int) -> float:
    """Return the seconds that the product's timer takes in this many processes."""
    copy(COPY, TEMPLATE)
    found, seconds = in_processes(workers, _worker)
    made, memory = [count for count, _ in found], [text for _, text in found]
    print(f"{workers} workers: {seconds:.1f} s, charges {made}, {'; '.join(memory)}", flush=True)
    _check(DUE)
    return seconds


def _worker(_number: int) -> Callable[[], tuple[int, str]]:
    from benchmarks.due_run.rows import AT
    from collection.services import run_due

    _connect(COPY)

    def work() -> tuple[int, str]:
        with _Memory() as memory:
            made = run_due(at=AT)
        return made, memory.text

    return work


class _Memory:
    """The memory of this process while something runs, measured every tenth of a second."""

    def __enter__(self) -> Self:
        self._found, self._done = [_resident_mb()], threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def _watch(self) -> None:
        while not self._done.wait(0.1):
            self._found.append(_resident_mb())

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()
        used = resource.getrusage(resource.RUSAGE_SELF)
        first, tenth, last = self._found[0], self._found[len(self._found) // 10], self._found[-1]
        cpu_s = used.ru_utime + used.ru_stime
        self.text = f"memory {first:.0f} MB at first, {tenth:.0f} after a tenth, {last:.0f} at last; {cpu_s:.1f} s CPU"


def _resident_mb() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


_COUNTS = """
    SELECT (SELECT count(*) FROM payments_charge WHERE status = 'succeeded' AND gateway_ref <> ''),
        (SELECT count(*) FROM plans_installment WHERE status = 'paid' AND charge_id IS NULL),
        (SELECT count(*) FROM plans_allocation), (SELECT count(*) FROM ledger_entry WHERE kind = 'charge'),
        (SELECT count(*) / 2 FROM ledger_line) - %(plans)s, (SELECT count(*) FROM core_outboxevent) + %(plans)s,
        (SELECT count(*) FROM credit_creditline WHERE used_minor = 11450) + %(plans)s"""


def _check(charged: int) -> None:
    """Raise unless every due installment was charged, paid, posted and published exactly once."""
    from core.db import rows

    _connect(COPY)
    found = set(rows(_COUNTS, {"plans": DUE})[0])
    _connect("bench")
    if found != {DUE + charged}:
        raise RuntimeError(f"The rows do not add up: {found}")


def _slow() -> Figure:
    """Measure how many calls one process keeps in flight."""
    from django.conf import settings

    copy(COPY, TEMPLATE)
    kept = f"SELECT plan_id FROM bench_name LIMIT {SLOW_DUE}"
    moved = "due_date = due_date + 30, next_attempt_at = next_attempt_at + interval '30 days'"
    later = f"UPDATE plans_installment SET {moved} WHERE number = 2 AND plan_id NOT IN ({kept})"
    server(later, "VACUUM ANALYZE plans_installment", database=COPY)
    _use("SlowGateway")
    _, seconds = in_processes(1, _worker)
    _check(SLOW_DUE)
    ideal = SLOW_DUE * 0.3 / settings.CALLS_IN_FLIGHT
    detail = f"{SLOW_DUE:,} charges of 300 ms, {settings.CALLS_IN_FLIGHT} in flight: {seconds:.1f} s, ideal {ideal:.1f} s"
    return Figure("due_run_slow_gateway", ideal / seconds, 0.8, 0.9, "higher", detail)


if __name__ == "__main__":
    run(measure)
