"""Published lists: read in their own form, hostile files refused, versions with what changed, people compared with them."""

import io
from datetime import date, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from accounts.errors import ListUnreadable
from accounts.gateways.base import ProviderUnavailable
from accounts.gateways.own_lists import OwnLists
from accounts.gateways.screening import Subject
from accounts.models import Consumer, ListedEntry, PublishedList, Screened, Screening, ScreeningMatch
from accounts.screening.lists.queries import Comparison
from accounts.screening.lists.reading import read_list
from accounts.screening.lists.services import compare_changes, load_list, load_lists
from accounts.screening.queries import NEVER
from accounts.screening.services import decide_match, look_at_lists, screen_again, screen_due
from accounts.states import ListSource
from core import providers
from core.providers import Account, Capability
from markets.models import MarketSetting
from markets.queries import SCREENING, screening_rows
from tests.accounts.published import EU, OFAC, UK, UN, sdn
from tests.operators import make_operator
from tests.owner import unguarded


def read(source, text):
    return read_list(ListSource(source), io.BytesIO(text.encode() if isinstance(text, str) else text))


def load(text, at, source="ofac", **told):
    return load_list(source=ListSource(source), file=io.BytesIO(text if isinstance(text, bytes) else text.encode()), at=at, **told)


def test_each_list_is_read_in_its_own_form():
    ofac, eu, un, uk = (read(*one) for one in (("ofac", OFAC), ("eu", EU), ("un", UN), ("uk", UK)))
    assert [one.published for one in (ofac, eu, un, uk)] == [date(2026, 11, day) for day in (24, 25, 26, 27)]
    assert {key: one.is_person for key, one in ofac.entries.items()} == {"36": False, "77": True}
    person = ofac.entries["77"]
    assert person.names == [("Mohamed", "HARUNI"), ("Muhammad", "AL-HARUNI")]
    assert (person.born, person.birth_dates) == ([(1968, 1972), (1975, 1975)], ["circa 1970", "16 Dec 1975"])
    assert person.note == "SDGT; Colonel; (Linked To: SUNRISE)"
    person = eu.entries["13"]
    assert person.names == [("Zeno", "Quill-Marek"), ("", "Зено Квилл")]
    assert (person.born, person.note) == ([(1957, 1957), (1960, 1962)], "IRQ; EU.27.28; UNSC RESOLUTION 1")
    person = un.entries["6908555"]
    assert person.names == [("", "IVO BARDEGE"), ("", "محمد حسين"), ("", "Ivo Bardegé"), ("", "Ivan B.")]
    assert (person.born, un.entries["110"].names) == ([(1969, 1973), (1980, 1983)], [("", "EXAMPLE TRADERS"), ("", "Ex-Traders")])
    person = uk.entries["AFG0006"]
    assert (list(uk.entries), person.names[0], person.born) == (["AFG0006"], ("RUDO HANES", "AKERMAND"), [(1950, 1950), (1955, 1955)])
    assert person.names[1:] == [("", "Rudo Hanes"), ("", "Рудо Акерманд")]


BOMB = "<!DOCTYPE sdnList [" + "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10 if i else "x" * 100}">' for i in range(10)) + "]>"
OUTSIDE = '<!DOCTYPE sdnList [<!ENTITY secret SYSTEM "file:///etc/passwd">]>'
ENTRY = "<sdnEntry><uid>1</uid><lastName>{}</lastName><sdnType>Entity</sdnType></sdnEntry>"


