"""The cost of the audit log: `checkout.services.authorize_order` in four processes, with and without the log's triggers.

The same work as `bench_authorize`. Each pair of rounds has one with the triggers and one without, in alternating order, on unused
purchases. The figure is the median of the ratios with / without.
"""

from datetime import UTC, datetime

from benchmarks.bench_authorize import CLIENTS, EACH, product
from benchmarks.harness import Figure, median_ratio, run, settle, stack

PAIRS = 12


def watch(on: bool) -> None:
    """Switch the triggers of the log on or off."""
    from controls.audit.triggers import list_watched
    from core.db import execute

    for one in list_watched():
        execute(f"ALTER TABLE {one.table} {'ENABLE' if on else 'DISABLE'} TRIGGER {one.trigger}")


def measure() -> list[Figure]:
    """Measure alternately."""
    with stack():
        from benchmarks.purchases import make_purchases
        from core.db import rows

        at, block = datetime.now(UTC), CLIENTS * EACH
        make_purchases((2 * PAIRS + 1) * block, at)
        settle()
        firsts = iter(range(0, (2 * PAIRS + 1) * block, block))
        product(next(firsts), at)
        pairs = []
        for number in range(PAIRS):
            speeds = {}
            for on in (True, False) if number % 2 else (False, True):
                watch(on)
                speeds[on] = product(next(firsts), at)
            pairs.append((speeds[True], speeds[False]))
        ((written,),) = rows("SELECT count(*) FROM controls_auditrow")
    detail = f"{written} rows; " + ", ".join(f"{logged:.0f}/{bare:.0f}" for logged, bare in pairs) + " a second"
    return [Figure("audit_of_authorize", median_ratio(pairs), 0.95, 0.97, "higher", detail)]


if __name__ == "__main__":
    run(measure)
