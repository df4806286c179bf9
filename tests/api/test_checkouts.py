"""Checkouts: opened, read, changed, closed; every wrong value is named and nothing is made."""

from datetime import timedelta

import pytest
from django.utils.dateparse import parse_datetime

from checkout.models import Checkout
from tests.api.counting import statements
from tests.shops import basket

LINE = {"name": "Desk lamp", "quantity": 1, "unit_amount": 22_900, "amount": 22_900}


def line(**changes):
    return LINE | changes


def test_open(api, settings, shop):
    answer = api.post("checkouts", basket())
    body = answer.json()
    assert answer.status_code == 201
    assert (body["status"], body["order_id"], body["amount"], body["currency"]) == ("open", None, 22_900, "USD")
    assert body["url"] == f"{settings.BASE_URL}/checkout/{body['id']}"
    assert parse_datetime(body["expires_at"]) - parse_datetime(body["created_at"]) == timedelta(hours=48)
    stored = Checkout.objects.get()
    assert (stored.public_id, stored.merchant_id, stored.customer) == (body["id"], shop.id, {"email": "ann@example.com"})
    assert "customer" not in body


def test_only_what_is_needed_has_to_be_sent(api):
    body = {name: value for name, value in basket().items() if name in {"amount", "currency", "merchant_reference", "urls"}}
    answer = api.post("checkouts", body)
    assert answer.status_code == 201
    assert (answer.json()["capture"], answer.json()["items"], answer.json()["metadata"]) == ("manual", [], {})


