"""A decision of credit in process, compared with its own statements sent by the bare driver, prepared.

`credit.services.decide` about a person who has a limit and a recent report, as at a second purchase: whether the person is blocked, the
report, their locked lines, the scorecard, the law and the rules, then decision and case of rules written in one commit. The limit is
psycopg2 alone: the same statements, prepared before, with the values of another person, read to the end and committed, in turn with the
product's.
"""

import gc
import re
import statistics
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from benchmarks.harness import DATABASE, Figure, run, settle, stack

WARM, COUNT = 100, 1_000
_KEY = re.compile(r"01[0-9a-f]{6}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""A key that was made just now."""
Said = list[tuple[str, Sequence[Any], bool]]


def measure() -> list[Figure]:
    """Decide, and send the bare statements, in turn, each about a person of their own."""
    with stack() as running:
        from accounts.models import Consumer
        from benchmarks.purchases import key, make_purchases, make_reports
        from controls.services.ruling import forget_rules
        from controls.services.shipping import ship_rules

        at, count = datetime.now(UTC), 2 * (WARM + COUNT)
        make_purchases(count + 2, at)
        make_reports(count + 2, at)
        ship_rules()
        forget_rules()
        settle()
        people = list(Consumer.objects.select_related("market").order_by("id").filter(id__gte=key("consumer", 0))[: count + 2])
        # As the web server does before it begins.
        gc.collect()
        gc.freeze()
        decided(people[count], at)
        limit = Bare(running.cluster.url(DATABASE), count + 1, people[count + 1], at)
        pairs = [(decided(people[number], at), limit.send(number + 1)) for number in range(0, count, 2)][WARM:]
    ours, bare = (sorted(times) for times in zip(*pairs, strict=True))
    ratio, (p99, best) = statistics.median(ours) / statistics.median(bare), (times[len(times) * 99 // 100] for times in (ours, bare))
    detail = f"p50 {statistics.median(ours) * 1000:.2f} ms; its {len(limit.said)} statements alone {statistics.median(bare) * 1000:.2f} ms"
    return [
        Figure("decision_to_bare", ratio, 1.5, 1.2, "lower", detail),
        Figure("decision_p99_ms", p99 * 1000, 4.0, 3.0, "lower", f"its statements alone {best * 1000:.2f} ms"),
    ]


def decided(consumer: Any, at: datetime) -> float:
    """Decide about a person; return the seconds."""
    from benchmarks.purchases import AMOUNT
    from credit.services import decide

    start = time.perf_counter()
    decision = decide(consumer=consumer, reference="chk_bench", amount=AMOUNT, at=at)
    took = time.perf_counter() - start
    assert (decision.outcome, [one["outcome"] for one in decision.inputs["asked"]]) == ("approve", ["kept"])
    return took


def said_about(consumer: Any, at: datetime) -> Said:
    """Decide about a person; return the statements with their values, and whether each is part of the transaction."""
    from django.db import connection

    said: Said = []

    def listen(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        said.append((sql, list(params or ()), connection.in_atomic_block))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(listen):
        decided(consumer, at)
    return said


class Bare:
    """The statements of one decision, prepared in a session of their own, sent with the values of other people."""

    def __init__(self, url: str, number: int, consumer: Any, at: datetime) -> None:
        import psycopg2

        from benchmarks.purchases import FIRST

        self.said, self.pattern = said_about(consumer, at), f"{FIRST + number}"
        self.session = psycopg2.connect(url)
        self.cursor = self.session.cursor()
        self.calls = [self._prepared(f"s{place}", sql, len(values)) for place, (sql, values, _inside) in enumerate(self.said)]
        self.session.commit()

    def _prepared(self, name: str, sql: str, count: int) -> str:
        """Prepare a statement; return the one that runs it."""
        from core.db import rows

        settings, mark, rest = sql.rpartition("; ")
        if rest.startswith("EXECUTE "):
            # The product prepares this one too, in its own session.
            self.cursor.execute(rows("SELECT statement FROM pg_prepared_statements WHERE name = %s", [rest.split()[1]])[0][0])
            return sql
        first, *parts = rest.split("%s")
        self.cursor.execute(f"PREPARE {name} AS {first}" + "".join(f"${nth}{part}" for nth, part in enumerate(parts, 1)))
        return f"{settings}{mark}EXECUTE {name}" + (f" ({', '.join(['%s'] * count)})" if count else "")

    def send(self, number: int) -> float:
        """Send them all about a person; return the seconds."""
        wanted = [[self._value(value, number) for value in values] for _sql, values, _inside in self.said]
        start = time.perf_counter()
        for call, values, (_sql, _values, inside) in zip(self.calls, wanted, self.said, strict=True):
            if self.session.autocommit is inside:
                self.session.autocommit = not inside
            self.cursor.execute(call, values)
            self.cursor.fetchall() if self.cursor.description else None
        self.session.commit()
        return time.perf_counter() - start

    def _value(self, value: Any, number: int) -> Any:
        """Return a value of the pattern's person for another; each key that was made there is made anew."""
        from benchmarks.purchases import FIRST
        from core.ids import uuid7

        if not isinstance(value, UUID | str):
            return value
        text = str(value)
        if self.pattern in text:
            return type(value)(text.replace(self.pattern, f"{FIRST + number}"))
        return type(value)(str(uuid7())) if _KEY.fullmatch(text) else value


if __name__ == "__main__":
    run(measure)
