"""Companies that screen people: the sandbox's answers by the contract, and another version of its lists."""

import pytest

from accounts.gateways.base import ProviderUnavailable
from accounts.gateways.screening import Entry, HttpScreening, Subject, of_sandbox
from core import remote
from core.providers import Account, Capability


@pytest.fixture
def lists(sandbox_world) -> HttpScreening:
    """Give the sandbox's lists."""
    return of_sandbox(Account(code="sandbox", provider="sandbox-screening", capabilities=frozenset({Capability.SCREENING})))


def someone(key: str, name: str = "Ann Example", persona: str = "") -> Subject:
    return Subject(key, name, "1990-05-31", "DK", {"city": "Aarhus"}, f"{key}{persona}@example.com")


def test_many_people_are_screened_at_once(lists):
    people = [someone("a"), someone("b", persona="+listed"), someone("c", persona="+exposed")]
    answer = lists.screen(people, reference="scr_conf_1")
    kinds = {key: [one.kind for one in entries] for key, entries in answer.found.items()}
    assert kinds == {"a": [], "b": ["sanctions"], "c": ["pep"]}
    assert answer.list_version == lists.version()


def test_a_name_that_is_added_makes_another_version_and_is_found(lists):
    before = lists.version()
    assert lists.screen([someone("d", "Zeno Quill")], reference="scr_conf_2").found == {"d": ()}
    remote.sandbox().post("/screening/v1/lists", {"kind": "sanctions", "name": "Zeno Quill"})
    assert lists.version() != before
    found = lists.screen([someone("d", "Zeno Quill")], reference="scr_conf_3").found["d"]
    assert [(one.kind, one.name) for one in found] == [("sanctions", "Zeno Quill")]
    remote.sandbox().post("/control/reset", {})


def test_an_entry_that_cannot_be_read_says_nothing():
    good = {"entry": "E-1", "updated": "1", "list_name": "EU", "name": "Ann", "birth_date": "", "note": "", "score": 90}
    assert Entry(kind="sanctions", **good).entry == "E-1"
    for wrong in ({"kind": "else"}, {"kind": "pep", "entry": ""}, {"kind": "pep", "score": 101}, {"kind": "pep", "name": None}):
        with pytest.raises(ProviderUnavailable):
            Entry(**(good | wrong))
