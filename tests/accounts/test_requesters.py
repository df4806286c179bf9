"""Who asks is limited, never whose the address is; and a new code is one that works."""

from datetime import timedelta

import pytest

from accounts import services
from accounts.errors import CodeUsedUp, CodeWrong
from accounts.models import SignInCode
from core.errors import TooMany, Unavailable

RIGHT, WRONG = "111111", "999999"
VICTIM = {"ip": "198.51.100.7", "device": "victim"}


def ask(to, at, **who):
    return services.send_code(destination=to, channel="email", at=at, **who)


def latest_code(world, to: str) -> str:
    return world.get("/mailbox/api/messages", {"to": to})["data"][0]["text"].split()[0]


@pytest.mark.parametrize("stranger", [{"ip": "203.0.113.1"}, {"ip": "203.0.113.1", "device": "a"}, {"ip": "198.51.100.7", "device": "a"}])
def test_what_strangers_ask_for_makes_the_owner_wait_for_nothing(us, world, email, at, stranger):
    to = email()
    for minute in range(5):
        ask(to, at + timedelta(minutes=minute), **stranger)
    with pytest.raises(TooMany) as caught:
        ask(to, at + timedelta(minutes=5), **stranger)
    assert caught.value.retry_after_s == 55 * 60
    row = ask(to, at + timedelta(minutes=5), **VICTIM)
    assert services.verify_code(code_id=row.pk, code=latest_code(world, to), at=at + timedelta(minutes=5)).used_at


def test_strangers_who_used_up_what_the_provider_sends_do_not_use_up_the_owner_s(us, world, email, at):
    to = email()
    for number in range(5):
        ask(to, at, ip=f"203.0.113.{number}")
    row = ask(to, at, **VICTIM)
    assert services.verify_code(code_id=row.pk, code=latest_code(world, to), at=at).used_at


def test_new_browsers_do_not_lift_the_limit_of_a_network(us, world, email, at):
    to = email()
    for number in range(15):
        ask(to, at + timedelta(seconds=number), ip="203.0.113.1", device=f"d{number}")
    with pytest.raises(TooMany):
        ask(to, at + timedelta(minutes=1), ip="203.0.113.1", device="another")
    assert SignInCode.objects.count() == 15
    assert ask(to, at + timedelta(minutes=1), **VICTIM)


def test_after_five_wrong_tries_the_next_code_is_another_and_works(us, world, email, at):
    to = email()
    row = ask(to, at, **VICTIM)
    first = latest_code(world, to)
    for _ in range(5):
        with pytest.raises(CodeWrong):
            services.verify_code(code_id=row.pk, code=WRONG, at=at)
    later = at + timedelta(seconds=1)
    fresh = ask(to, later, **VICTIM)
    second = latest_code(world, to)
    assert fresh.provider_ref != row.provider_ref
    assert second != first
    assert services.verify_code(code_id=fresh.pk, code=second, at=later).used_at == later


def test_a_code_that_strangers_tried_too_often_is_replaced(us, world, email, at):
    to = email()
    theirs, row = ask(to, at, ip="203.0.113.1"), ask(to, at, **VICTIM)
    assert theirs.provider_ref == row.provider_ref
    for _ in range(5):
        with pytest.raises(CodeWrong):
            services.verify_code(code_id=theirs.pk, code=WRONG, at=at)
    with pytest.raises(CodeUsedUp):
        services.verify_code(code_id=row.pk, code=RIGHT, at=at)
    later = at + timedelta(seconds=1)
    fresh = ask(to, later, **VICTIM)
    assert services.verify_code(code_id=fresh.pk, code=latest_code(world, to), at=later).used_at == later


def test_where_the_old_code_cannot_be_ended_no_dead_one_is_sent(us, world, email, at):
    to = email()
    row = ask(to, at, **VICTIM)
    for _ in range(5):
        with pytest.raises(CodeWrong):
            services.verify_code(code_id=row.pk, code=WRONG, at=at)
    world.post("/control/chaos", {"target": "twilio", "fail_rate": 1})
    with pytest.raises(Unavailable):
        ask(to, at + timedelta(seconds=31), **VICTIM)
    assert SignInCode.objects.count() == 1
