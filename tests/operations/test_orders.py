"""Orders, plans, charges and decisions as operators read them, and what they do in the shop's place."""

import re
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Look
from checkout import services as checkouts
from checkout.errors import TwoPeople
from checkout.models import OrderChange, Refund
from controls.models import Proposal, SettingChange
from controls.services.adjusting import changed_values
from credit.models import CreditLine
from payments.models import Charge, GatewayEvent
from payments.models import Refund as MoneyBack
from tests.api.counting import count_but_the_clock
from tests.brands.cast import make_bank
from tests.cast import NOW
from tests.operators import make_operator
from tests.owner import unguarded
from tests.shops import open_shop
from webhooks.services import create_endpoint

pytestmark = pytest.mark.django_db
SEES = ("view_person", "view_order", "view_plan", "view_charge", "view_decision")


@pytest.fixture
def order(buy, merchant, settle_charge):
    """An order that the shop has captured, with its first payment made."""
    create_endpoint(merchant=merchant, url="http://127.0.0.1:9/hooks", actor="test", at=NOW)
    made = buy(merchant, 22_900, merchant_reference="LAMP-77")
    checkouts.capture_order(order_id=made.id, merchant=merchant, amount_minor=None, actor="key:test", at=NOW)
    settle_charge(made)
    made.refresh_from_db()
    return made


@pytest.fixture
def olga(client):
    """A browser of an operator who sees everything and acts for shops."""
    client.force_login(make_operator("olga@kvart.example", name="Olga Brandt", may=[*SEES, "act_for_shop"]))
    return client


def page(order, act: str = "change") -> str:
    return reverse(f"admin:checkout_order_{act}", args=[order.pk])


def text(answer) -> str:
    assert answer.status_code == 200, answer.status_code
    page = answer.content.decode()
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page[page.index('<div class="desk') :])))


def pages(order) -> dict[str, str]:
    charge = Charge.objects.get(reference=order.plan.public_id)
    rows = {"checkout_order": order.pk, "plans_plan": order.plan_id, "payments_charge": charge.pk, "credit_decision": order.decision_id}
    return {name: reverse(f"admin:{name}_change", args=[key]) for name, key in rows.items()}


SAID = {
    "checkout_order": ("$229.00", "Captured", "Lamp", "Nordlys Lamps", "The shop, by the API", "Money so far", "Approved"),
    "plans_plan": ("$171.75", "left to pay", "$57.25", "Paid", "Scheduled", "The shop captured", "LAMP-77", "APR"),
    "payments_charge": ("$57.25", "Succeeded", "4242", "Payment due", "Nobody disputed it at the bank.", "LAMP-77"),
    "credit_decision": ("$229.00", "Approved", "Score of the bureau", "Scorecard", "scorecard-3", "days old when it counted", "LAMP-77"),
}


def test_each_page_reads_as_people_read_and_leads_to_the_others(order, olga):
    found = pages(order)
    person = reverse("admin:accounts_consumer_change", args=[order.consumer_id])
    for name, address in found.items():
        answer = olga.get(address)
        said = text(answer)
        for told in SAID[name]:
            assert told.replace("days old", "day") in said or told in said, (name, told)
        assert not re.search(r"_minor|\{|\bNone(?!\.)|partially_|key:test", said), name
        links = set(re.findall(r'href="([^"]+)"', answer.content.decode()))
        assert person in links, name
        wanted = {"checkout_order": ["plans_plan", "credit_decision"], "plans_plan": ["checkout_order", "payments_charge"]}
        for other in wanted.get(name, ["checkout_order"]):
            assert found[other] in links, (name, other)
    assert set(Look.objects.values_list("page", "consumer")) == {
        (kind, order.consumer_id) for kind in ("order", "plan", "charge", "decision")
    }


def test_pages_take_the_same_queries_however_much_there_is(order, merchant, olga):
    def counts() -> dict[str, int]:
        found = {}
        for name, address in pages(order).items():
            with CaptureQueriesContext(connection) as asked:
                assert olga.get(address).status_code == 200
            found[name] = count_but_the_clock(asked)
        return found

    counts()
    before = counts()
    charge = Charge.objects.get(reference=order.plan.public_id)
    for number in range(3):
        who = {"merchant": merchant, "actor": "key:test", "at": NOW}
        checkouts.refund_order(order_id=order.id, amount_minor=100 + number, reason="x", **who)
        GatewayEvent.objects.create(
            gateway=charge.gateway, event_id=f"e{number}", kind="charge.succeeded", reference=charge.public_id, received_at=NOW
        )
    counts()
    assert counts() == before
    assert "Charge succeeded" in text(olga.get(pages(order)["payments_charge"]))


