"""Look-up keys are rotated while people sign in and shops call the API."""

import pytest
from django.core import signing
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import queries, services
from accounts.models import Consumer, ConsumerChange, PersonKey
from accounts.services.persons import know_person
from markets.models import Market
from merchants.queries import find_api_key, find_invitation, invitation_token
from merchants.services import invite_member, renew_key_hash, revoke_api_key
from tests.operators import make_operator
from tests.shops import make_key

OLD, NEW = b"o" * 32, b"n" * 32


@pytest.fixture
def person(db, at, settings):
    """Give somebody who is known under the old key of look-ups."""
    settings.LOOKUP_KEYS = [OLD]
    return services.get_or_create_consumer(channel="email", destination="anna@people.example", market=Market.objects.get(code="US"), at=at)


def found():
    return queries.find_consumer(channel="email", destination="anna@people.example")


def test_somebody_is_found_and_not_made_twice_while_it_turns(person, at, settings):
    settings.LOOKUP_KEYS = [NEW]
    assert found() is None
    settings.LOOKUP_KEYS = [NEW, OLD]
    again = services.get_or_create_consumer(channel="email", destination="anna@people.example", market=person.market, at=at)
    assert (again.pk, Consumer.objects.count()) == (person.pk, 1)


def test_rows_are_brought_to_the_new_key_and_the_old_one_can_go(person, at, settings):
    settings.LOOKUP_KEYS = [NEW, OLD]
    assert services.renew_people(after=None, at=at, actor="renewal") == (None, 1)
    assert ConsumerChange.objects.get(consumer=person, subject="details").change == {"fields": ["email_hash"]}
    settings.LOOKUP_KEYS = [NEW]
    assert found().pk == person.pk
    assert services.renew_people(after=None, at=at, actor="renewal") == (None, 0)


def test_one_person_is_recognized_by_the_key_of_before(person, at, settings):
    """An account that was verified under the old key, and another one of the same person under the new."""
    details = {
        "name": "Anna Berg",
        "birth_date": "1990-05-14",
        "address": {"line1": "1 Main St", "city": "Albany", "region": "NY", "postal_code": "12207"},
    }
    other = Consumer.objects.create(market=person.market, locale="en_US", time_zone="UTC", email_hash="x", created_at=at)
    for number, (account, keys) in enumerate(((person, [OLD]), (other, [NEW, OLD]))):
        settings.LOOKUP_KEYS = keys
        for name, value in details.items():
            setattr(account, name, value)
        know_person(account, at=at, actor="test")
        account.save()
        assert PersonKey.objects.count() == number + 1
    other.refresh_from_db()
    assert other.holder_id == person.pk
    assert {key.consumer_id for key in PersonKey.objects.all()} == {person.pk}


def test_a_shop_s_key_opens_while_the_key_that_it_was_made_under_is_known(db, merchant, settings):
    settings.LOOKUP_KEYS = [OLD]
    key = make_key(merchant)
    settings.LOOKUP_KEYS = [NEW, OLD]
    assert find_api_key(key).merchant_id == merchant.pk
    assert find_api_key(make_key(merchant)).merchant_id == merchant.pk
    settings.LOOKUP_KEYS = [NEW]
    assert find_api_key(key) is None


def test_a_shop_s_key_that_is_used_is_brought_to_the_new_key_once(db, merchant, client, settings):
    settings.LOOKUP_KEYS = [OLD]
    key = make_key(merchant)
    head = {"HTTP_AUTHORIZATION": f"Bearer {key}"}
    settings.LOOKUP_KEYS = [NEW, OLD]
    writes = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as asked:
            assert client.get("/api/v1/settlements", **head).status_code == 200
        writes.append(sum('UPDATE "merchants_apikey"' in query["sql"] for query in asked))
    assert writes == [1, 0]
    settings.LOOKUP_KEYS = [NEW]
    assert client.get("/api/v1/settlements", **head).status_code == 200


def test_a_revoked_key_is_not_renewed(db, merchant, settings, at):
    settings.LOOKUP_KEYS = [OLD]
    key = make_key(merchant)
    found = find_api_key(key)
    before = found.key_hash
    revoke_api_key(key_id=found.id, merchant=merchant, actor="test", at=at)
    settings.LOOKUP_KEYS = [NEW, OLD]
    renew_key_hash(key=found, full_key=key)
    found.refresh_from_db()
    assert found.key_hash == before


def test_what_the_earlier_secret_key_signed_holds_until_that_key_is_dropped(db, client, settings):
    boss = make_operator("ada@bank.example")
    first, second = "f" * 60, "s" * 60
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = first, []
    client.force_login(boss)
    signed = signing.dumps("x")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = second, [first]
    assert (signing.loads(signed), client.get("/admin/").status_code) == ("x", 200)
    resigned = signing.dumps("x")
    settings.SECRET_KEY_FALLBACKS = []
    assert signing.loads(resigned) == "x"
    with pytest.raises(signing.BadSignature):
        signing.loads(signed)
    # The session was signed with the new key when it was used while both were known, so it stays valid.
    assert client.get("/admin/").status_code == 200


def test_a_session_of_a_dropped_key_signs_nobody_in(db, client, settings):
    boss = make_operator("ada@bank.example")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "f" * 60, []
    client.force_login(boss)
    settings.SECRET_KEY = "s" * 60
    assert client.get("/admin/").status_code == 302


def test_a_link_to_a_team_holds_while_the_secret_key_that_made_it_is_known(merchant, at, settings):
    first, second = "f" * 60, "s" * 60
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = first, []
    invitation = invite_member(merchant=merchant, email="new@shop.example", role="viewer", actor="test", at=at)
    token = invitation_token(invitation)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = second, [first]
    assert invitation_token(invitation) != token
    assert find_invitation(invitation_id=invitation.id, token=token, at=at) == invitation
    settings.SECRET_KEY_FALLBACKS = []
    assert find_invitation(invitation_id=invitation.id, token=token, at=at) is None
