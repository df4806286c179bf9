"""One full stop at the end of a sentence, where an amount in kroner or a short date ends it with its own."""

import re
from html import unescape

import pytest
from django.conf import settings as configured
from django.template import Context, Template
from django.test import Client
from django.utils import translation

from accounts.services import choose_language
from checkout import services as checkouts
from core import relay
from core.catalogs import languages
from core.sentences import Sentence, one_stop, translated
from markets.models import Market
from merchants.services import create_merchant
from notifications.letters import compose_letter
from notifications.models import Message
from notifications.queries import load_named
from tests.operators import make_boss
from tests.portals.merchant.conftest import join
from tests.portals.pseudo import follow

TWO = re.compile(r"[^\W\d_]\.\.(?!\.)")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Du skylder 250,00 kr..", "Du skylder 250,00 kr."),
        ("Senest 12. nov.. Intet andet trækkes.", "Senest 12. nov. Intet andet trækkes."),
        ("Det er <b>250 kr.</b>.", "Det er <b>250 kr.</b>"),
        ("Slut <a><b>250 kr.</b></a>. Mere", "Slut <a><b>250 kr.</b></a> Mere"),
        ("Vent...", "Vent..."),
        ("Vent …", "Vent …"),
        ("<code>a.</code>.", "<code>a.</code>."),
        ("../etc, 1..5, HEAD..main", "../etc, 1..5, HEAD..main"),
    ],
)
def test_a_sentence_ends_in_one_full_stop(written, read):
    assert one_stop(written) == read


def test_a_translated_block_and_a_sentence_of_code_end_in_one_stop():
    page = Template(
        "{% load i18n %}{% blocktranslate with amount=sum %}Nobody translated {{ amount }}.{% endblocktranslate %}|"
        "{% blocktranslate with day=day asvar told %}Nobody translated {{ day }}.{% endblocktranslate %}{{ told }}"
    )
    for language, ends in (("da", "12. nov."), ("sv", "12 nov.")):
        with translation.override(language):
            text = page.render(Context({"sum": "<i> 1 kr.", "day": ends}))
        assert TWO.search(text) is None, text
        assert "&lt;i&gt;" in text
        assert text.endswith(ends), text
    assert translated(Sentence("At least %(least)s.", least="5 kr.")).endswith("5 kr.")


CONSUMER = ("/home", "/purchases", "/payments", "/limit", "/help", "/inbox", "/profile", "/requests", "/sign-in", "/docs/")


@pytest.fixture
def danish_order(bought, moment):
    """A purchase in kroner that was sent, paid once and partly given back."""
    denmark = Market.objects.get(code="DK")
    shop = create_merchant(name="Lys", legal_name="Lys ApS", market=denmark, payout_destination="b", slug="lys", at=moment)
    order = bought(64_000, shop=shop, charge=True)
    checkouts.refund_order(order_id=order.id, merchant=shop, amount_minor=8_000, reason="Glas", actor="test", at=moment)
    bought(51_000, shop=shop, send=False)
    relay.drain()
    return order


def twice_stopped(client, *starts: str, language: str, within: str | tuple[str, ...], blanks: bool = False) -> dict[str, list[str]]:
    """Follow the links of pages in a language; return what ends in two full stops, by page."""
    client.cookies[configured.LANGUAGE_COOKIE_NAME] = language
    found, pages = {}, 0
    for address, page in follow(client, *starts, within=within, blanks=blanks):
        pages += 1
        text = unescape(re.sub(r"<(script|style|code|pre)\b.*?</\1>|<[^>]+>", "", page, flags=re.DOTALL))
        if wrong := [text[max(0, two.start() - 40) : two.end()] for two in TWO.finditer(text)]:
            found[address] = wrong
    assert pages > len(starts)
    return found


@pytest.mark.django_db
@pytest.mark.parametrize("language", languages())
def test_no_page_of_a_consumer_has_two_stops(language, client, danish_order, sign_in):
    sign_in(client, danish_order.consumer)
    assert twice_stopped(client, *CONSUMER, language=language, within=CONSUMER, blanks=True) == {}


@pytest.mark.django_db
def test_no_page_of_a_shop_or_of_the_back_office_has_two_stops(client, danish_order):
    """Danish has both what ends with a stop of its own: amounts in kroner, and short months."""
    browser = Client()
    browser.force_login(join(danish_order.merchant, "owner"), backend="django.contrib.auth.backends.ModelBackend")
    assert twice_stopped(browser, "/merchant/", language="da", within="/merchant/", blanks=True) == {}
    client.force_login(make_boss("boss@kvart.example", "demo-password", name="Ada Admin"))
    assert twice_stopped(client, "/admin/", language="da", within="/admin/") == {}


@pytest.mark.django_db
@pytest.mark.parametrize("language", languages())
def test_no_letter_has_two_stops(language, danish_order, moment):
    choose_language(consumer_id=danish_order.consumer_id, language=language, at=moment, actor="test")
    letters = list(Message.objects.filter(channel="email").select_related("consumer", "user"))
    assert letters
    for letter in letters:
        written = compose_letter(letter, load_named([letter]))
        text = unescape(re.sub(r"<[^>]+>", "", written.html))
        assert TWO.findall(text) == TWO.findall(written.text) == TWO.findall(written.subject) == [], letter.kind


@pytest.mark.django_db
def test_a_shop_reads_how_much_it_may_capture_in_one_sentence(bought, moment):
    denmark = Market.objects.get(code="DK")
    shop = create_merchant(name="Lys", legal_name="Lys ApS", market=denmark, payout_destination="b", slug="lys", at=moment)
    order = bought(64_000, shop=shop, send=False)
    browser = Client()
    browser.force_login(join(shop, "owner"), backend="django.contrib.auth.backends.ModelBackend")
    browser.cookies[configured.LANGUAGE_COOKIE_NAME] = "da"
    page = unescape(browser.get(f"/merchant/orders/{order.public_id}/capture").content.decode())
    assert re.search(r"Op til 640,00\skr\.(?!\.)", page), re.findall("Op til.{0,40}", page)
