"""Checkouts: opened, read, changed, closed; every wrong value is named and nothing is made."""

from datetime import timedelta

import pytest
from django.utils.dateparse import parse_datetime

from checkout.models import Checkout
from core import clock, remote, timers
from credit.models import Decision
from payments.gateways.base import Outcome, Status
from payments.gateways.sandbox import SandboxGateway
from payments.models import Charge
from tests.api.counting import statements
from tests.offer_rules import offer_rule, rule_offers
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
    "reference with a zero-width space": ({"merchant_reference": "A\u200b1"}, "merchant_reference"),
    "reference that reads backwards": ({"merchant_reference": "A\u202e1"}, "merchant_reference"),
    "reference with a variation selector": ({"merchant_reference": "A\ufe0f1"}, "merchant_reference"),
    "items text": ({"items": "lamp"}, "items"),
    "items number": ({"items": [1]}, "items[0]"),
    "items too many": ({"items": [line()] * 201}, "items"),
    "quantity zero": ({"items": [line(quantity=0)]}, "items[0].quantity"),
    "quantity fraction": ({"items": [line(quantity=1.5)]}, "items[0].quantity"),
    "quantity true": ({"items": [line(quantity=True)]}, "items[0].quantity"),
    "unit amount of another sign": ({"items": [line(unit_amount=-22_900)]}, "items[0].amount"),
    "unit amount below what is kept": ({"items": [line(unit_amount=-(10**12) - 1)]}, "items[0].unit_amount"),
    "item amount text": ({"items": [line(amount="22900")]}, "items[0].amount"),
    "item whose name is no text": ({"items": [line(name=5)]}, "items[0].name"),
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
    "metadata two lines": ({"metadata": {"a": "x\ny"}}, "metadata.a"),
    "metadata backwards": ({"metadata": {"a": "x\u202ey"}}, "metadata.a"),
    "metadata unseen name": ({"metadata": {"a\u200b": 1}}, "metadata.a\u200b"),
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


LAMPS = line(quantity=7, unit_amount=1_429, amount=10_000)
"""Seven of 14.29 for 100.00: each is rounded up by less than half a cent."""


@pytest.mark.parametrize(
    ("items", "total", "gap"),
    [
        ([line(unit_amount=10_000, amount=10_000)] * 3, 30_001, 1),
        ([line(unit_amount=10_000, amount=10_000)] * 3, 29_999, -1),
        ([line()], 22_901, 1),
        ([line(quantity=7, unit_amount=1_429, amount=10_003)], 10_000, -3),
        ([line(quantity=10, unit_amount=100, amount=1_000), line(unit_amount=-100, amount=-100)], 905, 5),
    ],
)
def test_rounding_becomes_a_line_that_is_marked(api, items, total, gap):
    answer = api.post("checkouts", basket(amount=total, items=items))
    assert answer.status_code == 201, answer.json()
    assert answer.json()["items"][len(items) :] == [
        {"name": "Rounding", "quantity": 1, "unit_amount": gap, "amount": gap, "rounding": True}
    ]


@pytest.mark.parametrize(
    ("items", "total", "field", "told"),
    [
        ([line(unit_amount=10_000, amount=10_000)] * 3, 30_002, "items", "the lines add up to 30000, 2 less than the amount of 30002"),
        ([line(unit_amount=10_000, amount=10_000)] * 3, 29_998, "items", "the lines add up to 30000, 2 more than the amount of 29998"),
        ([line()], 22_902, "items", "2 less than the amount of 22902; at most 1 is rounding"),
        # What takes off is not sold, and rounds nothing.
        ([line(unit_amount=1_000, amount=1_000), line(quantity=9, unit_amount=-10, amount=-90)], 912, "items", "at most 1 is rounding"),
        ([line(quantity=7, unit_amount=1_429, amount=9_999)], 9_999, "items[0].amount", "quantity x unit_amount is 10003, 9999 is 4 less"),
    ],
)
def test_more_than_rounding_is_an_error_that_says_by_how_much(api, problem, items, total, field, told):
    body = problem(api.post("checkouts", basket(amount=total, items=items)), 422, "checkout.items_mismatch", field)
    assert told in body["fields"][field]
    assert Checkout.objects.count() == 0


def test_a_basket_may_take_off(api):
    items = [
        line(unit_amount=7_995, amount=7_995),
        line(name="Voucher", unit_amount=-800, amount=-800),
        line(name="Shipping", unit_amount=480, amount=480),
    ]
    answer = api.post("checkouts", basket(amount=7_675, items=items))
    assert (answer.status_code, answer.json()["items"]) == (201, items)


