"""Markets in the back office: settings in words and units, and another value that is seen before it is proposed."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from controls.models import Proposal
from core.clock import local_date, now
from markets.catalog import SETTINGS
from markets.models import MarketSetting
from markets.queries import find_setting
from tests.api.counting import count_but_the_clock
from tests.operators import make_operator

BACKEND = "django.contrib.auth.backends.ModelBackend"
KEY = "a-key-of-one-form-0123456789"


def sign_in(*may: str) -> Client:
    client = Client()
    client.force_login(make_operator(f"{len(may)}{may[-1]}@kvart.example", may=may), backend=BACKEND)
    return client


@pytest.fixture
def anna(db):
    return sign_in("view_market", "view_proposal", "propose_offer")


def door(act: str, *args: object) -> str:
    return reverse(f"admin:markets_market_{act}", args=args)


CAP = ("setting", "DK", "apr.cap_bps")


def today():
    return local_date(now(), "Europe/Copenhagen")


def given(**changes: object) -> dict[str, object]:
    told = {"part_": "30", "source": "a later law", "starts_on": today().isoformat(), "reason": "the law changes", "once": KEY}
    return told | changes


def test_a_market_is_shown_in_words_and_units(anna):
    text = anna.get(door("change", "DK")).content.decode().replace("\xa0", " ")
    for told in (
        "Highest APR",
        "35%",
        "without housing: DKK 6,000.00",
        "14 days",
        "Danish Credit Agreements Act",
    ):
        assert told in text
    assert "apr.cap_bps</td>" not in text
    assert "Settings that it does not have" in text
    assert "nothing reads it yet" not in text
    assert "Alabama" not in anna.get(door("change", "US")).content.decode()


def test_another_value_is_seen_proposed_once_and_held_by_the_second_person(anna):
    assert 'value="35.00"' in anna.get(door(*CAP)).content.decode()
    seen = anna.post(door(*CAP), given()).content.decode()
    assert ("30%" in seen, "Propose this value" in seen, Proposal.objects.exists()) == (True, True, False)
    for _press in range(2):
        answer = anna.post(door(*CAP), given(confirmed="1"), follow=True)
    assert "A change is proposed" in answer.content.decode()
    made = Proposal.objects.get()
    assert (made.after, made.before["value"]) == ({"value": 3_000, "source": "a later law"}, 3_500)
    bo = sign_in("view_market", "approve_offer")
    assert "Setting of a market" in bo.get(reverse("admin:index")).content.decode()
    page = bo.get(reverse("admin:controls_proposal_change", args=[made.pk])).content.decode()
    assert ("35%" in page, "30%" in page, door("proposed", made.pk) in page) == (True, True, True)
    assert "30%" in bo.get(door("proposed", made.pk)).content.decode()
    bo.post(reverse("admin:controls_proposal_decide", args=[made.pk]), {"decision": "approve", "note": "", "confirmed": "1"})
    assert find_setting("DK", "apr.cap_bps", today()).value == 3_000
    assert "30%" in bo.get(door("change", "DK")).content.decode()


def test_products_that_a_value_would_forbid_are_named(anna):
    seen = anna.post(door(*CAP), given(part_="15")).content.decode().replace("\xa0", " ")
    assert "A product on offer would break it" in seen
    assert "6 months · Interest a year: makes an APR of 1" in seen
    assert "A product on offer would break it" not in anna.post(door(*CAP), given(part_="34")).content.decode()


def test_another_share_of_limits_shows_what_it_would_do_before_it_is_proposed_and_after(anna):
    share = ("setting", "DK", "credit.economy_bps")
    page = anna.post(door(*share), given(part_="80", source="Credit committee"))
    for text in ("What it would do today", "Limits that go down", "0 of 0", "DKK 0.00", "Open checkouts that it would refuse"):
        assert text in page.content.decode().replace("\xa0", " ")
    assert "Enter at most 100.00." in anna.post(door(*share), given(part_="101")).content.decode()
    anna.post(door(*share), given(part_="80", source="Credit committee", confirmed="1"))
    seen = anna.get(door("proposed", Proposal.objects.get().pk)).content.decode()
    assert "Approvals of the last 30 days that it would have refused" in seen


@pytest.mark.parametrize("key", sorted(SETTINGS))
def test_every_setting_has_a_page_and_its_own_value_can_be_given_again(anna, key):
    """The form gives back exactly the value that holds, whatever its parts."""
    row = MarketSetting.objects.filter(key=key).order_by("market_id").first()
    market = row.market_id if row else "DK"
    page = anna.get(door("setting", market, key))
    assert page.status_code == 200
    form = page.context["form"]
    if row is None:
        return
    filled = {name: form[name].value() for name in form.fields if name.startswith("part_") and form[name].value() is not None}
    told = given(starts_on=(now() + timedelta(days=40)).date().isoformat(), confirmed="1") | filled
    anna.post(door("setting", market, key), told)
    assert Proposal.objects.get().after == {"value": row.value, "source": "a later law"}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"part_": "1001"}, "Enter at most 1000.00."),
        ({"part_": "30.555"}, "Enter a number, such as 57.25."),
        ({"part_": ""}, "This field is required."),
        ({"source": ""}, "This field is required."),
        ({"starts_on": "2025-01-01"}, "This day has passed."),
    ],
)
def test_what_cannot_hold_is_said_at_its_field(anna, changes, told):
    for confirmed in ({}, {"confirmed": "1"}):
        page = anna.post(door(*CAP), given(**changes, **confirmed)).content.decode()
        assert (told in page, "Propose this value" in page) == (True, False)
    assert not Proposal.objects.exists()


def test_hours_that_end_before_they_begin_are_refused_at_their_field(anna):
    told = {"part_from": "21:00", "part_to": "08:00"}
    page = anna.post(door("setting", "DK", "contact.hours"), given(**told)).content.decode()
    assert "must be later than the beginning" in page


def test_who_may_only_look_proposes_nothing(db):
    client = sign_in("view_market")
    assert "Propose another value" not in client.get(door(*CAP)).content.decode()
    assert client.post(door(*CAP), given(confirmed="1")).status_code == 403
    stranger = sign_in("view_order")
    for page in (door("change", "DK"), door(*CAP)):
        assert (stranger.get(page).status_code, stranger.post(page, given(confirmed="1")).status_code) == (403, 403)
    assert not Proposal.objects.exists()


def test_pages_that_do_not_exist(anna):
    for page in (door("change", "XX"), door("setting", "XX", "apr.cap_bps"), door("setting", "DK", "address.regions")):
        assert anna.get(page).status_code == 404
    assert anna.get(door("proposed", uuid.uuid4())).status_code == 404


def test_pages_cost_the_same_however_many_values_there_are(anna):
    def queries() -> list[int]:
        found = []
        for page in (door("change", "DK"), door(*CAP)):
            anna.get(page)
            with CaptureQueriesContext(connection) as asked:
                assert anna.get(page).status_code == 200
            found.append(count_but_the_clock(asked))
        return found

    before = queries()
    more = [{"value": 3_000 + day, "valid_from": today() + timedelta(days=day), "source": "x"} for day in range(1, 12)]
    MarketSetting.objects.bulk_create([MarketSetting(market_id="DK", key="apr.cap_bps", **one) for one in more])
    assert queries() == before


def test_each_market_has_a_dial_that_tells_what_it_would_do_before_it_is_turned(anna, django_assert_max_num_queries):
    page = reverse("admin:markets_market_economy")
    assert f'href="{page}"' in anna.get(door("changelist")).content.decode()
    with django_assert_max_num_queries(14):
        shown = anna.get(page).content.decode().replace("\xa0", " ")
    assert shown.count("never turned") == shown.count("desk-chips") >= 6
    assert "now 100%" in shown
    asked = anna.get(page, {"market": "DK", "share": "80"}).content.decode().replace("\xa0", " ")
    assert asked.count("Limits that go down") == 1
    assert "What 80% would do today" in asked
    propose = f"{door('setting', 'DK', 'credit.economy_bps')}?bps=8000"
    assert f'href="{propose}"' in asked
    form = anna.get(propose)
    assert form.context["form"]["part_"].value() == "80.00"
    assert "<dd>100%</dd>" in form.content.decode().replace("\xa0", "")
    for wrong in ("5", "101", "many", ""):
        told = anna.get(page, {"market": "DK", "share": wrong}).content.decode()
        assert ("Limits that go down" in told, told.count("Enter a share in percent, from 10 to 100.")) == (False, 1)
        assert f'value="{wrong}" aria-invalid="true"' in told
    assert "Who may propose" not in shown


def test_who_may_not_turn_the_dial_is_told_who_may(db):
    shown = sign_in("view_market").get(reverse("admin:markets_market_economy"), {"market": "DK", "share": "80"}).content.decode()
    assert "You can look, not propose. Who may propose: Finance." in shown
    assert ("Limits that go down" in shown, "bps=8000" in shown) == (True, False)
