"""Every page of the portals, the back office and the rest, looked at with the same eyes as the checkout's."""

from collections.abc import Callable
from datetime import UTC, timedelta
from functools import partial

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.template.loader import render_to_string
from django.test import Client

from accounts.models import Consumer, User
from checkout import services as checkouts
from checkout.models import Order, OrderReview
from collection import services as collection
from core import clock
from merchants import services as merchants
from merchants.models import Membership
from tests.operators import make_boss
from webhooks import services as hooks

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def bought(buy, merchant, email) -> Order:
    """A purchase that was sent, its first payment paid, a part of it given back."""
    at = clock.now()
    order = buy(merchant, 22_900, at, email=email("+approve"))
    who = {"order_id": order.id, "merchant": merchant, "actor": "test", "at": at}
    checkouts.capture_order(amount_minor=None, **who)
    collection.charge_plan_now(plan_id=order.plan_id, at=at)
    checkouts.refund_order(amount_minor=4_000, reason="Broken shade", **who)
    order.refresh_from_db()
    return order


@pytest.fixture
def keep(page, platform) -> Callable[[str], None]:
    """Give a function that gives the browser a session."""
    return lambda key: page.context.add_cookies([{"name": "bnpl_session", "value": key, "url": platform}])


def consumer_session(consumer: Consumer) -> str:
    """Return the key of a session in which a consumer is signed in."""
    session = SessionStore()
    session["consumer"], session["consumer_since"] = consumer.public_id, clock.now().astimezone(UTC).isoformat()
    session.save()
    return str(session.session_key)


def user_session(user: User) -> str:
    """Return the key of a session in which somebody of a team or of the operators is signed in."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client.cookies["bnpl_session"].value


def look_at(page, eyes, platform: str, *paths: str) -> None:
    for path in paths:
        page.goto(platform + path)
        # The back office's theme waits for its icons' font.
        eyes.look(page, path, shifts=not path.startswith("/admin/"))


def test_the_consumer_portal(page, eyes, platform, bought, buy, merchant, email, keep):
    look_at(page, eyes, platform, "/", "/sign-in")
    page.get_by_role("textbox").fill(email("+approve"))
    page.locator("main button").first.click()
    page.wait_for_url("**/sign-in/code*")
    eyes.look(page, "code")
    keep(consumer_session(bought.consumer))
    own = f"/purchases/{bought.public_id}"
    charge = bought.plan.installments.exclude(charge_id=None).first()
    paid = [f"{own}/payments/{public(charge.charge_id)}"] if charge else []
    look_at(page, eyes, platform, "/home", "/purchases", own, f"{own}/agreement", f"{own}/pay", *paid)
    look_at(page, eyes, platform, "/payments", "/limit", "/help", "/inbox", "/profile")
    with eyes.refused(404):
        look_at(page, eyes, platform, "/purchases/ord_nothing")
    empty = buy.finish(buy.open(merchant, 22_900, clock.now()), email("+decline"), at=clock.now())
    assert empty.order is None
    keep(consumer_session(Consumer.objects.order_by("-id").first()))
    look_at(page, eyes, platform, "/home", "/purchases", "/payments", "/inbox")


def public(key) -> str:
    from core.ids import public_id
    from payments.models import Charge

    return public_id(Charge.PREFIX, key)


def test_the_merchant_portal(page, eyes, platform, bought, buy, merchant, email, keep):
    look_at(page, eyes, platform, "/merchant/sign-in")
    owner = User.objects.create_user("owner@nordlys.example", "correct-horse-battery", name="Mia Owner")
    Membership.objects.create(user=owner, merchant=merchant, role="owner", added_at=clock.now())
    keep(user_session(owner))
    at = clock.now()
    fresh = buy(merchant, 11_900, at, email=email("+approve"))
    merchants.settle_merchants(at=at + timedelta(days=2))
    key, _ = merchants.create_api_key(merchant=merchant, kind="secret", name="Shop", actor="test", at=at)
    endpoint = hooks.create_endpoint(merchant=merchant, url="http://127.0.0.1:9/hooks", events=[], at=at, actor="test")
    event = hooks.record_event(merchant_id=merchant.id, event_type="order.captured", source="x", data={"order_id": "ord_1"}, at=at)
    new, sent = f"/merchant/orders/{fresh.public_id}", f"/merchant/orders/{bought.public_id}"
    look_at(page, eyes, platform, "/merchant/", "/merchant/orders", "/merchant/orders?q=nothing", new, sent)
    look_at(page, eyes, platform, f"{new}/capture", f"{new}/void", f"{sent}/refund")
    page.get_by_label("Amount in USD").fill("40")
    page.locator("button[value=preview]").click()
    page.locator("text=/Refund \\$40/").first.wait_for()
    eyes.look(page, "refund, before and after")
    page.goto(f"{platform}{sent}/refund")
    with eyes.refused(422):
        page.get_by_label("Amount in USD").fill("4000")
        page.locator("button[value=preview]").click()
        page.locator(".field-error").first.wait_for()
        eyes.look(page, "refund with an error")
    look_at(page, eyes, platform, "/merchant/refunds", "/merchant/settlements")
    before = page.viewport_size
    for width in (1280, before["width"]):
        page.set_viewport_size({"width": width, "height": before["height"]})
        page.goto(f"{platform}/merchant/settlements")
        page.locator("tbody tr:first-child td[data-label='Payout']").click(force=True)
        page.wait_for_url("**/settlements/set_*")
    eyes.look(page, "settlement")
    hook = f"/merchant/webhooks/{endpoint.public_id}"
    look_at(page, eyes, platform, "/merchant/keys", f"/merchant/keys/{key.public_id}/revoke", "/merchant/webhooks", hook, f"{hook}/edit")
    look_at(page, eyes, platform, "/merchant/webhooks/new", "/merchant/events", f"/merchant/events/{event.public_id}")
    look_at(page, eyes, platform, f"/merchant/deliveries/{event.deliveries.get().public_id}", "/merchant/look", "/merchant/team")


def test_the_back_office(page, eyes, platform, bought, buy, merchant, email, keep):
    # The theme's own frame of a page knows no landmarks.
    eyes.impacts = {"serious", "critical"}
    look_at(page, eyes, platform, "/admin/login/")
    look_at(page, eyes, platform, "/admin/password/")
    held = buy(merchant, 118_000, clock.now(), email=email("+approve"))
    review = OrderReview.objects.get(order=held)
    keep(user_session(make_boss("admin@kvart.example", "demo-password", name="Ada Admin")))
    look_at(page, eyes, platform, "/admin/", "/admin/checkout/orderreview/", f"/admin/checkout/orderreview/{review.pk}/change/")
    look_at(page, eyes, platform, "/admin/checkout/order/", f"/admin/checkout/order/{bought.pk}/change/", "/admin/accounts/consumer/")


def _answer(body: str, route) -> None:
    route.fulfill(body=body, content_type="text/html")


def test_the_rest(page, eyes, platform, rf):
    look_at(page, eyes, platform, "/api/docs/")
    for name in ("400", "403", "403_csrf", "404", "405", "429", "500"):
        body = render_to_string(f"{name}.html", request=rf.get("/nothing"))
        page.unroute_all()
        page.route(f"{platform}/error-*", partial(_answer, body))
        look_at(page, eyes, platform, f"/error-{name}")
