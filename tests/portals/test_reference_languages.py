"""The API's reference in four languages; its machine-readable description in English only."""

from dataclasses import replace

import pytest
from django.conf import settings as configured
from django.utils import translation
from django.utils.translation import gettext

from brands.queries import by_settings
from core.catalogs import languages
from portals.developers import docs
from portals.developers.reference import Number, code, paragraphs
from tests.portals.pseudo import GIVEN, left_over

pytestmark = pytest.mark.django_db
PATH = "/api/docs/"


@pytest.fixture
def unkept():
    docs._page.cache_clear()
    yield
    docs._page.cache_clear()


def read(client, language: str):
    return client.get(PATH, headers={"accept-language": language})


def test_every_text_of_the_page_is_marked(unkept, bracketed, client):
    answer = read(client, "da")
    assert answer["Content-Language"] == "da"
    # A country's code and money of the examples, and terms of the web.
    assert left_over(answer.content.decode()) - GIVEN == {"OpenAPI", "GET", "POST", "PATCH", "DELETE"}


@pytest.mark.parametrize("language", languages())
def test_no_english_text_is_left(client, language):
    answer = read(client, language)
    text = answer.content.decode()
    assert f'<html lang="{language}' in text
    assert (answer["Content-Language"], answer["Cache-Control"]) == (language, "private, max-age=300")
    assert {"Accept-Language", "Cookie"} <= set(answer["Vary"].replace(" ", "").split(","))
    told = {told for told, _ in docs.list_texts()} | {docs.ABOUT, "Rules of every call", "What it answers", "The key needs the scope"}
    assert len(told) > 90
    with translation.override(language):
        told = {one for one in told if gettext(one) != one}  # Some words are the same.
    assert [one for one in map(code, told) if f">{one}<" in text or (len(one.split()) > 3 and one in text)] == []
    assert 'id="capture-order"' in text
    assert 'href="#webhook-endpoints"' not in text
    assert "<code>orders.capture</code>" in text


def test_a_choice_of_language_is_kept_and_is_nobody_elses(client, django_assert_num_queries):
    assert b'value="de"' in client.get(PATH).content
    sent = client.post("/language", {"language": "de", "next": PATH})
    assert (sent.status_code, sent["Location"]) == (303, PATH)
    with django_assert_num_queries(0):
        assert client.get(PATH)["Content-Language"] == "de"
    client.cookies.clear()
    assert client.get(PATH)["Content-Language"] == "en"
    # What programs read goes by what they ask for, whatever cookies say.
    client.cookies[configured.LANGUAGE_COOKIE_NAME] = "de"
    assert client.get("/api/v1/orders")["Content-Language"] == "en"


def test_the_description_is_in_english_whoever_asks_first(client):
    other = replace(by_settings(), name="other")
    with translation.override("da"):
        made = docs.describe(other)
        assert docs.sections(other)[0].operations[0].shown_title == "Vis checkouts"
    known = docs.describe()
    assert made | {"info": known["info"], "paths": {}} == known | {"paths": {}}
    assert made["paths"].keys() == known["paths"].keys()
    assert [call["summary"] for call in made["paths"]["/api/v1/orders"].values()] == ["List orders"]
    assert client.get("/api/v1/openapi.json", headers={"accept-language": "da"}).json()["tags"] == known["tags"]


@pytest.mark.parametrize(("language", "told"), [("en", "1,000,000"), ("da", "1.000.000"), ("sv", "1\xa0000\xa0000"), ("de", "1.000.000")])
def test_numbers_are_written_as_the_reader_writes_them(language, told):
    with translation.override(language):
        assert str(Number(1_000_000)) == told


def test_paragraphs_are_lines():
    assert paragraphs("One\ntwo.\n\nThree.\n") == ["One two.", "Three."]
