"""Lanes: the delay of webhooks, letters and first payments during a due run, compared with their delay without one.

Four workers, one for each lane as in the demo, and a gateway that takes 300 ms. 1,000 orders are authorized one after the other, each with
a webhook to its shop and a letter to its consumer, and 100 are captured, so that their first payments are taken. This happens twice: on
idle workers, and while 50,000 installments are due. A delay is the time from the commit of an order or a capture until the shop has
answered, the letter is sent, or the payment is settled. The figure is the largest of the three ratios of the 95th percentiles, busy / idle.
"""

import statistics
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from benchmarks.bench_authorize import authorize
from benchmarks.harness import Figure, Stack, run, server, settle, stack
from stack import programs
from stack.program import Program

DUE, ORDERS, PAYMENTS = 50_000, 1_000, 100
PATIENCE_S = 300
UNDER_WAY = 500
Delays = dict[str, list[float]]


def measure() -> list[Figure]:
    """Measure the delays twice, and compare them."""
    with stack() as running:
        from benchmarks.due_run import rows
        from benchmarks.purchases import make_purchases
        from benchmarks.slow_workers import GATEWAY

        rows.make(DUE, gateway=GATEWAY)
        # None of these installments may be due, late or reminded of too early.
        server("UPDATE plans_installment SET due_date = CURRENT_DATE + 40, next_attempt_at = NULL WHERE next_attempt_at IS NOT NULL")
        make_purchases(2 * (ORDERS + PAYMENTS), datetime.now(UTC))
        _make_orders()
        _hear()
        settle()
        running.supervisor.start(programs.sandbox(running.folders, running.sandbox_port, running.env["BNPL_BASE_URL"], running.env))
        running.supervisor.start(*_workers(running), programs.beat(running.env))
        idle = _delays(0)
        _make_due()
        busy = _delays(ORDERS + PAYMENTS)
        left = _due()
    if not left:
        raise RuntimeError("the due run ended before the rest did")
    p95 = {name: (_p95(idle[name]), _p95(busy[name])) for name in idle}
    detail = ", ".join(f"{name} {before * 1000:.0f} -> {after * 1000:.0f} ms" for name, (before, after) in p95.items())
    return [Figure("lanes_p95_busy_by_idle", max(after / before for before, after in p95.values()), 2.0, 1.5, "lower", detail)]


def _p95(delays: list[float]) -> float:
    return statistics.quantiles(delays, n=20)[-1]


def _workers(running: Stack) -> list[Program]:
    """Return the demo's workers, with the slow gateway registered."""
    found = (programs.worker(name, running.env, threads=threads) for name, threads in programs.WORKERS.items())
    return [replace(one, argv=tuple("benchmarks.slow_workers" if part == "bnpl" else part for part in one.argv)) for one in found]


