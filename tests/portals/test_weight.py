"""What the back office's lists weigh: kilobytes and statements of a full page, and of a list's frame."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Consumer
from controls.audit.models import AuditRow
from core import money
from core.admin import ReadOnlyAdmin
from core.models import Delivery
from markets.models import Market
from merchants.models import Settlement
from tests.cast import NOW
from tests.operators import make_boss

pytestmark = pytest.mark.django_db
KB = 1024
FRAME_KB = 77
ROW_KB = 0.5
STATEMENTS = 5


@pytest.fixture
def boss(client):
    client.force_login(make_boss("boss@kvart.example", "demo-password", name="Ada Admin"))
    return client


def listed(model) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def weigh(boss, model) -> tuple[int, int]:
    """Return how many bytes and how many statements a list takes."""
    boss.get(listed(model))
    with CaptureQueriesContext(connection) as told:
        page = boss.get(listed(model))
    return len(page.content), len(told)


@pytest.fixture
def settlements(merchant):
    days = [NOW.date() - timedelta(days=number) for number in range(60)]
    parts = ("opening", "sales", "returns", "fees", "fee_refunds", "payout", "closing")
    amounts = {f"{part}_minor": 0 for part in parts} | {"sales_minor": 1_234_567, "payout_minor": 1_234_567}
    rest = {"merchant": merchant, "currency": "USD", "item_count": 3, "created_at": NOW}
    Settlement.objects.bulk_create(Settlement(date=day, **amounts, **rest) for day in days)
    return Settlement


@pytest.fixture
def consumers(db):
    market = Market.objects.get(code="US")
    rest = {"market": market, "locale": "en_US", "time_zone": market.time_zone, "created_at": NOW}
    Consumer.objects.bulk_create(Consumer(email_hash=f"{number:064}", **rest) for number in range(60))
    return Consumer


@pytest.mark.parametrize("many", ["settlements", "consumers"])
def test_a_full_page_of_a_list_is_light(boss, many, request):
    size, statements = weigh(boss, request.getfixturevalue(many))
    assert size < (FRAME_KB + 50 * ROW_KB) * KB
    assert statements <= STATEMENTS


def test_a_list_of_settlements_asks_for_the_session_the_operator_and_its_rows_however_many_there_are(boss, merchant, settlements):
    last = Settlement.objects.order_by("pk").last()
    assert [weigh(boss, settlements)[1] for _ in ("all of them", "once more")] == [3, 3]
    with CaptureQueriesContext(connection) as told:
        page = boss.get(listed(settlements), {"merchant__id__exact": merchant.pk, "p": f"before.{last.pk}"})
    rows = [one["sql"] for one in told if 'FROM "merchants_settlement"' in one["sql"]]
    assert page.content.count(b'<td class="field-balance"') == 50
    assert len(rows) == 1
    assert rows[0].endswith(" LIMIT 51")
    assert "COUNT(" not in "".join(one["sql"] for one in told)


def test_an_amount_that_stands_many_times_on_a_page_is_written_once(boss, settlements, monkeypatch):
    written = []
    plain = money.format_currency
    monkeypatch.setattr(money, "format_currency", lambda units, *args, **how: written.append(units) or plain(units, *args, **how))
    money.write_units.cache_clear()
    page = boss.get(listed(settlements)).content.decode()
    assert page.count("$12,345.67") == 100
    assert page.count("$0.00") == 150
    assert sorted(written) == [0, Decimal("12345.67")]


def test_the_frame_of_every_list_is_light(boss, merchant):
    ours = [model for model, one in admin.site._registry.items() if isinstance(one, ReadOnlyAdmin)]
    more = {model._meta.label: weigh(boss, model)[0] / KB - ROW_KB * model._default_manager.count() for model in ours}
    assert {name: weight for name, weight in more.items() if weight > FRAME_KB} == {}


def test_a_row_shows_labels_choices_and_nothing_as_the_theme_does(boss, consumers):
    page = boss.get(listed(consumers)).content.decode()
    row = page[page.index("<tbody>") :].split("</tr>")[0]
    newest = Consumer.objects.order_by("-pk").first()
    for told in (
        '<th class="field-public_id" data-label="Person" scope="row">',
        f'<a href="/admin/accounts/consumer/{newest.pk}/change/">{newest.public_id}</a>',
        '<td class="field-market" data-label="Market">United States</td>',
        '<span class="desk-tag desk-tag-info">Unknown</span>',
    ):
        assert told in row, told


def test_a_list_without_rows_says_what_is_true_and_one_that_finds_none_says_so(boss):
    for model, one in admin.site._registry.items():
        page = boss.get(listed(model)).content.decode()
        if "desk-nothing" in page:
            assert f"<h2>{one.nothing[0]}</h2>" in page, model
            assert "Nothing matches" not in page, model
        # The audit log finds that somebody has just looked for it.
        if one.search_fields and model is not AuditRow:
            assert "<h2>Nothing matches</h2>" in boss.get(listed(model), {"q": "zzzz-zzzz"}).content.decode(), model
    assert "<h2>Everything was delivered</h2>" in boss.get(listed(Delivery)).content.decode()
