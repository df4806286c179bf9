"""Accounts of one person are recognized when they are verified, and nobody else's are."""

from datetime import date

import pytest

from accounts import queries, services
from accounts.models import Consumer, ConsumerChange, PersonKey
from accounts.rules import person_keys

HOME = {"line1": "1 Main St", "city": "New York", "postal_code": "10001", "region": "NY"}
ELSEWHERE = {"line1": "5 Elm St", "city": "Albany", "postal_code": "12207", "region": "NY"}


@pytest.fixture
def verified(person, world, at):
    def make(**details):
        return services.check_identity(consumer=person("+approve", **details), at=at, actor="test")

    return make


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("Ann Example", HOME),
        ("EXAMPLE, Ann", HOME),
        ("Ánn  example", HOME | {"line1": "1 Main Street, Apt 4", "postal_code": "10001-1234"}),
    ],
)
def test_the_same_identity_under_another_address_is_the_same_person(verified, name, address):
    first, second = verified(), verified(name=name, address=address)
    assert (first.holder_id, second.holder_id) == (first.pk, first.pk)
    assert [one.pk for one in queries.list_accounts(second)] == [first.pk, second.pk]
    change = ConsumerChange.objects.get(subject="person")
    assert (change.consumer_id, change.change) == (second.pk, {"same_as": first.public_id})


@pytest.mark.parametrize("other", [{"name": "Bea Example"}, {"birth_date": date(1990, 6, 1)}, {"address": ELSEWHERE}])
def test_twins_namesakes_and_neighbors_are_others(verified, other):
    first, second = verified(), verified(**other)
    assert (first.holder_id, second.holder_id) == (first.pk, second.pk)
    assert PersonKey.objects.count() == 2


def test_nobody_is_joined_before_they_are_verified(verified, person):
    first = verified()
    stranger = person()
    assert (stranger.identity, stranger.holder_id) == ("unknown", stranger.pk)
    assert PersonKey.objects.get().consumer_id == first.pk


def test_who_moves_is_still_known_by_both_places(verified, at):
    first = verified()
    services.update_details(consumer=first, address=ELSEWHERE, at=at, actor="consumer")
    second, third = verified(), verified(address=ELSEWHERE)
    assert {second.holder_id, third.holder_id} == {first.pk}


def test_two_persons_who_turn_out_to_be_one_are_joined_with_all_their_accounts(verified, at):
    first, second = verified(), verified(address=ELSEWHERE)
    third = verified(address=ELSEWHERE)
    assert third.holder_id == second.pk
    services.update_details(consumer=third, address=HOME, at=at, actor="consumer")
    holders = {account.holder_id for account in Consumer.objects.all()}
    assert (holders, set(PersonKey.objects.values_list("consumer_id", flat=True))) == ({first.pk}, {first.pk})


def test_the_key_is_of_names_date_and_place():
    home = {"country": "DK", "postal_code": "2100"}
    assert person_keys("Søren Ægir-Holm", "1990-05-31", home) == ["agirholm soren|1990-05-31|DK|2100", "holm soren|1990-05-31|DK|2100"]
    assert person_keys("Zoé X", "1990-05-31", {"country": "US", "postal_code": "10001-1234"}) == ["x zo|1990-05-31|US|10001"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Søren Holm", "Soren Holm"),
        ("Søren Holm", "Soeren Holm"),
        ("Åse Holm", "Aase Holm"),
        ("Jörg Müller", "Joerg Mueller"),
        ("Anna Weiß", "Anna Weiss"),
        ("Anna Holm", "Anna M Holm"),
        ("Anna Holm", "Anna Marie Holm"),
        ("Ann O'Brien", "Ann OBrien"),
        ("Ann O\u2019Brien", "Ann OBrien"),
        ("Anna-Lise Holm", "Annalise Holm"),
        ("Anna-Lise Holm", "Anna Lise Holm"),
        ("\u0410nna Holm", "Anna Holm"),
    ],
)
def test_one_person_is_recognized_however_a_name_is_spelled(one, other):
    home = {"country": "DK", "postal_code": "1050"}
    assert set(person_keys(one, "1990-01-01", home)) & set(person_keys(other, "1990-01-01", home))


@pytest.mark.parametrize(("one", "other"), [("Anna Holm", "Marie Holm"), ("Anna Holm", "Anna Berg"), ("Ana Holm", "Ina Holm")])
def test_twins_and_neighbors_are_two(one, other):
    home = {"country": "DK", "postal_code": "1050"}
    assert not set(person_keys(one, "1990-01-01", home)) & set(person_keys(other, "1990-01-01", home))


@pytest.mark.django_db(transaction=True)
def test_eight_accounts_verified_at_once_are_one_person(person, world, at, at_once):
    waiting = [person("+approve") for _ in range(8)]
    results = at_once(8, lambda number: services.check_identity(consumer=waiting[number], at=at, actor="test"))
    assert [result for result in results if isinstance(result, Exception)] == []
    assert len({account.holder_id for account in Consumer.objects.all()}) == 1
    assert PersonKey.objects.count() == 1
