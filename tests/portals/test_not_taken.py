"""Addresses that are asked for in a way that they do not accept: readers are led to a page, and nothing is blank."""

import re
from collections.abc import Iterator

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, resolve

from tests.operators import make_operator

pytestmark = pytest.mark.django_db


def taken() -> Iterator[tuple[str, frozenset[str]]]:
    """Yield the address of every page of consumers, shops and checkout, and the methods that it accepts."""
    waiting: list[tuple[str, URLPattern | URLResolver]] = [("/", one) for one in get_resolver("portals.urls").url_patterns]
    for before, one in waiting:
        address = before + str(one.pattern)
        if isinstance(one, URLResolver):
            waiting.extend((address, below) for below in one.url_patterns)
        elif methods := getattr(one.callback, "takes", None):
            yield re.sub("<int:[^>]*>", "1", re.sub(r"<(?!int:)[^>]*>", "x", address)), methods


PAGES = dict(taken())
FORMS = {address for address, methods in PAGES.items() if "GET" not in methods}
LED = {
    "/payments/cards/x": "/payments",
    "/merchant/orders/x/extend": "/merchant/orders/x",
    "/merchant/orders/capture": "/merchant/orders",
    "/merchant/webhooks/x/enable": "/merchant/webhooks/x",
    "/merchant/deliveries/x/resend": "/merchant/deliveries/x",
    "/language": "/",
}


def test_who_types_the_address_of_a_form_is_led_to_the_page_above_it(client):
    led = {}
    for address in FORMS:
        answers = [client.get(address), client.head(address)]
        assert {answer.status_code for answer in answers} == {302}, address
        (led[address],) = {answer.headers["Location"] for answer in answers}
        assert "no-store" in answers[0].headers["Cache-Control"]
        assert "GET" in resolve(led[address]).func.takes
    assert LED.items() <= led.items()


def test_any_other_method_is_answered_by_the_brand_s_own_page_in_the_reader_s_language(client):
    asked = [(address, "PUT") for address in PAGES] + [(address, "POST") for address, methods in PAGES.items() if "POST" not in methods]
    for address, method in asked:
        answer = client.generic(method, address, headers={"Accept-Language": "da"})
        page = answer.content.decode()
        assert (answer.status_code, answer.headers["Allow"]) == (405, ", ".join(sorted(PAGES[address]))), address
        expected = "This page cannot do that" if address.startswith("/design") else "Det kan siden ikke"
        assert f"<h1>{expected}</h1>" in page, address
        assert 'href="mailto:help@kvart.example"' in page


def test_an_address_with_marks_is_led_within_the_site(client):
    assert client.get("/merchant/orders/a%3Fb%23c%25/extend").headers["Location"] == "/merchant/orders/a%3Fb%23c%25"


@pytest.mark.parametrize("address", ["/admin/logout/", "/admin/fraud/", "/admin/checkout/"])
def test_an_address_of_the_back_office_without_a_page_leads_to_the_work_list(client, address):
    user = make_operator("olga@kvart.example")
    client.force_login(user)
    answer = client.get(address)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/admin/")
    assert client.session["_auth_user_id"] == str(user.pk)


@pytest.mark.parametrize(
    ("address", "start", "told"),
    [("/nowhere", "/", "purchases"), ("/merchant/nowhere", "/merchant/", "Nothing"), ("/admin/nowhere/x", "/admin/", "Nothing")],
)
def test_who_mistypes_an_address_is_led_to_where_they_start(client, address, start, told):
    client.force_login(make_operator("olga@kvart.example"))
    page = client.get(address).content.decode()
    assert re.search(rf'href="{start}"[^>]*>\s*Go to the start page', page)
    assert told in page
