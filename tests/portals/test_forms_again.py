"""Every form of the pages: what cannot be carried out leads to a page with an address of its own, so that going back sends nothing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from checkout import services as checkouts
from checkout.models import Order
from collection.links import pay_path
from core import remote
from core.clock import wall
from merchants.models import Membership, Merchant
from merchants.queries import invitation_token
from merchants.services import invite_member
from payments import services as payments
from payments.models import Refund
from portals import again
from tests.collection.test_payments_taken_back import fail, hear_of
from tests.portals.conftest import DETAILS
from tests.portals.merchant.conftest import PASSWORD, join
from tests.portals.reading import asked_again, hidden, text_of, toasts
from tests.portals.test_checkout_pages import at_plan, enter, path
from webhooks import services as hooks

pytestmark = pytest.mark.django_db(transaction=True)

NO_ERROR = {
    # They always do what they are asked for, or nothing; both lead on.
    *("checkout_forget", "checkout_leave", "sign_out", "inbox", "merchant_sign_out", "merchant_webhook_enable"),
    *("merchant_webhook_disable", "merchant_webhook_remove", "merchant_key_revoke", "merchant_choose", "purchase_payment"),
    *("merchant_invitation_withdraw", "stop_by_link"),
    # Where the market does not ask for pictures, it leads on; `test_identity_pictures.py` has the others.
    "checkout_pictures",
    # The same page has its errors too, by a signed address.
    "identity_by_phone",
    # They lead to another company, or take what it sends.
    *("sign_in_with", "sign_in_back", "security_login_remove"),
    # They lead on; `test_contact_changes.py` has their errors.
    *("security_contact_keep", "security_contact_keep_by_link"),
    # They lead to the page of the second factor.
    *("staff_factor_begin", "staff_end_others"),
    # They answer a script.
    *("checkout_passkey_options", "sign_in_passkey_options", "security_passkey_options", "security_confirm_options"),
    *("staff_passkey_options", "staff_passkey_use_options"),
}


def forms() -> Iterator[str]:
    """Yield the name of every address of the pages that takes a form."""
    waiting: list[URLPattern | URLResolver] = list(get_resolver("portals.urls").url_patterns)
    for one in waiting:
        if isinstance(one, URLResolver):
            waiting.extend(one.url_patterns)
        elif "POST" in getattr(one.callback, "takes", ()):
            assert one.name
            yield one.name


@dataclass
class World:
    """Who sends forms: a shop's owner, and functions that give the browser of somebody at a step of a checkout or with a purchase."""

    shop: Client
    checkout_at: Callable[[str], tuple[Client, str]]
    purchase: Callable[..., tuple[Client, Order]]
    merchant: Merchant
    email: Callable[..., str]
    at: datetime


@pytest.fixture
def world(open_checkout, email, bought, sign_in, merchant, moment) -> World:
    """Give whoever a form needs."""
    shop = Client()
    shop.force_login(join(merchant, "owner"), backend="django.contrib.auth.backends.ModelBackend")

    def checkout_at(step: str) -> tuple[Client, str]:
        browser, checkout = Client(), open_checkout()
        if step == "code":
            browser.post(path(checkout, "contact"), {"contact": email()})
        elif step == "details":
            enter(browser, checkout, email("+approve"))
        elif step == "plan":
            at_plan(browser, checkout, email("+approve"))
        return browser, checkout.public_id

    def purchase(*, send: bool = True, charge: bool = False) -> tuple[Client, Order]:
        order = bought(5_000, send=send, charge=charge)
        return sign_in(Client(), order.consumer), order

    return World(shop, checkout_at, purchase, merchant, email, moment)


def send(world: World, name: str):
    """Send a form what it cannot take, and return the answer."""
    find = {"checkout": to_checkout, "purchase": to_purchase, "merchant": to_shop, "pay": to_link}
    return find.get(name.partition("_")[0], to_consumer)(world, name)


def to_link(world: World, name: str):
    """Pay, or promise a day, by the link of a letter where nothing is late."""
    _browser, order = world.purchase()
    path, tomorrow = pay_path(order.plan.public_id, world.at), (world.at + timedelta(days=3)).date().isoformat()
    sent = {"seen": "1", "amount": "1.00", "day": tomorrow, "once": "k"}
    return Client().post(f"{path}/promise" if name == "pay_link_promise" else path, sent)


@contextmanager
def down(target: str) -> Iterator[None]:
    """Let something outside not answer meanwhile."""
    remote.sandbox().post("/control/chaos", {"target": target, "fail_rate": 1})
    try:
        yield
    finally:
        remote.sandbox().post("/control/chaos", {"target": target})


