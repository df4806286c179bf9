"""The risk of shops: whose orders go bad, against the average of all, with the orders to click."""

import csv
import io
import re
from datetime import timedelta
from html import unescape

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.services import set_roles
from checkout.services.labeling import sale_of
from core import clock
from core.money import Money
from fraud.network.services import end_label, put_label
from fraud.network.services.labeling import Sale
from fraud.states import LabelSource, Verdict
from markets.models import Market
from merchants.services import create_merchant
from operations.fraud.shops.rules import Tally, is_high, risk_of, share_bps, times_average
from operations.roles import ROLES
from payments.models import Charge, Dispute
from plans.models import Installment
from tests.fraud.cases import keep_attempt
from tests.operations.test_fraud_desk import people
from tests.operators import AT, make_operator, telling

pytestmark = pytest.mark.django_db
LIST = reverse("admin:fraud_fraudcase_shops")
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def rita(client):
    """A risk officer, signed in with this test's browser."""
    user = make_operator("rita@kvart.example", name="Rita Risk", may=["view_shoprisk", "view_fraudcase", "view_order", "view_merchant"])
    client.force_login(user, backend=BACKEND)
    return user


@pytest.fixture
def now(monkeypatch, at):
    """The pages' time: four months after the purchases."""
    later = at + timedelta(days=120)
    monkeypatch.setattr(clock, "now", lambda: later)
    return later


def words(answer) -> str:
    text = answer.content.decode()
    text = text[text.index('<div class="desk') :]
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text)))


def lines(client, **query):
    answer = client.get(LIST, query | {"as": "csv"})
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def overdue(plan, days, at):
    """Let a plan's first payment be overdue by days."""
    first = Installment.objects.filter(plan=plan).order_by("number")[0]
    Installment.objects.filter(pk=first.pk).update(due_date=at.date() - timedelta(days=days), status="overdue")


def dispute(order, charge, outcome, at):
    """Let a cardholder dispute, and the bank decide: `win`, `lose`, or nothing yet."""
    told = {"reference": order.plan.public_id, "amount_minor": 100, "currency": "USD", "opened_at": at}
    row = Dispute.objects.create(gateway="sandbox", gateway_ref=str(order.pk), charge=charge, **told)
    if outcome:
        getattr(row, outcome)()
        row.save()


@pytest.fixture
def sold(buy, merchant, stranger, at):
    """Two shops: one sold four orders to four people, of which three go bad; the other one order, and refused one."""
    orders = [buy(merchant, 10_000 + n, at + timedelta(hours=n), f"p{n}+approve@people.example", capture="automatic") for n in range(4)]
    honest = buy(stranger, 9_000, at, "honest+approve@people.example", capture="automatic")
    for order in [*orders, honest]:
        keep_attempt(order.consumer, order.merchant, Verdict.ALLOW, subject=order.checkout.public_id, order=order.public_id, at=at)
    keep_attempt(people(1)[0], stranger, Verdict.BLOCK, rules=["card-testing"], at=at)
    return [*orders, honest]


def test_shops_stand_by_how_their_orders_went_bad_against_all(client, rita, sold, now, merchant, stranger, at):
    told = {"source": LabelSource.DESK, "actor": str(rita.pk), "reason": "", "at": at + timedelta(days=1)}
    put_label(consumer_id=sold[0].consumer_id, is_fraud=True, sale=sale_of(sold[0]), **told)
    overdue(sold[1].plan, 95, now)
    overdue(sold[2].plan, 40, now)
    overdue(sold[4].plan, 29, now)
    first, second = lines(client, days=180)
    assert (first["Shop's id"], second["Shop's id"]) == (merchant.public_id, stranger.public_id)
    counted = {name: int(first[name]) for name in ("Attempts", "Approved", "Held", "Refused", "Confirmed fraud", "Plans")}
    assert counted == {"Attempts": 4, "Approved": 4, "Held": 0, "Refused": 0, "Confirmed fraud": 1, "Plans": 4}
    assert (first["Overdue by 30 days"], first["Overdue by 90 days"], first["Overdue by 30 days, share in percent"]) == ("2", "1", "50.00")
    assert (second["Attempts"], second["Refused"], second["Approved"], second["Overdue by 30 days"]) == ("2", "1", "1", "0")
    assert float(first["Times the average"]) > 1 > float(second["Times the average"])
    page = words(client.get(LIST, {"days": 180}))
    assert "2 shops" in page
    assert page.index(merchant.name) < page.index(stranger.name)
    assert re.search(r"All shops 6 83\.33% 5 0% 16\.67% 1 16\.67% 1 0% 0% 40% 2 20% 1 0%", page)


