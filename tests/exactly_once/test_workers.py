"""The whole choreography with real workers, while they are killed, Redis is flushed, the gateway is slow and the clock runs ahead."""

import threading
import time
from collections import Counter
from datetime import timedelta

import pytest
import redis
import requests
from django.conf import settings as django_settings
from django.db import connection

from checkout import services as checkouts
from core import clock, timers
from core.models import Delivery, OutboxEvent
from merchants.models import Settlement
from payments.models import Authorization, Charge, Payout, Refund
from plans.models import Installment, Plan
from reports.books import check_books
from stack import programs
from tests.reported import report_charges
from tests.shops import open_shop
from webhooks.models import MerchantEvent

pytestmark = pytest.mark.django_db(transaction=True)
WEEKS = 5


@pytest.fixture
def trouble(sandbox_world, settings):
    """Give a function that troubles the gateway, until the test ends."""

    def control(**what) -> None:
        address, key = f"{settings.SANDBOX_URL}/control/chaos", {"Authorization": f"Bearer {settings.SANDBOX_KEY}"}
        requests.post(address, json={"target": "gateway", **what}, headers=key, timeout=30).raise_for_status()

    yield control
    control()


def end_claims() -> None:
    for model in (Charge, Refund, Payout, Authorization):
        model.objects.filter(claimed_until__isnull=False).update(claimed_until=clock.wall() - timedelta(seconds=1))


def move(moved: list[object]) -> None:
    """Move the clock week by week, as a shop's tests do."""
    try:
        moved.extend(timers.move_clock(days=7) for _ in range(WEEKS))
    except Exception as error:  # noqa: BLE001  (the test looks at it)
        moved.append(error)
    finally:
        connection.close()


def test_workers_are_killed_and_redis_is_flushed_while_the_clock_runs(buy, spawn, process_env, trouble):
    now = clock.now()
    merchant = open_shop(at=now)
    orders = [buy(merchant, 8_000 + n, at=now, email=f"p{n}+approve@people.example", product="pay_in_30") for n in range(6)]
    broker = redis.Redis.from_url(django_settings.REDIS_URL)
    running = spawn(programs.worker("worker-1", process_env), programs.worker("worker-2", process_env), programs.beat(process_env))
    trouble(latency_ms=60, hang_up_after_recording=0.1, hang_up_before_recording=0.05, seed=3)
    for order in orders[:5]:
        for amount in (3_000, 3_000, None):
            checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=amount, actor="test", at=clock.now())
    moved: list[object] = []
    mover = threading.Thread(target=move, args=[moved])
    mover.start()
    killed, looks, offenders = 0, 0, []
    while mover.is_alive():
        name = f"worker-{1 + killed % 2}"
        if name in running.runs:
            running.runs[name].process.kill()
            killed += 1
        broker.flushdb()
        offenders += [line for check in check_books() for line in check.offenders]
        looks += 1
        time.sleep(0.6)
        running.tend()
        end_claims()
    mover.join()
    trouble()
    assert [moment for moment in moved if isinstance(moment, Exception)] == []
    assert (killed >= 2, looks >= 2, offenders) == (True, True, []), "the books hold at every instant"
    until = time.monotonic() + 30
    while Charge.objects.filter(status__in=["pending", "unknown"]).exists() and time.monotonic() < until:
        end_claims()
        time.sleep(0.2)
    timers.run_until_quiet(at=clock.now())

    rows = Installment.objects.filter(plan__order__in=orders).select_related("plan")
    assert Counter(row.status for row in rows) == {"paid": 15}
    taken = Counter((charge.reference, charge.amount_minor) for charge in report_charges() if charge.status == "succeeded")
    assert taken == Counter((row.plan.public_id, row.amount_minor) for row in rows)
    assert set(Plan.objects.filter(order__in=orders[:5]).values_list("status", flat=True)) == {"completed"}
    orders[5].refresh_from_db()
    assert orders[5].status == "expired"
    dates = list(Settlement.objects.filter(merchant=merchant).order_by("date").values_list("date", flat=True))
    assert dates == [dates[0] + timedelta(days=n) for n in range(len(dates))]
    assert not OutboxEvent.objects.filter(relayed=False).exists()
    assert not Delivery.objects.filter(done_at=None).exists()
    told = list(MerchantEvent.objects.filter(merchant=merchant).order_by("sequence").values_list("sequence", "type"))
    assert [sequence for sequence, _ in told] == list(range(1, len(told) + 1))
    kinds = Counter(kind for _, kind in told)
    assert (kinds["order.captured"], kinds["plan.completed"], kinds["order.expired"]) == (15, 5, 1)
    assert [line for check in check_books() for line in check.offenders] == []


def test_the_door_answers_when_everything_has_happened_though_workers_run(buy, spawn, process_env, trouble):
    """What two eager workers take up when the clock moves is done when the mover answers."""
    now = clock.now()
    merchant = open_shop(at=now)
    orders = [buy(merchant, 9_000 + n, at=now, email=f"p{n}+approve@people.example") for n in range(4)]
    spawn(programs.worker("worker-1", process_env), programs.worker("worker-2", process_env), programs.beat(process_env))
    for order in orders:
        checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=None, actor="test", at=clock.now())
    trouble(latency_ms=200, match="charges")
    timers.move_clock(days=15)
    rows = Installment.objects.filter(plan__order__in=orders, number__lte=2)
    assert Counter(rows.values_list("status", flat=True)) == {"paid": 8}
    assert MerchantEvent.objects.filter(merchant=merchant, type="order.captured").count() == 4
    assert not Delivery.objects.filter(done_at=None).exists()
