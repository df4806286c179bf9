"""The legal pages: each text in each market and language is whole, says whom to turn to, and is reached from every footer."""

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from markets.queries import list_markets
from plans.queries import AGREEMENT_YEARS
from portals.legal.facts import PLACES, list_cookies
from portals.legal.shelf import NAMES, list_versions
from tests.portals.reading import text_of

pytestmark = pytest.mark.django_db


def test_each_text_is_whole_in_each_market_and_language():
    assert {one.code for one in list_markets()} == set(PLACES)
    hashes = set()
    for language, _name in settings.LANGUAGES:
        client = Client()
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
        for code, place in PLACES.items():
            said = {name: text_of(client.get(reverse(f"legal_{name}_of", args=[code.lower()]))) for name in NAMES}
            for name, text in said.items():
                assert not any(mark in text for mark in ("{", "[GDPR]", "[US]")), (name, code, language)
                hashes.add(text.partition("SHA-256")[2].split()[0])
            assert place.authority in said["privacy"]
            assert place.law in said["privacy"]
            assert f" {AGREEMENT_YEARS} " in said["privacy"]
            assert ("(f)" in said["privacy"]) == (place.kind == "GDPR")
            assert all(name.strip("`") in said["cookies"] for name, _what, _days in list_cookies())
    assert len(hashes) == len(PLACES) * 4 * 2 + 4, "cookies are the same everywhere"


def test_they_are_reached_from_the_checkout_and_the_portals_and_by_version(client, open_checkout):
    pages = ("/", "/sign-in", "/merchant/sign-in", "/docs/consumer", f"/checkout/{open_checkout().public_id}")
    for path in pages:
        page = client.get(path).content.decode()
        assert all(f'href="{reverse(f"legal_{name}")}"' in page for name in NAMES), path
    assert "Datatilsynet" in text_of(client.get("/privacy", headers={"Accept-Language": "da"}))
    assert "Federal Trade Commission" in text_of(client.get("/privacy"))
    assert client.get(f"/privacy/dk/{list_versions('privacy')[0]}").status_code == 200
    for path in ("/privacy/xx", "/privacy/DK", "/privacy/dk/2020-01-01", "/privacy/dk/..%2Fx"):
        assert client.get(path).status_code == 404, path
