"""The page of provisions, its file, and who may see it."""

import csv
import io
from datetime import timedelta

import pytest
from django.urls import reverse

from checkout import services as checkouts
from collection.services import close_days
from reports.provisions.services import provide_months
from tests.operators import make_operator

pytestmark = pytest.mark.django_db
PAGE = reverse("admin:reports_provisionmonth_changelist")
BACKEND = "django.contrib.auth.backends.ModelBackend"


def test_stages_movement_and_segments_of_a_month_and_in_the_file(client, buy, merchant, at, django_assert_max_num_queries):
    client.force_login(make_operator("fay@kvart.example", name="Fay Finance", may=["view_provisionmonth"]), backend=BACKEND)
    assert "once a month has ended" in client.get(PAGE).content.decode()
    order = buy(merchant, 22_900)
    checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=None, actor="test", at=at)
    close_days(at=at)
    later = at + timedelta(days=45)
    close_days(at=later)
    provide_months(at=later)
    with django_assert_max_num_queries(16):
        page = client.get(PAGE, {"market": "XX", "brand": "none", "month": "1999-01"}).content.decode()
    assert '<option value="2026-12" selected>' in page
    # 45 days later all is late for 39: at the settings' 35 % and 75 %.
    for text in ("Stage 2: late", "$229.00", "$60.11", "26.25%", "few plans: chances by setting", "few losses: loss by setting", "-$3.44"):
        assert text in page, text
    asked = {"month": "2026-12", "market": "US", "as": "csv"}
    told = list(csv.DictReader(io.StringIO(client.get(PAGE, asked).content.decode("utf-8-sig"))))
    assert [
        (row["Stage"], row["Open principal"], row["Moved between stages or buckets"], row["At the end of the month"]) for row in told
    ] == [
        ("1", "0.00", "-3.44", "0.00"),
        ("2", "229.00", "60.11", "60.11"),
    ]
    assert "Nothing was open" in client.get(PAGE, {"market": "DK"}).content.decode()


def test_who_may_not_see_provisions_does_not(client, at):
    client.force_login(make_operator("vera@kvart.example", name="Vera Viewer", may=["view_margin"]), backend=BACKEND)
    assert client.get(PAGE).status_code == 403
