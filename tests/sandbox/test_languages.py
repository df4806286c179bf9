"""What people see of the sandbox is in their language, and no text lacks a translation."""

import ast
import json
import re
from pathlib import Path

import pytest
import requests

from sandbox import account_page, card_page
from sandbox.accounts import SORTS, TRIED
from sandbox.cards import FIELD_ERRORS
from sandbox.companies.mailbox import mails
from sandbox.companies.phone import texts as phone
from sandbox.texts import CATALOGS, MARKED
from tests.dates import CARD_ENDS

ROOT = Path(__file__).parents[2] / "sandbox"
SPOKEN = {"say", "missing", "_over"}
"""The functions that take a text of the catalogs."""
CARD = {"number": "4000 0025 0000 3155", "expiry": CARD_ENDS, "cvc": "123", "postal_code": "10969"}


def texts_of_code() -> set[str]:
    """The texts that stand in a call that speaks, also as one of two between which it chooses."""
    trees = [ast.parse(path.read_text()) for path in ROOT.rglob("*.py") if path.parent.name != "stripe" or path.name == "hosted.py"]
    calls = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    return {text for call in calls if call.func.id in SPOKEN for given in call.args for text in texts_in(given)}


def texts_in(given: ast.expr) -> set[str]:
    if isinstance(given, ast.IfExp):
        return texts_in(given.body) | texts_in(given.orelse)
    return {given.value} if isinstance(given, ast.Constant) else set()


def texts_by_name() -> set[str]:
    """The texts that stand in tables and constants."""
    shelves = [getattr(shelf, name) for shelf in (mails.SHELF, phone.SHELF) for name in ("title", "lead", "label", "empty", "empty_to")]
    errors = [message for _code, message in FIELD_ERRORS.values()]
    labels = [label for label, _example, _digits in SORTS.values()]
    lost = [card_page.LOST_LINK, account_page.LOST_LINK]
    return {*shelves, *errors, *account_page.ERRORS.values(), *labels, *TRIED, *lost}


@pytest.mark.parametrize("language", ["da", "sv", "de"])
def test_every_text_is_translated_and_keeps_its_values(language):
    marked = {text for path in ROOT.rglob("*.html") for text in MARKED.findall(path.read_text())}
    catalog = CATALOGS[language]
    assert marked | texts_of_code() | texts_by_name() <= catalog.keys()
    values = re.compile(r"\$\w+")
    lost = [text for text, said in catalog.items() if not said or sorted(values.findall(text)) != sorted(values.findall(said))]
    assert lost == []


def test_no_catalog_keeps_a_text_that_nobody_says():
    sources = [path.read_text() for path in [*ROOT.rglob("*.py"), *ROOT.rglob("*.html")]]
    said = "\n".join(sources)
    for catalog in (CATALOGS[language] for language in ("da", "sv", "de")):
        assert [text for text in catalog if text not in said] == []


@pytest.fixture
def setup(world):
    """Give a function that opens a card page in a language."""

    def open_page(**more):
        body = {
            "customer_email": "a@example.com",
            "customer_reference": "con_1",
            "return_url": "http://shop.example/back",
            "currency": "EUR",
        }
        return world.post("/gateway/v1/setups", body | {"merchant_name": "kvart"} | more)

    return open_page


@pytest.mark.parametrize(
    ("locale", "browser", "lang", "button"),
    [
        ("de", "da", "de", "Karte speichern"),
        ("da-DK", "", "da", "Gem kort"),
        ("sv", "de", "sv", "Spara kort"),
        ("", "fr-FR,fr;q=0.9,da;q=0.8", "da", "Gem kort"),
        ("fr", "", "en", "Save card"),
    ],
)
def test_the_card_page_speaks_the_language_of_its_setup_else_the_browsers(setup, locale, browser, lang, button):
    page = requests.get(setup(locale=locale)["url"], headers={"Accept-Language": browser}, timeout=30).text
    assert f'<html lang="{lang}">' in page
    assert f">{button}</button>" in page
    assert "{{" not in page


def test_errors_and_the_banks_question_speak_it_too(setup):
    url = setup(locale="de")["url"]
    wrong = requests.post(url, data=CARD | {"number": "1"}, timeout=30)
    assert "Prüfen Sie die Kartennummer" in wrong.text
    question = requests.post(url, data=CARD, timeout=30)
    assert question.url.endswith("/confirm")
    assert "ob Sie selbst Visa mit den Endziffern 3155 speichern" in question.text
    refused = requests.post(question.url, data={"answer": "no"}, timeout=30)
    assert "Ihre Bank konnte nicht bestätigen" in refused.text


def test_a_page_for_bank_accounts_speaks_it_too(setup):
    url = setup(locale="de", kind="account")["url"]
    assert "Konto speichern" in requests.get(url, timeout=30).text
    assert "Setzen Sie das Häkchen" in requests.post(url, data={"number": "1"}, timeout=30).text


def test_what_machines_read_stays_english(setup, world):
    visit = setup(locale="de")
    answer = requests.post(
        f"{world.url}/gateway/v1/setups/{visit['id']}/card",
        json={"number": "1"},
        headers={"Authorization": "Bearer sandbox_gateway_key", "Accept-Language": "de"},
        timeout=30,
    )
    assert json.loads(answer.text)["error"]["message"].startswith("Check the card number")


def test_mailbox_and_phone_speak_the_browsers_language(world):
    world.post("/mailbox/messages", [{"to": "anna@people.example", "from": "kvart", "subject": "$1", "text": "Hej"}])
    german = {"Accept-Language": "de"}
    shelf = requests.get(f"{world.url}/mailbox/", headers=german, timeout=30).text
    assert "An anna@people.example" in shelf
    assert "E-Mail-Postfach" in shelf
    letter = re.search(r'href="(/mailbox/msg_[^"]+)"', shelf)[1]
    assert "<dt>Gesendet</dt>" in requests.get(world.url + letter, headers=german, timeout=30).text
    assert "Noch keine SMS an +45" in requests.get(f"{world.url}/phone/?to=%2B45", headers=german, timeout=30).text
    assert '<html lang="en">' in requests.get(f"{world.url}/", headers=german, timeout=30).text


def test_a_browser_that_was_led_here_in_a_language_stays_in_it(world):
    person = requests.Session()
    person.headers["Accept-Language"] = "en"
    assert '<html lang="da">' in person.get(f"{world.url}/da/mailbox/", timeout=30).text
    assert '<html lang="da">' in person.get(f"{world.url}/phone/", timeout=30).text
    assert '<html lang="en">' in person.get(world.url, timeout=30).text
    assert person.get(f"{world.url}/sv/phone/?to=anna", timeout=30).url.endswith("/phone/?to=anna")
    assert requests.get(f"{world.url}/da//evil.example/", timeout=30, allow_redirects=False).status_code == 404
