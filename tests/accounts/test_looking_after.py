"""Operators find people by a part of their name, write notes and block; each look is kept, and nobody can change that."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts import queries, services
from accounts.desk import find_people, list_blocks, list_looks, list_notes
from accounts.models import Block, Consumer, Look, NamePart, Note
from accounts.rules import name_parts, sought_parts
from accounts.services.looks import A_MINUTE
from core.errors import Conflict, Forbidden, Invalid, TooMany
from core.retention import forget_batch, list_retentions
from markets.models import Market
from tests.operators import make_operator

pytestmark = pytest.mark.django_db
OLD, NEW = b"o" * 32, b"n" * 32
NOTHING = {"consumer": None, "page": "find"}


@pytest.fixture
def person(db, at):
    """Give a function that makes somebody of a name."""

    def make(name: str, email: str = "", **more) -> Consumer:
        market = Market.objects.get(code="US")
        made = services.get_or_create_consumer(
            channel="email", destination=email or f"{abs(hash(name))}@people.example", market=market, at=at
        )
        return services.update_details(consumer=made, name=name, at=at, actor="test", **more)

    return make


@pytest.fixture
def olga(db):
    """An operator who may look after people."""
    return make_operator("olga@kvart.example", may=("view_person", "look_after_person"))


def found(term: str) -> list[str]:
    return [one.name for one in find_people(term, limit=10)]


def test_beginnings_are_of_three_letters_in_one_spelling():
    assert name_parts("Bo Aas") == ["aas", "as", "bo"]
    assert name_parts("Søren O'Brien") == sorted(["bri", "brie", "brien", "o", "obr", "obri", "obrie", "obrien", "sor", "sore", "soren"])
    assert sought_parts("Müller joe") == [["muller"], ["joe", "jo"]]
    assert len(name_parts(" ".join(f"{letter}" * 20 for letter in "abcdefghijklmnopqrst"))) == 200


@pytest.mark.parametrize(
    ("name", "terms", "others"),
    [
        ("Søren Ågård", ["sør", "Soren", "SOEREN", "ågård", "aagaard", "sor aga", "agard soren"], ["so", "soran", "ren", "soren x"]),
        ("Jörg Müller", ["mül", "mueller", "Muller", "jorg mull"], ["lle", "mu"]),
        ("Mary-Ann O'Brien", ["maryann", "mary ann", "O'Brien", "obrien", "brien", "mary-ann"], ["ary"]),
        ("Bo Li", ["bo", "li bo", "BO"], ["b", "l i"]),
        ("Joe Noel", ["joe", "noe", "noel"], ["oel"]),
    ],
)
def test_somebody_is_found_by_the_beginning_of_a_name(person, name, terms, others):
    person("Somebody Else")
    person(name)
    assert {term: found(term) for term in terms} == {term: [name] for term in terms}
    assert {term: found(term) for term in others} == {term: [] for term in others}


def test_somebody_is_found_by_id_address_and_number(person, at):
    anna = person("Anna Berg", "anna@people.example")
    Consumer.objects.filter(pk=anna.pk).update(phone_hash=queries.lookup_hashes("+12125550111")[0])
    for term in (anna.public_id, " ANNA@people.example ", "+1 212 555 0111", "(212) 555-0111"):
        assert found(term) == ["Anna Berg"], term
    assert [found(term) for term in ("anna@people", "212 555", "", "!!")] == [[]] * 4


def test_a_new_name_replaces_the_old_one_and_erasure_leaves_nothing(person, at):
    anna = person("Anna Berg")
    services.update_details(consumer=anna, name="Anna Holm", at=at, actor="test")
    assert (found("berg"), found("holm")) == ([], ["Anna Holm"])
    ada = person("Ada Kept")
    from accounts.services.names import forget_name

    forget_name(anna)
    assert set(NamePart.objects.values_list("consumer", flat=True)) == {ada.pk}


def test_no_name_stands_in_the_table_and_the_keys_turn(person, at, settings):
    settings.LOOKUP_KEYS = [OLD]
    anna = person("Anna Berg")
    before = set(NamePart.objects.values_list("part", flat=True))
    settings.LOOKUP_KEYS = [NEW, OLD]
    assert found("berg") == ["Anna Berg"]
    assert services.renew_people(after=None, at=at, actor="renewal") == (None, 1)
    assert not before & set(NamePart.objects.values_list("part", flat=True))
    settings.LOOKUP_KEYS = [NEW]
    assert found("berg") == ["Anna Berg"]
    NamePart.objects.filter(consumer=anna).delete()
    assert services.renew_people(after=None, at=at, actor="renewal") == (None, 1)
    assert found("berg") == ["Anna Berg"]
    assert services.renew_people(after=None, at=at, actor="renewal") == (None, 0)


def test_people_are_found_in_one_statement_however_many_there_are(person):
    for number in range(12):
        person(f"Anna Number {'abcdefghijkl'[number] * 3}")
    with CaptureQueriesContext(connection) as asked:
        assert len(find_people("anna num", limit=5)) == 5
    assert len(asked) == 1


def test_a_look_is_kept_and_nobody_changes_or_deletes_it(person, olga, at):
    anna = person("Anna Berg")
    services.note_look(user=olga, consumers=[anna.pk, anna.pk], page="person", address="10.0.0.1", at=at)
    (look,) = list_looks(anna)
    assert (look.user, look.page, look.address, look.at, look.purpose_hash) == (olga, "person", "10.0.0.1", at, "")
    for write in (lambda: Look.objects.update(page="find"), lambda: Look.objects.all().delete()):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            write()
    assert list_looks(anna) == [look]


def test_a_search_is_counted_before_it_is_made(olga, at):
    for _ in range(A_MINUTE):
        services.note_search(user=olga, purpose="anna", address="", at=at)
    with pytest.raises(TooMany) as refused:
        services.note_search(user=olga, purpose="anna", address="", at=at + timedelta(seconds=20))
    assert (refused.value.retry_after_s, Look.objects.filter(**NOTHING).count()) == (40, A_MINUTE)
    assert "anna" not in str(Look.objects.values_list("purpose_hash", flat=True)[0])
    services.note_search(user=make_operator("other@kvart.example"), purpose="anna", address="", at=at)
    services.note_search(user=olga, purpose="anna", address="", at=at + timedelta(seconds=61))


@pytest.mark.django_db(transaction=True)
def test_searches_at_once_are_counted_too(at, at_once):
    olga = make_operator("olga@kvart.example")
    for _ in range(A_MINUTE - 1):
        services.note_search(user=olga, purpose="x", address="", at=at)
    ends = at_once(4, lambda _number: services.note_search(user=olga, purpose="x", address="", at=at))
    assert sorted(type(end).__name__ for end in ends) == ["NoneType", "TooMany", "TooMany", "TooMany"]


def test_old_looks_are_forgotten_after_a_year_at_the_earliest(olga, settings):
    settings.KEEP_DAYS = settings.KEEP_DAYS | {"BNPL_KEEP_LOOKS_DAYS": 1}
    from core import clock

    now = clock.wall()
    for days in (364, 366):
        services.note_search(user=olga, purpose="x", address="", at=now - timedelta(days=days))
    one = next(row for row in list_retentions() if row.model is Look)
    assert forget_batch(one, at=now) == 1
    assert [look.at for look in Look.objects.all()] == [now - timedelta(days=364)]


def test_a_note_is_encrypted_and_written_once(person, olga, at):
    anna = person("Anna Berg")
    for _ in range(2):
        services.write_note(consumer_id=anna.pk, user=olga, text="Called about her\nlamp.", once="k1", at=at)
    (note,) = list_notes(anna.holder_id, limit=5)
    assert (note.text, note.by, note.at) == ("Called about her\nlamp.", olga, at)
    with connection.cursor() as cursor:
        cursor.execute("SELECT text FROM accounts_note")
        assert cursor.fetchone()[0].startswith("v3:")
    with pytest.raises(Invalid):
        services.write_note(consumer_id=anna.pk, user=olga, text="  ", once="k2", at=at)
    with pytest.raises(Forbidden):
        services.write_note(consumer_id=anna.pk, user=make_operator("lea@kvart.example", may=["view_person"]), text="x", once="k3", at=at)
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        Note.objects.all().delete()
    assert Note.objects.count() == 1


def test_a_block_holds_for_all_accounts_of_a_person_until_it_is_lifted(person, olga, at):
    anna, other = person("Anna Berg"), person("Anna B", "second@people.example")
    Consumer.objects.filter(pk=other.pk).update(person=anna)
    told = {"user": olga, "reason": "fraud", "note": "Two cards of others."}
    block = services.block_person(consumer_id=other.pk, at=at, **told)
    assert [queries.is_blocked(one) for one in (anna.pk, person("Ben").pk)] == [True, False]
    with pytest.raises(Conflict):
        services.block_person(consumer_id=anna.pk, at=at, **told)
    with pytest.raises(Forbidden):
        services.unblock_person(consumer_id=anna.pk, user=make_operator("lea@kvart.example"), note="x", at=at)
    assert queries.find_block(anna.pk) == block
    services.unblock_person(consumer_id=anna.pk, user=olga, note="Her own cards after all.", at=at)
    assert queries.is_blocked(anna.pk) is False
    with pytest.raises(Conflict):
        services.unblock_person(consumer_id=anna.pk, user=olga, note="x", at=at)
    (kept,) = list_blocks(anna.pk, limit=5)
    assert (kept.note, kept.lifted_by, kept.lifted_note) == ("Two cards of others.", olga, "Her own cards after all.")
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        Block.objects.update(lifted_at=None, lifted_by=None)


@pytest.mark.django_db(transaction=True)
def test_two_operators_at_once_block_once(at, at_once):
    olga = make_operator("olga@kvart.example", may=["look_after_person"])
    anna = services.get_or_create_consumer(channel="email", destination="a@people.example", market=Market.objects.get(code="US"), at=at)
    ends = at_once(2, lambda _number: services.block_person(consumer_id=anna.pk, user=olga, reason="fraud", note="x", at=at))
    assert sorted(type(end).__name__ for end in ends) == ["Block", "Conflict"]
    assert Block.objects.count() == 1


def test_a_consent_says_in_which_language_and_whether_it_was_given(person, at):
    anna = person("Anna Berg")
    told = {"consumer": anna, "kind": "bureau_inquiry", "version": "1", "text": "We ask.", "language": "da", "how": "checkout"}
    services.record_consent(**told, at=at)
    services.record_consent(**told, given=False, at=at)
    rows = [(row.language, row.given, row.how) for row in queries.list_consents(anna)]
    assert rows == [("da", False, "checkout"), ("da", True, "checkout")]
