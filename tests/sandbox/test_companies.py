"""Every company of the sandbox is a plug: what the list names works, and nothing else knows it."""

import json
import re
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from sandbox.app import App
from sandbox.companies import COMPANIES
from sandbox.courier import Courier, standard_headers
from sandbox.message import Answer, Request, json_answer
from sandbox.personas import parts_of
from sandbox.store import Store
from sandbox.world import Address, Company, Events, Faults, Options, Persona, World

ROOT = Path(__file__).parents[2]
SCHEMA = """
CREATE TABLE IF NOT EXISTS toys (
    seq INTEGER PRIMARY KEY,
    email TEXT NOT NULL,
    ready_ms INTEGER NOT NULL,
    ready INTEGER NOT NULL DEFAULT 0
);
"""
DAY_MS = 24 * 3600 * 1000


def order(world: World, request: Request) -> Answer:
    email = request.json()["email"]
    days = 2 if "late_toy" in parts_of(email) else 1
    seq = world.store.next_seq("toys")
    world.store.run("INSERT INTO toys (seq, email, ready_ms) VALUES (?, ?, ?)", [seq, email, world.clock.now_ms() + days * DAY_MS])
    world.memory["toys"].append(seq)
    return json_answer({"id": world.store.id_of("toy", seq)}, 201)


def show(world: World, request: Request) -> Answer:
    row = world.store.one("SELECT * FROM toys WHERE seq = ?", world.store.seq_of("toy", request.params["id"]))
    return json_answer({"ready": bool(row["ready"])} if row else {}, 200 if row else 404)


def finish(world: World) -> None:
    for row in world.store.all("SELECT * FROM toys WHERE NOT ready AND ready_ms <= ?", world.clock.now_ms()):
        world.store.run("UPDATE toys SET ready = 1 WHERE seq = ?", [row["seq"]])
        world.courier.record("toys", "toy.ready", {"id": world.store.id_of("toy", row["seq"])})


def lose(world: World, public_id: str, failure: str) -> dict[str, Any] | None:
    return {"id": public_id, "lost": failure} if public_id.startswith("toy_") else None


TOYS = Company(
    name="toys",
    api=("/toys/v1/",),
    keyed=("/toys/v1/",),
    routes=[("POST", "/toys/v1/orders", order), ("GET", "/toys/v1/orders/{id}", show)],
    schema=SCHEMA,
    personas=(Persona("late_toy", "The toy comes a day late"),),
    memory=lambda _world: [],
    reset=lambda world: world.memory["toys"].clear(),
    due=finish,
    events=Events(streams="toys", address=lambda _world, _stream: Address("http://shop.example/", "whsec_dG95"), headers=standard_headers),
    faults=Faults(fail_payout=lose),
    guide=lambda _world: "<section><h2>Toys</h2></section>",
    lines=lambda _world: [("Toy shop", "/toys/v1")],
)


@pytest.fixture
def app():
    world = World(Options("127.0.0.1", 8600, ":memory:", "key", "http://sandbox.example"), (*COMPANIES, TOYS))
    world.courier = Courier(world, lambda: None)
    yield App(world)
    world.store.close()


def ask(app: App, method: str, path: str, body: object = None, key: str = "key") -> tuple[int, Any]:
    answer = app.handle(Request(method, path, "", {"authorization": f"Bearer {key}"}, json.dumps(body).encode()))
    app.commit()
    return answer.status, json.loads(answer.body) if answer.content_type == "application/json" else answer.body.decode()


def test_a_company_on_the_list_has_its_addresses_its_key_and_its_table(app):
    assert ask(app, "POST", "/toys/v1/orders", {"email": "ann@example.com"}, key="wrong")[0] == 401
    assert app.world.store.one_value("SELECT count(*) FROM toys") == 0
    status, made = ask(app, "POST", "/toys/v1/orders", {"email": "ann@example.com"})
    assert status == 201
    assert ask(app, "GET", f"/toys/v1/orders/{made['id']}") == (200, {"ready": False})
    assert ask(app, "GET", "/control/health")[1]["counts"]["toys"] == 1


