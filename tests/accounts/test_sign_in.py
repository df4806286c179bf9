"""Signing in: codes, their limits, and being recognized."""

import threading
import uuid
from datetime import timedelta

import pytest
from django.db import connection

from accounts import queries, services
from accounts.errors import CodeUsedUp, CodeWrong
from accounts.models import Consumer, OnboardingStep, SignInCode
from core import providers
from core.errors import Invalid, NotFound, TooMany, Unavailable
from core.providers import Account, Capability

DOWN = "http://127.0.0.1:9"
RIGHT, WRONG = "111111", "999999"


def sent_code(world, to: str) -> str:
    text = world.get("/mailbox/api/messages", {"to": to})["data"][0]["text"]
    return text.split()[0]


def test_a_code_reaches_the_mailbox_and_opens(us, world, email, at):
    to = email()
    row = services.send_code(destination=f" {to.upper()} ", channel="email", at=at, ip="203.0.113.9")
    assert (row.destination, row.sent_at, row.attempts, row.used_at) == (to, at, 0, None)
    used = services.verify_code(code_id=row.pk, code=sent_code(world, to), at=at)
    assert used.used_at == at
    assert SignInCode.objects.get().attempts == 1


def test_a_code_reaches_the_phone(us, world, at):
    number = f"212555{uuid.uuid4().int % 10000:04d}"
    row = services.send_code(destination=number, channel="sms", at=at, market=us)
    assert row.destination == f"+1{number}"
    message = world.get("/phone/api/messages", {"to": row.destination})["data"][0]
    assert services.verify_code(code_id=row.pk, code=message["text"].split()[0], at=at).used_at == at


def test_a_destination_that_is_none(us, at):
    for channel, destination in (("email", "ann"), ("sms", "12"), ("pigeon", "ann@example.com"), ("sms", "2125550123")):
        with pytest.raises(Invalid) as caught:
            services.send_code(destination=destination, channel=channel, at=at)
        assert (caught.value.code, list(caught.value.fields)) == ("accounts.destination_invalid", ["destination"])
    assert SignInCode.objects.count() == 0


def test_wrong_codes_end_after_five_tries(us, world, email, at):
    row = services.send_code(destination=email(), channel="email", at=at)
    for _ in range(5):
        with pytest.raises(CodeWrong) as caught:
            services.verify_code(code_id=row.pk, code=WRONG, at=at)
        assert list(caught.value.fields) == ["code"]
    with pytest.raises(CodeUsedUp):
        services.verify_code(code_id=row.pk, code=RIGHT, at=at)
    row.refresh_from_db()
    assert (row.attempts, row.used_at) == (5, None)


def test_what_is_no_code_costs_no_try(us, world, email, at):
    row = services.send_code(destination=email(), channel="email", at=at)
    for typed in ("", "abc", "12"):
        with pytest.raises(CodeWrong):
            services.verify_code(code_id=row.pk, code=typed, at=at)
    row.refresh_from_db()
    assert row.attempts == 0


def test_a_code_works_once(us, world, email, at):
    row = services.send_code(destination=email(), channel="email", at=at)
    services.verify_code(code_id=row.pk, code=RIGHT, at=at)
    with pytest.raises(CodeUsedUp):
        services.verify_code(code_id=row.pk, code=RIGHT, at=at)


def test_a_code_gets_old(us, world, email, at):
    row = services.send_code(destination=email(), channel="email", at=at)
    with pytest.raises(CodeUsedUp):
        services.verify_code(code_id=row.pk, code=RIGHT, at=at + timedelta(minutes=10, seconds=1))
    row.refresh_from_db()
    assert (row.attempts, row.used_at) == (0, None)


def test_unknown_code(db, at):
    with pytest.raises(NotFound):
        services.verify_code(code_id=uuid.uuid4(), code=RIGHT, at=at)


def test_codes_are_sent_apart_and_five_an_hour(us, world, email, at):
    to = email()
    services.send_code(destination=to, channel="email", at=at)
    with pytest.raises(TooMany) as caught:
        services.send_code(destination=to, channel="email", at=at + timedelta(seconds=10))
    assert caught.value.retry_after_s == 20
    for minute in (1, 2, 3, 4):
        services.send_code(destination=to, channel="email", at=at + timedelta(minutes=minute))
    with pytest.raises(TooMany) as caught:
        services.send_code(destination=to, channel="email", at=at + timedelta(minutes=10))
    assert caught.value.retry_after_s == 50 * 60
    assert SignInCode.objects.count() == 5
    assert services.send_code(destination=email(), channel="email", at=at + timedelta(minutes=10))


def test_who_used_the_code_may_ask_for_the_next_at_once(us, world, email, at):
    to = email()
    for _ in range(6):
        row = services.send_code(destination=to, channel="email", at=at)
        services.verify_code(code_id=row.pk, code=RIGHT, at=at)
    assert SignInCode.objects.count() == 6


