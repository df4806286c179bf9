"""The funnel: pages that people reach in checkouts, what kept them, and the page of the back office about it."""

import csv
import io
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from checkout import services as checkouts
from checkout.models import Journey
from core import clock
from reports.funnel.rules import EDGES, median_of
from reports.funnel.services import count_funnel
from tests.operators import make_operator

pytestmark = pytest.mark.django_db
PAGE = reverse("admin:reports_funnelday_changelist")
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1"


@pytest.fixture
def rita(client):
    """A risk officer, signed in."""
    may = ["view_funnelday", "view_checkout", "view_order"]
    client.force_login(make_operator("rita@kvart.example", name="Rita Risk", may=may), backend="django.contrib.auth.backends.ModelBackend")


def test_each_page_and_each_refused_form_is_noted_once(buy, merchant):
    checkout, browser = buy.open(merchant, 10_000, clock.now()), Client(HTTP_USER_AGENT=PHONE)
    path = f"/checkout/{checkout.public_id}"
    for _ in range(2):
        browser.get(path)
    asked = browser.post(f"{path}/contact", {"contact": "no address"})
    for _ in range(2):
        browser.get(asked["Location"])
    browser.post(f"{path}/contact", {"contact": "ann@people.example"})
    browser.get(path)
    # Whoever has the address sees the first page, which is no way back.
    Client().get(path)
    (one,) = Journey.objects.all()
    assert (one.step, [*one.steps], one.device, one.opening) == ("code", ["code", "contact"], "phone", "redirect")
    assert one.errors == {"contact.contact": 1}
    assert (one.steps["contact"], one.began_at <= one.step_at) == (0, True)


def test_a_page_that_is_known_costs_one_statement_that_writes_nothing(buy, merchant, django_assert_num_queries):
    at = clock.now()
    checkout = buy.open(merchant, 10_000, at)
    told = {"checkout": checkout, "step": "contact", "device": "desk", "opening": "popup"}
    assert checkouts.note_reached(**told, at=at)
    with django_assert_num_queries(1):
        assert not checkouts.note_reached(**told, at=at + timedelta(seconds=9))


def test_the_funnel_its_weeks_its_file_and_who_stopped(client, rita, buy, merchant, stranger, django_assert_max_num_queries):
    at = clock.now()
    assert "it was not counted yet" in client.get(PAGE).content.decode()
    ways = [
        ("phone", ("contact", "code", "plan", "done")),
        ("phone", ("contact", "code")),
        ("desk", ("contact",)),
        ("desk", ("contact", "code")),
    ]
    for number, (device, steps) in enumerate(ways):
        checkout = buy.open(merchant if number else stranger, 10_000 + number, at, merchant_reference=f"R-{number}")
        for place, step in enumerate(steps):
            told = {"checkout": checkout, "device": device, "opening": "redirect", "at": at + timedelta(seconds=20 * place + number)}
            checkouts.note_reached(step=step, error="code" if step == "code" else "", again=f"a{number}" if step == "code" else "", **told)
    assert count_funnel(at=at) == count_funnel(at=at) == 8
    with django_assert_max_num_queries(16):
        page = client.get(PAGE).content.decode()
    assert "How far people come" in page
    told = [[*row.values()] for row in csv.DictReader(io.StringIO(client.get(PAGE, {"as": "csv"}).content.decode("utf-8-sig")))]
    assert [row[:4] for row in told] == [
        ["Who are you?", "4", "100", "1"],
        ["Code", "3", "75", "2"],
        ["Choice of a plan", "1", "25", "0"],
        ["Purchase made", "1", "25", "0"],
    ]
    assert (told[1][5], 15 <= int(told[0][4]) <= 30) == ("code: 3", True)
    phones = csv.DictReader(io.StringIO(client.get(PAGE, {"as": "csv", "device": "phone"}).content.decode("utf-8-sig")))
    assert [row["Reached"] for row in phones] == ["2", "2", "1", "1"]
    stopped = reverse("admin:reports_funnel_stopped", args=["code"])
    with django_assert_max_num_queries(16):
        listed = client.get(stopped).content.decode()
    assert ("R-1" in listed, "R-3" in listed, "R-0" in listed) == (True, True, False)
    assert "R-1" not in client.get(stopped, {"device": "desk"}).content.decode()
    assert client.get(reverse("admin:reports_funnel_stopped", args=["nothing"])).status_code == 404
    client.force_login(
        make_operator("vera@kvart.example", name="Vera Viewer", may=["view_order"]), backend="django.contrib.auth.backends.ModelBackend"
    )
    assert [client.get(there).status_code for there in (PAGE, stopped)] == [403, 403]


def test_a_median_lies_in_its_class():
    one = [0] * (len(EDGES) + 1)
    assert median_of(one) is None
    for number, edge in enumerate((*EDGES, EDGES[-1])):
        counts = [*one]
        counts[number] = 3
        assert (EDGES[number - 1] if number else 0) <= median_of(counts) <= edge
    assert median_of([0, 4, 0, 0, 4, *one[5:]]) == 5
