"""Some twenty marks of one person's data: in no log, dump, event or message of the broker; in the copy of their data; gone once erased."""

import json
import logging
import re
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.conf import settings
from django.test import Client

from accounts import services as accounts
from accounts.models import Consumer, User
from checkout.models import Checkout, Order
from collection import services as collection
from collection.services.cases import open_case_for
from core import clock, timers
from core.crypto import sealed_fields
from core.db import unit
from core.logs import Formatter
from core.renewal import sealed_models
from core.short_memory import store
from core.unreadable import listing
from credit import services as credit
from credit.rules.affording import Declared
from payments import services as payments
from payments.models import Refund
from portals.consumer.account.copying import everything
from tests.api.conftest import Api
from tests.collection.test_payments_taken_back import fail, hear_of
from tests.core.test_dump import found
from tests.operators import make_boss
from tests.shops import basket, make_key

pytestmark = pytest.mark.django_db(transaction=True)
DAY = timedelta(days=1)
EMAIL = "xanthippe.quill+approve@people.example"
ITEM, SKU, NOTE = "Quietude pregnancy test", "SKU-PRIVATE-77", "for Zebedee's birthday"
GIVEN, PHONE = "Zenobia Quarles", "+12125550189"
BACK = "the quilt was torn"
ASKED, ANSWER = "I was in hospital in Quimper", "We read about Quimperle"
SITUATION, OPERATOR, BLOCKED, TRACED = "a quadriplegic sister", "spoke to Quentin", "seen with Quirinus", "at Quay 9, Quebec"
HOLDER, ACCOUNT = "Quenby Quill", "DE89370400440532013000"
INCOME = 43_219_871
BROWSER, PLACE = "QuokkaBrowser/7.7", "203.0.113.77"


@pytest.fixture
def logged():
    """All lines that are logged meanwhile, as they are written."""
    lines: list[str] = []
    handler, formatter = logging.Handler(), Formatter("%(levelname)s %(name)s %(message)s")
    handler.emit = lambda record: lines.append(formatter.format(record))
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield lines
    root.removeHandler(handler)
    root.setLevel(before)


@pytest.fixture
def lived(merchant, buy, logged, monkeypatch):
    """Somebody who bought by the API, got money back on a bank account, wrote to people, was written about, and met an error of ours."""
    at, boss = clock.now(), make_boss("boss@kvart.example", "demo-password", name="Ada Admin")
    items = [{"name": ITEM, "quantity": 1, "unit_amount": 22_900, "amount": 22_900, "sku": SKU}]
    wish = basket(amount=22_900, items=items, metadata={"note": NOTE}, customer={"name": GIVEN, "phone": PHONE, "email": EMAIL})
    api = Api(make_key(merchant))
    assert api.post("checkouts", wish, key="one").status_code == 201
    buy.finish(Checkout.objects.get(), EMAIL, at=at)
    order = Order.objects.select_related("consumer__market", "plan").get()
    api.post(f"orders/{order.public_id}/captures", {"amount": 22_900}, key="two")
    collection.charge_plan_now(plan_id=order.plan_id, at=at)
    api.post(f"orders/{order.public_id}/refunds", {"amount": 22_900, "reason": BACK}, key="three")
    payments.send_refunds(at=at)
    refund = Refund.objects.get()
    fail(refund, settings, "expired_or_canceled_card", kind="refunds")
    hear_of(refund, at, about="refund")
    payments.want_transfer(refund_id=refund.pk, holder=HOLDER, account=ACCOUNT, actor="test", at=at)
    person = order.consumer
    asked = accounts.open_request(consumer=person, kind="complaint", text=ASKED, at=at)
    accounts.answer_request(request_id=asked.pk, user=boss, outcome="done", answer=ANSWER, at=at)
    told = {"driver": "life", "needs": [], "note": SITUATION, "review_on": (at + 30 * DAY).date(), "consents": True}
    accounts.note_support(consumer_id=person.pk, user=None, at=at, **told)
    accounts.write_note(consumer_id=person.pk, user=boss, text=OPERATOR, once="n", at=at)
    accounts.block_person(consumer_id=person.pk, user=boss, reason="other", note=BLOCKED, at=at)
    with unit():
        case = open_case_for(person, "USD", at)
    collection.note_trace(case_id=case.pk, kind="address", source="register", found=TRACED, user=boss, at=at)
    credit.declare(consumer=person, currency="USD", declared=Declared(INCOME, 1, 1, 0), reference="x", at=at)
    browser = Client(HTTP_USER_AGENT=BROWSER, REMOTE_ADDR=PLACE)
    browser.post("/sign-in", {"contact": EMAIL})
    browser.post("/sign-in/code", {"code": "111111"})
    browser.get(f"/{quote(EMAIL)}/{quote(PHONE)}")

    # An error of ours, with what a person typed in hand.
    def break_down(*_args, **_told):
        raise RuntimeError(f"no such thing: {EMAIL}, {PHONE}")

    monkeypatch.setattr("portals.consumer.entering.views.start", break_down)
    browser.raise_request_exception = False
    assert Client(raise_request_exception=False).post("/sign-in", {"contact": EMAIL}).status_code == 500
    timers.run_until_quiet(at=at)
    return order


