"""Pages in four languages: which one is chosen, that it is kept, and that no text of any page is left in English."""

import re
from datetime import date

import pytest
from django.conf import settings as configured
from django.urls import reverse
from django.utils import translation

from accounts.models import Consumer
from accounts.queries import list_regions
from accounts.services import choose_language
from checkout.models import Checkout
from core import relay
from core.catalogs import languages
from core.crypto import lookup_hash
from core.errors import Invalid
from core.sentences import Sentence, status_word, translated
from core.translations import read_catalog, untranslated
from markets.models import Market, MarketSetting
from markets.queries import DEBT_ADVICE
from notifications.letters import compose_letter
from notifications.models import Message
from notifications.queries import load_named
from payments.models import Charge
from portals import sessions
from tests.gathered import gathered
from tests.portals.conftest import DETAILS
from tests.portals.pseudo import GIVEN, WORD, left_over

pytestmark = pytest.mark.django_db
HELD = re.compile(r"%\(\w+\)[sd]|%%|</?[a-z][^>]*>")


@pytest.fixture
def in_danish(client):
    client.cookies[configured.LANGUAGE_COOKIE_NAME] = "da"
    return client


def foreign(client, path: str, *known: str) -> set[str]:
    """Return the words of a page that stand in English, but for those given."""
    answer = client.get(path)
    assert answer.status_code in {200, 404}, path
    assert answer["Content-Language"] == "da", path
    return left_over(answer.content.decode()) - GIVEN - {word for text in known for word in WORD.findall(text)}


def names_of(consumer) -> tuple[str, ...]:
    initials = "".join(word[0] for word in consumer.name.split())
    return consumer.name, initials, consumer.email, *map(str, consumer.address.values())


def test_every_page_of_a_consumer_is_translated(bracketed, in_danish, sign_in, bought):
    order = bought(charge=True)
    sign_in(in_danish, order.consumer)
    # Who advises on debts is a market's setting, as written there.
    advice = MarketSetting.objects.get(market=order.consumer.market_id, key=DEBT_ADVICE).value.values()
    own, known = f"/purchases/{order.public_id}", (*names_of(order.consumer), *advice)
    charge = Charge.objects.first().public_id
    paths = ["/home", "/purchases", own, f"{own}/pay", f"{own}/payments/{charge}", f"{own}/card", "/payments", "/limit"]
    paths += ["/help", "/inbox", "/profile", "/profile/agreed", "/requests", "/requests/new/hardship", "/purchases/ord_nothing"]
    assert {path: foreign(in_danish, path, *known) for path in paths} == {path: set() for path in paths}


def test_every_page_of_a_purchase_is_translated(bracketed, in_danish, open_checkout, email):
    checkout, address = open_checkout(), email("+approve")
    at, found = f"/checkout/{checkout.public_id}", {}
    found["contact"] = foreign(in_danish, at)
    in_danish.post(f"{at}/contact", {"contact": address})
    found["code"] = foreign(in_danish, at, address)
    in_danish.post(f"{at}/code", {"code": "111111"})
    found["details"] = foreign(in_danish, at) - set(WORD.findall(" ".join(regions())))
    in_danish.post(f"{at}/details", DETAILS)
    in_danish.post(f"{at}/proceed")
    found["plan"] = foreign(in_danish, at)
    assert found == {name: set() for name in found}
    assert Checkout.objects.get(pk=checkout.pk).reached == "approved"


def regions() -> list[str]:
    market = Market.objects.get(code="US")
    return [*list_regions(market, date(2026, 11, 28)).values(), market.postal_code_example]


def test_a_letter_is_in_the_language_of_its_reader_and_the_inbox_in_that_of_the_page(bracketed, in_danish, sign_in, bought, moment):
    order = bought(charge=True)
    choose_language(consumer_id=order.consumer_id, language="da", at=moment, actor="test")
    relay.drain()
    letters = list(Message.objects.filter(consumer=order.consumer, channel="email").select_related("consumer", "user"))
    assert {letter.kind for letter in letters} == {"order_authorized", "order_shipped", "payment_received"}
    known = GIVEN | {word for name in names_of(order.consumer) for word in WORD.findall(name)}
    for letter in letters:
        written = compose_letter(letter, load_named([letter]))
        assert left_over(written.html) - known == set()
        assert left_over(written.subject) - known == set()
        assert left_over(re.sub(r"https?://\S+", "", written.text)) - known == set()
    sign_in(in_danish, order.consumer)
    assert left_over(in_danish.get("/inbox").content.decode()) - known == set()
    sent = letters[0]
    sent.consumer.language = ""
    assert "⟦" not in compose_letter(sent, load_named([sent])).text