def to_checkout(world: World, name: str):
    step = {"contact": "contact", "code": "code", "resend": "code", "details": "details", "proceed": "details"}.get(name[9:], "plan")
    browser, key = world.checkout_at(step)
    sent = {"contact": {"contact": ""}, "code": {"code": "999999"}, "details": DETAILS | {"postal_code": "x"}}.get(name[9:], {})
    if name == "checkout_confirm":
        sent = {"plan": "pay_in_4", "seal": "0", "card": "pm_x", "once": "k"}
    if name not in {"checkout_proceed", "checkout_card"}:
        return browser.post(reverse(name, args=[key]), sent)
    with down("bureau" if name == "checkout_proceed" else "gateway"):
        if name == "checkout_proceed":
            browser.post(reverse("checkout_details", args=[key]), DETAILS)
        return browser.post(reverse(name, args=[key]), {"plan": "pay_in_4"})


def to_purchase(world: World, name: str):
    browser, order = world.purchase(charge=name == "purchase_refund")
    if name == "purchase_refund":
        checkouts.refund_order(order_id=order.id, merchant=order.merchant, amount_minor=5_000, reason="", actor="test", at=world.at)
        payments.send_refunds(at=world.at)
        owed = Refund.objects.get()
        fail(owed, settings, "expired_or_canceled_card", kind="refunds")
        hear_of(owed, world.at, about="refund")
        return browser.post(
            reverse(name, args=[order.public_id, owed.public_id]), {"way": "account", "holder": "", "account": "x", "once": "k"}
        )
    return browser.post(reverse(name, args=[order.public_id]), {"scope": "next", "card": "pm_x", "tracking": "<", "once": "k"})


def to_consumer(world: World, name: str):
    if name in {"card_add", "card_change"}:
        browser, order = world.purchase()
        args = [order.plan.payment_method.public_id] if name == "card_change" else []
        with down("gateway"):
            return browser.post(reverse(name, args=args), {"remove": "1", "next": "/payments"})
    browser = Client()
    if name != "sign_in":
        browser.post("/sign-in", {"contact": world.email()})
    args = ["complaint"] if name == "request_new" else []
    if args:
        browser, _order = world.purchase()
    return browser.post(reverse(name, args=args), {"contact": "", "code": "999999"})


def to_new_password(world: World):
    """Open a link to choose a password, and send one that is too weak."""
    member = Membership.objects.get(merchant=world.merchant, role="owner").user
    browser, token = Client(), default_token_generator.make_token(member)
    form = browser.get(reverse("merchant_password_choose", args=[urlsafe_base64_encode(force_bytes(member.pk)), token]))["Location"]
    return browser.post(form, {"new_password1": "x", "new_password2": "x"})


def to_shop(world: World, name: str):
    if name == "merchant_password_choose":
        return to_new_password(world)
    if name in {"merchant_sign_in", "merchant_invitation", "merchant_password"}:
        invited = invite_member(merchant=world.merchant, email="new@nordlys.example", role="viewer", actor="test", at=world.at)
        args = [invited.public_id, invitation_token(invited)] if name == "merchant_invitation" else []
        return Client().post(reverse(name, args=args), {"username": "new@nordlys.example", "password": "x"})
    if name in {
        "merchant_capture",
        "merchant_refund",
        "merchant_void",
        "merchant_release",
        "merchant_extend",
        "merchant_return",
        "merchant_postpone",
    }:
        _browser, order = world.purchase(send=name != "merchant_capture")
        return world.shop.post(reverse(name, args=[order.public_id]), {"amount": "x", "once": "k"})
    member = Membership.objects.get(merchant=world.merchant, role="owner")
    endpoint = hooks.create_endpoint(merchant=world.merchant, url="http://127.0.0.1:9/hooks", events=[], at=world.at, actor="test")
    if name == "merchant_resend":
        event = hooks.record_event(merchant_id=world.merchant.id, event_type="order.captured", source="x", data={}, at=world.at)
        hooks.disable_endpoint(merchant=world.merchant, endpoint_id=endpoint.id, at=world.at, actor="test", reason="")
        return world.shop.post(reverse(name, args=[event.deliveries.get().public_id]))
    named = {"merchant_role": member.pk, "merchant_remove": member.pk}
    named |= {"merchant_webhook_edit": endpoint.public_id, "merchant_webhook_rotate": endpoint.public_id}
    return world.shop.post(reverse(name, args=[named[name]] if name in named else []), {"role": "nobody"})


@pytest.mark.parametrize("name", sorted(set(forms()) - NO_ERROR))
def test_an_error_of_any_form_leads_to_a_page_of_its_own(world, sandbox_world, name):
    answer = send(world, name)
    assert answer.status_code == (303 if name in {"language", "framed_language"} else 302)
    page = answer.client.get(answer["Location"], follow=True)
    assert page.request["REQUEST_METHOD"] == "GET"
    assert page.status_code in {200, 409, 422, 429, 503}