def test_hundreds_from_one_address_are_refused(us, world, email, at):
    row = services.send_code(destination=email(), channel="email", at=at, ip="203.0.113.7")
    rows = [SignInCode(channel="email", destination="x", destination_hash=f"{i:064x}", ip_hash=row.ip_hash, sent_at=at) for i in range(299)]
    SignInCode.objects.bulk_create(rows)
    with pytest.raises(TooMany):
        services.send_code(destination=email(), channel="email", at=at, ip="203.0.113.7")
    assert services.send_code(destination=email(), channel="email", at=at, ip="203.0.113.8")


def test_a_provider_that_is_away_changes_nothing(us, world, email, at):
    to = email()
    world.post("/control/chaos", {"target": "twilio", "fail_rate": 1})
    with pytest.raises(Unavailable):
        services.send_code(destination=to, channel="email", at=at)
    assert SignInCode.objects.count() == 0
    world.post("/control/chaos", {"target": "twilio"})
    row = services.send_code(destination=to, channel="email", at=at)
    world.post("/control/chaos", {"target": "twilio", "fail_rate": 1})
    with pytest.raises(Unavailable):
        services.verify_code(code_id=row.pk, code=RIGHT, at=at)
    row.refresh_from_db()
    assert (row.attempts, row.used_at) == (0, None)


def test_where_the_first_provider_is_down_the_next_sends_and_checks(us, world, email, at):
    values = {"account_sid": "AC0", "auth_token": "x", "service": "VA0", "api_base": DOWN}
    capabilities = frozenset({Capability.CODES})
    providers.keep([Account(code="first", provider="twilio-codes", capabilities=capabilities, priority=1, values=values)])
    to = email()
    row = services.send_code(destination=to, channel="email", at=at)
    assert row.provider == "sandbox-codes"
    assert services.verify_code(code_id=row.pk, code=sent_code(world, to), at=at).used_at == at
    world.post("/control/chaos", {"target": "twilio", "fail_rate": 1})
    with pytest.raises(Unavailable):
        services.send_code(destination=to, channel="email", at=at + timedelta(minutes=1))
    assert SignInCode.objects.count() == 1


def test_personal_data_is_not_readable_in_the_rows(us, world, email, at):
    to = email()
    services.send_code(destination=to, channel="email", at=at)
    services.get_or_create_consumer(channel="email", destination=to, market=us, at=at)
    with connection.cursor() as cursor:
        for table in ("accounts_signincode", "accounts_consumer"):
            cursor.execute(f"SELECT t::text FROM {table} AS t")
            assert to not in "".join(row[0] for row in cursor.fetchall())


def test_a_returning_consumer_is_recognized(us, dk, email, at):
    to = email()
    consumer = services.get_or_create_consumer(channel="email", destination=to, market=us, at=at)
    assert (consumer.email, consumer.market_id, consumer.locale, consumer.time_zone) == (to, "US", "en_US", "America/New_York")
    again = services.get_or_create_consumer(channel="email", destination=f" {to.upper()}", market=dk, at=at + timedelta(days=1))
    assert again.pk == consumer.pk
    assert again.created_at == at
    assert list(OnboardingStep.objects.values_list("step", "at")) == [("signed_up", at)]
    assert queries.find_consumer(channel="email", destination=to).pk == consumer.pk
    assert queries.find_consumer(channel="email", destination="nobody@example.com") is None
    assert queries.find_consumer(channel="email", destination="not an address") is None


def test_a_phone_is_one_in_every_spelling(us, at):
    consumer = services.get_or_create_consumer(channel="sms", destination="(212) 555-0100", market=us, at=at)
    assert (consumer.phone, consumer.email, consumer.email_hash) == ("+12125550100", "", None)
    for spelling, region in (("212 555 0100", "US"), ("+1 212 555 0100", "")):
        assert queries.find_consumer(channel="sms", destination=spelling, region=region).pk == consumer.pk


def test_a_number_that_was_only_told_recognizes_nobody(us, email, at):
    """Otherwise a person who signs up by phone would land in the account of whoever typed their number before."""
    consumer = services.get_or_create_consumer(channel="email", destination=email(), market=us, at=at)
    services.update_details(consumer=consumer, phone="212 555 0101", at=at, actor="test")
    other = services.get_or_create_consumer(channel="sms", destination="+12125550101", market=us, at=at)
    assert other.pk != consumer.pk


@pytest.mark.django_db(transaction=True)
def test_eight_sign_ups_at_once_make_one_consumer(us, email, at):
    to, found, start = email(), [], threading.Barrier(8)

    def sign_up():
        start.wait()
        found.append(services.get_or_create_consumer(channel="email", destination=to, market=us, at=at).pk)
        connection.close()

    threads = [threading.Thread(target=sign_up) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == Consumer.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_eight_tries_at_once_are_five(us, world, email, at):
    row = services.send_code(destination=email(), channel="email", at=at)
    answers, start = [], threading.Barrier(8)

    def attempt():
        start.wait()
        try:
            services.verify_code(code_id=row.pk, code=WRONG, at=at)
        except (CodeWrong, CodeUsedUp) as error:
            answers.append(type(error))
        connection.close()

    threads = [threading.Thread(target=attempt) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    row.refresh_from_db()
    assert len(answers) == 8
    assert answers.count(CodeUsedUp) >= 3
    assert (row.attempts, row.used_at) == (5, None)