def test_a_label_that_is_taken_back_and_one_of_a_stopped_attempt(client, rita, sold, now, merchant, at):
    told = {"source": LabelSource.DESK, "actor": str(rita.pk), "reason": "", "at": at + timedelta(days=1)}
    put_label(consumer_id=sold[0].consumer_id, is_fraud=True, sale=sale_of(sold[0]), **told)
    refused = "chk_" + "a" * 26
    keep_attempt(sold[1].consumer, merchant, Verdict.BLOCK, subject=refused, at=at)
    put_label(consumer_id=sold[1].consumer_id, is_fraud=True, sale=Sale(refused, merchant.public_id, Money(900, "USD")), **told)
    assert lines(client, days=180)[0]["Confirmed fraud"] == "2"
    end_label(consumer_id=sold[0].consumer_id, about=sold[0].public_id, actor="x", at=at + timedelta(days=2))
    assert lines(client, days=180)[0]["Confirmed fraud"] == "1"


def test_disputes_lost_and_open_count_and_one_that_was_won_does_not(client, rita, sold, now, merchant, at, settle_charge):
    settle_charge(sold[0], at + timedelta(days=30))
    charge = Charge.objects.order_by("id")[0]
    for order, outcome in zip(sold, ("lose", "", "win"), strict=False):
        dispute(order, charge, outcome, at + timedelta(days=40))
    first = lines(client, days=180)[0]
    assert (first["Disputes lost"], first["Disputes open"]) == ("1", "1")
    page = words(client.get(reverse("admin:fraud_fraudcase_shop", args=[merchant.pk]), {"days": 180}))
    assert page.count("Dispute lost") == 1
    assert page.count("Dispute open") == 1


def test_a_shops_page_has_its_trend_and_its_worst_orders_to_click(client, rita, sold, now, merchant, stranger, at):
    told = {"source": LabelSource.DESK, "actor": str(rita.pk), "reason": "", "at": at + timedelta(days=1)}
    put_label(consumer_id=sold[0].consumer_id, is_fraud=True, sale=sale_of(sold[0]), **told)
    overdue(sold[3].plan, 95, now)
    answer = client.get(reverse("admin:fraud_fraudcase_shop", args=[merchant.pk]), {"days": 180})
    page = words(answer)
    assert "Risk of Nordlys Lamps" in answer.content.decode()
    assert re.search(r"\$100\.03 .{0,60}Overdue by 95 days \$100\.00 .{0,60}Confirmed fraud", page)
    assert [reverse("admin:checkout_order_change", args=[one.pk]) in answer.content.decode() for one in sold] == [
        True,
        False,
        False,
        True,
        False,
    ]
    assert re.search(r"November 2026 4 100% 4 0% 0% 25% 1 0% 0% 25% 1 25% 1 0%", page), page
    empty = words(client.get(reverse("admin:fraud_fraudcase_shop", args=[stranger.pk]), {"days": 180}))
    assert "None in this period." in empty


def test_a_shop_without_attempts_and_a_list_without_shops_say_so(client, rita, merchant, now):
    assert "Nobody tried to buy at any of these shops in this period." in words(client.get(LIST))
    page = words(client.get(reverse("admin:fraud_fraudcase_shop", args=[merchant.pk])))
    assert "None in this period." in page
    assert "Nobody tried to buy here in the last 12 months." in page
    assert client.get(reverse("admin:fraud_fraudcase_shop", args=["01a22517-1771-78f3-a9d8-c7c7cd8a5068"])).status_code == 404


