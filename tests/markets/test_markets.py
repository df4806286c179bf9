"""Markets come with the product and are seldom read from the database."""

from datetime import date
from zoneinfo import ZoneInfo

import phonenumbers
import pytest
from babel import Locale

from core.errors import NotFound
from core.money import exponent
from markets import queries
from markets.models import Market, MarketSetting
from markets.services import load_markets
from tests.owner import as_owner

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh():
    load_markets()
    yield
    queries.forget()


def test_the_six_markets():
    rows = list(Market.objects.order_by("code").values_list("code", "currency", "locale", "time_zone", "law", "minimum_age"))
    assert rows == [
        ("AU", "AUD", "en_AU", "Australia/Sydney", "US", 18),
        ("DE", "EUR", "de_DE", "Europe/Berlin", "EU", 18),
        ("DK", "DKK", "da_DK", "Europe/Copenhagen", "EU", 18),
        ("GB", "GBP", "en_GB", "Europe/London", "UK", 18),
        ("SE", "SEK", "sv_SE", "Europe/Stockholm", "EU", 18),
        ("US", "USD", "en_US", "America/New_York", "US", 18),
    ]


def test_each_market_names_things_that_exist():
    for market in Market.objects.all():
        assert ZoneInfo(market.time_zone)
        assert Locale.parse(market.locale).territory == market.code
        assert exponent(market.currency) == 2
        assert phonenumbers.country_code_for_region(market.code) > 0


def test_get_market_is_remembered(django_assert_num_queries):
    queries.forget()
    with django_assert_num_queries(1):
        assert queries.get_market("DK").currency == "DKK"
        assert queries.get_market("US").currency == "USD"
        assert [market.code for market in queries.list_markets()] == ["AU", "DE", "DK", "GB", "SE", "US"]


def test_unknown_market():
    with pytest.raises(NotFound) as caught:
        queries.get_market("FR")
    assert caught.value.code == "markets.unknown"


def test_settings_are_in_force_by_date():
    assert queries.find_setting("DE", "withdrawal.days", date(2026, 11, 19)) is None
    assert queries.find_setting("DE", "withdrawal.days", date(2026, 11, 20)).value == 14
    with as_owner():
        MarketSetting.objects.create(market_id="DE", key="withdrawal.days", value=30, valid_from=date(2027, 1, 1), source="a later law")
    assert queries.find_setting("DE", "withdrawal.days", date(2026, 12, 31)).value == 14
    assert queries.find_setting("DE", "withdrawal.days", date(2027, 1, 1)).value == 30
    assert queries.find_setting("DE", "no.such.key", date(2027, 1, 1)) is None


def test_each_setting_says_how_sure_it_is():
    assert MarketSetting.objects.count() == 206
    for setting in MarketSetting.objects.all():
        assert setting.source
        assert setting.note.startswith(("V", "U", "P")), setting


def test_loading_again_keeps_what_an_operator_changed():
    with as_owner():
        MarketSetting.objects.create(market_id="DK", key="apr.cap_bps", value=3000, valid_from=date(2026, 11, 22), source="a later law")
    assert load_markets() == 6 + 206
    assert MarketSetting.objects.count() == 207
    assert queries.find_setting("DK", "apr.cap_bps", date(2026, 11, 22)).value == 3000
