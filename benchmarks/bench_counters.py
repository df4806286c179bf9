"""Counters of fraud: how much longer counting an attempt takes after 10,000,000 attempts than after 10,000.

Each attempt has a person with five, a device with ten and an internet address with a hundred of them; one in fifty is of one office. Redis
has what was counted with every device. Both figures are ratios of 95th percentiles: of attempts whose values Redis has, and of those whose
values it has lost, so that PostgreSQL is asked; the server has been asked about some hundred others before.
"""

import statistics
import time
from random import Random

from benchmarks.harness import Figure, run, settle, stack

FEW, MANY = 10_000, 10_000_000
WARM, ASKED, ROUNDS = 500, 1_000, 3
_ATTEMPTS = """
    INSERT INTO fraud_sighting (id, consumer_id, subject, merchant, amount_minor, currency, verdict, person_key, device, network,
        email, phone, name, browser, card, address, same, twin, at)
    SELECT gen_random_uuid(), gen_random_uuid(), 's' || n, 'shop' || n %% 1000, 10000, 'EUR', 'allow', 'p' || n / 5, 'd' || n / 10,
        CASE WHEN n %% 50 = 0 THEN 'office' ELSE 'n' || n / 100 END, '', '', '', '', '', '', '', '',
        to_timestamp(%(now)s) - random() * interval '29 days'
    FROM generate_series(%(first)s, %(last)s) n"""
_COUNTED = """
for n = ARGV[1], ARGV[2] do
  local name = ARGV[3] .. n
  for i = 0, 9 do redis.call('ZADD', name .. ':s', ARGV[4] - i * 86400, 's' .. n * 10 + i) end
  redis.call('SET', name .. ':m', 1, 'EX', 86400)
end"""


def measure() -> list[Figure]:
    """Count attempts among few others, then among many; return how much longer it takes, from Redis and from PostgreSQL."""
    with stack():
        now_s = time.time()
        _grow(0, FEW - 1, now_s)
        few = _ask(FEW, now_s)
        _grow(FEW, MANY - 1, now_s)
        many = _ask(MANY, now_s)
    told = "{:.2f} ms p95 after {:,} attempts, {:.2f} ms after {:,}"
    return [
        Figure(f"counters_{where}_growth", many[where] / few[where], most, aim, "lower", told.format(few[where], FEW, many[where], MANY))
        for where, most, aim in (("in_redis", 1.3, 1.1), ("in_postgresql", 1.5, 1.2))
    ]


def _grow(first: int, last: int, now_s: float) -> None:
    """Write attempts from one number to another, and what Redis counted with their devices."""
    import redis
    from django.conf import settings

    from core.db import execute, rows, unit

    # What would be checked row by row is left out, and indexes are made afterwards, as a restored database makes them.
    made = rows("SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'fraud_sighting' AND indexname LIKE 'sighting%%'")
    with unit():
        execute("SET LOCAL session_replication_role = replica")
        execute("SET LOCAL maintenance_work_mem = '512MB'")
        for name, _sql in made:
            execute(f"DROP INDEX {name}")
        execute(_ATTEMPTS, {"first": first, "last": last, "now": now_s})
        for _name, sql in made:
            execute(sql)
    note = redis.Redis.from_url(settings.REDIS_URL).register_script(_COUNTED)
    for begin in range(first // 10, last // 10 + 1, 1_000):
        note(args=[begin, min(begin + 999, last // 10), f"{settings.FRAUD_COUNTERS}:device:d", now_s])
    settle()


def _ask(attempts: int, now_s: float) -> dict[str, float]:
    """Return the 95th percentiles in ms; the median of some rounds."""
    dice = Random(5)
    rounds = [(_p95(dice, attempts, now_s, lost=False), _p95(dice, attempts, now_s, lost=True)) for _ in range(ROUNDS)]
    return dict(zip(("in_redis", "in_postgresql"), map(statistics.median, zip(*rounds, strict=True)), strict=True))


def _p95(dice: Random, attempts: int, now_s: float, *, lost: bool) -> float:
    from fraud import counters

    times = []
    for _ in range(WARM + ASKED):
        drawn = dice.randrange(attempts)
        values = {"person_key": f"p{drawn // 5}", "device": f"d{drawn // 10}", "network": f"n{drawn // 100}" if drawn % 50 else "office"}
        if lost:
            counters.forget({key: {value} for key, value in values.items()})
        else:
            counters.note_and_count(values, subject=f"s{drawn}", at_s=now_s)
        start = time.perf_counter()
        found = counters.note_and_count(values, subject=f"s{drawn}", at_s=now_s)
        times.append((time.perf_counter() - start) * 1000)
        assert found["device"].tries["30d"] >= 10
    return statistics.quantiles(times[WARM:], n=20)[-1]


if __name__ == "__main__":
    run(measure)
