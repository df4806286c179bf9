"""What the agencies of the sandbox are told to do wrong, by the page of controls and by a file that is told."""

import json
from urllib.parse import urlencode

import pytest

from sandbox.app import App
from sandbox.companies import COMPANIES
from sandbox.courier import Courier
from sandbox.message import Request
from sandbox.world import Options, World

TOKEN = "/transunion/oauth2/token"
FORM = urlencode({"grant_type": "client_credentials", "client_id": "me", "client_secret": "key"}).encode()


@pytest.fixture
def app():
    world = World(Options("127.0.0.1", 8600, ":memory:", "key", "http://sandbox.example"), COMPANIES)
    world.courier = Courier(world, lambda: None)
    yield App(world)
    world.store.close()


def ask(app, method, path, body=b"", **headers):
    answer = app.handle(Request(method, path, "", headers, body))
    app.commit()
    return answer


def change(app, target, fault, key="key"):
    return ask(app, "POST", "/controls/", urlencode({"target": target, "fault": fault, "key": key}).encode())


@pytest.mark.parametrize(
    ("fault", "status", "begins", "copies", "delay_s", "hangs"),
    [
        ("slow", 200, '{"access_token"', 1, 3, False),
        ("error", 503, '{"error"', 0, 0, False),
        ("wrong", 200, '{"unexpected"', 1, 0, False),
        ("twice", 200, '{"access_token"', 2, 0, False),
        ("silent", 500, "", 0, 0, True),
        ("", 200, '{"access_token"', 1, 0, False),
    ],
)
def test_the_page_lets_one_company_misbehave(app, fault, status, begins, copies, delay_s, hangs):
    assert change(app, "transunion", fault).status == 303
    told = ask(app, "POST", TOKEN, FORM)
    body = told.body.decode()
    assert (told.status, body.startswith(begins), body.count("access_token"), told.delay_s, told.hang_up) == (
        status, True, copies, delay_s, hangs,
    )  # fmt: skip
    assert ask(app, "POST", "/experian/oauth2/v1/token", b"{}").status == 401
    page = ask(app, "GET", "/controls/").body.decode()
    assert "<dt>transunion</dt>" in page


def test_the_page_changes_nothing_without_the_key_or_for_what_there_is_not(app):
    assert change(app, "transunion", "error", key="mine").status == 422
    assert change(app, "nobody", "error").status == 422
    assert change(app, "transunion", "explode").status == 422
    assert app.world.chaos.rules == {}


def test_a_file_is_told_for_a_person_and_a_wrong_one_refused(app):
    def tell(file, key="key"):
        body = json.dumps({"name": "Ann Berg", "birth_date": "1990-05-31", "file": file}).encode()
        return ask(app, "POST", "/control/files", body, authorization=f"Bearer {key}").status

    good = {"score": 655, "income": 31, "trades": [{"late": 2, "opened": [2020, 1]}], "inquiries": ["2026-10-01"]}
    assert (tell(good, "no"), tell(good), tell({"points": 3}), tell({"trades": [{"color": 1}]}), tell("none")) == (401, 200, 400, 400, 400)
    kept = json.loads(app.world.store.one_value("SELECT body FROM told_files WHERE name = 'ann berg'"))
    assert (kept["score"], kept["trades"][0]["opened"], kept["inquiries"]) == (655, [2020, 1], ["2026-10-01"])