def test_a_refund_is_shown_before_it_is_made_and_made_once(order, olga):
    told = olga.get(page(order)).content.decode()
    once = re.search(r'name="once" value="([^"]+)"', told)[1]
    given = {"amount": "40.00", "reason": "Broken shade", "once": once}
    asked = text(olga.post(page(order, "refund"), given))
    assert ("Refund $40.00?" in asked, "After the refund" in asked, Refund.objects.count()) == (True, True, 0)
    for _ in range(2):
        assert olga.post(page(order, "refund"), given | {"confirmed": "1"}).status_code == 302
    (refund,) = Refund.objects.all()
    assert (refund.amount_minor, refund.reason, refund.merchant_id) == (4_000, "Broken shade", order.merchant_id)
    said = text(olga.get(page(order)))
    assert "Refunded: Broken shade" in said
    assert "Olga Brandt" in said


def test_a_refund_above_the_limit_is_proposed_and_made_by_another(merchant, buy, client):
    order = buy(merchant, 90_000)
    checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=None, actor="key:test", at=NOW)
    client.force_login(make_operator("olga@kvart.example", may=[*SEES, "act_for_shop", "propose_refund"]))
    client.post(page(order, "refund"), {"amount": "400.00", "reason": "Broken", "once": "a", "confirmed": "1"})
    # Smaller parts of the same order count together.
    given = {"amount": "100.01", "reason": "Broken too", "once": "b"}
    assert "another person decides" in text(client.post(page(order, "refund"), given))
    for _ in range(2):
        client.post(page(order, "refund"), given | {"confirmed": "1"})
    made = Proposal.objects.get()
    assert (made.kind, made.after, made.reason) == ("checkout.refund", {"amount_minor": 10_001}, "Broken too")
    assert Refund.objects.count() == 1
    client.force_login(make_operator("bo@kvart.example", may=["approve_refund"]))
    address = reverse("admin:controls_proposal_decide", args=[made.pk])
    for _ in range(2):
        client.post(address, {"decision": "approve", "confirmed": "1", "note": ""})
    last = Refund.objects.latest("id")
    assert (Refund.objects.count(), last.amount_minor, last.reason, last.actor) == (2, 10_001, "Broken too", f"proposal:{made.public_id}")


def test_a_refund_above_the_limit_is_not_proposed_by_who_may_not(merchant, buy, olga):
    order = buy(merchant, 90_000)
    checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=None, actor="key:test", at=NOW)
    olga.post(page(order, "refund"), {"amount": "500.01", "reason": "Broken", "once": "b", "confirmed": "1"})
    assert (Proposal.objects.count(), Refund.objects.count()) == (0, 0)


def test_the_limit_of_a_refund_is_a_setting_of_its_currency_and_binds_no_shop(order, merchant):
    told = {"order_id": order.pk, "merchant": merchant, "reason": "x", "at": NOW}
    adam = str(make_operator("adam@kvart.example").pk)
    with unguarded():
        SettingChange.objects.create(name="checkout.refund_alone_usd", value=0, before=500, reason="x", actor="test", at=NOW)
    changed_values.forget()
    with pytest.raises(TwoPeople):
        checkouts.refund_order(amount_minor=1, actor=adam, **told)
    checkouts.refund_order(amount_minor=20_000, actor="user:" + adam, **told)
    assert Refund.objects.count() == 1


@pytest.mark.parametrize(
    ("amount", "why"),
    [("229.01", "At most $229.00"), *((one, "such as 57.25") for one in ("0.001", "1.001", "-1")), ("", "Enter an amount.")],
)
def test_an_amount_that_cannot_go_back_is_refused_in_words(order, olga, amount, why):
    assert why in text(olga.post(page(order, "refund"), {"amount": amount, "reason": "x", "once": "k", "confirmed": "1"}))
    assert Refund.objects.count() == 0


def test_an_order_is_voided_after_a_question_once(buy, merchant, olga):
    order = buy(merchant, 22_900)
    assert "Void this order" in text(olga.post(page(order, "end"), {"once": "k"}))
    order.refresh_from_db()
    assert order.status == "authorized"
    for _ in range(2):
        olga.post(page(order, "end"), {"once": "k", "confirmed": "1"})
    order.refresh_from_db()
    assert (order.status, OrderChange.objects.filter(order=order, kind="voided").count()) == ("voided", 1)
    told = text(olga.get(page(order)))
    assert ("Olga Brandt" in told, told.count("Voided") >= 2, "Cancel" in told) == (True, True, False)


def test_the_rest_of_an_order_is_released(buy, merchant, olga):
    order = buy(merchant, 22_900)
    checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=10_000, actor="key:test", at=NOW)
    assert "$129.00" in text(olga.post(page(order, "end"), {"once": "k"}))
    olga.post(page(order, "end"), {"once": "k", "confirmed": "1"})
    order.refresh_from_db()
    assert (order.status, order.released_minor) == ("captured", 12_900)


@pytest.mark.parametrize(("may", "status"), [(SEES, 403), (("view_order", "act_for_shop"), 403), (None, 302)])
def test_who_may_not_act_changes_nothing(order, client, may, status):
    if may is not None:
        client.force_login(make_operator("lea@kvart.example", may=may))
    given = {"amount": "1.00", "reason": "x", "once": "k", "confirmed": "1"}
    assert [client.post(page(order, act), given).status_code for act in ("refund", "end")] == [status, status]
    assert (Refund.objects.count(), OrderChange.objects.count(), Look.objects.count()) == (0, 0, 0)