@pytest.mark.parametrize(
    "text",
    [
        BOMB + "<sdnList>" + ENTRY.format("&a9;") + "</sdnList>",
        OUTSIDE + "<sdnList>" + ENTRY.format("&secret;") + "</sdnList>",
        '<!DOCTYPE sdnList SYSTEM "http://127.0.0.1:1/evil.dtd"><sdnList>' + ENTRY.format("A") + "</sdnList>",
        "<sdnList>" + ENTRY.format("A"),
        "<sdnList>" + "<a>" * 100_000,
        "<sdnList>" + ENTRY.format("&#0;") + "</sdnList>",
        EU,
        "<sdnList/>",
        "",
        "{}",
        b"\x1f\x8b\x08\x00",
        b'<?xml version="1.0" encoding="no-such"?><sdnList/>',
        b'<?xml version="1.0" encoding="utf-8"?><sdnList>\xff\xfe</sdnList>',
    ],
)
def test_a_hostile_or_broken_file_is_refused(text):
    with pytest.raises(ListUnreadable):
        read("ofac", text)


def test_a_version_says_what_changed_and_an_entry_lasts_from_one_to_another(db, at):
    first = load(sdn(("1", "Ann", "Example"), ("2", "Bo", "Quill"), ("3", "Cy", "Marek")), at)
    assert (first.entries, first.added, first.changed, first.removed, first.published_on) == (3, 3, 0, 0, date(2026, 11, 24))
    assert load(sdn(("1", "Ann", "Example"), ("2", "Bo", "Quill"), ("3", "Cy", "Marek"), day="11/25/2026"), at) is None
    second = load(sdn(("1", "Anna", "Example"), ("2", "Bo", "Quill"), ("4", "Di", "Berg")), at + timedelta(days=1))
    assert (second.entries, second.added, second.changed, second.removed) == (3, 1, 1, 1)
    lasted = {(one.entry, one.since_id, one.until_id) for one in ListedEntry.objects.all()}
    assert lasted == {
        ("1", first.pk, second.pk),
        ("2", first.pk, None),
        ("3", first.pk, second.pk),
        ("1", second.pk, None),
        ("4", second.pk, None),
    }
    with pytest.raises(ListUnreadable, match="more than half"):
        load(sdn(("9", "Only", "One")), at)
    assert load(sdn(("9", "Only", "One")), at, shrinks=True).removed == 3
    for spoil in (lambda: PublishedList.objects.update(added=9), lambda: ListedEntry.objects.all().delete()):
        with pytest.raises(IntegrityError), transaction.atomic():
            spoil()


def test_lists_are_loaded_by_command_and_by_the_timer(db, at, settings, tmp_path):
    (tmp_path / "sdn.xml").write_text(OFAC)
    out = io.StringIO()
    call_command("load_list", "ofac", str(tmp_path), stdout=out)
    assert out.getvalue() == "2 entries: 2 added, 0 changed, 0 removed.\n"
    with pytest.raises(CommandError, match="another list"):
        call_command("load_list", "eu", str(tmp_path / "sdn.xml"))
    (tmp_path / "uk.xml").write_text(UK)
    # One that cannot be had does not stop the others.
    settings.SANCTIONS_LISTS = {"eu": str(tmp_path / "none.xml"), "ofac": str(tmp_path / "sdn.xml"), "uk": str(tmp_path / "uk.xml")}
    assert (load_lists(at=at), load_lists(at=at)) == (1, 0)


OWN = Account(code="own", provider="own-lists", capabilities=frozenset({Capability.SCREENING}), priority=1)


@pytest.fixture
def own(settings, us):
    """Let the product compare people itself; the setting of all markets wants it."""
    settings.SCREENING = "nobody"
    providers.keep((OWN,))
    screening_rows.keep(list(MarketSetting.objects.filter(key=SCREENING).order_by("market_id", "valid_from")))
    yield OwnLists(OWN)
    providers.keep(())


