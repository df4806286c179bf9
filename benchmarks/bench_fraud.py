"""Fraud: the assessment of an attempt to buy compared with its own statements alone; authorizing with and without an assessment.

Checkout, person and card are already read, and Redis has half of the values. The first figure is the 95th percentile of the whole
assessment (counting, reading, signals, rules) divided by the 95th percentile of its statements, sent by the bare driver in the same
process; the detail gives the time, which may be at most 15 ms. The second figure is how much longer the transaction of the last click takes
if it also writes the assessment's rows; the detail gives the additional share of the assessment itself.
"""

import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from benchmarks.harness import Figure, run, settle, stack

COUNT, PLAIN = 400, 200


def measure() -> list[Figure]:
    """Assess COUNT attempts, turn half of them into orders, make other orders without an assessment, and return both figures."""
    with stack():
        from django.db import connection

        from benchmarks.purchases import make_purchases
        from controls.services.ruling import forget_rules
        from controls.services.shipping import ship_rules

        at = datetime.now(UTC)
        make_purchases(COUNT + PLAIN, at)
        ship_rules()
        forget_rules()
        settle()
        attempts = [_Attempt(number, at) for number in range(COUNT + PLAIN)]
        said: list[tuple[str, Any]] = []

        def listen(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
            said.append((sql, params))
            return execute(sql, params, many, context)

        whole: list[float] = []
        bare: list[float] = []
        assessed: list[Any] = []
        for attempt in attempts[:COUNT]:
            said.clear()
            with connection.execute_wrapper(listen):
                assessed.append(_timed(attempt.assess, whole))
            _timed(partial(_send, said), bare)
        with_it: list[float] = []
        without: list[float] = []
        for number in range(PLAIN):
            _timed(partial(attempts[number].authorize, assessed[number]), with_it)
            _timed(partial(attempts[COUNT + number].authorize, None), without)
    ours, theirs = (statistics.quantiles(times[50:], n=20)[-1] for times in (whole, bare))
    ratio = statistics.median(with_it) / statistics.median(without)
    share = statistics.median(whole[50:]) / statistics.median(without)
    times = f"p50 {statistics.median(whole[50:]) * 1000:.1f} ms, p95 {ours * 1000:.1f} ms (at most 15)"
    detail = f"{times}, {len(said)} statements alone {theirs * 1000:.2f} ms"
    return [
        Figure("fraud_assessment", ours / theirs, 12.0, 6.0, "lower", detail),
        Figure("fraud_authorize", ratio, 1.25, 1.10, "lower", f"its rows with the order; the assessment before is {share:.0%} of it"),
    ]


class _Attempt:
    """An attempt to buy whose rows are already read."""

    def __init__(self, number: int, at: datetime) -> None:
        from accounts.models import Consumer
        from benchmarks.purchases import PRODUCT, key
        from checkout.agreeing import write_terms
        from checkout.queries import get_checkout
        from checkout.services import authorizing
        from fraud.purchases import Device
        from payments.models import PaymentMethod

        self.at = at + timedelta(milliseconds=number)
        self.checkout = get_checkout(key("checkout", number))
        self.consumer = Consumer.objects.select_related("market").get(pk=key("consumer", number))
        self.method = PaymentMethod.objects.get(pk=key("method", number))
        self.quote = authorizing.pick_quote(self.checkout, PRODUCT, at)
        self.terms = write_terms(self.checkout, self.consumer, self.quote, at)
        self.device = Device(id=f"id-{number // 2}", print=f"print-{number // 2}", zone="America/New_York", fill_s=30.0)
        self.network = f"93.184.{number // 200}.{1 + number % 200}"

    def assess(self) -> Any:
        """Assess it."""
        from checkout.services.authorizing import assess
        from payments.services import Asker

        asker = Asker(network=self.network, device=self.device.id)
        return assess(self.checkout, self.consumer, self.method, at=self.at, asker=asker, device=self.device, network=self.network)

    def authorize(self, assessed: Any) -> None:
        """Turn it into an order."""
        from checkout.services import authorizing

        order = authorizing.authorize_order(
            checkout_id=self.checkout.id,
            consumer=self.consumer,
            quote=self.quote,
            method=self.method,
            held=None,
            agreement=self.terms,
            at=self.at,
            assessed=assessed,
        )
        assert order.status == "authorized"


def _timed(act: Callable[[], Any], into: list[float]) -> Any:
    start = time.perf_counter()
    found = act()
    into.append(time.perf_counter() - start)
    return found


def _send(said: list[tuple[str, Any]]) -> None:
    from django.db import connection

    with connection.connection.cursor() as cursor:
        for sql, params in said:
            cursor.execute(sql, params)
            cursor.fetchall()


if __name__ == "__main__":
    run(measure)
