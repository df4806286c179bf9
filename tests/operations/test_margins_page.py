"""The page of margins, its file, and who may see it."""

import csv
import io
import re
from datetime import timedelta

import pytest
from django.urls import reverse

from controls.models import RuleVersion
from core import clock
from reports.margins.services import count_margins
from tests.operators import make_boss, make_operator

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


def test_a_segment_leads_to_a_draft_that_begins_with_it(client, at, buy, merchant):
    boss = make_boss("boss@kvart.example", "demo-password", name="Ada Admin")
    client.force_login(boss)
    buy(merchant, 10_000, at, "p1+approve@people.example", capture="automatic")
    count_margins(at=at + timedelta(days=1))
    shown = client.get(PAGE, {"by": "grade", "months": "24"}).content.decode()
    link = f"{PAGE}adapt/?market=US&amp;fact=grade&amp;value=A"
    assert link in shown
    page = client.get(link.replace("&amp;", "&")).content.decode()
    assert "United States" in page
    assert "Held orders" in page.split("cannot tell such sales")[1]  # its rules do not know the grade
    told = {"market": "US", "merchant": "", "fact": "grade", "value": "C"}
    started = client.post(reverse("admin:controls_rules_start", args=["offers"]), told | {"once": "m1"})
    draft = RuleVersion.objects.get(kind="offers", made_by=str(boss.pk))
    assert started.headers["Location"] == f"/admin/controls/ruleversion/kind/offers/{draft.number}/new/rule/?market=US&fact=grade&value=C"
    form = client.get(started.headers["Location"]).content.decode()
    assert re.search(r'<option value="US"[^>]*selected', form)
    assert re.search(r'<option value="grade"[^>]*selected', form)
    assert 'value="C"' in form
    assert client.get(f"{PAGE}adapt/", {"market": "XX", "merchant": "shop_1", "fact": "none", "value": "<b>"}).status_code == 200


def test_who_may_see_no_rules_is_led_to_none(client, monkeypatch, buy, merchant, at):
    monkeypatch.setattr(clock, "now", lambda: at + timedelta(days=40))
    client.force_login(make_operator("fay@kvart.example", name="Fay Finance", may=["view_margin"]), backend=BACKEND)
    buy(merchant, 10_000, at, "p1+approve@people.example", capture="automatic")
    count_margins(at=at + timedelta(days=40))
    assert "adapt/" not in client.get(PAGE, {"by": "grade"}).content.decode()
    assert client.get(f"{PAGE}adapt/").status_code == 403
