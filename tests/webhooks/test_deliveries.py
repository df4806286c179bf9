"""Deliveries: signed, tried again on the table, never held up by another endpoint, never lost with a worker."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import datetime, timedelta

import pytest
from django.db import connection
from standardwebhooks import WebhookVerificationError

from core.clock import wall
from core.errors import Conflict, NotFound
from tests.webhooks.conftest import AT, answer, listen, record, send, settle
from webhooks import rules, services
from webhooks.models import Attempt, Delivery, Endpoint
from webhooks.queries import access_delivery, describe_event, list_deliveries
from webhooks.rules import RETRY_S
from webhooks.services import deliveries as sending

pytestmark = pytest.mark.django_db(transaction=True)


def secret_of(endpoint: Endpoint, number: int = 0) -> str:
    return endpoint.secrets[number]["secret"]


def make_due(delivery: Delivery) -> None:
    Delivery.objects.filter(pk=delivery.pk).update(next_at=wall())


def test_an_event_arrives_signed_by_the_standard(shop, receiver):
    endpoint = listen(shop, receiver)
    event = record(shop, "a")
    assert send() == 1
    assert receiver.verify(secret_of(endpoint)) == json.loads(json.dumps(describe_event(event)))
    heard = receiver.heard[0]
    assert heard.path == "/hooks?shop=1"
    assert (heard.headers["webhook-id"], heard.headers["content-type"]) == (event.public_id, "application/json")
    assert "Ærø".encode() in heard.body
    assert abs(int(heard.headers["webhook-timestamp"]) - wall().timestamp()) < 5
    delivery = Delivery.objects.get()
    assert (delivery.status, delivery.tries, delivery.claimed_until) == ("delivered", 1, None)
    attempt = Attempt.objects.get()
    assert (attempt.status_code, attempt.error, attempt.answer, attempt.at) == (200, "", "ok", AT)
    assert send() == 0
    assert len(receiver.heard) == 1


def test_a_changed_body_or_a_foreign_secret_does_not_verify(shop, receiver):
    endpoint = listen(shop, receiver)
    other = listen(shop, receiver, "order.voided")
    record(shop, "a")
    send()
    with pytest.raises(WebhookVerificationError):
        receiver.verify(secret_of(other))
    receiver.heard[0].body = receiver.heard[0].body.replace(b"ord_1", b"ord_2")
    with pytest.raises(WebhookVerificationError):
        receiver.verify(secret_of(endpoint))


def test_while_a_secret_rotates_both_sign_and_then_the_old_one_ends(shop, receiver):
    endpoint = listen(shop, receiver)
    old = secret_of(endpoint)
    endpoint = services.rotate_secret(merchant=shop, endpoint_id=endpoint.pk, at=AT, actor="test")
    new = secret_of(endpoint)
    record(shop, "a")
    send()
    assert new != old
    assert len(receiver.heard[0].headers["webhook-signature"].split()) == 2
    assert receiver.verify(old) == receiver.verify(new)
    later = [endpoint.secrets[0], endpoint.secrets[1] | {"until": (wall() - timedelta(seconds=1)).isoformat()}]
    endpoint.secrets = later
    endpoint.save()
    record(shop, "b")
    send()
    assert receiver.verify(new)["sequence"] == 2
    with pytest.raises(WebhookVerificationError):
        receiver.verify(old)


def wait_between(delivery: Delivery, before: datetime, after: datetime) -> int | None:
    """Return the whole seconds until the next try, counted from a moment of the last one; None where there is none."""
    if delivery.status != "waiting":
        return None
    earliest, latest = (delivery.next_at - after).total_seconds(), (delivery.next_at - before).total_seconds()
    return next((wait for wait in RETRY_S if earliest <= wait <= latest), round(latest))


def test_failures_are_tried_again_on_the_table_and_then_fail_for_good(shop, receiver):
    listen(shop, receiver)
    record(shop, "a")
    delivery = Delivery.objects.get()
    receiver.behave = answer(500, b"broken")
    waits = []
    for _ in range(11):
        make_due(delivery)
        before = wall()
        assert send() == 1
        delivery.refresh_from_db()
        waits.append(wait_between(delivery, before, wall()))
        assert send() == 0
    assert waits == [10, 120, 900, 3600, 10_800, 21_600, 43_200, 86_400, 86_400, 86_400, None]
    assert (delivery.status, delivery.tries) == ("failed", 11)
    assert {item.headers["webhook-id"] for item in receiver.heard} == {delivery.event.public_id}
    assert list(Attempt.objects.values_list("status_code", "error", "answer").distinct()) == [(500, "answered 500", "broken")]
    make_due(delivery)
    assert send() == 0


def test_410_disables_the_endpoint_and_fails_what_waits_for_it(shop, receiver):
    endpoint = listen(shop, receiver)
    record(shop, "a")
    first = Delivery.objects.get()
    receiver.behave = answer(410)
    record(shop, "b")
    Delivery.objects.exclude(pk=first.pk).update(next_at=wall() + timedelta(hours=1))
    assert send() == 1
    endpoint.refresh_from_db()
    assert (endpoint.active, endpoint.disabled_at, endpoint.disabled_reason) == (False, AT, "gone")
    assert list(Delivery.objects.values_list("status", flat=True)) == ["failed", "failed"]
    first.refresh_from_db()
    assert (first.tries, first.attempts.get().status_code) == (1, 410)
    record(shop, "c")
    assert Delivery.objects.count() == 2
    with pytest.raises(Conflict) as refused:
        services.resend(merchant=shop, delivery_id=first.pk, at=AT, actor="test")
    assert refused.value.code == "webhooks.endpoint_disabled"


def test_an_endpoint_that_hangs_delays_no_other_and_not_the_sender(shop_at, receiver_at):
    slow_shop, quick_shop, slow, quick = shop_at(), shop_at(), receiver_at(), receiver_at()
    slow.behave = slow.hang
    listen(slow_shop, slow)
    listen(quick_shop, quick)
    for number in range(30):
        record(slow_shop, f"s{number}")
    for number in range(30):
        record(quick_shop, f"q{number}")
    start = time.monotonic()
    assert send() == 30 + sending.PER_ENDPOINT
    assert time.monotonic() - start < 6
    assert len(quick.heard) == 30
    assert Delivery.objects.filter(endpoint__merchant=quick_shop, status="delivered").count() == 30
    assert len(slow.heard) == sending.PER_ENDPOINT
    # Others who look find nothing more for the one that hangs, and are at once done.
    start = time.monotonic()
    assert send() == 0
    assert time.monotonic() - start < 1
    record(quick_shop, "one more")
    assert send() == 1
    assert len(quick.heard) == 31
    slow.released.set()
    for delivery in Delivery.objects.filter(endpoint__merchant=slow_shop, claimed_until__isnull=False):
        settle(delivery)
    assert Attempt.objects.filter(delivery__endpoint__merchant=slow_shop).count() == sending.PER_ENDPOINT


def test_what_ends_after_the_sender_has_gone_on_is_recorded(shop, receiver, monkeypatch):
    monkeypatch.setattr(sending, "PATIENCE_S", 0.2)
    listen(shop, receiver)
    record(shop, "a")

    def late(request) -> None:
        time.sleep(2 * sending.PATIENCE_S + 1)
        answer(200, b"late")(request)

    receiver.behave = late
    assert send() == 1
    delivery = Delivery.objects.get()
    assert delivery.status == "waiting"
    assert settle(delivery).status == "delivered"
    assert delivery.attempts.get().answer == "late"


def test_many_workers_at_once_deliver_each_event_once(shop, receiver):
    listen(shop, receiver)
    for number in range(60):
        record(shop, f"a{number}")
    start, sent = threading.Barrier(4), []

    def work() -> None:
        start.wait()
        sent.append(send())
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    while Delivery.objects.filter(status="waiting").exists():
        sent.append(send())
    assert sum(sent) == 60
    ids = [item.headers["webhook-id"] for item in receiver.heard]
    assert (len(ids), len(set(ids))) == (60, 60)
    assert Attempt.objects.count() == 60


def test_what_a_killed_worker_had_in_hand_is_delivered_by_another(shop, receiver, process_env):
    listen(shop, receiver)
    record(shop, "a")
    receiver.behave = receiver.hang
    code = (
        "import django; django.setup(); from core.clock import now; from webhooks.services import send_webhooks; "
        "send_webhooks(at=now()); import time; time.sleep(60)"
    )
    worker = subprocess.Popen([sys.executable, "-c", code], env=process_env | {"DJANGO_SETTINGS_MODULE": "bnpl.settings"})
    stop = time.monotonic() + 20
    while not receiver.heard and time.monotonic() < stop:
        time.sleep(0.05)
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    delivery = Delivery.objects.get()
    assert (delivery.status, delivery.tries, len(receiver.heard)) == ("waiting", 0, 1)
    receiver.behave = answer(200)
    assert send() == 0
    Delivery.objects.update(claimed_until=wall() - timedelta(seconds=1))
    assert send() == 1
    delivery.refresh_from_db()
    assert (delivery.status, delivery.tries) == ("delivered", 1)
    assert receiver.heard[0].headers["webhook-id"] == receiver.heard[1].headers["webhook-id"]


def test_any_delivery_can_be_looked_at_and_sent_again(shop_at, receiver):
    shop, stranger = shop_at(), shop_at()
    endpoint = listen(shop, receiver)
    record(shop, "a")
    send()
    delivery = list_deliveries(endpoint)[0]
    services.resend(merchant=shop, delivery_id=delivery.pk, at=AT, actor="user:ann")
    assert send() == 1
    seen = access_delivery(delivery.pk, shop)
    assert (seen.status, seen.tries, seen.resent_by, seen.resent_at) == ("delivered", 1, "user:ann", AT)
    assert [attempt.status_code for attempt in seen.attempts.all()] == [200, 200]
    assert receiver.heard[0].headers["webhook-id"] == receiver.heard[1].headers["webhook-id"]
    assert receiver.heard[0].body == receiver.heard[1].body
    for denied in (
        lambda: services.resend(merchant=stranger, delivery_id=delivery.pk, at=AT, actor="x"),
        lambda: access_delivery(delivery.pk, stranger),
    ):
        with pytest.raises(NotFound):
            denied()
    delivery.refresh_from_db()
    assert (delivery.status, delivery.resent_by) == ("delivered", "user:ann")
    assert send() == 0


def test_deliveries_are_listed_newest_first_by_page(shop, receiver):
    endpoint = listen(shop, receiver)
    for number in range(5):
        record(shop, f"a{number}")
    first = list_deliveries(endpoint, limit=3)
    rest = list_deliveries(endpoint, before=first[-1].pk, limit=3)
    assert [item.event.sequence for item in first + rest] == [5, 4, 3, 2, 1]


def test_a_long_answer_is_kept_in_part(shop, receiver):
    listen(shop, receiver)
    record(shop, "a")
    receiver.behave = answer(200, b"z" * 100_000)
    send()
    assert Attempt.objects.get().answer == "z" * sending.KEEP_ANSWER


def test_a_forbidden_address_is_never_called_even_where_it_stands_in_the_row(shop, receiver):
    endpoint = listen(shop, receiver)
    Endpoint.objects.filter(pk=endpoint.pk).update(url="https://169.254.169.254/latest/meta-data/")
    record(shop, "a")
    assert send() == 1
    delivery = Delivery.objects.get()
    assert (delivery.status, delivery.attempts.get().error) == ("waiting", "refused: The host is not a public one.")


def test_looking_for_work_is_one_statement_where_there_is_none(shop, receiver, django_assert_num_queries):
    listen(shop, receiver)
    with django_assert_num_queries(1) as seen:
        send()
    assert "SKIP LOCKED" in seen.captured_queries[0]["sql"]


def test_the_table_of_waits_is_the_one_that_is_documented():
    at = wall()
    assert [rules.next_try(tries=tries, at=at) for tries in (1, 10, 11, 12)] == [
        at + timedelta(seconds=10),
        at + timedelta(hours=24),
        None,
        None,
    ]
