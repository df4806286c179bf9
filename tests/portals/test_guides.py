"""The guides as pages: in each language, with links that lead somewhere, found by their words."""

import re
from urllib.parse import unquote

import pytest
from django.conf import settings
from django.test import Client
from django.utils.html import strip_tags

from portals.guides.render import LANGUAGES as SAMPLES
from portals.guides.render import render
from portals.guides.search import find
from portals.guides.shelf import FOLDER, NAMES, address_of, get_guide, list_guides
from tests.portals.pseudo import crawl, words_of

pytestmark = pytest.mark.django_db
LANGUAGES = [code for code, _ in settings.LANGUAGES]
OTHERS = [code for code in LANGUAGES if code != settings.LANGUAGE_CODE]
ENGLISH_ONLY = {"operator", "installation"}
"""Guides of those who run an installation."""
ENGLISH = re.compile(r"\b(the|which|your|with|this|when|from)\b", re.IGNORECASE)
"""Words that are English and nothing else in our languages."""


def read(path: str, language: str = "en"):
    return Client().get(path, headers={"accept-language": language})


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_a_guide_is_a_page_in_every_language(name, language):
    answer = read(f"/docs/{name}", language)
    assert answer.status_code == 200
    assert answer.headers["Content-Language"] == language
    html = answer.content.decode()
    assert f'<html lang="{language}' in html
    written = language if (FOLDER / language / f"{name}.md").exists() else "en"
    assert f'<article class="guides-text" lang="{written}">' in html
    assert "<img" not in html.partition("<article")[2]


LEGAL = ("/terms", "/privacy", "/cookies")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", [None, *NAMES])
def test_every_link_leads_somewhere(name, language):
    html = read(f"/docs/{name or ''}", language).content.decode()
    links = set(re.findall(r'<a [^>]*href="([^"]+)"', html)) - {"/", "/api/docs/"}
    for link in links:
        path, _, anchor = link.partition("#")
        if path.startswith("https://"):
            continue
        assert not path or path.startswith(("/docs/", *LEGAL)), link
        there = read(path, language) if path else None
        assert there is None or there.status_code == 200, link
        text = there.content.decode() if there else html
        assert not anchor or f'id="{unquote(anchor)}"' in text, link


@pytest.mark.parametrize("path", ["/docs/secret", "/docs/..%2fglossary", "/docs/../README", "/docs/da/consumer", "/docs/consumer.md"])
def test_nothing_but_the_guides_is_served(path):
    assert read(path).status_code == 404


def test_the_search_finds_sections_that_hold_every_word_without_a_script():
    answer = read("/docs/search?q=idempotency.key_missing").content.decode()
    assert 'href="/docs/integrate#when-a-call-fails"' in answer
    assert "<mark>idempotency.key_missing</mark>" in answer
    assert "Nothing found" in read("/docs/search?q=zebra+checkout").content.decode()
    assert 'value="&lt;script&gt;"' in read("/docs/search?q=<script>").content.decode()
    assert read("/docs/search?q=+").headers["Location"] == "/docs/"
    hits = find("widget", list_guides("en"))
    assert hits[0].title == "The widget"
    assert find("", list_guides("en")) == find("...", list_guides("en")) == []


def test_no_database_is_asked(django_assert_num_queries):
    with django_assert_num_queries(0):
        read("/docs/integrate")
        read("/docs/search?q=refund")


def test_a_guide_is_rendered_once():
    assert get_guide("widget", "en") is get_guide("widget", "en")


def test_html_and_pictures_of_a_text_are_left_out_and_links_to_what_is_not_served_become_text():
    made = render(
        "# One\n\n<b>x</b> [a](../adr/0001.md) [b](widget.md#looks)\n\n![p](../p.webp)\n\n| a |\n|---|\n| ![p](p.webp) |\n\nend\n",
        address_of,
    )
    assert "&lt;b&gt;x&lt;/b&gt; a <a" in made.html
    assert 'href="/docs/widget#looks"' in made.html
    assert "<img" not in made.html
    assert "<table" not in made.html
    assert made.html.rstrip().endswith("<p>end</p>")


def test_samples_that_follow_each_other_are_tabs_and_each_is_copied_by_a_button():
    made = render("# T\n\n```sh\ncurl <x>\n```\n\n```python\nget()\n```\n\ntext\n\n```sh\nmore\n```\n", address_of)
    assert made.html.count('role="tab"') == 2
    assert made.html.count('role="tablist"') == 1
    assert made.html.count("data-copy=") == 3
    assert "curl &lt;x&gt;" in made.html


@pytest.mark.parametrize("path", ["/docs/consumer", "/docs/merchant"])
def test_portals_errors_and_the_reference_link_to_the_guides(path):
    assert 'href="/docs/"' in read("/nowhere").content.decode()
    assert 'href="/docs/integrate"' in read("/api/docs/").content.decode()
    frame = {"/docs/consumer": "consumer", "/docs/merchant": "merchant"}[path]
    assert f'href="{path}"' in (settings.BASE_DIR / "templates" / "layouts" / f"{frame}.html").read_text()


@pytest.fixture
def rendered_anew():
    """Forget guides that were rendered with another catalog, before and after."""
    get_guide.cache_clear()
    yield
    get_guide.cache_clear()


def test_no_word_around_the_guides_is_left_in_english(bracketed, rendered_anew, client):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "da"
    starts = ("/docs/", "/docs/search?q=widget", "/docs/search?q=zebra")
    # Titles are the guides' own words; as often as there are guides.
    known = words_of([*(guide.page.title for guide in list_guides("da")), *SAMPLES.values(), "widget", "zebra"])
    assert crawl(client, *starts, within="/docs/", known=known, each=len(NAMES)) == {}


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("name", sorted({*NAMES} - ENGLISH_ONLY))
def test_what_consumers_shops_and_programmers_read_is_written_in_their_language(name, language):
    guide, original = get_guide(name, language), get_guide(name, "en")
    assert guide.language == language
    prose = strip_tags(re.sub(r"<(pre|code)\b.*?</\1>", "", guide.page.html, flags=re.DOTALL))
    assert ENGLISH.findall(prose) == []
    assert [section.level for section in guide.page.sections] == [section.level for section in original.page.sections]
    assert guide.page.html.count("<pre") == original.page.html.count("<pre")
    assert [section.anchor for section in guide.page.sections] == [section.anchor for section in original.page.sections]
    assert all(f'id="{section.anchor}"' in guide.page.html for section in guide.page.sections[1:])


@pytest.mark.parametrize("language", OTHERS)
def test_the_samples_of_the_integration_are_the_same_in_every_language(language):
    kept = re.compile(r"<code id=.*?</code>", re.DOTALL)
    assert kept.findall(get_guide("integrate", language).page.html) == kept.findall(get_guide("integrate", "en").page.html)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_merchant_guide_names_no_shop_of_one_brand(language):
    assert ".example" not in strip_tags(read("/docs/merchant", language).content.decode().partition("<article")[2])
