"""The same key and body run once: answers are kept with the work, by whoever is first, for 30 days."""

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta

import pytest

from bnpl.env import ROOT
from core.clock import now
from core.errors import Conflict, Invalid
from core.idempotency import Answer, check_key, fingerprint, run_once
from core.models import ClockOffset, IdempotentAnswer
from core.retention import forget_old

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def call(at):
    """Give a function that calls under a key and counts in the clock's row how often the work was done."""

    def run(key: str = "k", print_: str = "p", scope: str = "s", status: int = 201, wait_s: float = 0.0) -> Answer:
        def work() -> tuple[int, object]:
            row, _ = ClockOffset.objects.get_or_create(id=1)
            ClockOffset.objects.filter(id=1).update(seconds=row.seconds + 1)
            time.sleep(wait_s)
            return status, {"n": row.seconds + 1}

        return run_once(scope=scope, key=key, print_=print_, at=at, work=work)

    return run


def done() -> int:
    return int(ClockOffset.current().total_seconds())


def test_the_second_gets_the_first_one_s_answer(call):
    assert call() == Answer(201, {"n": 1}, replayed=False)
    assert call() == Answer(201, {"n": 1}, replayed=True)
    assert done() == 1


def test_scopes_and_keys_are_apart(call):
    assert [call().body, call(key="other").body, call(scope="other").body] == [{"n": 1}, {"n": 2}, {"n": 3}]


def test_another_body_is_refused_and_nothing_done(call):
    call()
    with pytest.raises(Invalid) as error:
        call(print_="other")
    assert (error.value.code, error.value.status, done()) == ("idempotency.key_reused", 422, 1)


def test_eight_at_once_do_the_work_once(call, at_once):
    results = at_once(8, lambda _: call(wait_s=0.15))
    running = [result for result in results if isinstance(result, Conflict)]
    answers = [result for result in results if isinstance(result, Answer)]
    assert len(running) + len(answers) == 8
    assert {error.code for error in running} <= {"idempotency.in_progress"}
    assert sorted(answer.replayed for answer in answers)[:1] == [False]
    assert sum(not answer.replayed for answer in answers) == 1
    assert {str(answer.body) for answer in answers} == {"{'n': 1}"}
    assert (done(), IdempotentAnswer.objects.count()) == (1, 1)


def test_while_the_first_runs_the_second_is_told_so(call, at_once):
    started = threading.Event()

    def slowly(number: int) -> object:
        if number:
            started.wait(5)
            time.sleep(0.1)
            return call()
        started.set()
        return call(wait_s=0.5)

    first, second = at_once(2, slowly)
    assert (first.replayed, second.code, second.status) == (False, "idempotency.in_progress", 409)
    assert call().replayed


def test_an_error_is_not_kept(at, call):
    def work() -> tuple[int, object]:
        ClockOffset.objects.create(id=1, seconds=50)
        raise Conflict("not now")

    with pytest.raises(Conflict, match="not now"):
        run_once(scope="s", key="k", print_="p", at=at, work=work)
    assert (done(), IdempotentAnswer.objects.count()) == (0, 0)
    assert call() == Answer(201, {"n": 1}, replayed=False)


DYING = """
import datetime, os, signal, sys, time, django
django.setup()
from core.idempotency import run_once
from core.models import ClockOffset, IdempotentAnswer

def work():
    ClockOffset.objects.create(id=1, seconds=41)
    return 201, {}

create = IdempotentAnswer.objects.create
def create_and_wait(**row):
    create(**row)
    print("written", flush=True)
    time.sleep(60)
IdempotentAnswer.objects.create = create_and_wait
run_once(scope="s", key="k", print_="p", at=datetime.datetime.now(datetime.UTC), work=work)
"""


def test_killed_before_the_commit_it_runs_again(call, process_env):
    process = subprocess.Popen([sys.executable, "-c", DYING], cwd=ROOT, env=process_env, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout.readline() == "written\n"
        with pytest.raises(Conflict):
            call()
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    deadline = time.monotonic() + 10
    while True:
        try:
            answer = call()
            break
        except Conflict:
            # The server notices within moments that its client is gone.
            assert time.monotonic() < deadline
            time.sleep(0.05)
    assert (answer, done()) == (Answer(201, {"n": 1}, replayed=False), 1)


def test_answers_are_kept_for_thirty_days(call, at):
    call()
    assert forget_old(at=at + timedelta(days=30)) == 0
    assert call().replayed
    assert forget_old(at=at + timedelta(days=30, seconds=1)) == 1
    assert not call().replayed
    assert done() == 2


@pytest.mark.parametrize("key", ["a", "k" * 255, "!~", "6f0c-1"])
def test_good_keys(key):
    assert check_key(key) == key


@pytest.mark.parametrize("key", ["", "k" * 256, "a b", "ä", "a\n", "\x7f"])
def test_bad_keys(key):
    with pytest.raises(Invalid) as error:
        check_key(key)
    assert error.value.code == "idempotency.key_invalid"


def test_parts_of_a_fingerprint_do_not_run_together():
    assert fingerprint(b"ab", b"c") != fingerprint(b"a", b"bc")
    assert now().tzinfo is not None
