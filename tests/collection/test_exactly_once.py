"""Exactly one charge for each installment, whatever is killed, raced, hung up on or flushed.

Real processes on this test's database, a real sandbox gateway that answers slowly, real SIGKILL.
"""

import random
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import timedelta

import pytest
import requests
from django.conf import settings as django_settings

from bnpl.env import ROOT
from checkout import services as checkouts
from core import clock, timers
from core.clock import wall
from payments.models import Authorization, Charge, Payout, Refund
from plans.models import Installment
from reports.books import check_books
from stack import programs
from tests.reported import report_charges

pytestmark = pytest.mark.django_db(transaction=True)
LATE = timedelta(days=75)
RUN = """
import sys, datetime, django
django.setup()
from {module} import {name}
print("ready", flush=True)
sys.stdin.readline()
print({name}(at=datetime.datetime.fromisoformat("{at}")), flush=True)
"""


@pytest.fixture
def trouble(sandbox_world, settings):
    def control(**what):
        answer = requests.post(
            f"{settings.SANDBOX_URL}/control/chaos",
            json={"target": "gateway", **what},
            headers={"Authorization": f"Bearer {settings.SANDBOX_KEY}"},
            timeout=30,
        )
        assert answer.status_code < 300, answer.text

    yield control
    control()


@pytest.fixture
def orders(buy, merchant, at):
    """Eight orders of four installments, all of them due when the run comes 75 days late."""
    made = [buy(merchant, 8_000 + n, email=f"p{n}+approve@people.example") for n in range(8)]
    for order in made:
        checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=None, actor="test", at=at)
    return made


@pytest.fixture
def start(process_env):
    """`start(at)` begins a process that waits on the line and then runs a timer; all are killed when the test ends."""
    running = []

    def begin(at, name="run_due", module="collection.services"):
        code = RUN.format(module=module, name=name, at=at.isoformat())
        env = {**process_env, "BNPL_CALLS_IN_FLIGHT": "4"}
        process = subprocess.Popen(
            [sys.executable, "-c", code], cwd=ROOT, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        running.append(process)
        assert process.stdout.readline() == "ready\n"
        return process

    yield begin
    for process in running:
        process.kill()
        process.wait()


def go(process):
    process.stdin.write("go\n")
    process.stdin.flush()


def end_claims():
    """Let a minute pass for whoever holds a claim."""
    for model in (Charge, Refund, Payout, Authorization):
        model.objects.filter(claimed_until__isnull=False).update(claimed_until=wall() - timedelta(seconds=1))


def come_to_rest(at):
    for _ in range(20):
        end_claims()
        timers.run_until_quiet(at=at)
        if not Charge.objects.filter(status__in=["pending", "unknown"]).exists():
            return
    raise AssertionError("charges did not settle")


def succeeded(orders):
    ours = {order.plan.public_id for order in orders}
    return [row for row in report_charges() if row.reference in ours and row.status == "succeeded"]


def assert_charged_once(orders):
    """The gateway itself says: one charge for each installment, of its amount; and the books hold."""
    rows = Installment.objects.filter(plan__in=[order.plan_id for order in orders]).select_related("plan")
    assert {row.status for row in rows} == {"paid"}
    expected = Counter((row.plan.public_id, row.amount_minor) for row in rows)
    assert Counter((row.reference, row.amount_minor) for row in succeeded(orders)) == expected
    assert Installment.objects.filter(charge_id__isnull=False).count() == 0
    checks = check_books()
    assert [line for check in checks for line in check.offenders] == []


@pytest.mark.parametrize("seed", [2])
def test_workers_that_are_killed_in_mid_charge(orders, start, trouble, at, seed):
    chance = random.Random(seed)
    trouble(latency_ms=120, match="charges")
    killed_with = []
    for _ in range(3):
        process = start(at + LATE)
        go(process)
        time.sleep(chance.uniform(0.2, 0.8))
        process.send_signal(signal.SIGKILL)
        process.wait()
        killed_with.append(Charge.objects.filter(status="pending").count())
        end_claims()
    assert max(killed_with) > 0
    trouble()
    come_to_rest(at + LATE)
    assert_charged_once(orders)
    assert Charge.objects.count() == 32


def test_a_worker_that_is_killed_while_it_settles_what_was_left(orders, start, trouble, at):
    trouble(latency_ms=120, match="charges")
    first = start(at + LATE)
    go(first)
    time.sleep(0.4)
    first.kill()
    first.wait()
    end_claims()
    second = start(at + LATE, "resolve_charges", "payments.services")
    go(second)
    time.sleep(0.3)
    second.kill()
    second.wait()
    trouble()
    come_to_rest(at + LATE)
    assert_charged_once(orders)


def test_four_workers_at_once(orders, start, trouble, at):
    trouble(latency_ms=20)
    workers = [start(at + LATE) for _ in range(4)]
    for worker in workers:
        go(worker)
    made = [int(worker.stdout.readline()) for worker in workers]
    assert sum(made) <= 32
    come_to_rest(at + LATE)
    assert_charged_once(orders)
    assert Charge.objects.count() == 32


def test_a_gateway_that_hangs_up_and_fails_at_random(orders, start, trouble, at):
    trouble(hang_up_after_recording=0.3, fail_rate=0.2, seed=5)
    workers = [start(at + LATE) for _ in range(2)]
    for worker in workers:
        go(worker)
    for worker in workers:
        worker.stdout.readline()
    assert Charge.objects.filter(status="failed").count() == 0
    for _ in range(3):
        end_claims()
        timers.run_until_quiet(at=at + LATE)
    trouble()
    come_to_rest(at + LATE)
    assert_charged_once(orders)
    assert Charge.objects.count() == 32


def test_redis_is_flushed_and_a_worker_killed_while_orders_are_captured(buy, merchant, spawn, process_env, trouble):
    import redis

    now = clock.now()
    made = [buy(merchant, 8_000 + n, at=now, email=f"p{n}+approve@people.example") for n in range(6)]
    broker = redis.Redis.from_url(django_settings.REDIS_URL)
    trouble(latency_ms=100, match="charges")
    running = spawn(programs.worker("worker-1", process_env), programs.worker("worker-2", process_env), programs.beat(process_env))
    for n, order in enumerate(made):
        checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=None, actor="test", at=clock.now())
        broker.flushdb()
        if n == 3:
            running.runs["worker-1"].process.kill()
    until = time.monotonic() + 60
    firsts = Installment.objects.filter(plan__in=[order.plan_id for order in made], number=1)
    while firsts.exclude(status="paid").exists() and time.monotonic() < until:
        end_claims()
        time.sleep(0.5)
    assert set(firsts.values_list("status", flat=True)) == {"paid"}
    assert Counter((row.reference, row.amount_minor) for row in succeeded(made)) == Counter(
        (row.plan.public_id, row.amount_minor) for row in firsts
    )
