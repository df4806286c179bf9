"""German, whose words are the longest, in a window of 320 pixels: no page is wider, and nothing is cut off."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.utils import translation

from accounts.models import Consumer, User
from checkout import services as checkouts
from core import clock
from markets.models import Market
from merchants import services as merchants
from merchants.models import Membership, Merchant
from notifications.letters import compose_letter
from notifications.queries import load_named
from notifications.rules import KINDS
from tests.browser.looking import NARROW, OUTSIDE, SETTLED
from tests.browser.test_walk_checkout import FORMS, enter, go_on
from tests.browser.test_walk_portals import bought, consumer_session, user_session  # noqa: F401  (`bought` is a fixture)
from tests.dates import CARD_ENDS
from tests.notifications.test_letters import tell_every_kind
from tests.operators import make_boss
from tests.portals.pseudo import follow
from webhooks import services as hooks

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
DETAILS = {"name": "Anna Nielsen", "birth_date": "1990-05-31", "line1": "Lindenstraße 1", "postal_code": "10969", "city": "Berlin"}
CARD = {"expiry": CARD_ENDS, "cvc": "123", "postal_code": "10969"}
WORKS, ASKS, DECLINED, FUNDLESS = "4242 4242 4242 4242", "4000 0025 0000 3155", "4000 0000 0000 0002", "4000 0000 0000 9995"
CONSUMER = ("/home", "/purchases", "/payments", "/limit", "/help", "/inbox", "/profile", "/requests", "/sign-in")


@pytest.fixture
def narrow(page, platform):
    """Give a browser's page that is 320 pixels wide and reads German."""
    page.context.add_cookies([{"name": settings.LANGUAGE_COOKIE_NAME, "value": "de", "url": platform}])
    page.set_viewport_size(NARROW)
    page.emulate_media(reduced_motion="reduce")
    return page


@pytest.fixture
def fits(narrow):
    """Give a function that looks at the page as it is now; what was wide or cut off fails the test at its end."""
    found: dict[str, list[str]] = {}

    def look(where: str) -> None:
        narrow.evaluate(SETTLED)
        assert (narrow.locator("html").get_attribute("lang") or "").startswith("de"), where
        if wrong := narrow.evaluate(OUTSIDE):
            found[where] = wrong

    yield look
    assert found == {}


@pytest.fixture
def german_shop(db) -> Merchant:
    """A shop in Germany, where most has to be said before somebody agrees."""
    germany = Market.objects.get(code="DE")
    return merchants.create_merchant(
        name="Waldlicht", legal_name="Waldlicht GmbH", market=germany, payout_destination="b", slug="waldlicht", at=clock.now()
    )


class Visitor:
    """The browser in place of a test's client, so that each page is asked for once."""

    def __init__(self, page, platform: str) -> None:
        self.page, self.platform = page, platform

    def get(self, path: str, *, follow: bool) -> HttpResponse:
        """Open a page; an empty answer for a file, which the browser saves."""
        assert follow
        try:
            answer = self.page.goto(self.platform + path)
        except Exception as error:
            if "Download is starting" not in str(error):
                raise
            return HttpResponse(content_type="application/octet-stream")
        read = HttpResponse(answer.body(), status=answer.status, content_type=answer.headers.get("content-type", ""))
        read.request = {"PATH_INFO": urlsplit(self.page.url).path}
        return read


@pytest.fixture
def too_wide(narrow, platform):
    """Give a function that follows the links of somebody's pages in German; it returns what is wide or cut off, by page."""
    page = narrow

    def look(session: str, *starts: str, within: str | tuple[str, ...], each: int = 1) -> dict[str, list[str]]:
        if session:
            page.context.add_cookies([{"name": "bnpl_session", "value": session, "url": platform}])
        found, seen = {}, 0
        for address, _html in follow(Visitor(page, platform), *starts, within=within, each=each):
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


def give(page, values: dict[str, str]) -> None:
    """Fill fields by their names, which are the same in every language."""
    for name, value in values.items():
        page.locator(f"[name={name}]:not([type=hidden])").first.fill(value)


def save_card(page, number: str) -> None:
    give(page, CARD | {"number": number})
    page.locator("form button.main").click()


@pytest.fixture
def to_plans(narrow, platform, shop_checkout, german_shop, email):
    """Give a function that opens a checkout of a German shop and goes on to where somebody is decided on; it returns its address."""

    def go(persona: str, amount: int = 22_900) -> str:
        address = f"{platform}/checkout/{shop_checkout(amount, shop=german_shop).public_id}"
        narrow.goto(address)
        enter(narrow, email(persona), "details")
        give(narrow, DETAILS)
        go_on(narrow)
        return address

    return go


