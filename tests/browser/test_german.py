"""German, whose words are the longest, in a window of 320 pixels: no page is wider, and nothing is cut off."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client

from checkout import services as checkouts
from core import clock
from merchants import services as merchants
from merchants.models import Membership
from tests.browser.looking import NARROW, OUTSIDE, SETTLED
from tests.browser.test_walk_portals import bought, consumer_session, user_session  # noqa: F401  (`bought` is a fixture)
from tests.operators import make_boss
from tests.portals.pseudo import follow
from webhooks import services as hooks

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
CONSUMER = ("/home", "/purchases", "/payments", "/limit", "/help", "/inbox", "/profile", "/requests", "/sign-in")


@pytest.fixture
def too_wide(page, platform):
    """Give a function that follows the links of somebody's pages in German; it returns what is wide or cut off, by page."""

    def look(session: str, *starts: str, within: str | tuple[str, ...], each: int = 1) -> dict[str, list[str]]:
        client = Client()
        client.cookies["bnpl_session"] = session
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = "de"
        keep = {"bnpl_session": session, settings.LANGUAGE_COOKIE_NAME: "de"}
        page.context.add_cookies([{"name": name, "value": value, "url": platform} for name, value in keep.items() if value])
        page.set_viewport_size(NARROW)
        page.emulate_media(reduced_motion="reduce")
        found, seen = {}, 0
        for address, _html in follow(client, *starts, within=within, each=each):
            page.goto(platform + address)
            page.evaluate(SETTLED)
            assert page.locator("html").get_attribute("lang").startswith("de"), address
            seen += 1
            if wrong := page.evaluate(OUTSIDE):
                found[address] = wrong
        assert seen > len(starts)
        return found

    return look


def test_guides_in_german_fit_a_narrow_window(too_wide):
    assert too_wide("", "/docs/", within="/docs/", each=6) == {}


def test_a_consumers_pages_in_german_fit_a_narrow_window(too_wide, bought):  # noqa: F811
    assert too_wide(consumer_session(bought.consumer), *CONSUMER, within=CONSUMER) == {}


def test_a_shops_pages_in_german_fit_a_narrow_window(too_wide, django_user_model, bought, buy, merchant, email):  # noqa: F811
    at = clock.now()
    buy(merchant, 11_900, at, email=email("+approve"))
    merchants.settle_merchants(at=at + timedelta(days=2))
    endpoint = hooks.create_endpoint(merchant=merchant, url="http://127.0.0.1:9/hooks", events=[], at=at, actor="test")
    hooks.record_event(merchant_id=merchant.id, event_type="order.captured", source="x", data={"order_id": "ord_1"}, at=at)
    assert endpoint.pk
    owner = django_user_model.objects.create_user("owner@nordlys.example", "correct-horse-battery", name="Mia Owner")
    Membership.objects.create(user=owner, merchant=merchant, role="owner", added_at=at)
    assert too_wide(user_session(owner), "/merchant/", within="/merchant/", each=2) == {}


def test_the_back_office_in_german_fits_a_narrow_window(too_wide, bought, buy, merchant, email):  # noqa: F811
    at = clock.now()
    buy(merchant, 118_000, at, email=email("+approve"))
    sold = buy(merchant, 22_900, at, email=email("+approve"))
    checkouts.capture_order(order_id=sold.id, merchant=merchant, amount_minor=None, actor="test", at=at)
    session = user_session(make_boss("admin@kvart.example", "demo-password", name="Ada Admin"))
    assert too_wide(session, "/admin/", within="/admin/") == {}
