"""Answers to programs about what is wrong with a call, in the language in which every text stands in brackets."""

import json

import pytest
from django.test import Client

from tests.portals.pseudo import outside
from tests.shops import make_key, open_shop

pytestmark = pytest.mark.django_db
ITEM = {"name": 1, "quantity": 0, "unit_amount": "x", "amount": 1.5, "category": "\x00"}
WRONG = [
    ("/api/v1/checkouts", {}),
    ("/api/v1/checkouts", []),
    ("/api/v1/checkouts", {"amount": "1", "currency": "XXY", "items": [ITEM], "urls": {"confirmation": "shop", "cancel": 1}, "more": 1}),
    ("/api/v1/checkouts", {"amount": -1, "currency": "US", "items": {}, "metadata": {"": 1, "a": [1]}, "capture": "later", "customer": 1}),
    ("/api/v1/checkouts", {"amount": 10**19, "merchant_reference": "x" * 500, "metadata": 1, "urls": []}),
    ("/api/v1/webhook_endpoints", {"url": "ftp://x", "events": ["nothing"]}),
    ("/api/v1/webhook_endpoints", {"url": 1, "events": "order.captured"}),
    ("/api/v1/orders/ord_nothing/capture", {"amount": True}),
]


def call(path: str, body: object, language: str, key: str):
    headers = {"Authorization": f"Bearer {key}", "Accept-Language": language, "Idempotency-Key": "one"}
    return Client().post(path, json.dumps(body), content_type="application/json", headers=headers)


@pytest.mark.parametrize(("path", "body"), WRONG)
def test_every_fault_of_a_call_is_translated(bracketed, path, body):
    answer = call(path, body, "da", make_key(open_shop()))
    told = answer.json()
    assert (400 <= answer.status_code < 500, answer["Content-Language"]) == (True, "da"), told
    named = {name.rpartition(".")[2].rstrip("[]0123456789") for name in told["fields"]}
    left = {name: outside(text) for name, text in [*told["fields"].items(), ("title", told["title"]), ("detail", told["detail"])]}
    left["detail"] -= {word for name in told["fields"] for word in outside(name)} | named | {"body"}
    assert {name: words for name, words in left.items() if words} == {}


SAID = {"da": "skal være et helt tal", "sv": "måste vara ett heltal", "de": "muss eine ganze Zahl", "en": "must be an integer"}


@pytest.mark.parametrize("language", SAID)
def test_a_field_s_fault_is_said_in_the_language_that_is_asked_for(language):
    told = call("/api/v1/checkouts", {"amount": "1"}, language, make_key(open_shop())).json()
    assert told["fields"]["amount"].startswith(SAID[language])
