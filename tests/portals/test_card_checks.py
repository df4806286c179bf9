"""The bank confirms a card before the order where a rule asks for it (3-D Secure): on the page itself and in a shop's frame."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import requests
from django.conf import settings
from django.db.models import F
from django.test import Client

from checkout import services as checkouts
from checkout.models import Checkout, Order
from checkout.queries import get_checkout
from checkout.services.authorizing import assess
from controls.services import ruling
from controls.services.shipping import ship_rules
from core import clock, remote
from fraud import services as fraud
from fraud.models import Assessment
from payments.models import CardSetup, CardTry, PaymentMethod
from payments.services import card_checks
from simulation.shopper import card_of, identify
from tests.dates import CARD_ENDS
from tests.dying import dying_after
from tests.portals.reading import asked_again, hidden
from tests.portals.test_checkout_pages import path, text

pytestmark = pytest.mark.django_db(transaction=True)
OWN, OTHER = "4111111111111111", "4012888888881881"
FRAME = {"Sec-Fetch-Dest": "iframe"}
NOT_YET = "has not confirmed your card yet"


@dataclass
class Buyer:
    """A person with a card that somebody else used before, in a browser: on the page itself, or in a shop's frame."""

    browser: Client
    checkout: Checkout
    card: PaymentMethod

    def agree(self, card: PaymentMethod | None = None) -> Any:
        """Press the button of consent."""
        pay = self.browser.get(path(self.checkout, "pay"), {"plan": "pay_in_4"})
        return self.browser.post(path(self.checkout, "confirm"), hidden(pay) | {"card": (card or self.card).public_id})

    @property
    def there(self) -> str:
        """The address of the step."""
        return path(self.checkout, f"card-check?plan=pay_in_4&chosen={self.card.public_id}")

    @property
    def next(self) -> str:
        """The address of the step after it, where nothing is asked any more."""
        return path(self.checkout, f"pay?plan=pay_in_4&chosen={self.card.public_id}")

    def look(self, there: str = "") -> Any:
        """Open the step, or come back to it."""
        return self.browser.get(there or self.there)

    def goes_on(self, there: str = "") -> bool:
        """Open the step; return whether it leads on, and the next page says that the bank confirmed."""
        answer = self.look(there)
        assert answer["Location"].startswith(f"{self.next}&again=")
        return "Your bank confirmed your card." in text(self.browser.get(answer["Location"]))

    def ask(self) -> Any:
        """Press the button that leads to the bank."""
        return self.browser.post(path(self.checkout, "card-check"), {"plan": "pay_in_4", "chosen": self.card.public_id})

    def asked(self) -> CardSetup:
        """The newest question to the bank."""
        return CardSetup.objects.filter(reference=self.checkout.public_id, checks__isnull=False).latest("id")

    @property
    def bank(self) -> str:
        """The bank's page for it."""
        return f"{settings.SANDBOX_URL}/gateway/cards/{self.asked().gateway_ref}"


def answer(bank: str, says: str) -> str:
    """Answer on the bank's page; return where it leads."""
    page = requests.get(bank, timeout=10).url
    return requests.post(page, data={"answer": says}, allow_redirects=False, timeout=10).headers["Location"]


@pytest.fixture(autouse=True)
def shipped(transactional_db):
    ship_rules()
    ruling.forget_rules()


@pytest.fixture
def person(open_checkout, sign_in, email, moment) -> Callable[..., Buyer]:
    """Give a function that brings a person to the plan with a card."""

    def make(*, address: str = "", card: str = OWN, framed: bool = False, browser: Client | None = None) -> Buyer:
        checkout = open_checkout()
        consumer = identify(checkout=checkout, email=address or email("+approve"), at=moment)
        checkouts.decide(checkout_id=checkout.id, at=moment)
        fresh = browser or sign_in(Client(headers=FRAME if framed else {}), consumer)
        if framed:
            fresh.cookies["framed_bnpl_session"] = fresh.cookies["bnpl_session"].value
        return Buyer(fresh, get_checkout(checkout.id), card_of(consumer, card, moment))

    return make


@pytest.fixture
def buyer(person, moment) -> Callable[..., Buyer]:
    """Give a function that brings a person to the bank's step: another one tried the same card."""

    def make(**how: Any) -> Buyer:
        other = person()
        assess(other.checkout, other.checkout.consumer, other.card, at=moment)
        found = person(**how)
        assert found.agree()["Location"] == found.there
        return found

    return make


@pytest.fixture
def gateway(sandbox_world):
    """Give a function that breaks the gateway."""
    yield lambda **how: remote.sandbox().post("/control/chaos", {"target": "gateway", **how})
    remote.sandbox().post("/control/chaos", {"target": "gateway"})