def test_our_own_rounding_line_may_come_back_and_a_shops_own_stays(api, problem):
    own = {"name": "Rounding", "quantity": 1, "unit_amount": 3, "amount": 3}
    opened = api.post("checkouts", basket(amount=10_002, items=[LAMPS, own])).json()
    ours = {"name": "Rounding", "quantity": 1, "unit_amount": -1, "amount": -1, "rounding": True}
    assert opened["items"][1:] == [own, ours]
    path = f"checkouts/{opened['id']}"
    again = api.patch(path, {"items": opened["items"], "amount": 10_002})
    assert (again.status_code, again.json()["items"]) == (200, opened["items"])
    assert api.patch(path, {"amount": 10_003}).json()["items"] == [opened["items"][0], own]
    swapped = api.patch(path, {"items": [ours, *opened["items"][:2]], "amount": 10_003})
    assert swapped.json()["items"] == [opened["items"][0], own]
    # The mark takes nothing off: such a line counts for nothing.
    problem(api.patch(path, {"items": [LAMPS, ours | {"amount": -5_000, "unit_amount": -5_000}], "amount": 5_000}), 422, field="items")
    assert api.get(path).json()["items"] == [opened["items"][0], own]


TEXTS = {
    "a tab": ("Desk\tlamp", "Desk lamp"),
    "line breaks": ("Desk\r\nlamp\n", "Desk lamp"),
    "201 characters": ("x" * 201, "x" * 200),
    "unseen": ("De\u200bsk \u202elamp\u202c\ufeff", "Desk lamp"),
    "a bell": ("Desk\x07 lamp", "Desk lamp"),
    "nothing": ("", "Item"),
    "blank": (" \u3000 ", "Item"),
    "null": (None, "Item"),
    "nothing to see": ("\u200b\u2060", "Item"),
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_name_is_no_reason_to_refuse_a_sale(api, name):
    sent, kept = TEXTS[name]
    answer = api.post("checkouts", basket(items=[line(name=sent)]))
    assert (answer.status_code, answer.json()["items"]) == (201, [line(name=kept)])


def test_null_and_empty_mean_absent(api):
    bare = {name: value for name, value in basket().items() if name in {"amount", "currency", "merchant_reference", "urls"}}
    plain = api.post("checkouts", bare, key="plain").json()
    for number, empty in enumerate((None, "", " ")):
        bare["merchant_reference"] = f"N-{number}"
        blank = {"items": empty, "customer": empty, "capture": empty, "metadata": empty}
        answer = api.post("checkouts", bare | blank, key=f"blank-{number}")
        assert answer.status_code == 201, answer.json()
        assert {key: answer.json()[key] for key in blank if key != "customer"} == {key: plain[key] for key in blank if key != "customer"}
        thing = line(sku=empty, category=empty, rounding=empty)
        person = {"email": empty, "phone": empty, "name": empty, "address": {"line1": empty, "city": "Portland"}}
        bare["merchant_reference"] = f"T-{number}"
        answer = api.post("checkouts", bare | {"items": [thing], "customer": person}, key=f"thing-{number}")
        assert (answer.status_code, answer.json()["items"]) == (201, [LINE])
        assert Checkout.objects.order_by("-id").first().customer == {"address": {"city": "Portland"}}
        same = api.patch(
            f"checkouts/{answer.json()['id']}", {"amount": empty, "urls": empty, "items": empty, "customer": empty, "metadata": empty}
        )
        assert (same.status_code, same.json()) == (200, answer.json())
    assert api.patch(f"checkouts/{plain['id']}", {"urls": {}}).json() == plain
    long = {"name": "y" * 300, "phone": "1" * 99, "address": {"line1": "z" * 999}}
    assert api.post("checkouts", bare | {"customer": long}).status_code == 201
    assert Checkout.objects.order_by("-id").first().customer == {"name": "y" * 120, "phone": "1" * 40, "address": {"line1": "z" * 200}}


def test_all_that_is_wrong_is_said_at_once(api, problem, settings):
    settings.SANDBOX = False
    lines = [line(quantity=0), line(quantity=5), line(amount=1.5, color="red")]
    sent = basket(currency="DKK", merchant_reference="", items=lines, capture="later", amuont=1)
    body = problem(api.post("checkouts", sent, key="k"), 422, "invalid")
    assert set(body["fields"]) == {
        *("currency", "merchant_reference", "capture", "amuont", "urls.confirmation", "urls.cancel"),
        *("items[0].quantity", "items[2].amount", "items[2].color"),
    }
    sums = [line(quantity=5), line(quantity=3)]
    sent = basket(currency="DKK", items=sums, urls={"cancel": "x"})
    body = problem(api.post("checkouts", sent, key="k"), 422, "invalid")
    assert set(body["fields"]) == {"currency", "urls.confirmation", "urls.cancel", "items[0].amount", "items[1].amount", "items"}
    assert Checkout.objects.count() == 0


def test_live_mode_wants_https_and_registered_origins(api, shop, settings, problem):
    settings.SANDBOX = False
    problem(api.post("checkouts", basket(), key="k"), 422, "merchant.origin_not_registered", "urls.confirmation")
    shop.origins = ["https://shop.example"]
    shop.save()
    assert api.post("checkouts", basket(), key="k").status_code == 201
    urls = {"confirmation": "http://shop.example/done", "cancel": "https://shop.example"}
    problem(api.post("checkouts", basket(urls=urls), key="l"), 422, "invalid", "urls.confirmation")


def test_an_address_of_another_alphabet_is_kept_as_the_network_knows_it(api, shop, settings):
    settings.SANDBOX = False
    shop.origins = ["https://xn--mller-kva.example"]
    shop.save()
    urls = {"confirmation": "https://müller.example/done?a=ü", "cancel": "https://MÜLLER.example:443/basket"}
    answer = api.post("checkouts", basket(urls=urls), key="k")
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
    assert (len(one), len(many)) == (4, 4)


@pytest.mark.django_db(transaction=True)
def test_a_check_that_does_not_answer_is_no_refusal(api, problem, sandbox_world):
    checkout = api.post("checkouts", basket(items=[])).json()["id"]
    body = {"email": "eve+approve@people.example", "product": "pay_in_4", "card": "4242424242424242"}
    remote.sandbox().post("/control/chaos", {"target": "kyc", "fail_rate": 1})
    try:
        problem(api.post(f"sandbox/checkouts/{checkout}/complete", body), 503, "unavailable")
    finally:
        remote.sandbox().post("/control/chaos", {"target": "kyc"})
    assert not Decision.objects.exists()
    timers.run_until_quiet(at=clock.now() + timedelta(hours=1))
    assert api.post(f"sandbox/checkouts/{checkout}/complete", body).json()["outcome"] == "authorized"


def test_the_plans_of_an_approved_checkout_are_told_with_what_is_charged_first(api, sandbox_world):
    rule_offers(offer_rule("deposit", 0.2))
    checkout = api.post("checkouts", basket()).json()["id"]
    assert api.get(f"checkouts/{checkout}").json()["plans"] is None
    declined = {"email": "ann+approve@example.com", "product": "monthly_6", "card": "4000000000000002"}
    answer = api.post(f"sandbox/checkouts/{checkout}/complete", declined).json()
    assert answer.get("outcome") == "declined", answer
    told = api.get(f"checkouts/{checkout}").json()
    assert told["plans"] == [
        {"product": "pay_in_4", "charged_first": 5_725},
        {"product": "pay_in_30", "charged_first": 4_580},
        {"product": "monthly_6", "charged_first": 4_580},
        {"product": "monthly_12", "charged_first": 4_580},
    ]
    assert api.get("checkouts").json()["data"][0]["plans"] is None
    order = api.post(f"sandbox/checkouts/{checkout}/complete", declined | {"card": "4242424242424242"}).json()["order"]
    assert (order["plan"]["deposit"], order["plan"]["installments"][0]["amount"], order["amount"]) == (4_580, 4_580, 22_900)
    assert api.get(f"checkouts/{checkout}").json()["plans"] is None


def test_a_capture_waits_for_the_deposit_and_says_why(api, sandbox_world, monkeypatch):
    rule_offers(offer_rule("deposit", 0.2))
    checkout = api.post("checkouts", basket()).json()["id"]
    bought = {"email": "ann+approve@example.com", "product": "monthly_6", "card": "4242424242424242"}
    order = api.post(f"sandbox/checkouts/{checkout}/complete", bought).json()["order"]
    assert order["plan"]["deposit_status"] == "held"
    path, real = f"orders/{order['id']}/captures", SandboxGateway.charge
    assert api.post(path, {"amount": 99_999_999}, key="large").status_code == 422
    assert not Charge.objects.exists()
    monkeypatch.setattr(SandboxGateway, "charge", lambda *_told: Outcome(Status.FAILED, failure="insufficient_funds"))
    answer = api.post(path, {"amount": 10_000}, key="first")
    assert (answer.status_code, answer.json()["code"]) == (409, "order.deposit_declined")
    told = api.get(f"orders/{order['id']}").json()
    assert (told["captured"], told["plan"]["deposit_status"]) == (0, "declined")
    monkeypatch.setattr(SandboxGateway, "charge", real)
    timers.run_until_quiet(at=clock.now() + timedelta(days=1, hours=1))
    answers = [api.post(path, {"amount": 10_000}, key="first") for _ in range(2)]
    assert [one.status_code for one in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    told = api.get(f"orders/{order['id']}").json()
    assert (told["captured"], told["plan"]["deposit_status"], told["plan"]["installments"][0]["status"]) == (10_000, "paid", "paid")
    assert [one.amount_minor for one in Charge.objects.filter(status="succeeded")] == [4_580]
