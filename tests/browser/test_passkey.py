"""A person adds a passkey on a phone and signs in with one touch, by the browser's own virtual authenticator; so does who works here."""

import re

import pytest
from django.conf import settings as installation
from django.test import Client

from accounts.factors.models import Passkey
from tests.browser.test_purchase import enter, heading, press
from tests.operators import make_boss
from tests.portals.test_second_factor import PASSWORD, set_up

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def have_authenticator(page) -> None:
    """Give the browser a device that makes passkeys, and answers at once."""
    phone = page.context.new_cdp_session(page)
    phone.send("WebAuthn.enable")
    traits = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True}
    phone.send("WebAuthn.addVirtualAuthenticator", {"options": traits | {"automaticPresenceSimulation": True}})


def test_a_passkey_is_added_and_signs_in_with_one_touch(page, eyes, platform, shop_checkout, buy, merchant, email):
    from core import clock

    to = email("+approve")
    buy(merchant, 5_000, clock.now(), email=to)
    have_authenticator(page)
    page.goto(f"{platform}/sign-in?next=/profile/sign-in")
    enter(page, to)
    heading(page, "How you sign in")
    press(page, "Add a passkey")
    page.get_by_text("Your passkey is added.").wait_for()
    eyes.look(page, "security")
    assert Passkey.objects.get().device
    page.context.clear_cookies()
    page.goto(f"{platform}/sign-in?next=/limit")
    eyes.look(page, "sign-in")
    press(page, "Use a passkey")
    page.wait_for_url(f"{platform}/limit", wait_until="networkidle")
    page.context.clear_cookies()
    page.goto(f"{platform}/checkout/{shop_checkout().public_id}")
    eyes.look(page, "checkout")
    press(page, "Use a passkey")
    page.get_by_role("button", name="Use a passkey").wait_for(state="detached")
    assert "/checkout/" in page.url


def test_an_operator_adds_a_passkey_and_gives_it_in_place_of_the_code(page, eyes, live_server):
    site, clerk, before = live_server.url.replace("127.0.0.1", "localhost"), make_boss("otto@bnpl.example", PASSWORD), Client()
    before.force_login(clerk)
    set_up(before, clerk)
    name = installation.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": before.cookies[name].value, "url": site}])
    have_authenticator(page)
    page.goto(f"{site}/staff/second-factor")
    press(page, "Add a passkey")
    page.get_by_text("Your passkey is added.").wait_for()
    eyes.look(page, "second-factor")
    page.context.clear_cookies()
    page.goto(f"{site}/admin/login/?next=/admin/")
    page.get_by_label("Email").fill("otto@bnpl.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.locator("[type=submit]").first.click()
    heading(page, "Is it you?")
    eyes.look(page, "second-factor-asked")
    press(page, "Use a passkey")
    page.wait_for_url(re.compile(r"/admin/$"))
