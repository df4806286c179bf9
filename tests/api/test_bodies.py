"""Bodies that no call needs: too large, too deep, not JSON, not UTF-8, not storable."""

import io
import json

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from checkout.models import Checkout
from core.api.middleware import MAX_FILES_BYTES, MAX_FORM_BYTES, MAX_TABLE_BYTES, RequestId
from core.api.parsers import MAX_BODY_BYTES
from tests.shops import basket


class Unreadable(io.RawIOBase):
    def read(self, *_args):
        raise AssertionError("the body was read")


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("/sign-in", MAX_FORM_BYTES),
        ("/gateways/stripe/events", MAX_FORM_BYTES),
        ("/admin/login/", MAX_FILES_BYTES),
        ("/admin/learning/training/", MAX_TABLE_BYTES),
    ],
)
def test_a_large_form_is_refused_on_its_length_unread(path, most):
    given = {"wsgi.input": Unreadable(), "CONTENT_TYPE": "multipart/form-data; boundary=x"}
    large, most = (RequestFactory().generic("POST", path, b"", CONTENT_LENGTH=str(size), **given) for size in (most + 1, most))
    answer = RequestId(lambda _request: HttpResponse("read on"))
    assert (answer(large).status_code, answer(most).content) == (413, b"read on")


def test_100_mb_are_refused_on_their_length_unread(api, problem):
    answer = api.client.generic(
        "POST",
        "/api/v1/checkouts",
        b"",
        **{"CONTENT_LENGTH": str(100 * 1024 * 1024), "wsgi.input": Unreadable(), "CONTENT_TYPE": "application/json"},
    )
    problem(answer, 413, "too_large")


def chunked(body: io.BytesIO, **meta):
    environ = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input": body, "wsgi.input_terminated": True, **meta}
    request = RequestFactory().generic("POST", "/api/v1/quotes", b"", content_type="application/json", **environ)
    request.META["CONTENT_LENGTH"] = ""
    return request


def test_endless_chunks_are_refused_after_the_first_bytes():
    class Endless(io.RawIOBase):
        taken = 0

        def read(self, size=-1):
            assert size > 0
            self.taken += size
            return b"x" * size

    body = Endless()
    answer = RequestId(lambda _request: pytest.fail("it went on"))(chunked(body))
    assert (answer.status_code, json.loads(answer.content)["code"], body.taken) == (413, "too_large", MAX_BODY_BYTES + 1)


def test_small_chunked_body_is_read(api):
    body = json.dumps({"amount": 10_000, "currency": "USD"}).encode()
    environ = {
        "HTTP_TRANSFER_ENCODING": "chunked",
        "wsgi.input": io.BytesIO(body),
        "wsgi.input_terminated": True,
        "CONTENT_LENGTH": "",
        "CONTENT_TYPE": "application/json",
    }
    answer = api.client.generic("POST", "/api/v1/quotes", b"", content_type="application/json", **environ)
    assert answer.status_code == 200, answer.content


GOOD = json.dumps(basket()).encode()
BAD_BODIES = {
    "nothing": (b"", 422, "invalid"),
    "not json": (b"{amount: 1}", 400, "body.not_json"),
    "cut off": (GOOD[:-5], 400, "body.not_json"),
    "two documents": (GOOD + GOOD, 400, "body.not_json"),
    "an array": (b"[" + GOOD + b"]", 400, "body.not_an_object"),
    "a number": (b"1", 400, "body.not_an_object"),
    "null": (b"null", 400, "body.not_an_object"),
    "NaN": (GOOD.replace(b'"amount": 22900', b'"amount": NaN', 1), 400, "body.not_json"),
    "1e999": (GOOD.replace(b'"amount": 22900', b'"amount": 1e999', 1), 400, "body.not_json"),
    "5,000 digits": (GOOD.replace(b'"amount": 22900', b'"amount": ' + b"9" * 5000, 1), 400, "body.not_json"),
    "utf-16": (GOOD.decode().encode("utf-16"), 400, "body.not_utf8"),
    "utf-16 without mark": (GOOD.decode().encode("utf-16-le"), 400, "body.not_json"),
    "latin-1": (GOOD.replace(b"Desk lamp", "Lämpchen".encode("latin-1")), 400, "body.not_utf8"),
    "byte order mark": (b"\xef\xbb\xbf" + GOOD, 400, "body.not_json"),
    "name twice": (GOOD[:-1] + b', "amount": 1}', 400, "body.duplicate_name"),
    "10,000 deep array": (b'{"metadata": ' + b"[" * 10_000 + b"]" * 10_000 + b"}", 400, "body.too_deep"),
    "10,000 deep object": (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, 400, "body.too_deep"),
    "17 deep": (b'{"a":' * 17 + b"1" + b"}" * 17, 400, "body.too_deep"),
    "100,000 deep": (b"[" * 100_000, 400, "body.too_deep"),
    "raw NUL": (GOOD.replace(b"Desk lamp", b"Desk\x00lamp"), 400, "body.not_json"),
    "NUL": (GOOD.replace(b"Desk lamp", b"Desk\\u0000lamp"), 400, "text.not_storable"),
    "NUL in a name": (GOOD.replace(b'"cart"', b'"ca\\u0000rt"'), 400, "text.not_storable"),
    "half a surrogate pair": (GOOD.replace(b"Desk lamp", b"Desk \\ud83d lamp"), 400, "text.not_storable"),
    "half a pair in metadata": (GOOD.replace(b'"c1"', b'"\\udc00"'), 400, "text.not_storable"),
    "half a pair in an unknown name": (GOOD[:-1] + b', "\\ud800": 1}', 400, "text.not_storable"),
    "300 kB": (GOOD.replace(b'"c1"', b'"' + b"x" * 300_000 + b'"'), 413, "too_large"),
}


@pytest.mark.parametrize("name", BAD_BODIES)
def test_bad_body_is_refused_and_nothing_is_made(api, problem, name):
    raw, status, code = BAD_BODIES[name]
    problem(api.post("checkouts", raw=raw), status, code)
    assert Checkout.objects.count() == 0


def test_whole_pairs_and_other_scripts_are_kept(api):
    answer = api.post("checkouts", basket(items=[{"name": "Lamp 💡 灯", "quantity": 1, "unit_amount": 22_900, "amount": 22_900}]))
    assert answer.json()["items"][0]["name"] == "Lamp 💡 灯"


def test_calls_without_a_body_take_none(api, problem):
    checkout = api.post("checkouts", basket()).json()["id"]
    problem(api.post(f"checkouts/{checkout}/expire", {"why": "x"}), 400, "body.not_expected")
    assert api.post(f"checkouts/{checkout}/expire", {}).json()["status"] == "expired"
