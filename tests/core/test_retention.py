"""What grows by itself has an end: old rows of traffic go in small batches, what is young or not done stays, and nothing waits for it."""

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.db import IntegrityError, transaction

from accounts.models import SignInCode
from bnpl.audited import AUDITED
from bnpl.checks import faults
from bnpl.env import ROOT
from bnpl.retentions import RETENTIONS, old
from checkout import services as checkouts
from checkout.models import Checkout
from checkout.services import CheckoutDraft
from core import clock, outbox, relay, retention, timers
from core.db import execute, rows
from core.evidence import kept
from core.models import Delivery, IdempotentAnswer, OutboxEvent, TableDay
from core.money import Money
from core.retention import forget_batch, forget_old
from tests.owner import as_owner, tamper
from tests.shops import basket
from webhooks import services as webhooks
from webhooks.models import Attempt, MerchantEvent
from webhooks.models import Delivery as WebhookDelivery

DAY = timedelta(days=1)
GUARDED = [one for one in RETENTIONS if one.function]


def of(model):
    return next(one for one in RETENTIONS if one.model is model)


def old_events(count, *, days, open_ones=0):
    """Write events of so many days ago that were told, each to two; the last ones' second delivery is still open."""
    execute(
        """WITH told AS (
            INSERT INTO core_outboxevent (name, payload, at, relayed)
            SELECT 'x.done', jsonb_build_object('n', n), now() - make_interval(days => %(days)s) + make_interval(secs => n * 0.001), true
            FROM generate_series(1, %(count)s) n RETURNING id)
        INSERT INTO core_delivery (event_id, handler, attempts, next_at, done_at, error)
        SELECT id, 'a.handlers.b' || h, 1, now(), CASE WHEN h = 2 AND place > %(closed)s THEN NULL
            ELSE now() - make_interval(days => %(days)s) END, ''
        FROM (SELECT id, row_number() OVER (ORDER BY id) place FROM told) t CROSS JOIN generate_series(1, 2) h""",
        {"days": days, "count": count, "closed": count - open_ones},
    )


def test_every_guarded_table_of_traffic_has_its_function_and_no_other_has():
    guards = {trigger.name for trigger in kept()}
    for one in RETENTIONS:
        guarded = guards <= {trigger.name for trigger in getattr(one.model._meta, "triggers", ())}
        assert guarded is bool(one.function), one.table


def test_one_variable_has_one_floor():
    assert len({(one.setting, one.floor, one.why) for one in RETENTIONS}) == len({one.setting for one in RETENTIONS})


@pytest.mark.django_db
def test_rows_are_found_by_an_index_on_their_age():
    for one in RETENTIONS:
        found = rows("SELECT indexdef FROM pg_indexes WHERE tablename = %s", [one.table])
        assert any(f"USING btree ({one.age})" in line for (line,) in found), one.table


@pytest.mark.django_db
def test_old_events_go_with_their_deliveries_and_what_is_still_to_be_told_stays(at, settings):
    settings.KEEP_DAYS = settings.KEEP_DAYS | {"BNPL_KEEP_EVENTS_DAYS": 40}
    old_events(30, days=41, open_ones=3)
    old_events(5, days=39)
    OutboxEvent.objects.create(name="x.waiting", payload={}, at=clock.wall() - 400 * DAY)
    assert forget_old(at=clock.wall()) == 57 + 27
    assert forget_old(at=clock.wall()) == 0
    assert (OutboxEvent.objects.filter(relayed=True).count(), OutboxEvent.objects.filter(relayed=False).count()) == (8, 1)
    assert Delivery.objects.filter(done_at=None).count() == 3
    told = dict(TableDay.objects.values_list("name", "forgotten"))
    assert told == {"core_delivery": 57, "core_outboxevent": 27}
    assert set(TableDay.objects.values_list("day", flat=True)) <= {clock.wall().date(), (clock.wall() - DAY).date()}


@pytest.mark.django_db
def test_a_setting_below_the_floor_keeps_for_the_floor_and_is_a_fault(settings):
    settings.KEEP_DAYS = settings.KEEP_DAYS | {"BNPL_KEEP_EVENTS_DAYS": 1, "BNPL_KEEP_CODES_DAYS": 2}
    old_events(2, days=29)
    assert of(Delivery).days == 30
    assert forget_old(at=clock.wall()) == 0
    assert [fault.msg.split()[0] for fault in faults()] == ["BNPL_KEEP_EVENTS_DAYS"]


def test_what_is_set_by_itself_is_no_fault():
    assert faults() == []


_GATEWAY = """
    INSERT INTO payments_gatewayevent (gateway, event_id, kind, reference, received_at)
    VALUES ('g', '{id}', 'k', 'r', now() - interval '{days} days')"""
