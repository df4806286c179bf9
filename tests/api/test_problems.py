"""Every refusal is a problem document that names what is wrong."""

import pytest
from django.test import Client

from merchants.models import Merchant


def test_no_key_is_401_with_a_challenge(nobody, problem):
    answer = nobody.get("orders")
    problem(answer, 401, "unauthenticated")
    assert answer["WWW-Authenticate"] == 'Bearer realm="api"'


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("Bearer sk_sandbox_unknown", "key_not_valid"),
        ("Bearer sk_live_abc", "key_of_other_mode"),
        ("Basic abc", "unauthenticated"),
        ("Bearer", "unauthenticated"),
        ("Bearer " + "k" * 500, "unauthenticated"),
        ("Bearer k\u00e9y", "unauthenticated"),
    ],
)
def test_bad_key_is_401(db, problem, header, code):
    problem(Client().get("/api/v1/orders", headers={"Authorization": header}), 401, code)


def test_revoked_key_and_closed_account_are_401(api, shop, problem):
    Merchant.objects.filter(id=shop.id).update(active=False)
    problem(api.get("orders"), 401, "key_not_valid")
    Merchant.objects.filter(id=shop.id).update(active=True)
    assert api.get("orders").status_code == 200
    shop.api_keys.update(revoked_at=shop.created_at)
    problem(api.get("orders"), 401, "key_not_valid")


@pytest.mark.parametrize("path", ["orders", "checkouts", "settlements", "events", "webhook_endpoints", "sandbox/clock"])
def test_publishable_key_reads_nothing(page_api, problem, path):
    problem(page_api.get(path), 403, "secret_key_needed")


@pytest.mark.parametrize("path", ["", "orders/", "orders/ord_x/other", "checkouts/chk_%00", "orders/%FF", f"orders/ord_{'a' * 5000}"])
def test_unknown_addresses_are_404(api, problem, path):
    problem(api.get(path), 404, "not_found")


def test_unknown_address_needs_no_key(nobody, problem):
    problem(nobody.get("nothing"), 404, "not_found")
    problem(nobody.post("nothing", {}), 404, "not_found")


@pytest.mark.parametrize(("method", "path"), [("DELETE", "orders"), ("PUT", "checkouts"), ("TRACE", "orders"), ("FOO", "orders")])
def test_unknown_method_is_405_and_says_which_are_known(api, problem, method, path):
    answer = api.send(method, path)
    problem(answer, 405, "method_not_allowed")
    assert "GET" in answer["Allow"]


def test_options_needs_no_key(nobody):
    answer = nobody.send("OPTIONS", "orders")
    assert (answer.status_code, answer["Allow"]) == (204, "GET, HEAD, OPTIONS")


def test_other_accept_is_406(api, problem):
    problem(api.client.get("/api/v1/orders", headers={"Accept": "text/html"}), 406, "not_acceptable")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/xml"])
def test_other_body_is_415(api, problem, kind):
    problem(api.post("quotes", raw=b"amount=1", content_type=kind), 415, "unsupported_media_type")


def test_request_id_is_the_callers_or_ours(api):
    assert api.client.get("/api/v1/orders", headers={"X-Request-Id": "shop-7"})["X-Request-Id"] == "shop-7"
    assert api.client.get("/api/v1/orders", headers={"X-Request-Id": "a b\tc"})["X-Request-Id"].startswith("req_")


def test_broken_invariant_is_a_500_problem(api, problem, monkeypatch):
    def broken(*_args, **_kwargs):
        raise RuntimeError("an invariant is broken")

    monkeypatch.setattr("checkout.api.orders.orders_of", broken)
    api.client.raise_request_exception = False
    body = problem(api.get("orders"), 500, "internal")
    assert "invariant" not in str(body)


def test_query_strings_are_read_strictly(api, problem):
    problem(api.get("orders", limit=0), 422, "invalid", "limit")
    problem(api.get("orders", limit="many"), 422, "invalid", "limit")
    problem(api.get("orders", merchant_ref="A"), 422, "invalid", "merchant_ref")
    problem(api.get("orders", status="lost"), 422, "invalid", "status")
    problem(api.get("orders", cursor="???"), 422, "cursor.invalid", "cursor")
    problem(api.get("orders", merchant_reference="a\x00b"), 400, "text.not_storable", "merchant_reference")
    problem(api.client.get("/api/v1/orders?limit=1&limit=2"), 422, "invalid", "limit")
    problem(api.get("events", after=2**63), 422, "invalid", "after")
    problem(api.get("events", after=-1), 422, "invalid", "after")
