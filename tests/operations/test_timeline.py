"""What a person of a market meets around a due date, day by day, with each text in each language."""

from datetime import date

import pytest
from django.urls import reverse

from collection.timeline import timeline_of
from core.errors import NotFound
from markets.models import MarketSetting
from markets.queries import forget_rows, step_rows
from plans.proposals import Setting
from tests.operators import make_operator
from tests.portals.reading import text_of

pytestmark = pytest.mark.django_db
STEPS = {"first_days": 4, "first_tone": "friendly", "second_days": 5, "second_tone": "last", "second_by": "sms", "apart_days": 6}


@pytest.fixture(autouse=True)
def _fresh():
    yield
    forget_rows("reminder.steps")


def test_a_market_is_shown_day_by_day_in_all_languages(client):
    told = {"reminder.steps": STEPS, "reminder.steps.self": {"first_days": 12, "first_tone": "friendly", "apart_days": 6}}
    kept = [MarketSetting(market_id="DK", key=key, value=value, valid_from=date.min, source="x") for key, value in told.items()]
    step_rows.keep(kept)
    found = [(one.day, one.what) for one in timeline_of("DK", [], date(2026, 12, 1)) if one.what in {"upcoming", "late", "reminder"}]
    assert found == [(-3, "upcoming"), (1, "late"), (4, "reminder"), (10, "reminder")]
    client.force_login(make_operator("sam@kvart.example", may=["view_consumerrequest"]))
    page = reverse("admin:markets_market_timeline", args=["DK"])
    assert client.get(page).status_code == 403
    client.force_login(make_operator("rita@kvart.example", may=["view_market"]))
    text = text_of(client.get(page))
    for word in (
        "3 days before",
        "4 days late",
        "Friendly",
        "SMS, else e-mail",
        "Last reminder:",
        "Sidste påmindelse",
        "Letzte Erinnerung",
    ):
        assert word in text, word
    # A Danish reminder costs what its law lets it cost, and so does its letter.
    for word in ("Reminder with a fee", "DKK 100.00", "100,00"):
        assert word in text, word
    of_brand = STEPS | {"first_days": 2}
    step_rows.keep([*kept, MarketSetting(market_id="DK", key="reminder.steps@main", value=of_brand, valid_from=date.min, source="x")])
    assert "2 days late" in text_of(client.get(page))
    setting = [reverse("admin:markets_market_setting", args=["DK", f"reminder.steps@{brand}"]) for brand in ("main", "nobody")]
    assert [client.get(one).status_code for one in setting] == [200, 404]
    told = {"value": of_brand, "source": "x"}
    assert "(main)" in Setting().subject_name("DK:reminder.steps@main")
    Setting().check("DK:reminder.steps@main", told, date(2100, 1, 1))
    for key in ("reminder.steps@nobody", "fee.caps@main"):
        with pytest.raises(NotFound):
            Setting().check(f"DK:{key}", told, date(2100, 1, 1))
    assert "12 days late" in text_of(client.get(page, {"segment": "self"}))
    assert client.get(reverse("admin:markets_market_timeline", args=["DKK"])).status_code == 404