def test_each_step_of_a_purchase_in_german_fits_a_narrow_window(narrow, fits, platform, shop_checkout, german_shop, email):
    page, checkout = narrow, shop_checkout(shop=german_shop)
    address = f"{platform}/checkout/{checkout.public_id}"
    page.goto(address)
    fits("contact")
    page.get_by_role("textbox").fill("nobody")
    go_on(page)
    page.locator(".field-error").wait_for()
    fits("contact with an error")
    page.get_by_role("textbox").fill(email("+approve"))
    go_on(page, "code")
    fits("code")
    page.get_by_role("textbox").fill("111111")
    page.locator(FORMS["details"]).wait_for(state="attached")
    fits("details")
    go_on(page)
    page.locator(".field-error").first.wait_for()
    fits("details with errors")
    give(page, DETAILS)
    go_on(page, "plan")
    for number in range(page.locator("input[name=plan]").count()):
        page.locator("input[name=plan]").nth(number).check(force=True)
        fits(f"plan {number}")
    go_on(page, "card")
    fits("no card yet")
    for link in [one.get_attribute("href") for one in page.locator("main a[href*='/agreement']").all()]:
        page.goto(f"{platform}{link}")
        page.locator("article.prose").wait_for()
        fits(link)
        page.go_back()
    go_on(page)
    page.wait_for_url("**/gateway/cards/*")
    fits("the gateway's card page")
    page.locator("form button.main").click()
    page.locator(".error").first.wait_for()
    fits("the gateway's card page with errors")
    save_card(page, DECLINED)
    page.locator(".banner").wait_for()
    fits("a card that is declined there")
    save_card(page, ASKS)
    page.wait_for_url("**/confirm")
    fits("the bank's question")
    page.get_by_role("button").first.click()
    page.locator(FORMS["agree"]).wait_for()
    fits("consent")
    go_on(page)
    page.wait_for_url("**/?from=shop&checkout=*")
    page.goto(address)
    fits("done")


def test_a_declined_card_and_a_held_order_in_german_fit_a_narrow_window(narrow, fits, to_plans):
    page, address = narrow, to_plans("+approve", 118_000)
    page.locator(FORMS["plan"]).wait_for(state="attached")
    go_on(page, "card")
    go_on(page)
    save_card(page, FUNDLESS)
    page.locator(FORMS["agree"]).wait_for()
    fits("consent to be looked at")
    go_on(page)
    page.get_by_role("alert").first.wait_for()
    fits("declined")
    page.locator("main [form=card-form], main form[action$='/card'] button").first.click()
    page.wait_for_url("**/gateway/cards/*")
    save_card(page, WORKS)
    page.locator(FORMS["agree"]).wait_for()
    go_on(page)
    page.wait_for_url(address)
    fits("held")


@pytest.mark.parametrize(("persona", "then"), [("+decline", FORMS["leave"]), ("+kyc_pending", ".skeleton"), ("+kyc_fail", FORMS["leave"])])
def test_an_end_that_nobody_wants_in_german_fits_a_narrow_window(narrow, fits, to_plans, persona, then):
    to_plans(persona)
    narrow.locator(then).first.wait_for(state="attached")
    fits(persona)


def test_documents_in_german_fit_a_narrow_window(narrow, fits, platform, buy, german_shop, email):
    with translation.override("de"):
        order = buy(german_shop, 22_900, clock.now(), email=email("+approve"))
    narrow.context.add_cookies([{"name": "bnpl_session", "value": consumer_session(order.consumer), "url": platform}])
    for kind in ("information", "agreement", "payment_plan"):
        answer = narrow.goto(f"{platform}/purchases/{order.public_id}/documents/{kind}")
        assert answer.status == 200, kind
        fits(kind)


def test_letters_in_german_fit_a_narrow_window(narrow, fits, bought, buy, merchant, email, operators):  # noqa: F811
    held = buy(merchant, 120_000, clock.now(), email=email("+approve"))
    Consumer.objects.update(language="de")
    User.objects.update(language="de")
    messages = tell_every_kind(bought, held, operators[0])
    assert {message.kind for message in messages} == set(KINDS)
    for message in messages:
        narrow.set_content(compose_letter(message, load_named([message])).html)
        fits(message.kind)