def test_its_personas_and_lines_stand_on_the_home_page(app):
    page = ask(app, "GET", "/")[1]
    for company in app.world.companies.values():
        for persona in company.personas:
            assert f"<dt><code>+{persona.name}</code></dt><dd>{persona.does}</dd>" in page
    assert "<h2>Toys</h2>" in page
    assert "<dt>Toy shop</dt><dd>/toys/v1</dd>" in page


def test_what_is_due_is_done_when_the_clock_moves_and_its_event_has_its_address(app):
    usual = ask(app, "POST", "/toys/v1/orders", {"email": "ann@example.com"})[1]["id"]
    late = ask(app, "POST", "/toys/v1/orders", {"email": "ann+late_toy@example.com"})[1]["id"]
    ask(app, "POST", "/control/clock", {"forward_seconds": 86_400})
    assert [ask(app, "GET", f"/toys/v1/orders/{name}")[1]["ready"] for name in (usual, late)] == [True, False]
    (event,) = app.world.store.all("SELECT * FROM events")
    parcel = app.world.courier._parcel(event)
    assert (parcel.url, json.loads(parcel.body)) == ("http://shop.example/", {"id": usual})
    app.world.clock.set_offset(2 * 86_400)
    app.tick()
    app.commit()
    assert ask(app, "GET", f"/toys/v1/orders/{late}")[1]["ready"] is True


def test_outages_and_faults_reach_it_by_its_name(app):
    assert ask(app, "POST", "/control/chaos", {"target": "toys", "fail_rate": 1})[0] == 200
    assert ask(app, "GET", "/toys/v1/orders/toy_1")[0] == 503
    assert ask(app, "GET", "/mailbox/api/messages")[0] == 200
    assert ask(app, "POST", "/control/payouts/toy_1/fail", {"failure": "broken"}) == (200, {"id": "toy_1", "lost": "broken"})
    assert ask(app, "POST", "/control/refunds/toy_1/fail", {})[0] == 404


def test_a_reset_empties_its_table_and_calls_its_own(app):
    made = ask(app, "POST", "/toys/v1/orders", {"email": "ann@example.com"})[1]["id"]
    assert app.world.memory["toys"] == [1]
    assert ask(app, "POST", "/control/reset", {})[0] == 200
    assert app.world.memory["toys"] == []
    assert ask(app, "GET", f"/toys/v1/orders/{made}")[0] == 404
    assert app.world.store.one_value("SELECT count(*) FROM toys") == 0


def test_the_names_of_companies_personas_streams_and_tables_are_their_own():
    for names in (
        [company.name for company in COMPANIES],
        [persona.name for company in COMPANIES for persona in company.personas],
        [company.events.streams for company in COMPANIES if company.events],
        [name for company in COMPANIES for name in re.findall(r"CREATE TABLE IF NOT EXISTS (\w+)", company.schema)],
        [(method, path) for company in COMPANIES for method, path, _ in company.routes],
        [path.name for path in ROOT.glob("sandbox/**/html/*.html")],
    ):
        assert len(names) == len(set(names))


def test_the_guide_tells_every_persona():
    told = set(re.findall(r"`\+(\w+)`", (ROOT / "sandbox/README.md").read_text().split("## Personas")[1].split("##")[0]))
    assert told == {persona.name for company in COMPANIES for persona in company.personas}


def test_a_file_of_an_earlier_version_gets_the_columns_it_lacks(tmp_path):
    path = tmp_path / "world.sqlite3"
    old = sqlite3.connect(path)
    old.execute("CREATE TABLE toys (seq INTEGER PRIMARY KEY, email TEXT NOT NULL)")
    old.execute("INSERT INTO toys VALUES (7, 'ann@example.com')")
    old.commit()
    old.close()
    store = Store(
        str(path),
        ["CREATE TABLE IF NOT EXISTS toys (seq INTEGER PRIMARY KEY, email TEXT NOT NULL, color TEXT NOT NULL DEFAULT 'red', size TEXT);"],
    )
    assert [tuple(row) for row in store.all("SELECT seq, email, color, size FROM toys")] == [(7, "ann@example.com", "red", None)]
    assert store.next_seq("toys") == 8
    store.close()
