"""Products in the back office: their versions, and a new one that is seen before it is proposed."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from controls import services
from controls.models import Proposal
from core.clock import local_date, now
from plans.models import Product
from tests.api.counting import count_but_the_clock
from tests.operators import make_operator

BACKEND = "django.contrib.auth.backends.ModelBackend"


def sign_in(*may: str, name: str = "") -> Client:
    client = Client()
    client.force_login(make_operator(f"{name or len(may)}{may[-1]}@kvart.example", may=may), backend=BACKEND)
    return client


@pytest.fixture
def product(db) -> Product:
    return Product.objects.select_related("market").get(market_id="DK", code="monthly_6", active=True)


@pytest.fixture
def anna(db):
    return sign_in("view_product", "view_proposal", "propose_offer")


def door(act: str, *args: object) -> str:
    return reverse(f"admin:plans_product_{act}", args=args)


def given(product: Product, **changes: object) -> dict[str, object]:
    today = local_date(now(), product.market.time_zone)
    return {
        "name": "6 months",
        "count": "6",
        "interval": "monthly",
        "interval_days": "0",
        "first": "later",
        "rate": "12.5",
        "minimum": "50",
        "maximum": "75000",
        "remainder": "last",
        "refund_rule": "last_first",
        "position": "3",
        "audience": "all",
        "day_rule": "as_is",
        "starts_on": today.isoformat(),
        "reason": "the new price list",
        "amount": "2500",
        "once": "a-key-of-one-form-0123456789",
    } | changes


def test_what_people_would_pay_is_seen_before_anything_is_proposed(anna, product):
    assert "Propose a new version" in anna.get(door("change", product.pk)).content.decode()
    assert 'value="14.90"' in anna.get(door("version", product.pk)).content.decode()
    text = anna.post(door("version", product.pk), given(product)).content.decode().replace("\xa0", " ")
    assert not Proposal.objects.exists()
    for told in ("14.9%", "12.5%", "DKK 450.00", "DKK 2,500.00", "Propose this version", "What people would pay"):
        assert told in text
    # Three typical amounts and the operator's own; each with six dates under both versions.
    assert text.count("total DKK") == 4
    assert text.count("<td>6</td>") == 4


def test_dates_are_seen_as_if_the_goods_were_sent_on_a_day(anna, product):
    answer = anna.post(door("version", product.pk), given(product, starting="2026-11-26", day_rule="next", deposit="20", skipped="1"))
    text = answer.content.decode().replace("\xa0", " ")
    # 26 January is a Tuesday, 26 June a Saturday.
    for told in ("as if the shop sent the goods on Nov 26, 2026", "Jan 26, 2027", "Jun 28, 2027", "DKK 500.00"):
        assert told in text, told
    missing = anna.post(door("version", product.pk), given(product, shops="no-such-shop"))
    assert "There is no shop of this name in the market: no-such-shop" in missing.content.decode()
    assert not Proposal.objects.exists()


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
def test_days_at_the_ends_of_the_calendar_are_refused(anna, product, day):
    for asked in ({"starting": day}, {"starts_on": day}):
        assert anna.post(door("version", product.pk), given(product, skipped="1", **asked)).status_code == 200
    assert not Proposal.objects.exists()
    anna.post(door("version", product.pk), given(product, confirmed="1"))
    page = anna.get(door("proposed", Proposal.objects.get().pk), {"starting": day})
    assert (page.status_code, "What people would pay" in page.content.decode()) == (200, True)


def test_it_is_proposed_once_and_another_person_lets_it_hold(anna, product):
    for _press in range(2):
        answer = anna.post(door("version", product.pk), given(product, confirmed="1"), follow=True)
    made = Proposal.objects.get()
    assert (made.after["rate_bps"], made.before["rate_bps"], made.before["version"]) == (1250, 1490, 1)
    assert "A change is proposed" in answer.content.decode()
    bo = sign_in("view_product", "approve_offer")
    assert "Terms of a product" in bo.get(reverse("admin:index")).content.decode()
    seen = bo.get(door("proposed", made.pk)).content.decode()
    assert ("12.5%" in seen, "What people would pay" in seen) == (True, True)
    assert door("proposed", made.pk) in bo.get(reverse("admin:controls_proposal_change", args=[made.pk])).content.decode()
    assert "total DKK 1,2" in bo.get(door("proposed", made.pk), {"amount": "1234.50"}).content.decode().replace("\xa0", " ")
    for nonsense in ("x", "-1", "1e99", "NaN", "0", "1.005"):
        assert bo.get(door("proposed", made.pk), {"amount": nonsense}).status_code == 200
    bo.post(reverse("admin:controls_proposal_decide", args=[made.pk]), {"decision": "approve", "note": "", "confirmed": "1"})
    assert Product.objects.get(market="DK", code="monthly_6", active=True).rate_bps == 1250
    page = bo.get(door("change", product.pk)).content.decode()
    assert ("Version 2 is on offer" in page, "the beginning to" in page) == (True, True)


def test_a_second_proposal_about_the_same_product_is_refused_clearly(anna, product):
    anna.post(door("version", product.pk), given(product, confirmed="1"))
    other = {"rate": "11", "once": "another-key-of-a-form-012345", "confirmed": "1"}
    answer = anna.post(door("version", product.pk), given(product, **other), follow=True)
    assert "Something is proposed for this already." in answer.content.decode()
    assert Proposal.objects.get().after["rate_bps"] == 1250
    assert "Something is proposed for this product already" in anna.get(door("version", product.pk)).content.decode()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"rate": "34"}, "the law of the market permits 35%"),
        ({"name": "12 months"}, "names a number that is neither that of the payments nor that of the days"),
        ({"maximum": "10"}, "is less than the smallest amount"),
        ({"starts_on": "2020-01-01"}, "This day has passed."),
        ({"reason": ""}, "This field is required."),
        ({"rate": "1.005"}, "Enter a number, such as 57.25."),
        ({"minimum": "0.001"}, "Enter an amount, such as 57.25."),
        ({"rate": "100.01"}, "Enter at most 100.00."),
        ({"count": "six"}, "Enter a whole number."),
    ],
)
def test_what_cannot_hold_is_said_at_its_field(anna, product, changes, told):
    for confirmed in ({}, {"confirmed": "1"}):
        page = anna.post(door("version", product.pk), given(product, **changes, **confirmed)).content.decode()
        assert told in page
        assert "Propose this version" not in page
    assert not Proposal.objects.exists()


def test_the_end_of_a_product_is_proposed_and_seen(anna, product):
    day = local_date(now(), "Europe/Copenhagen") + timedelta(days=3)
    told = {"starts_on": day.isoformat(), "reason": "nobody chooses it", "once": "a-key-of-one-form-0123456789"}
    anna.post(door("stop", product.pk), told)
    made = Proposal.objects.get()
    assert made.after == {"offered": False}
    assert "It is offered no longer from that day on." in anna.get(door("proposed", made.pk)).content.decode()
    services.approve_proposal(proposal_id=made.pk, user=make_operator("cleo@kvart.example", may=["approve_offer"]), at=now())
    assert "Another version is agreed on" in anna.get(door("change", product.pk)).content.decode()
    anna.post(reverse("admin:controls_proposal_withdraw", args=[made.pk]))
    assert Proposal.objects.get().status == "withdrawn"


def test_a_new_product_begins_with_its_code_and_terms(anna, product):
    assert "Propose a new product" in anna.get(door("add")).content.decode()
    assert "Code for programs" in anna.get(door("add"), {"market": "DK", "code": "No!"}).content.decode()
    known = anna.get(door("add"), {"market": "DK", "code": "monthly_6"})
    assert known.url == door("change", product.pk)
    page = anna.get(door("add"), {"market": "DK", "code": "pay_in_3"}).url
    assert page == door("first", "DK", "pay_in_3")
    assert anna.get(page).status_code == 200
    anna.post(page, given(product, name="3 payments", count="3", rate="0", confirmed="1"))
    made = Proposal.objects.get()
    assert (made.subject, made.before) == ("DK:pay_in_3", {"offered": False, "version": 0})
    assert "3 payments" in anna.get(door("proposed", made.pk)).content.decode()
    for nowhere in (door("first", "XX", "pay_in_3"), door("first", "DK", "No!"), door("version", 10**9), door("proposed", uuid.uuid4())):
        assert anna.get(nowhere).status_code == 404


def test_who_may_only_look_proposes_nothing(product):
    client = sign_in("view_product")
    assert "Propose a new version" not in client.get(door("change", product.pk)).content.decode()
    for page in (door("version", product.pk), door("stop", product.pk), door("first", "DK", "pay_in_3"), door("add")):
        assert (client.get(page).status_code, client.post(page, given(product, confirmed="1")).status_code) == (403, 403)
    stranger = sign_in("view_order")
    for page in (door("change", product.pk), door("version", product.pk), door("changelist")):
        assert stranger.get(page).status_code == 403
    assert not Proposal.objects.exists()


def queries_of(client: Client, page: str) -> int:
    client.get(page)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(page).status_code == 200
    return count_but_the_clock(asked)


def test_pages_cost_the_same_however_many_versions_there_are(anna, product):
    pages = [door("change", product.pk), door("version", product.pk), door("changelist")]
    before = [queries_of(anna, page) for page in pages]
    more = [Product(market_id="DK", code="monthly_6", version=number, active=False, offered_until=now()) for number in range(2, 12)]
    for one in more:
        one.name, one.count, one.interval, one.first, one.minimum_minor, one.maximum_minor = "6 months", 6, "monthly", "later", 100, 9_999
    Product.objects.bulk_create(more)
    assert [queries_of(anna, page) for page in pages] == before


def test_a_german_operator_writes_and_reads_numbers_as_germans_do(anna, product):
    anna.cookies["bnpl_language"] = "de"
    assert 'value="14,90"' in anna.get(door("version", product.pk)).content.decode()
    told = given(product, rate="12,5", maximum="75.000,00", amount="2.500")
    text = anna.post(door("version", product.pk), told).content.decode().replace("\xa0", " ")
    assert ("12,5 %" in text, "2.500,00 DKK" in text, "Diese Fassung vorschlagen" in text) == (True, True, True)
    anna.post(door("version", product.pk), told | {"confirmed": "1"})
    made = Proposal.objects.get()
    assert (made.after["rate_bps"], made.after["maximum_minor"]) == (1_250, 7_500_000)