def test_the_bank_confirms_a_card_of_another_person_before_the_order(buyer):
    anna = buyer()
    shown = anna.look()
    assert "your bank asks you to confirm your card" in text(shown)
    assert "Refresh" not in shown
    bank = anna.ask()["Location"]
    assert anna.ask()["Location"] == bank, "an open page is opened again"
    assert NOT_YET in text(anna.look())
    back = answer(bank, "yes")
    assert back.split("&setup=")[0].endswith(anna.there)
    assert Client().get(back)["Location"] == path(anna.checkout)
    assert not Assessment.objects.exclude(proved_at=None).exists()
    assert anna.goes_on(back)
    assert anna.look(back)["Location"] == anna.next, "twice is once"
    assert anna.ask()["Location"] == anna.next, "nothing is asked any more"
    assert (anna.asked().answer, anna.asked().payment_method) == ("confirmed", None)
    anna.agree()
    assert (Order.objects.get().status, CardSetup.objects.count(), CardTry.objects.count()) == ("authorized", 1, 0)
    assert anna.browser.get(back)["Location"] == path(anna.checkout)


def test_a_bank_that_refuses_is_asked_anew_or_another_card_is_chosen(buyer):
    anna = buyer()
    bank = anna.ask()["Location"]
    shown = anna.browser.get(answer(bank, "no"))
    assert "did not confirm your card. Nothing was charged. Try again, or choose another card." in text(shown)
    assert "Ask your bank again" in text(shown)
    assert f'href="{path(anna.checkout, "pay")}?plan=pay_in_4"' in shown.content.decode()
    assert anna.look().status_code == 200
    assert (CardTry.objects.count(), Assessment.objects.filter(verdict="confirm", proved_at=None).count()) == (1, 1)
    again = anna.ask()["Location"]
    assert again != bank
    assert anna.goes_on(answer(again, "yes"))


def test_after_many_refusals_they_wait(buyer):
    anna = buyer()
    for _ in range(5):
        answer(anna.ask()["Location"], "no")
    assert "Too many cards were declined." in text(asked_again(anna.ask()))
    assert CardSetup.objects.count() == 5


def test_a_frame_opens_the_bank_in_a_window_and_waits(buyer):
    anna = buyer(framed=True)
    assert anna.ask()["Location"] == anna.there
    shown = anna.look()
    bank = anna.bank
    then = f"{anna.there}&looks=1".replace("&", "&amp;")
    assert f'href="{bank}" target="_blank" rel="noopener" data-then="{then}"' in " ".join(shown.content.decode().split())
    assert "Refresh" not in shown
    waiting = anna.browser.get(f"{anna.there}&looks=1")
    assert waiting["Refresh"] == f"3; url={anna.there}&looks=2"
    assert "Your bank's page is open." in text(waiting).replace("&#x27;", "'")
    tired = anna.browser.get(f"{anna.there}&looks=100")
    assert "Refresh" not in tired
    assert "and then go on here" in text(tired)
    window = answer(bank, "yes").split("&setup=")[0]
    assert window.endswith(path(anna.checkout, f"card-check-done?plan=pay_in_4&chosen={anna.card.public_id}"))
    done = Client().get(window)
    assert "You can close this window." in text(done)
    assert done["Cross-Origin-Opener-Policy"] == "unsafe-none"
    assert anna.goes_on(f"{anna.there}&looks=7")
    anna.agree()
    assert Order.objects.get().status == "authorized"


def test_a_frame_offers_a_new_try_after_a_refusal(buyer):
    anna = buyer(framed=True)
    anna.ask()
    first = anna.bank
    answer(first, "no")
    shown = anna.browser.get(f"{anna.there}&looks=3")
    assert "Refresh" not in shown
    assert "Ask your bank again" in text(shown)
    assert "Choose another card" in text(shown)
    assert first not in shown.content.decode()
    anna.ask()
    assert anna.bank in anna.look().content.decode()


def test_a_page_that_nobody_answers_is_over_after_half_an_hour(buyer):
    anna = buyer()
    bank = anna.ask()["Location"]
    answer(bank, "yes")
    CardSetup.objects.update(created_at=F("created_at") - timedelta(minutes=30))
    shown = anna.look()
    assert (shown.status_code, NOT_YET in text(shown)) == (200, False)
    assert not Assessment.objects.exclude(proved_at=None).exists()
    assert anna.ask()["Location"] != bank


def test_a_frame_and_a_page_of_the_same_checkout_have_a_page_of_the_bank_each_and_either_counts(buyer):
    anna = buyer()
    own = anna.ask()["Location"]
    anna.browser.defaults |= {"HTTP_SEC_FETCH_DEST": "iframe"}
    anna.browser.cookies["framed_bnpl_session"] = anna.browser.cookies["bnpl_session"].value
    anna.ask()
    assert anna.bank != own
    answer(anna.bank, "no")
    assert "did not confirm" in text(anna.look())
    answer(own, "yes")
    assert anna.goes_on()


def test_two_checkouts_of_one_person_do_not_mix(buyer, person, email):
    address = email("+approve")
    anna = buyer(address=address, framed=True)
    second = person(address=address, browser=anna.browser)
    second.card = anna.card
    assert second.agree()["Location"] == second.there
    anna.ask()
    first = anna.bank
    assert first not in second.look().content.decode()
    second.ask()
    assert second.bank not in anna.look().content.decode()
    answer(first, "yes")
    assert second.look().status_code == 200
    assert anna.goes_on()


