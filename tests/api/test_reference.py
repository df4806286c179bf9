"""The API's own description and its pages: open to everybody, true to the examples, good to read."""

import json
import re

import jsonschema
import pytest
from drf_spectacular.validation import validate_schema

from merchants.rules import SCOPES
from portals.developers.docs import SWITCH, describe, examples, page, sections
from portals.developers.reference import METHODS

CALLS = {call["operationId"]: call for calls in describe()["paths"].values() for method, call in calls.items() if method in METHODS}


def check(value, schema):
    document = {"components": describe()["components"], "schema": schema}
    jsonschema.Draft202012Validator({"$ref": "#/schema", **document}).validate(value)


def test_the_document_is_valid():
    validate_schema(describe())


def test_the_pages_are_made_once_in_a_process(client, db, monkeypatch):
    page()
    monkeypatch.setattr("portals.developers.docs.render_to_string", lambda *_: pytest.fail("made again"))
    before, after = (part.decode() for part in page().split(SWITCH.encode()))
    for _ in range(2):
        text = client.get("/api/docs/").content.decode()
        assert text.startswith(before)
        assert text.endswith(after)


def test_openapi_is_open_and_3_1(client, db):
    answer = client.get("/api/v1/openapi.json")
    document = answer.json()
    assert (answer.status_code, answer["Content-Type"], answer["Access-Control-Allow-Origin"]) == (200, "application/json", "*")
    assert document["openapi"] == "3.1.0"
    assert document["components"]["securitySchemes"]["key"]["scheme"] == "bearer"
    assert len(document["paths"]) == 26


def test_every_call_has_a_recorded_example():
    assert set(examples()) == set(CALLS)


@pytest.mark.parametrize("name", sorted(CALLS))
def test_examples_are_as_described(name):
    call, example = CALLS[name], examples()[name]
    if example["request"] is not None:
        check(example["request"], call["requestBody"]["content"]["application/json"]["schema"])
    if example["response"] is not None:
        check(example["response"], call["responses"][str(example["status"])]["content"]["application/json"]["schema"])


@pytest.mark.parametrize("name", sorted(CALLS))
def test_every_refusal_is_described_as_a_problem(name):
    refusals = {status: answer for status, answer in CALLS[name]["responses"].items() if status >= "400"}
    assert {"400", "401", "404", "406", "422"} <= set(refusals)
    assert all(list(answer["content"]) == ["application/problem+json"] for answer in refusals.values())


def test_calls_that_make_something_take_an_idempotency_key():
    keyed = {name for name, call in CALLS.items() if any(p["name"] == "Idempotency-Key" for p in call.get("parameters", []))}
    assert {"open_checkout", "capture_order", "refund_order", "void_order", "release_order", "extend_order", "expire_checkout"} <= keyed


def test_pages_show_every_call_under_the_strict_policy(client, db):
    answer = client.get("/api/docs/")
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "unsafe" not in answer["Content-Security-Policy"]
    for section in sections():
        for operation in section.operations:
            assert f'id="{operation.anchor}"' in text
            assert operation.path in text
    assert "{base_url}" not in text


@pytest.mark.browser
@pytest.mark.parametrize(
    ("language", "width", "title"),
    [
        ("en", 320, "Capture an order"),
        ("en", 1280, "Capture an order"),
        ("de", 320, "Eine Bestellung erfassen"),
        ("de", 390, "Eine Bestellung erfassen"),
    ],
)
def test_pages_fit_and_log_nothing(live_server, browser, language, width, title):
    context = browser.new_context(locale=language, viewport={"width": width, "height": 900}, color_scheme="dark")
    page, said = context.new_page(), []
    page.on("console", lambda message: said.append(message.text))
    page.on("requestfailed", lambda request: said.append(request.url))
    page.goto(f"{live_server.url}/api/docs/#capture-order")
    page.get_by_role("heading", name=title).wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert [text for text in said if "favicon" not in text and "404" not in text] == []
    context.close()


def test_document_is_small_enough_to_read():
    assert len(json.dumps(describe())) < 300_000


def parts(node, path=""):
    """Yield each object inside of a document, with where it stands."""
    if isinstance(node, dict):
        yield path, node
        for name, inner in node.items():
            yield from parts(inner, f"{path}/{name}")
    elif isinstance(node, list):
        for number, inner in enumerate(node):
            yield from parts(inner, f"{path}/{number}")


def test_its_schemas_are_json_schemas():
    for body in describe()["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(body)


def test_defaults_and_examples_are_what_their_schemas_take():
    found = 0
    for path, node in parts(describe()):
        schema = node.get("schema", node)
        for value in [
            *([node["default"]] if "default" in node and "type" in node else []),
            *([node["example"]] if "schema" in node and "example" in node else []),
        ]:
            found += 1
            try:
                check(value, schema)
            except jsonschema.ValidationError as error:
                pytest.fail(f"{path}: {error.message}")
    assert found > 30


def test_tags_are_described_and_used():
    told = {tag["name"]: tag["description"] for tag in describe()["tags"]}
    assert set(told) == {tag for call in CALLS.values() for tag in call["tags"]}
    assert all(about.endswith(".") for about in told.values())
    assert [section.title for section in sections()] == list(told)


@pytest.mark.parametrize("name", sorted(CALLS))
def test_every_call_says_what_it_does_and_what_its_key_needs(name):
    call = CALLS[name]
    told, _, needed = call["description"].rpartition("The key needs the scope `")
    about = told if needed != call["description"] else call["description"]
    assert call["summary"]
    assert about.strip().endswith(".")
    if name != "quote":
        assert call["security"] == [{"key": [needed.removesuffix("`.")]}]
        assert set(call["security"][0]["key"]) <= set(SCOPES)


@pytest.mark.parametrize("path", ["/api/docs/", "/api/v1/openapi.json"])
def test_large_public_pages_are_compressed(client, db, path):
    whole = client.get(path)
    packed = client.get(path, headers={"Accept-Encoding": "gzip"})
    assert packed["Content-Encoding"] == "gzip"
    assert len(packed.content) < len(whole.content) / 4
    assert "Accept-Encoding" in packed["Vary"]


@pytest.mark.parametrize("path", ["/", "/sign-in", "/merchant/sign-in", "/api/docs/", "/design/"])
def test_public_pages_describe_themselves(client, db, path):
    found = re.findall(r'<meta name="description" content="([^"]+)">', client.get(path).content.decode())
    assert len(found) == 1
    assert 40 <= len(found[0]) <= 160
