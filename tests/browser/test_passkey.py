"""A person adds a passkey on a phone and signs in with one touch, by the browser's own virtual authenticator."""

import pytest

from accounts.factors.models import Passkey
from tests.browser.test_purchase import enter, heading, press

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_passkey_is_added_and_signs_in_with_one_touch(page, eyes, platform, shop_checkout, buy, merchant, email):
    from core import clock

    to = email("+approve")
    buy(merchant, 5_000, clock.now(), email=to)
    phone = page.context.new_cdp_session(page)
    phone.send("WebAuthn.enable")
    traits = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True}
    phone.send("WebAuthn.addVirtualAuthenticator", {"options": traits | {"automaticPresenceSimulation": True}})
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