FORGING = {
    "forget_events": (
        "core_outboxevent",
        "INSERT INTO core_outboxevent (name, payload, at, relayed) VALUES ('x', '{}', now() - interval '29 days', true)",
        "INSERT INTO core_outboxevent (name, payload, at, relayed) VALUES ('x', '{}', now() - interval '31 days', true)",
    ),
    "forget_gateway_events": (
        "payments_gatewayevent",
        _GATEWAY.format(id="e1", days=119),
        _GATEWAY.format(id="e2", days=121),
    ),
}
ARGUMENTS = [
    "now(), 1000",
    "'infinity', 1000",
    "NULL, 1000",
    "now() + interval '900 days', 2147483647",
    "now(), NULL",
    "'-infinity', 10",
    "now(), 0",
]


@pytest.mark.django_db
@pytest.mark.parametrize("function", FORGING)
def test_the_application_forgets_what_is_older_than_the_floor_only_and_by_the_function_only(function):
    table, young, old = FORGING[function]
    execute(young)
    execute(old)
    for who in ("", "SET LOCAL pgtrigger.ignore = '{pgtrigger_kept_3fdcf,pgtrigger_kept_acc1b}'; "):
        for where in ("", " WHERE true", f" WHERE id = (SELECT max(id) FROM {table})"):
            with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
                execute(f"{who}DELETE FROM {table}{where}")
    assert rows(f"SELECT count(*) FROM {table}") == [(2,)]
    assert [rows(f"SELECT public.{function}({given})")[0][0] for given in ("'-infinity', 10", "now(), 0")] == [0, 0]
    execute("SET LOCAL pgtrigger.ignore = '{pgtrigger_none}'")
    assert rows(f"SELECT public.{function}(now(), 1000)") == [(1,)]
    assert rows("SELECT current_setting('pgtrigger.ignore')") == [("{pgtrigger_none}",)]
    for given in ARGUMENTS:
        assert rows(f"SELECT public.{function}({given})") == [(0,)], given
    assert rows(f"SELECT count(*) FROM {table}") == [(1,)]
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        execute(f"DELETE FROM {table}")


@pytest.mark.django_db
def test_functions_of_the_owner_are_lent_to_the_application_alone(application):
    found = rows(
        """SELECT p.proname, array_to_string(p.proconfig, ' '), has_function_privilege('bnpl', p.oid, 'EXECUTE'),
            NOT EXISTS (SELECT 1 FROM aclexplode(p.proacl) a WHERE a.grantee = 0), pg_get_userbyid(p.proowner) <> 'bnpl',
            p.prorettype = 'trigger'::regtype
        FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace AND p.prosecdef ORDER BY 1"""
    )
    lent = {one.function for one in GUARDED} | {"audit_seal", "audit_anchor", "audit_looked", "audit_noted", "audit_settle"}
    assert {name for name, *_, fires in found if not fires} == lent
    assert {name for name, *_, fires in found if fires} == {one.trigger for one in AUDITED}
    for name, settings, *rights, fires in found:
        # What lets it pass over the guard is set within: as a clause of the function it would need a superuser.
        assert settings == "search_path=public, pg_temp", name
        # What a trigger fires nobody calls, nor hangs on a table of their own.
        assert rights == [not fires, True, True], name
    application.execute("SELECT " + ", ".join(f"public.{one.function}(now(), 10)" for one in GUARDED))
    assert set(application.fetchone()) == {0}
    for one in GUARDED:
        with pytest.raises(Exception, match="must be owner"):
            application.execute(f"ALTER FUNCTION public.{one.function}(timestamptz, integer) SECURITY INVOKER")


@pytest.mark.django_db
def test_a_function_of_the_owner_looks_into_temporary_tables_last():
    """One that is called like a table would answer in its place whether something is still to be done."""
    old_events(1, days=100, open_ones=1)
    execute("CREATE TEMPORARY TABLE core_delivery AS SELECT 0::bigint AS event_id LIMIT 0")
    execute("CREATE TEMPORARY TABLE core_outboxevent AS SELECT * FROM public.core_outboxevent LIMIT 0")
    assert rows("SELECT public.forget_events(now(), 10)") == [(0,)]
    assert rows("SELECT count(*) FROM public.core_outboxevent") == [(1,)]


def opened(merchant, at):
    given = basket()
    draft = CheckoutDraft(
        amount=Money(given["amount"], given["currency"]), merchant_reference="A-1", urls=given["urls"], items=given["items"]
    )
    return checkouts.open_checkout(merchant=merchant, draft=draft, at=at)


