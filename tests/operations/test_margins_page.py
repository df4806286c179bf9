"""The page of margins, its file, and who may see it."""

import csv
import io
from datetime import timedelta

import pytest
from django.urls import reverse

from core import clock
from reports.margins.services import count_margins
from tests.operators import make_operator

pytestmark = pytest.mark.django_db
PAGE = reverse("admin:reports_margin_changelist")
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def rita(client, monkeypatch, at):
    """A risk officer, signed in forty days after the purchases."""
    monkeypatch.setattr(clock, "now", lambda: at + timedelta(days=40))
    user = make_operator("rita@kvart.example", name="Rita Risk", may=["view_margin", "view_merchant", "view_product", "view_ruleversion"])
    client.force_login(user, backend=BACKEND)
    return user


def test_margins_by_each_grouping_and_in_the_file(client, rita, buy, merchant, stranger, at, django_assert_max_num_queries):
    assert "they were not counted yet" in client.get(PAGE).content.decode()
    for n, shop in enumerate((merchant, merchant, stranger)):
        buy(shop, 10_000 + n, at, f"p{n}+approve@people.example", capture="automatic")
    count_margins(at=at + timedelta(days=40))
    for by, word in (
        ("product", "US · "),
        ("grade", "US · "),
        ("shop", merchant.name),
        ("month", at.strftime("%B %Y")),
        ("nothing", "US · "),
    ):
        with django_assert_max_num_queries(16):
            page = client.get(PAGE, {"by": by, "months": "x", "market": "XX"}).content.decode()
        assert word in page
        assert "$300.03" in page
    told = csv.DictReader(io.StringIO(client.get(PAGE, {"by": "shop", "as": "csv"}).content.decode("utf-8-sig")))
    assert [(row["Shop"], row["Plans"], row["Financed"]) for row in told] == [
        (merchant.name, "2", "200.01"),
        (stranger.name, "1", "100.02"),
    ]
    assert "No purchases of this span" in client.get(PAGE, {"market": "DK"}).content.decode()


def test_who_may_not_see_margins_does_not(client, at):
    client.force_login(make_operator("vera@kvart.example", name="Vera Viewer", may=["view_order"]), backend=BACKEND)
    assert client.get(PAGE).status_code == 403