def test_what_cannot_be_done_any_more_is_said_on_the_order(world):
    _browser, order = world.purchase()
    for tail in ("capture", "void"):
        answer = world.shop.post(f"/merchant/orders/{order.public_id}/{tail}", {"amount": "1", "once": tail}, follow=True)
        assert len(toasts(answer)) == 1 or "Refund it instead." in text_of(answer)


def test_no_form_was_forgotten():
    assert NO_ERROR - set(forms()) == set()
    assert len(set(forms())) > 35


def test_what_was_typed_comes_back_with_its_fault_and_stays_on_reload(client, open_checkout, email):
    checkout = open_checkout()
    enter(client, checkout, email("+approve"))
    answer = client.post(path(checkout, "details"), DETAILS | {"name": "Anna Nielsen", "birth_date": "2020-01-01"})
    for _ in range(2):
        page = client.get(answer["Location"]).content.decode()
        assert 'value="Anna Nielsen"' in page
        assert 'id="id_birth_date_error"' in page
    assert 'id="id_birth_date_error"' not in client.get(path(checkout)).content.decode()


def test_what_is_kept_is_encrypted_in_the_session_and_never_a_password(client, open_checkout, email, db):
    checkout = open_checkout()
    enter(client, checkout, email("+approve"))
    client.post(path(checkout, "details"), DETAILS | {"birth_date": "2020-01-01"})
    stored = str(dict(client.session))
    assert "Anna" not in stored
    assert "10001" not in stored
    answer = Client().post("/merchant/sign-in", {"username": "mia@shop.example", "password": PASSWORD})
    kept = again._open(
        answer["Location"].rpartition("again=")[2], dict(answer.client.session["again"])[answer["Location"].rpartition("=")[2]]
    )
    assert PASSWORD not in str(kept)
    assert "mia%40shop.example" in kept["data"]


def test_another_browser_an_hour_and_many_forms_later_it_is_gone(client, db, monkeypatch):
    answers = [client.post("/sign-in", {"contact": f"anna{number}@"}) for number in range(again.MOST + 1)]
    assert "anna0@" not in text_of(client.get(answers[0]["Location"]))
    assert "anna4@" in text_of(client.get(answers[-1]["Location"]))
    assert "anna4@" not in text_of(Client().get(answers[-1]["Location"]))
    later = wall() + timedelta(minutes=31)
    monkeypatch.setattr(again, "wall", lambda: later)
    assert "anna4@" not in text_of(client.get(answers[-1]["Location"]))


def test_an_error_without_a_form_is_told_in_its_place_and_leads_back(world, merchant):
    owner = Membership.objects.get(merchant=merchant, role="owner")
    address = reverse("merchant_remove", args=[owner.pk])
    page = asked_again(world.shop.post(address, headers={"Referer": f"http://testserver{address}"}), 409)
    assert "at least one owner" in text_of(page)
    assert "Nothing was changed." in text_of(page)


def test_the_other_windows_agreement_is_said(client, open_checkout, email):
    checkout = open_checkout()
    consumer = at_plan(client, checkout, email("+approve"))
    card = payments.add_card(consumer=consumer, number="4242424242424242", at=wall()).public_id
    first, second = (client.get(path(checkout, "pay"), {"plan": plan}) for plan in ("pay_in_4", "monthly_6"))
    assert "again=" not in client.post(path(checkout, "confirm"), hidden(first) | {"card": card})["Location"]
    page = asked_again(client.post(path(checkout, "confirm"), hidden(second) | {"card": card}))
    assert "You had already agreed to 4 payments with Visa" in text_of(page)
    assert "what you chose afterwards does not" in text_of(page)
    # Nor does a choice of the plans' own page, or a look at its agreement, which only lead on.
    for there in ("pay", "agreement"):
        page = asked_again(client.get(path(checkout, there), {"plan": "monthly_6"}))
        assert "You had already agreed to 4 payments with Visa" in text_of(page)
        assert "again=" not in client.get(path(checkout, there), {"plan": "pay_in_4"})["Location"]
    assert Order.objects.get().plan.product.code == "pay_in_4"
    # The same choice sent again is no contradiction.
    assert "again=" not in client.post(path(checkout, "confirm"), hidden(first) | {"card": card})["Location"]


def test_a_canceled_checkout_of_another_window_leads_to_its_end(client, open_checkout, email):
    checkout = open_checkout()
    at_plan(client, checkout, email("+approve"))
    checkouts.cancel_checkout(checkout_id=checkout.id, at=wall())
    answer = client.post(path(checkout, "confirm"), {"plan": "pay_in_4"}, follow=True)
    assert "This checkout was canceled" in text_of(answer)