class _Answer(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Do not log."""


def _hear() -> None:
    """Start a webhook receiver for the shop of the purchases, in this process."""
    from merchants.models import Merchant
    from webhooks.services import create_endpoint

    heard = ThreadingHTTPServer(("127.0.0.1", 0), _Answer)
    threading.Thread(target=heard.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{heard.server_address[1]}/hooks"
    create_endpoint(merchant=Merchant.objects.get(slug="bench"), url=url, at=datetime.now(UTC), actor="bench")


_CHECKOUTS = """
    INSERT INTO checkout_checkout SELECT made.* FROM checkout_checkout AS pattern CROSS JOIN bench_name AS name
    JOIN plans_plan p ON p.id = name.plan_id, LATERAL jsonb_populate_record(pattern, jsonb_build_object('id', p.id,
        'consumer_id', p.consumer_id)) AS made
    WHERE pattern.id = (SELECT id FROM checkout_checkout LIMIT 1)"""
_ORDERS = """
    INSERT INTO checkout_order (id, checkout_id, merchant_id, consumer_id, plan_id, decision_id, merchant_reference, currency, amount_minor,
        captured_minor, refunded_minor, released_minor, fee_minor, fee_refunded_minor, status, capture, authorized_at, created_at)
    SELECT p.id, c.id, c.merchant_id, p.consumer_id, p.id, c.decision_id, 'D-1', p.currency, p.principal_minor,
        p.principal_minor, 0, 0, 0, 0, 'captured', 'automatic', p.created_at, p.created_at
    FROM bench_name AS name JOIN plans_plan p ON p.id = name.plan_id JOIN checkout_checkout c ON c.id = p.id"""


def _make_orders() -> None:
    """Make the order of each plan that will be due, so that its consumer gets the letters; its id contains the plan's number."""
    from core.db import execute, unit

    with unit():
        execute("SET LOCAL session_replication_role = replica")
        execute(_CHECKOUTS)
        execute(_ORDERS)


def _due() -> int:
    from core.db import rows

    return int(rows("SELECT count(*) FROM plans_installment WHERE number = 2 AND status = 'scheduled'")[0][0])


def _make_due() -> None:
    """Make the installments due, and wait until workers charge them."""
    from core.db import execute

    due = "due_date = (now() AT TIME ZONE 'America/New_York')::date, next_attempt_at = now()"
    execute(f"UPDATE plans_installment SET {due} WHERE number = 2 AND status = 'scheduled'")
    until = time.monotonic() + PATIENCE_S
    while _due() > DUE - UNDER_WAY:
        assert time.monotonic() < until, "the due run does not begin"
        time.sleep(0.1)


def _delays(first: int) -> Delays:
    """Authorize and capture from the `first` purchase on; return how long each webhook, letter and first payment took, in seconds."""
    began = datetime.now(UTC)
    authorized = {number: _authorized(number) for number in range(first, first + ORDERS)}
    captured = [_captured(number) for number in range(first + ORDERS, first + ORDERS + PAYMENTS)]
    until = time.monotonic() + PATIENCE_S
    while (missing := _missing(began)) and time.monotonic() < until:
        time.sleep(0.5)
    if missing:
        raise RuntimeError(f"{missing} did not end within {PATIENCE_S} s")
    return _ended(list(authorized.values()), captured, began)


def _authorized(number: int) -> tuple[str, datetime]:
    """Authorize a purchase; return its order and the time after the commit."""
    from benchmarks.purchases import key
    from checkout.models import Order

    authorize(range(number, number + 1), datetime.now(UTC))()
    return Order.objects.get(checkout_id=key("checkout", number)).public_id, datetime.now(UTC)


def _captured(number: int) -> tuple[str, datetime]:
    """Authorize a purchase in four payments and capture it; return its plan and the time after the commit."""
    from accounts.models import Consumer
    from benchmarks.purchases import key
    from benchmarks.slow_workers import GATEWAY
    from checkout.agreeing import write_terms
    from checkout.queries import get_checkout
    from checkout.services import authorizing, capture_order
    from payments.models import PaymentMethod

    at, method = datetime.now(UTC), PaymentMethod.objects.get(pk=key("method", number))
    consumer = Consumer.objects.select_related("market").get(pk=key("consumer", number))
    card = PaymentMethod.objects.create(consumer=consumer, gateway=GATEWAY, token=f"pm_{number}", shown=method.shown, created_at=at)
    checkout = get_checkout(key("checkout", number))
    quote = authorizing.pick_quote(checkout, "pay_in_4", at)
    agreement = write_terms(checkout, consumer, quote, at)
    order = authorizing.authorize_order(
        checkout_id=checkout.id, consumer=consumer, quote=quote, method=card, held=None, agreement=agreement, at=at
    )
    capture_order(order_id=order.id, merchant=order.merchant, amount_minor=None, actor="bench", at=datetime.now(UTC))
    return order.plan.public_id, datetime.now(UTC)


_MISSING = """
    SELECT (SELECT count(*) FROM core_outboxevent WHERE NOT relayed AND name LIKE 'checkout.%%' AND at >= %(began)s),
        (SELECT count(*) FROM core_delivery d JOIN core_outboxevent e ON e.id = d.event_id
         WHERE d.done_at IS NULL AND e.name LIKE 'checkout.%%' AND e.at >= %(began)s),
        (SELECT count(*) FROM webhooks_delivery d JOIN webhooks_merchantevent e ON e.id = d.event_id
         WHERE d.status = 'waiting' AND e.type = 'order.authorized' AND d.created_at >= %(began)s),
        (SELECT count(*) FROM notifications_message WHERE status = 'queued' AND kind = 'order_authorized' AND at >= %(began)s),
        %(payments)s - (SELECT count(*) FROM payments_charge c JOIN payments_paymentmethod m ON m.id = c.payment_method_id
         WHERE c.status = 'succeeded' AND m.token LIKE 'pm\\_%%' AND m.created_at >= %(began)s AND length(m.token) < 12)"""
_ENDED = """
    SELECT 'webhook', split_part(e.source, ':', 2), min(a.at) FROM webhooks_attempt a
    JOIN webhooks_delivery d ON d.id = a.delivery_id JOIN webhooks_merchantevent e ON e.id = d.event_id
    WHERE e.type = 'order.authorized' AND e.created_at >= %(began)s GROUP BY 2
    UNION ALL
    SELECT 'letter', context ->> 'order', sent_at FROM notifications_message
    WHERE kind = 'order_authorized' AND channel = 'email' AND at >= %(began)s
    UNION ALL
    SELECT 'payment', reference, min(settled_at) FROM payments_charge
    WHERE reference = ANY(%(plans)s) AND status = 'succeeded' GROUP BY 2"""


def _missing(began: datetime) -> int:
    from core.db import rows

    return sum(int(count) for count in rows(_MISSING, {"began": began, "payments": PAYMENTS})[0])


def _ended(authorized: list[tuple[str, datetime]], captured: list[tuple[str, datetime]], began: datetime) -> Delays:
    """Return the delays of each kind; RuntimeError if one is missing."""
    from core.db import rows

    since = dict([*authorized, *captured])
    found: Delays = {"webhook": [], "letter": [], "payment": []}
    for kind, about, at in rows(_ENDED, {"began": began, "plans": [plan for plan, _ in captured]}):
        if about in since:
            found[kind].append(max(0.0, (at - since[about]).total_seconds()))
    counts = {kind: len(delays) for kind, delays in found.items()}
    if counts != {"webhook": ORDERS, "letter": ORDERS, "payment": PAYMENTS}:
        raise RuntimeError(f"not everything ended: {counts}")
    return found


if __name__ == "__main__":
    run(measure)