@pytest.mark.django_db
def test_checkouts_go_that_came_to_nothing_and_in_which_nobody_was_decided_on(merchant, buy, at):
    sold = buy(merchant, 20_000, at)
    ended = {name: opened(merchant, at) for name in ("expired", "canceled", "decided", "open", "young")}
    for name, one in ended.items():
        status, days = ("open" if name == "open" else "canceled" if name == "canceled" else "expired"), 29 if name == "young" else 200
        decision = str(sold.decision_id) if name == "decided" else None
        tamper(
            "UPDATE checkout_checkout SET status = %s, decision_id = %s, expires_at = now() - make_interval(days => %s) WHERE id = %s",
            [status, decision, days, str(one.pk)],
        )
    tamper("UPDATE checkout_checkout SET expires_at = now() - interval '200 days' WHERE id = %s", [str(sold.checkout_id)])
    assert forget_old(at=clock.wall()) == 2
    assert set(Checkout.objects.values_list("id", flat=True)) == {
        sold.checkout_id, *(ended[name].pk for name in ("decided", "open", "young"))
    }  # fmt: skip
    for given in ARGUMENTS:
        assert rows(f"SELECT public.forget_checkouts({given})") == [(0,)], given
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        Checkout.objects.filter(pk=ended["young"].pk).delete()


@pytest.mark.django_db
def test_shops_events_go_when_they_are_on_no_way_any_more(merchant, at):
    webhooks.create_endpoint(merchant=merchant, url="https://shop.example/hear", events=[], actor="test", at=at)
    then = clock.wall() - 181 * DAY
    for number in range(3):
        webhooks.record_event(merchant_id=merchant.id, event_type="order.captured", source=f"s{number}", data={}, at=then)
    first, second, third = WebhookDelivery.objects.order_by("id")
    for one, status in ((first, "delivered"), (second, "failed"), (third, "waiting")):
        tamper("UPDATE webhooks_delivery SET status = %s WHERE id = %s", [status, one.id])
        Attempt.objects.create(delivery=one, status_code=200, duration_ms=1, at=then)
    Attempt.objects.create(delivery=second, status_code=500, duration_ms=1, at=clock.wall())
    assert forget_old(at=clock.wall()) == 2 + 1 + 1
    assert set(MerchantEvent.objects.values_list("source", flat=True)) == {"s1", "s2"}
    assert set(WebhookDelivery.objects.values_list("id", flat=True)) == {second.id, third.id}
    assert (second.attempts.count(), third.attempts.count()) == (1, 1)
    webhooks.record_event(merchant_id=merchant.id, event_type="order.captured", source="young", data={}, at=clock.wall() - 29 * DAY)
    tamper("DELETE FROM webhooks_delivery WHERE event_id = (SELECT id FROM webhooks_merchantevent WHERE source = 'young')")
    for function in ("forget_webhook_attempts", "forget_merchant_events"):
        for given in ARGUMENTS:
            assert rows(f"SELECT public.{function}({given})") == [(0,)], (function, given)
    assert (MerchantEvent.objects.count(), Attempt.objects.count()) == (3, 2)
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        execute("DELETE FROM webhooks_attempt")


@pytest.mark.django_db
def test_sessions_codes_and_tries_of_passwords_go_by_their_age(at):
    now = clock.wall()
    Session.objects.bulk_create(Session(session_key=str(n), session_data="", expire_date=now - n * DAY) for n in (0, 2))
    for days in (29, 31):
        SignInCode.objects.create(channel="email", destination="a@b.example", destination_hash="x", sent_at=now - days * DAY)
        tried = AccessAttempt.objects.create(username=f"u{days}", failures_since_start=1)
        tamper("UPDATE axes_accessattempt SET attempt_time = %s WHERE id = %s", [now - days * DAY, tried.id])
    assert forget_old(at=now) == 3
    assert [one.session_key for one in Session.objects.all()] == ["0"]
    assert [one.username for one in AccessAttempt.objects.all()] == ["u29"]
    assert [one.sent_at for one in SignInCode.objects.all()] == [now - 29 * DAY]


@pytest.mark.django_db
def test_the_sandbox_s_clock_lets_things_grow_old(at):
    IdempotentAnswer.objects.create(scope="s", key="k", fingerprint="f", status=201, body={}, created_at=at)
    condition = "SELECT " + old()
    assert rows(condition, {"at": at + 30 * DAY, "wall": clock.wall()}) == [(False,)]
    assert rows(condition, {"at": at + 30 * DAY + timedelta(seconds=1), "wall": clock.wall()}) == [(True,)]
    timers.run_until_quiet(at=at + 31 * DAY)
    assert IdempotentAnswer.objects.count() == 0