def test_card_pages_of_two_checkouts_of_one_person_do_not_mix(person, email):
    address = email("+approve")
    first = person(address=address, framed=True)
    second = person(address=address, browser=first.browser)
    steps = [first.browser.post(path(one.checkout, "card"), {"plan": "pay_in_4"})["Location"] for one in (first, second)]
    pages = [re.search(r'href="([^"]+/gateway/cards/\w+)"', first.browser.get(step).content.decode())[1] for step in steps]
    assert pages[0] != pages[1]
    requests.post(
        pages[0], data={"number": OTHER, "expiry": CARD_ENDS, "cvc": "123", "postal_code": "10001"}, timeout=10, allow_redirects=False
    )
    assert pages[1] in first.browser.get(f"{steps[1]}&looks=1").content.decode()
    assert first.browser.get(f"{steps[0]}&looks=1")["Location"] == path(first.checkout, "pay?plan=pay_in_4")


def test_the_answer_for_one_card_lets_nobody_pay_with_another(buyer, person, moment):
    anna = buyer()
    third = person(card=OTHER)
    assess(third.checkout, third.checkout.consumer, third.card, at=moment)
    bank = anna.ask()["Location"]
    answer(bank, "yes")
    assert anna.goes_on()
    other = card_of(anna.checkout.consumer, OTHER, moment)
    step = path(anna.checkout, f"card-check?plan=pay_in_4&chosen={other.public_id}")
    assert anna.agree(other)["Location"] == step
    assert anna.look()["Location"] == anna.next, "the first card is not asked for"
    assert "has not confirmed" not in text(anna.browser.get(step))
    assert not Order.objects.exists()
    anna.agree()
    assert Order.objects.get().plan.payment_method == anna.card


def test_only_the_person_comes_to_the_step_and_only_with_a_card_of_theirs(buyer, person):
    anna, eve = buyer(), person(card=OTHER)
    for browser in (eve.browser, Client()):
        assert browser.get(anna.there)["Location"] == path(anna.checkout)
        sent = {"plan": "pay_in_4", "chosen": anna.card.public_id}
        assert browser.post(path(anna.checkout, "card-check"), sent)["Location"] == path(anna.checkout)
    for foreign in (eve.card.public_id, "pm_x", ""):
        sent = {"plan": "pay_in_4", "chosen": foreign}
        assert "/pay?" in anna.browser.post(path(anna.checkout, "card-check"), sent)["Location"]
    assert not CardSetup.objects.exists()


def test_a_gateway_that_hangs_up_is_asked_again(buyer, gateway):
    anna = buyer(framed=True)
    gateway(fail_rate=1)
    assert "does not answer" in text(asked_again(anna.ask()))
    gateway()
    anna.ask()
    gateway(fail_rate=1)
    waiting = anna.browser.get(f"{anna.there}&looks=4")
    assert "does not answer" in text(waiting)
    assert waiting["Refresh"].startswith("3;")
    assert "Look again" in text(waiting)
    gateway()
    answer(anna.bank, "yes")
    assert anna.goes_on()


def test_an_answer_after_the_checkout_ended_changes_nothing(buyer):
    anna = buyer()
    back = answer(anna.ask()["Location"], "yes")
    checkouts.cancel_checkout(checkout_id=anna.checkout.id, at=clock.now())
    assert anna.browser.get(back)["Location"] == path(anna.checkout)
    assert anna.ask()["Location"] == path(anna.checkout)
    assert "was canceled" in text(anna.browser.get(path(anna.checkout)))
    assert not Assessment.objects.exclude(proved_at=None).exists()


def test_a_card_that_was_removed_meanwhile_is_not_asked_about(buyer):
    anna = buyer()
    PaymentMethod.objects.filter(pk=anna.card.pk).update(blocked_at=clock.now())
    assert "can no longer be used" in text(asked_again(anna.ask()))
    PaymentMethod.objects.filter(pk=anna.card.pk).update(removed_at=clock.now())
    assert anna.ask()["Location"] == anna.next
    assert not CardSetup.objects.exists()


STEPS = {"asked": (card_checks, "trying"), "kept": (CardSetup.objects, "create"), "read": (card_checks, "_read"), "told": (fraud, "prove")}


@pytest.mark.parametrize("name", STEPS)
def test_killed_after_any_step_the_person_goes_on(buyer, name):
    anna = buyer()
    if name in {"asked", "kept"}:
        with dying_after(*STEPS[name]):
            anna.ask()
    bank = anna.ask()["Location"]
    back = answer(bank, "yes")
    if name in {"read", "told"}:
        with dying_after(*STEPS[name]):
            anna.browser.get(back)
    assert anna.look(back)["Location"].startswith(anna.next)
    anna.agree()
    assert (Order.objects.get().status, CardTry.objects.count()) == ("authorized", 0)