BAD = {
    "amount zero": ({"amount": 0}, "amount"),
    "amount negative": ({"amount": -1}, "amount"),
    "amount fraction": ({"amount": 10.5}, "amount"),
    "amount whole float": ({"amount": 22_900.0}, "amount"),
    "amount text": ({"amount": "22900"}, "amount"),
    "amount true": ({"amount": True}, "amount"),
    "amount null": ({"amount": None}, "amount"),
    "amount list": ({"amount": [1]}, "amount"),
    "amount huge": ({"amount": 10**12 + 1}, "amount"),
    "amount over 64 bits": ({"amount": 2**70}, "amount"),
    "currency unknown": ({"currency": "XYZ"}, "currency"),
    "currency lower case": ({"currency": "usd"}, "currency"),
    "currency number": ({"currency": 840}, "currency"),
    "currency null": ({"currency": None}, "currency"),
    "currency of another market": ({"currency": "DKK"}, "currency"),
    "reference empty": ({"merchant_reference": ""}, "merchant_reference"),
    "reference blank": ({"merchant_reference": "  "}, "merchant_reference"),
    "reference number": ({"merchant_reference": 1001}, "merchant_reference"),
    "reference long": ({"merchant_reference": "A" * 121}, "merchant_reference"),
    "reference with a line break": ({"merchant_reference": "A\n1"}, "merchant_reference"),
    "items text": ({"items": "lamp"}, "items"),
    "items null": ({"items": None}, "items"),
    "items number": ({"items": [1]}, "items[0]"),
    "items too many": ({"items": [line()] * 201}, "items"),
    "quantity zero": ({"items": [line(quantity=0)]}, "items[0].quantity"),
    "quantity fraction": ({"items": [line(quantity=1.5)]}, "items[0].quantity"),
    "quantity true": ({"items": [line(quantity=True)]}, "items[0].quantity"),
    "unit amount negative": ({"items": [line(unit_amount=-22_900)]}, "items[0].unit_amount"),
    "item amount text": ({"items": [line(amount="22900")]}, "items[0].amount"),
    "item without a name": ({"items": [{k: v for k, v in LINE.items() if k != "name"}]}, "items[0].name"),
    "item with an unknown field": ({"items": [line(color="red")]}, "items[0].color"),
    "line does not multiply": ({"items": [line(quantity=2)]}, "items[0].amount"),
    "lines do not add up": ({"items": [line(), line(unit_amount=100, amount=100)]}, "items"),
    "customer text": ({"customer": "ann"}, "customer"),
    "customer e-mail number": ({"customer": {"email": 1}}, "customer.email"),
    "urls missing": ({"urls": {"cancel": "https://shop.example"}}, "urls.confirmation"),
    "url text": ({"urls": {"confirmation": "shop", "cancel": "https://shop.example"}}, "urls.confirmation"),
    "url script": ({"urls": {"confirmation": "javascript:alert(1)", "cancel": "https://shop.example"}}, "urls.confirmation"),
    "url of a file": ({"urls": {"confirmation": "file:///etc/passwd", "cancel": "https://shop.example"}}, "urls.confirmation"),
    "url without a host": ({"urls": {"confirmation": "https:///x", "cancel": "https://shop.example"}}, "urls.confirmation"),
    "url with a password": ({"urls": {"confirmation": "https://a:b@shop.example", "cancel": "https://shop.example"}}, "urls.confirmation"),
    "url with a blank": ({"urls": {"confirmation": "https://shop.example/a b", "cancel": "https://shop.example"}}, "urls.confirmation"),
    "url with a bad port": (
        {"urls": {"confirmation": "https://shop.example:99999", "cancel": "https://shop.example"}},
        "urls.confirmation",
    ),
    "url with half a bracket": ({"urls": {"confirmation": "https://[::1", "cancel": "https://shop.example"}}, "urls.confirmation"),
    "capture unknown": ({"capture": "later"}, "capture"),
    "metadata list": ({"metadata": [1]}, "metadata"),
    "metadata nested": ({"metadata": {"a": {"b": 1}}}, "metadata.a"),
    "metadata too many": ({"metadata": {f"n{i}": i for i in range(51)}}, "metadata"),
    "metadata long": ({"metadata": {"a": "x" * 501}}, "metadata.a"),
    "unknown field": ({"amuont": 1}, "amuont"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_value_is_named_and_nothing_is_made(api, problem, name):
    changes, field = BAD[name]
    problem(api.post("checkouts", basket(**changes)), 422, field=field)
    assert Checkout.objects.count() == 0


@pytest.mark.parametrize("name", ["amount", "currency", "merchant_reference", "urls"])
def test_missing_field_is_named(api, problem, name):
    problem(api.post("checkouts", {key: value for key, value in basket().items() if key != name}), 422, "invalid", name)
    assert Checkout.objects.count() == 0


@pytest.mark.parametrize(("total", "gap"), [(30_001, 1), (29_997, -3), (30_003, 3)])
def test_rounding_becomes_a_line(api, total, gap):
    items = [line(unit_amount=10_000, amount=10_000)] * 3
    answer = api.post("checkouts", basket(amount=total, items=items))
    assert answer.status_code == 201
    assert answer.json()["items"][3] == {"name": "Rounding", "quantity": 1, "unit_amount": gap, "amount": gap}


@pytest.mark.parametrize("total", [30_004, 29_996])
def test_more_than_rounding_is_an_error_that_says_by_how_much(api, problem, total):
    items = [line(unit_amount=10_000, amount=10_000)] * 3
    body = problem(api.post("checkouts", basket(amount=total, items=items)), 422, "checkout.items_mismatch", "items")
    assert "30000" in body["fields"]["items"]
    assert str(total) in body["fields"]["items"]


def test_live_mode_wants_https_and_registered_origins(api, shop, settings, problem):
    settings.SANDBOX = False
    problem(api.post("checkouts", basket()), 422, "merchant.origin_not_registered", "urls.confirmation")
    shop.origins = ["https://shop.example"]
    shop.save()
    assert api.post("checkouts", basket()).status_code == 201
    urls = {"confirmation": "http://shop.example/done", "cancel": "https://shop.example"}
    problem(api.post("checkouts", basket(urls=urls)), 422, "invalid", "urls.confirmation")


def test_an_address_of_another_alphabet_is_kept_as_the_network_knows_it(api, shop, settings):
    settings.SANDBOX = False
    shop.origins = ["https://xn--mller-kva.example"]
    shop.save()
    urls = {"confirmation": "https://müller.example/done?a=ü", "cancel": "https://MÜLLER.example:443/basket"}
    answer = api.post("checkouts", basket(urls=urls))
    assert (answer.status_code, answer.json()["urls"]) == (
        201,
        {"confirmation": "https://xn--mller-kva.example/done?a=ü", "cancel": "https://xn--mller-kva.example:443/basket"},
    )


@pytest.mark.parametrize("url", ["https://*/done", "https://user@evil.example/", "https://shop.example/\u202e", "https://2130706433/"])
def test_an_address_that_no_browser_may_be_sent_to_is_refused(api, problem, url):
    urls = {"confirmation": url, "cancel": "https://shop.example"}
    problem(api.post("checkouts", basket(urls=urls)), 422, "invalid", "urls.confirmation")
    assert api.get("checkouts").json()["data"] == []


def test_read_change_and_close(api, problem):
    checkout = api.post("checkouts", basket()).json()["id"]
    changed = api.patch(
        f"checkouts/{checkout}", {"amount": 10_000, "items": [line(unit_amount=10_000, amount=10_000)], "metadata": {"n": 2}}
    )
    assert (changed.status_code, changed.json()["amount"], changed.json()["metadata"]) == (200, 10_000, {"n": 2})
    assert api.get(f"checkouts/{checkout}").json() == changed.json()
    problem(api.patch(f"checkouts/{checkout}", {"amount": 10_500}), 422, "checkout.items_mismatch", "items")
    problem(api.patch(f"checkouts/{checkout}", {"amount": 1.5}), 422, "invalid", "amount")
    problem(api.patch(f"checkouts/{checkout}", {"currency": "EUR"}), 422, "invalid", "currency")
    assert api.get(f"checkouts/{checkout}").json() == changed.json()
    assert api.post(f"checkouts/{checkout}/expire").json()["status"] == "expired"
    assert api.post(f"checkouts/{checkout}/expire").json()["status"] == "expired"
    problem(api.patch(f"checkouts/{checkout}", {"amount": 5_000}), 409, "checkout.not_open")
    assert api.get(f"checkouts/{checkout}").json()["amount"] == 10_000


def test_strangers_checkouts_do_not_exist(api, stranger, problem):
    checkout = api.post("checkouts", basket()).json()["id"]
    problem(stranger.get(f"checkouts/{checkout}"), 404, "not_found")
    problem(stranger.patch(f"checkouts/{checkout}", {"amount": 1}), 404, "not_found")
    problem(stranger.post(f"checkouts/{checkout}/expire"), 404, "not_found")
    assert stranger.get("checkouts").json() == {"data": [], "next_cursor": None}
    assert Checkout.objects.get().status == "open"


@pytest.mark.parametrize(
    "bad", ["chk_x", "ord_aaaaaaaaaaaaaaaaaaaaaaaaaa", "chk_" + "a" * 26, "CHK_aaaaaaaaaaaaaaaaaaaaaaaaaa", "%20", "chk_" + "ß" * 26]
)
def test_ids_that_are_not_ours_are_404(api, problem, bad):
    problem(api.get(f"checkouts/{bad}"), 404, "not_found")


def test_list_by_reference_and_pages(api):
    made = [api.post("checkouts", basket(merchant_reference=f"A-{i % 2}")).json()["id"] for i in range(5)]
    assert [c["id"] for c in api.get("checkouts", merchant_reference="A-1").json()["data"]] == [made[3], made[1]]
    first = api.get("checkouts", limit=2).json()
    second = api.get("checkouts", limit=2, cursor=first["next_cursor"]).json()
    third = api.get("checkouts", limit=2, cursor=second["next_cursor"]).json()
    assert [c["id"] for page in (first, second, third) for c in page["data"]] == made[::-1]
    assert third["next_cursor"] is None


def test_statements_do_not_grow_with_the_list(api):
    api.post("checkouts", basket())
    with statements() as one:
        api.get("checkouts")
    for _ in range(10):
        api.post("checkouts", basket())
    with statements() as many:
        api.get("checkouts")
    assert (len(one), len(many)) == (2, 2)