def marks(person: Consumer) -> tuple[list[str], list[str]]:
    """Return the marks that the person's copy holds, and those about them that it leaves out."""
    home = person.address
    theirs = [EMAIL, person.name, person.birth_date, home["line1"], home["city"], home["postal_code"], ITEM, SKU, NOTE, GIVEN, PHONE]
    theirs += [ASKED, ANSWER, SITUATION, TRACED, HOLDER, ACCOUNT, str(INCOME), BACK, PLACE]
    return theirs, [OPERATOR, BLOCKED]


def test_marks_of_a_person_are_in_their_copy_alone_and_go_with_them(lived, logged):
    person = Consumer.objects.get(pk=lived.consumer_id)
    theirs, ours = marks(person)
    assert len({*theirs, *ours}) >= 20
    copy = json.dumps(everything(person), default=str, ensure_ascii=False)
    assert [mark for mark in theirs if mark not in copy] == []
    assert found(*theirs, *ours) == []
    assert any("RuntimeError" in line for line in logged)
    assert [(mark, line) for mark in [*theirs, *ours] for line in logged if seen(mark, line)] == []
    held = remembered()
    assert held
    assert [(mark, text) for mark in [*theirs, *ours] for text in held if seen(mark, text)] == []
    # What is encrypted can be read until then.
    assert [mark for mark in (ITEM, ASKED, OPERATOR, ACCOUNT) if not any(mark in text for text in opened())] == []
    leave(person)
    assert found(*theirs, *ours) == []
    assert [(mark, text) for mark in [*theirs, *ours] for text in opened() if mark in text] == []


def leave(person: Consumer) -> None:
    """Close the account as the person asks, and let as many years pass as anything of it is kept."""
    at, boss = clock.now(), User.objects.get(email="boss@kvart.example")
    wish = accounts.open_request(consumer=person, kind="closure", text="Goodbye", at=at)
    accounts.answer_request(request_id=wish.pk, user=boss, outcome="partly", answer="It is done.", at=at)
    timers.run_until_quiet(at=at + 60 * DAY)
    assert accounts.erase_closed(at=at + 8 * 366 * DAY) == 1


def opened() -> list[str]:
    """Return whatever of the database can be decrypted."""
    told = []
    with listing():
        for model in sealed_models():
            names = [field.attname for field in sealed_fields(model)]
            told += [str(getattr(row, name)) for row in model.objects.all() for name in names]
    return told


def seen(mark: str, text: str) -> bool:
    """Return whether a mark stands in a text; a number only by itself, since the digits of a postal code may stand in a hash by chance."""
    return re.search(rf"\b{re.escape(mark)}\b" if mark.isdecimal() else re.escape(mark), text, re.IGNORECASE) is not None


def remembered() -> list[str]:
    """Return all that Redis holds: counters, what is remembered for minutes, and messages of the broker."""
    redis, told = store(), []
    for key in redis.scan_iter():
        read = {b"string": redis.get, b"hash": redis.hgetall, b"list": lambda name: redis.lrange(name, 0, -1), b"set": redis.smembers}
        told.append(f"{key!r} {read.get(redis.type(key), redis.dump)(key)!r}")
    return told
