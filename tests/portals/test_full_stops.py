"""One full stop at the end of a sentence, where an amount in kroner or a short date ends it with its own."""

import re
from html import unescape

import pytest
from django.conf import settings as configured
from django.template import Context, Template
from django.test import Client
from django.utils import translation

from core.sentences import Sentence, one_stop, translated
from markets.models import Market
from merchants.services import create_merchant
from tests.portals.merchant.conftest import join

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


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["da", "sv"])
def test_no_page_of_a_danish_purchase_has_two_stops(language, client, bought, sign_in, moment):
    denmark = Market.objects.get(code="DK")
    shop = create_merchant(name="Lys", legal_name="Lys ApS", market=denmark, payout_destination="b", slug="lys", at=moment)
    order = bought(64_000, shop=shop, charge=True)
    sign_in(client, order.consumer)
    client.cookies[configured.LANGUAGE_COOKIE_NAME] = language
    own = f"/purchases/{order.public_id}"
    for path in ("/home", own, f"/requests/new/withdrawal?about={order.public_id}", f"{own}/pay", "/requests/new/hardship"):
        answer = client.get(path, follow=True)
        assert (answer.status_code, answer["Content-Language"]) == (200, language), path
        page = unescape(re.sub(r"<[^>]+>", "", answer.content.decode()))
        assert TWO.findall(page) == [], path


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
