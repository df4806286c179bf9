"""Who asked to be deleted is erased, once nothing of theirs must be kept any more."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts import services as accounts
from accounts.events import ConsumerErased
from accounts.models import Consumer, ConsumerChange, ConsumerRequest, OnboardingStep, PersonKey
from accounts.queries import find_consumer
from checkout import services as checkouts
from checkout.models import Refund
from core import timers
from core.crypto import Erased
from core.db import rows
from core.models import OutboxEvent, SubjectKey
from core.unreadable import listing
from markets.models import Market
from payments.models import GatewayCustomer, PaymentMethod
from plans.models import Plan
from tests.operators import make_boss

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
EMAIL = "ann.leaver@people.example"


@pytest.fixture
def boss():
    return make_boss("boss@kvart.example", "demo-password", name="Ada Admin")


@pytest.fixture
def leave(boss):
    """Give a function that lets a consumer ask for the closing of the account, and an operator answer."""

    def ask(consumer: Consumer, at, outcome: str = "done") -> ConsumerRequest:
        wish = accounts.open_request(consumer=consumer, kind="closure", text="Delete me, Ann", at=at)
        return accounts.answer_request(request_id=wish.pk, user=boss, outcome=outcome, answer="It is done.", at=at)

    return ask


@pytest.fixture
def ann(at):
    market = Market.objects.get(code="US")
    found = accounts.get_or_create_consumer(channel="email", destination=EMAIL, market=market, at=at)
    return accounts.update_details(consumer=found, name="Ann Leaver", at=at, actor="test")


def is_destroyed(consumer: Consumer) -> bool:
    return SubjectKey.objects.filter(subject=f"consumer:{consumer.pk}", destroyed_at__isnull=False).exists()


def test_who_never_bought_is_erased_a_week_after_the_answer(ann, leave, at):
    wish = leave(ann, at)
    # The letter with the answer is sent first.
    timers.run_until_quiet(at=at + 6 * DAY)
    assert (is_destroyed(ann), Consumer.objects.get(pk=ann.pk).name) == (False, "Ann Leaver")
    assert accounts.erase_closed(at=at + 7 * DAY) == 1
    assert accounts.erase_closed(at=at + 8 * DAY) == 0
    left = Consumer.objects.get(pk=ann.pk)
    assert (left.name, left.email, left.address, left.phone_hash, left.is_erased) == ("", "", {}, None, True)
    assert find_consumer(channel="email", destination=EMAIL) is None
    with pytest.raises(Erased):
        ConsumerRequest.objects.get(pk=wish.pk)
    with listing():
        assert str(ConsumerRequest.objects.get(pk=wish.pk).text) == "unreadable"
    assert is_destroyed(ann) is True
    assert not OnboardingStep.objects.filter(consumer=ann).exists()
    change = ConsumerChange.objects.filter(consumer=ann).latest("id")
    assert (change.actor, change.change) == ("timer", {"fields": ["erased"]})
    assert OutboxEvent.objects.filter(name=ConsumerErased.NAME).count() == 0  # nobody hears it later
    # Who comes back is somebody else.
    again = accounts.get_or_create_consumer(channel="email", destination=EMAIL, market=left.market, at=at + 9 * DAY)
    assert again.pk != ann.pk


def test_what_the_law_keeps_is_kept_and_then_goes(buy, merchant, at, leave):
    order = buy(merchant, 22_900, at)
    consumer, plan = order.consumer, order.plan_id
    leave(consumer, at, "partly")
    last = rows(
        "SELECT greatest(max(i.due_date), max(p.created_at)::date) FROM plans_plan p LEFT JOIN plans_installment i ON i.plan_id = p.id"
    )
    timers.run_until_quiet(at=at + 60 * DAY)
    assert Plan.objects.get(pk=plan).status == "canceled"
    for years in (1, 6):
        assert accounts.erase_closed(at=at + years * 365 * DAY) == 0
    assert (is_destroyed(consumer), last[0][0] >= at.date()) == (False, True)
    assert PersonKey.objects.filter(consumer=consumer).exists()
    GatewayCustomer.objects.create(consumer=consumer, gateway="stripe", ref="cus_1", email_hash="hash", created_at=at)
    assert accounts.erase_closed(at=at + 7 * 366 * DAY) == 1
    assert GatewayCustomer.objects.get(gateway="stripe").email_hash == ""
    with pytest.raises(Erased):
        Plan.objects.get(pk=plan)
    assert not PersonKey.objects.filter(consumer=consumer).exists()
    method = PaymentMethod.objects.get(consumer_id=consumer.pk)
    assert (method.shown, method.removed_at) == ({}, at + 7 * 366 * DAY)
    assert Plan.objects.only("status").get(pk=plan).status == "canceled"


def test_what_a_shop_wrote_of_a_person_with_a_refund_goes_with_them(buy, merchant, at, leave):
    order = buy(merchant, 22_900, at)
    checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=None, actor="test", at=at)
    checkouts.refund_order(order_id=order.id, merchant=merchant, amount_minor=22_900, reason="Ann sent it back", actor="test", at=at)
    assert Refund.objects.get().reason == "Ann sent it back"
    leave(order.consumer, at, "partly")
    timers.run_until_quiet(at=at + 60 * DAY)
    assert accounts.erase_closed(at=at + 8 * 366 * DAY) == 1
    with pytest.raises(Erased):
        Refund.objects.get()


@pytest.mark.parametrize("case", ["refused", "unanswered", "asks", "is back"])
def test_nobody_else_is_erased(ann, leave, at, case):
    if case == "unanswered":
        accounts.open_request(consumer=ann, kind="closure", text="", at=at)
    else:
        leave(ann, at, "refused" if case == "refused" else "done")
    if case == "asks":
        accounts.open_request(consumer=ann, kind="complaint", text="And my money?", at=at + DAY)
    if case == "is back":
        accounts.update_details(consumer=ann, name="Ann Stayer", at=at + DAY, actor="consumer")
    timers.run_until_quiet(at=at + 30 * DAY)
    assert accounts.erase_closed(at=at + 30 * DAY) == 0
    assert (is_destroyed(ann), Consumer.objects.get(pk=ann.pk).name.startswith("Ann")) == (False, True)


def test_who_answers_is_told_that_it_erases(client, boss, ann, at):
    client.force_login(boss)
    for kind, told in (("closure", True), ("complaint", False)):
        wish = accounts.open_request(consumer=ann, kind=kind, text="Please", at=at)
        page = client.get(reverse("admin:accounts_consumerrequest_change", args=[wish.pk]))
        assert (page.status_code, "erases them for good" in page.content.decode()) == (200, told)


def test_an_erased_person_s_browser_is_signed_out(ann, leave, at):
    browser = Client()
    session = browser.session
    session["consumer"], session["consumer_since"] = ann.public_id, at.isoformat()
    session.save()
    assert browser.get("/home").status_code == 200
    leave(ann, at)
    timers.run_until_quiet(at=at + 6 * DAY)
    accounts.erase_closed(at=at + 7 * DAY)
    assert browser.get("/home").status_code == 302


@pytest.mark.django_db(transaction=True)
def test_two_timers_erase_once(ann, leave, at, at_once):
    leave(ann, at)
    timers.run_until_quiet(at=at + 6 * DAY)
    assert sorted(at_once(2, lambda _: accounts.erase_closed(at=at + 7 * DAY))) == [0, 1]
    assert ConsumerChange.objects.filter(consumer=ann, change={"fields": ["erased"]}).count() == 1