def test_who_may_not_see_people_sees_no_name(order, client):
    client.force_login(make_operator("lea@kvart.example", may=SEES[1:]))
    for name, address in pages(order).items():
        told = client.get(address).content.decode()
        assert order.consumer.name not in told, name
        assert order.consumer.public_id in told, name
    client.force_login(make_operator("kim@kvart.example", may=["view_person"]))
    assert {client.get(address).status_code for address in pages(order).values()} == {403}
    assert Look.objects.count() == 0


@pytest.mark.parametrize("language", ["en", "da", "sv", "de"])
def test_who_may_not_see_people_reads_words_and_no_codes(order, merchant, client, language):
    checkouts.refund_order(order_id=order.pk, merchant=merchant, amount_minor=1_000, reason="Her wish", actor="key:test", at=NOW)
    client.force_login(make_operator("lea@kvart.example", may=SEES[1:]))
    for name, address in pages(order).items():
        told = text(client.get(address, headers={"Accept-Language": language}))
        assert not re.search(r"_minor|\{|\bmanual\b|\bapprove\b|partially_|key:test|Her wish", told), name
        if name == "checkout_order":
            assert not re.search(r"\bdec_|\bpln_", told)
            for said in {"en": ["Captured", "Approved"], "da": ["Hævet", "Godkendt"]}.get(language, []):
                assert said in told, said


def test_who_may_see_no_charge_is_led_to_none(order, client):
    client.force_login(make_operator("vera@kvart.example", may=["view_order", "view_plan"]))
    for name in ("checkout_order", "plans_plan"):
        links = set(re.findall(r'href="([^"]+)"', client.get(pages(order)[name]).content.decode()))
        assert not {one for one in links if "/charge/" in one or "/decision/" in one}, name


def test_the_lists_of_orders_name_the_brand_and_are_filtered_by_it(order, olga, buy):
    make_bank()
    theirs = buy(open_shop(name="Across", brand="bank"), 15_000, merchant_reference="BIKE-9")
    address = reverse("admin:checkout_order_changelist")
    with CaptureQueriesContext(connection) as asked:
        whole = olga.get(address).content.decode()
    assert all(told in whole for told in ("Fjordbank", "BIKE-9", "LAMP-77"))
    buy(theirs.merchant, 15_000, merchant_reference="BIKE-10")
    with CaptureQueriesContext(connection) as again:
        olga.get(address)
    assert count_but_the_clock(again) == count_but_the_clock(asked)
    for brand, there, not_there in (("bank", "BIKE-9", "LAMP-77"), ("main", "LAMP-77", "BIKE-9")):
        found = olga.get(address, {"brand": brand}).content.decode()
        assert (there in found, not_there in found) == (True, False)


def test_a_refund_is_titled_in_the_readers_language(order, merchant, client):
    checkouts.refund_order(order_id=order.pk, merchant=merchant, amount_minor=20_000, reason="Broken", actor="key:test", at=NOW)
    client.force_login(make_operator("olga@kvart.example", may=["view_refund"]))
    row = MoneyBack.objects.get()
    told = unescape(
        client.get(reverse("admin:payments_refund_change", args=[row.pk]), headers={"Accept-Language": "da"}).content.decode()
    ).replace("\xa0", " ")
    title = re.sub(r"\s+", " ", told[told.index("<title>") + 7 : told.index("</title>")])
    assert title.strip().startswith(f"Refundering {row.public_id} |")


def test_a_checkout_and_a_limit_read_as_people_read_them(order, merchant, buy, client):
    opened = buy.open(merchant, 4_500, merchant_reference="C-9")
    line = CreditLine.objects.get(consumer=order.consumer)
    sold, waiting, limit = (
        reverse("admin:checkout_checkout_change", args=[order.checkout_id]),
        reverse("admin:checkout_checkout_change", args=[opened.pk]),
        reverse("admin:credit_creditline_change", args=[line.pk]),
    )
    client.force_login(make_operator("vera@kvart.example", may=["view_checkout", "view_order", "view_creditline"]))
    answer = client.get(sold)
    told = text(answer)
    for said in ("$229.00", "Completed", "there is an order", "4 payments", "1 × Lamp", "Approved", order.consumer.public_id):
        assert said in told, said
    assert page(order) in answer.content.decode()
    assert ("has not agreed yet" in text(client.get(waiting)), "None chosen yet" in text(client.get(waiting))) == (True, True)
    assert ("In use" in text(client.get(limit)), "$171.75" in text(client.get(limit))) == (True, True)
    for address in (sold, waiting, limit):
        said = text(client.get(address))
        assert order.consumer.name not in said
        assert not re.search(r"_minor|\{|\bNone(?! chosen)|pay_in|\bmanual\b|\bapprove\b|\bdec_", said)
    assert Look.objects.count() == 0
    client.force_login(make_operator("olga@kvart.example", may=["view_person", "view_checkout", "view_creditline"]))
    assert order.consumer.name in text(client.get(sold))
    assert order.consumer.name in text(client.get(limit))
    assert set(Look.objects.values_list("page", flat=True)) == {"checkout", "person"}