def test_the_product_compares_people_with_its_lists(own, at):
    with pytest.raises(ProviderUnavailable, match="no list"):
        own.screen([], reference="r")
    load(OFAC, at)
    load(EU, at, "eu")
    people = [
        Subject("a", "Muhamad Haruni", "1971-02-03", "DK"),
        Subject("b", "Zeno Quill", "", "DK"),
        Subject("c", "Sunrise Shipping", "", "DK"),
    ]
    answer = own.screen([*people, Subject("d", "Muhamad Haruni", "1999-02-03", "DK")], reference="r")
    assert answer.list_version == own.version()
    assert {key: [(one.list_name, one.entry, one.name) for one in found] for key, found in answer.found.items()} == {
        "a": [("OFAC SDN", "77", "Mohamed HARUNI")],
        "b": [("EU consolidated", "13", "Zeno Quill-Marek")],
        "c": [],
        "d": [],
    }
    found = answer.found["a"][0]
    assert (found.birth_date, found.kind, found.score >= 79) == ("circa 1970, 16 Dec 1975", "sanctions", True)
    load(OFAC.replace("circa 1970", "1999"), at)
    assert own.version() != answer.list_version
    assert own.screen([Subject("d", "Muhamad Haruni", "1999-02-03", "DK")], reference="r").found["d"][0].updated != found.updated


def test_whom_officers_told_apart_is_not_raised_again_until_the_entry_changes(own, person, at):
    consumer = person(name="Ann Quill")
    with unguarded():
        Consumer.objects.update(identity="verified")
    officers = [make_operator(f"{name}@kvart.example", name=name, may=["handle_laundering"]) for name in ("mona", "nils")]
    load(sdn(("1", "Anna", "Quill")), at)
    look_at_lists(at=at + timedelta(hours=1))
    day = at + timedelta(days=1)
    assert screen_due(at=day) == 1
    match = ScreeningMatch.objects.get()
    assert (match.told["name"], match.provider, match.consumer) == ("Anna Quill", "own", consumer)
    for officer in officers:
        decide_match(match_id=match.pk, outcome="cleared", reason="The birth date is another one.", user=officer, at=day)
    load(sdn(("1", "Anna", "Quill"), ("2", "Bo", "Marek")), day)
    look_at_lists(at=day + timedelta(hours=1))
    assert screen_due(at=day + timedelta(hours=2)) == 1
    assert ScreeningMatch.objects.count() == 1
    load(sdn(("1", "Anna Maria", "Quill"), ("2", "Bo", "Marek")), day)
    look_at_lists(at=day + timedelta(hours=3))
    screen_due(at=day + timedelta(hours=4))
    assert sorted(ScreeningMatch.objects.values_list("status", flat=True)) == ["cleared", "open"]
    assert Screened.objects.get().screening == Screening.objects.order_by("-id")[0].pk


def test_everybody_is_compared_with_what_has_changed_and_only_who_is_like_it_is_asked_about(own, person, at, monkeypatch):
    ann, bo, cy = (person(name=name) for name in ("Ann Quill", "Bo Marek", "Cy Sorel"))
    with unguarded():
        Consumer.objects.update(identity="verified")
    load(sdn(("1", "Nobody", "Known")), at)
    look_at_lists(at=at + timedelta(hours=1))
    day = at + timedelta(days=1)
    assert (screen_due(at=day), compare_changes(at=day)) == (3, 0)
    load(sdn(("1", "Nobody", "Known"), ("2", "Anne", "Quill")), day + timedelta(hours=1))
    hour = day + timedelta(hours=2)
    look_at_lists(at=hour)

    def meanwhile(self, name, birth_date, find=Comparison.find):
        # Somebody's details change after they were read.
        if name == "Bo Marek":
            screen_again(consumer=bo)
        return find(self, name, birth_date)

    monkeypatch.setattr(Comparison, "find", meanwhile)
    assert (compare_changes(at=hour), compare_changes(at=hour)) == (1, 0)
    assert {one.consumer_id: one.screened_at for one in Screened.objects.all()} == {ann.pk: day, bo.pk: NEVER, cy.pk: hour}
    monkeypatch.undo()
    assert screen_due(at=hour) == 2
    assert {match.consumer_id for match in ScreeningMatch.objects.all()} == {ann.pk}
    assert Screening.objects.filter(consumers__contains=[cy.pk], answered_at=hour, list_version=own.version()).count() == 1
