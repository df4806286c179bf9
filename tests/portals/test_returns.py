"""Goods on their way back, as the person and the shop see it: said once, read in letters, refused with a reason."""

import pytest
from django.test import Client
from django.utils import translation

from core import relay
from notifications.letters import compose_letter
from notifications.models import Message
from notifications.queries import load_named
from plans.models import GoodsReturn
from tests.portals.merchant.conftest import join
from tests.portals.reading import text_of

pytestmark = pytest.mark.django_db(transaction=True)


def letters() -> list[str]:
    relay.drain()
    found = list(Message.objects.filter(kind="schedule_changed", channel="email").order_by("id"))
    return [" ".join(compose_letter(one, load_named([one])).text.split()) for one in found]


@pytest.fixture
def shop(merchant):
    browser = Client()
    browser.force_login(join(merchant, "finance"), backend="django.contrib.auth.backends.ModelBackend")
    return browser


def test_a_person_sends_a_part_back(bought, client, sign_in, shop):
    order = bought(22_900, charge=True)
    sign_in(client, order.consumer)
    purchase = f"/purchases/{order.public_id}"
    wrong = text_of(client.post(f"{purchase}/return", {"amount": "900", "once": "a"}, follow=True))
    assert "more than nothing, and no more than was shipped" in wrong
    done = text_of(client.post(f"{purchase}/return", {"amount": "80.00", "once": "b"}, follow=True))
    assert "$80.00 of your last payments waits for your return until" in done
    assert "we do not take $80.00 of your last payments" in text_of(client.get(f"{purchase}/return"))
    assert "worth $80.00: so much of their last payments waits" in text_of(shop.get(f"/merchant/orders/{order.public_id}"))
    assert "you sent a part of it back, worth $80.00." in letters()[0]


def test_a_person_sends_it_back_and_the_shop_takes_nothing_back(bought, client, sign_in, shop):
    order = bought(22_900, charge=True)
    sign_in(client, order.consumer)
    purchase, desk = f"/purchases/{order.public_id}", f"/merchant/orders/{order.public_id}"
    assert f"{purchase}/return" in client.get(purchase).content.decode()
    assert "Your payments wait 21 days" in text_of(client.get(f"{purchase}/return"))
    wrong = text_of(client.post(f"{purchase}/return", {"tracking": "<", "once": "a"}, follow=True))
    assert "up to 40 letters and digits" in wrong
    assert "has sent it back" not in text_of(shop.get(desk))
    done = text_of(client.post(f"{purchase}/return", {"tracking": "JD 0014", "once": "b"}, follow=True))
    assert "Your payments wait for your return until" in done
    client.post(f"{purchase}/return", {"tracking": "JD 0014", "once": "b"})
    assert GoodsReturn.objects.count() == 1
    assert "You told us that you sent it back. Until" in letters()[0]
    assert "JD 0014" in text_of(client.get(f"{purchase}/return"))
    shown = text_of(shop.get(desk))
    assert "Your customer has sent it back." in shown
    assert "JD 0014" in shown
    assert f'href="{desk}/refund"' in shown
    assert order.public_id in text_of(shop.get("/merchant/orders?status=returns"))
    assert "again=" in shop.post(f"{desk}/return", {"once": "c"})["Location"]
    answered = text_of(shop.post(f"{desk}/return", {"reason": "too_late", "once": "d"}, follow=True))
    assert "Your answer is noted." in answered
    assert order.public_id not in text_of(shop.get("/merchant/orders?status=returns"))
    assert "it was sent back too late. Your payments go on." in letters()[1]
    assert "Your return has ended" in text_of(client.get(purchase))
    assert "Ask the shop how it stands." in text_of(client.get(f"{purchase}/return"))
    with translation.override("de"):
        assert "Es wurde zu spät zurückgesendet" in str(GoodsReturn.objects.get().get_denial_display())