def test_who_first_reads_us_in_danish_gets_danish_letters(client, open_checkout, email):
    checkout, address = open_checkout(), email("+approve")
    at = f"/checkout/{checkout.public_id}"
    client.post(f"{at}/contact", {"contact": address}, headers={"Accept-Language": "da"})
    client.post(f"{at}/code", {"code": "111111"}, headers={"Accept-Language": "da"})
    assert Consumer.objects.get(email_hash=lookup_hash(address)).language == "da"


@pytest.fixture(scope="module")
def wanted():
    """Give every text of code and templates, with its context."""
    return {(message.id, message.context) for message in gathered() if message.id}


@pytest.mark.parametrize("language", languages())
def test_every_text_has_its_translation(language, wanted):
    catalog = read_catalog(language)
    assert wanted == {(message.id, message.context) for message in catalog if message.id}, "run manage.py texts"
    assert untranslated(catalog) == []


@pytest.mark.parametrize("language", languages())
def test_no_translation_loses_what_is_inserted(language):
    wrong = []
    for message in read_catalog(language):
        if message.id:
            texts = message.id if message.pluralizable else (message.id,)
            told = message.string if message.pluralizable else (message.string,)
            # The form for one may name no number.
            wanted = [sorted(HELD.findall(texts[-1]))] if not message.pluralizable else [sorted(HELD.findall(text)) for text in texts]
            wrong += [(message.id, text) for text, held in zip(told, wanted, strict=True) if sorted(HELD.findall(text)) != held]
    assert wrong == []


@pytest.mark.parametrize(
    ("asks", "language"), [("da-DK,da;q=0.9,en;q=0.8", "da"), ("fr,sv;q=0.5", "sv"), ("de-AT", "de"), ("fr", "en"), ("", "en")]
)
def test_a_visitor_reads_the_first_language_that_their_browser_asks_for(client, asks, language):
    answer = client.get("/sign-in", headers={"Accept-Language": asks})
    assert answer["Content-Language"] == language
    assert f'<html lang="{language}' in answer.content.decode()
    assert "Accept-Language" in answer["Vary"]


def test_a_choice_is_kept_in_the_browser_and_in_the_account(client, sign_in, bought):
    consumer = bought().consumer
    sign_in(client, consumer)
    answer = client.post("/language", {"language": "sv", "next": "/payments"}, headers={"Accept-Language": "da"})
    assert (answer.status_code, answer["Location"]) == (303, "/payments")
    assert client.get("/home", headers={"Accept-Language": "da"})["Content-Language"] == "sv"
    consumer.refresh_from_db()
    assert consumer.language == "sv"
    change = consumer.changes.latest("id")
    assert (change.subject, change.change, change.actor) == ("details", {"fields": ["language"]}, consumer.public_id)


def test_an_account_brings_its_language_to_another_browser(client, bought, moment, rf):
    consumer = bought().consumer
    choose_language(consumer_id=consumer.pk, language="de", at=moment, actor="test")
    consumer.refresh_from_db()
    request = rf.get("/")
    request.session = client.session
    sessions.sign_in(request, consumer, moment)
    request.session.save()
    client.cookies["bnpl_session"], client.cookies["bnpl_device"] = request.session.session_key, request.device_token
    assert client.get("/home", headers={"Accept-Language": "da"})["Content-Language"] == "de"
    client.cookies[configured.LANGUAGE_COOKIE_NAME] = "xx"
    assert client.get("/home", headers={"Accept-Language": "da"})["Content-Language"] == "de"


def test_what_is_no_language_changes_nothing(client):
    for language in ("xx", "", "en-US", "../../x"):
        answer = client.post("/language", {"language": language, "next": "/sign-in"})
        assert (answer.status_code, answer["Location"]) == (303, "/sign-in")
        assert configured.LANGUAGE_COOKIE_NAME not in answer.cookies
    answer = client.post("/language", {"language": "da", "next": "https://evil.example/"})
    assert answer["Location"] == reverse("home")


def test_machines_are_answered_in_the_language_that_they_ask_for(client):
    client.cookies[configured.LANGUAGE_COOKIE_NAME] = "de"
    answer = client.get("/api/v1/orders", headers={"Accept-Language": "da"})
    assert answer["Content-Language"] == "da"
    assert (answer.json()["code"], answer.json()["title"]) == ("unauthenticated", "Log ind, eller send en gyldig nøgle")
    answer = client.get("/api/v1/orders")
    assert (answer["Content-Language"], answer.json()["title"]) == ("en", "Sign in or send a valid key")


def test_a_sentence_keeps_its_facts_for_other_languages():
    told = Sentence("Use at most %(most)s characters.", most=120)
    assert told == "Use at most 120 characters."
    with translation.override("de"):
        assert Invalid(told, fields={"name": told}).fields["name"] == translated(told) != told
        assert "120" in translated(told)
        assert translated("Nobody translated this.") == "Nobody translated this."
        assert (
            translated(Sentence("This plan is %(status)s.", status=status_word("charged_off")))
            == "Der Status dieses Plans ist „ausgebucht“."
        )