def test_the_list_is_filtered_sorted_and_paged_and_bad_values_count_as_none(client, rita, sold, now, merchant, stranger):
    danish = create_merchant(
        name="Aal og Co", legal_name="Aal ApS", market=Market.objects.get(code="DK"), payout_destination="b", slug="aal", at=now
    )
    keep_attempt(people(1)[0], danish, Verdict.ALLOW, at=now - timedelta(days=1))
    names = lambda **query: [line["Shop"] for line in lines(client, **query)]  # noqa: E731
    assert names(days=30) == ["Aal og Co"]
    assert names(days=180, market="US") == ["Nordlys Lamps", "Other Shop"]
    assert names(days=180, brand="nobody", market="XX") == names(days=180)
    assert names(days=180, sort="shop") == ["Aal og Co", "Nordlys Lamps", "Other Shop"]
    assert names(days=180, sort="-shop") == ["Other Shop", "Nordlys Lamps", "Aal og Co"]
    assert names(days=180, sort="attempts") == ["Nordlys Lamps", "Other Shop", "Aal og Co"]
    assert names(days=180, sort="refused")[0] == "Other Shop"
    for bad in ({"days": "-1"}, {"days": "9" * 40}, {"sort": "'; --"}, {"page": "²"}, {"page": "99999"}, {"page": "0"}):
        assert client.get(LIST, bad).status_code == 200, bad


def test_the_number_of_queries_does_not_grow(client, rita, sold, now, merchant, at):
    def asked(path):
        with CaptureQueriesContext(connection) as found:
            assert client.get(path).status_code == 200
        return len(found)

    paths = [f"{LIST}?days=180", f"{reverse('admin:fraud_fraudcase_shop', args=[merchant.pk])}?days=180"]
    before = [asked(path) for path in paths]
    for n in range(6):
        other = create_merchant(
            name=f"Shop {n}", legal_name="x", market=Market.objects.get(code="US"), payout_destination="b", slug=f"s{n}", at=at
        )
        keep_attempt(people(1)[0], other, Verdict.BLOCK, at=at)
    overdue(sold[0].plan, 95, now)
    overdue(sold[1].plan, 95, now)
    after = [asked(path) for path in paths]
    assert all(now_ <= then for now_, then in zip(after, [before[0], before[1] + 1], strict=True))


@pytest.mark.parametrize("role", ROLES)
def test_only_fraud_analysts_and_risk_see_it(db, merchant, role):
    set_roles(roles=ROLES, actor="install", at=AT)
    user, client = make_operator("somebody@kvart.example"), Client()
    with telling(user):
        user.groups.add(Group.objects.get(name=role))
    client.force_login(user, backend=BACKEND)
    may = 200 if role in {"Fraud analyst", "Risk"} else 403
    for path in (LIST, f"{LIST}?as=csv", reverse("admin:fraud_fraudcase_shop", args=[merchant.pk])):
        assert client.get(path).status_code == may
    assert (LIST in client.get(reverse("admin:index")).content.decode()) == (may == 200)


def test_shares_of_few_orders_are_steadied_by_the_average():
    whole = Tally(attempts=1_000, fraud=10, plans=900, lost=0, late_90=18)
    small, large = Tally(attempts=3, fraud=1, plans=3), Tally(attempts=300, fraud=30, plans=300, late_90=6)
    assert share_bps(small, "fraud") == 3_333
    assert times_average(small, whole, "fraud") == pytest.approx((1 + 20 * 0.01) / 23 / 0.01)
    assert times_average(large, whole, "lost") is None
    assert risk_of(large, whole) == round(((30 + 0.2) / 320 / 0.01 + (6 + 0.4) / 320 / 0.02) / 2, 1)
    assert risk_of(Tally(), whole) is None
    assert (is_high(small, whole, "fraud"), is_high(large, whole, "fraud"), is_high(large, whole, "late_90")) == (False, True, False)
