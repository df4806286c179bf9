"""Questions whether people are on lists, decided by persona, and by names that a test or a demo adds to a list."""

from typing import Any

from sandbox.fields import text_of
from sandbox.message import Answer, Request, json_answer, refuse
from sandbox.personas import draw, parts_of
from sandbox.world import World

MOST_PEOPLE = 200
SCHEMA = """
CREATE TABLE IF NOT EXISTS listed (
    seq INTEGER PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL, updated TEXT NOT NULL);
"""
LISTS = {"sanctions": "EU consolidated", "pep": "Politically exposed persons"}
NOTES = {"sanctions": "Listed for an example of a ban", "pep": "Member of an example parliament"}


def screen(world: World, request: Request) -> Answer:
    """Compare people with the lists; the same reference may be asked again."""
    body = request.json()
    reference, people = text_of(body, "reference"), body.get("people")
    if not isinstance(people, list) or not 1 <= len(people) <= MOST_PEOPLE:
        refuse(400, "invalid_request", "Give 1 to 200 people.", field="people")
    added = world.store.all("SELECT * FROM listed ORDER BY seq")
    found = [{"key": text_of(one, "key"), "matches": _matches(one, added)} for one in people]
    answer = {"id": f"scn_{reference}"[:80], "reference": reference, "list_version": _version(world), "people": found}
    return json_answer(answer, 201)


def _matches(person: dict[str, Any], added: list[Any]) -> list[dict[str, Any]]:
    name, email, born = text_of(person, "name"), str(person.get("email") or ""), str(person.get("birth_date") or "")
    parts = parts_of(email)
    kinds = [kind for kind, part in (("sanctions", "listed"), ("pep", "exposed")) if part in parts]
    found = [_entry(kind, f"{kind[0].upper()}-{draw(email, kind, 1_000, 9_999)}", "2026-11-01", name, born) for kind in kinds]
    same = [row for row in added if row["name"].casefold() == name.casefold()]
    return found + [_entry(row["kind"], f"{row['kind'][0].upper()}-{row['seq']}", row["updated"], row["name"], "") for row in same]


def _entry(kind: str, entry: str, updated: str, name: str, born: str) -> dict[str, Any]:
    return {
        "kind": kind,
        "entry": entry,
        "updated": updated,
        "list": LISTS[kind],
        "name": name,
        "birth_date": born[:4],
        "note": NOTES[kind],
        "score": 92,
    }


def _version(world: World) -> str:
    added = world.store.one_value("SELECT coalesce(max(seq), 0) FROM listed")
    return f"2026-11-01.{added}"


def version(world: World, _request: Request) -> Answer:
    """The version of the lists: another one whenever a name was added."""
    return json_answer({"version": _version(world)})


def add(world: World, request: Request) -> Answer:
    """Add a name to a list."""
    body = request.json()
    kind, name = text_of(body, "kind"), text_of(body, "name")
    if kind not in LISTS:
        refuse(400, "invalid_request", "Give sanctions or pep.", field="kind")
    world.store.run("INSERT INTO listed (kind, name, updated) VALUES (?, ?, ?)", [kind, name, "2026-11-02"])
    return json_answer({"version": _version(world)}, 201)


ROUTES = [
    ("GET", "/screening/v1/lists", version),
    ("POST", "/screening/v1/screenings", screen),
    ("POST", "/screening/v1/lists", add),
]