@pytest.mark.django_db
def test_a_table_of_which_nothing_can_be_forgotten_keeps_no_other_from_it(settings, caplog):
    old_events(3, days=100)
    Session.objects.create(session_key="x", session_data="", expire_date=clock.wall() - 9 * DAY)
    with as_owner():
        execute("REVOKE EXECUTE ON FUNCTION public.forget_events(timestamptz, integer) FROM bnpl")
    assert forget_old(at=clock.wall()) == 6 + 1
    assert "nothing was forgotten of core_outboxevent" in caplog.text
    assert OutboxEvent.objects.count() == 3


@pytest.mark.django_db
def test_every_table_has_its_turn_in_the_time_that_there_is(monkeypatch):
    """A table with much to forget is gone through a batch at a time, between the others."""
    old_events(30, days=100)
    Session.objects.bulk_create(Session(session_key=str(n), session_data="", expire_date=clock.wall() - 9 * DAY) for n in range(25))
    turns = []
    whole = retention.forget_batch
    monkeypatch.setattr(retention, "BATCH", 10)
    monkeypatch.setattr(retention, "forget_batch", lambda one, at: turns.append(one.table) or whole(one, at=at, most=10))
    assert forget_old(at=clock.wall()) == 60 + 30 + 25
    assert turns[: len(RETENTIONS)] == [one.table for one in RETENTIONS]
    assert len(turns) == 7 * len(RETENTIONS)
    old_events(30, days=100)
    monkeypatch.setattr(retention, "BUDGET_S", -1)
    assert (forget_old(at=clock.wall()), Delivery.objects.count()) == (0, 60)


@pytest.mark.django_db(transaction=True)
def test_a_row_that_somebody_is_at_is_passed_over(at_once):
    old_events(10, days=100)
    first = Delivery.objects.order_by("id").first()
    with transaction.atomic():
        Delivery.objects.select_for_update().get(pk=first.pk)
        began = time.monotonic()
        assert at_once(1, lambda _: forget_old(at=clock.wall())) == [19 + 9]
        assert time.monotonic() - began < 5
    assert forget_old(at=clock.wall()) == 1 + 1


@pytest.mark.django_db(transaction=True)
def test_events_are_told_and_heard_while_old_ones_go(at_once, ears):
    of_events = [of(Delivery), of(OutboxEvent)]
    old_events(2_000, days=100, open_ones=7)

    def tell(who):
        for n in range(30):
            with transaction.atomic():
                outbox.append(ears.Happened(number=n), at=clock.wall())
            relay.deliver(relay.relay_chunk())
        return 0

    def forget():
        return sum(forget_batch(one, at=clock.wall(), most=50) for _ in range(40) for one in of_events)

    gone = at_once(4, lambda number: tell(number) if number < 2 else forget())
    whole = sum(gone) + sum(forget_batch(one, at=clock.wall(), most=9_999) for one in of_events)
    assert whole == 3_993 + 1_993
    relay.deliver(list(Delivery.objects.filter(done_at=None, handler__startswith="tests.").values_list("id", flat=True)))
    assert OutboxEvent.objects.filter(name=ears.Happened.NAME, relayed=True).count() == 60
    assert Delivery.objects.filter(event__name=ears.Happened.NAME, done_at__isnull=False).count() == 120
    assert (len(ears.noted("later")), len(ears.noted("small"))) == (60, 60)
    assert Delivery.objects.filter(handler__startswith="a.handlers").count() == 7
    assert dict(rows("SELECT name, forgotten FROM core_tableday")) == {"core_delivery": 3_993, "core_outboxevent": 1_993}


KILLED = """
import django; django.setup()
from django.db import transaction
from core import clock
from core.retention import forget_batch, list_retentions
ones = {one.table: one for one in list_retentions()}
print(forget_batch(ones["core_delivery"], at=clock.wall(), most=100), flush=True)
with transaction.atomic():
    forget_batch(ones["core_delivery"], at=clock.wall(), most=100)
    print("in the middle", flush=True)
    import time; time.sleep(60)
"""


@pytest.mark.django_db(transaction=True)
def test_one_that_is_killed_in_the_middle_leaves_whole_batches(process_env):
    old_events(300, days=100)
    process = subprocess.Popen([sys.executable, "-c", KILLED], cwd=ROOT, env=process_env, stdout=subprocess.PIPE, text=True)
    try:
        assert [process.stdout.readline() for _ in range(2)] == ["100\n", "in the middle\n"]
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    deadline = time.monotonic() + 10
    while Delivery.objects.count() and time.monotonic() < deadline:
        # What was locked is free again within moments.
        forget_old(at=clock.wall())
    assert (Delivery.objects.count(), OutboxEvent.objects.count()) == (0, 0)
    assert dict(rows("SELECT name, forgotten FROM core_tableday")) == {"core_delivery": 600, "core_outboxevent": 300}
