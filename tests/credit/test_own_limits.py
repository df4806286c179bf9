"""A person's own limit: holds at once, refuses without a notice, and never frees anything of what is paid back."""

import pytest

from accounts.models import Consumer
from core.errors import Conflict, Invalid
from core.models import OutboxEvent
from credit import services
from credit.errors import LimitExceeded
from credit.models import CreditLine, Decision
from credit.queries import list_spending
from credit.replaying import replay
from tests.brands.cast import make_bank

pytestmark = pytest.mark.django_db


@pytest.fixture
def buyer(person, decide) -> Consumer:
    found = person("+approve")
    decide(found, 10_000)
    return found


def own(buyer: Consumer, minor: int | None, at) -> list[CreditLine]:
    return services.set_own_limit(consumer=buyer, currency="USD", limit_minor=minor, at=at)


def left(buyer: Consumer, at) -> int:
    (found,) = list_spending(buyer, at.date())
    return found.left_minor


def test_it_refuses_what_the_lender_would_approve_and_nobody_is_notified(buyer, decide, at):
    own(buyer, 15_000, at)
    assert decide(buyer, 15_000).outcome == "approve"
    OutboxEvent.objects.all().delete()
    refused = decide(buyer, 15_001)
    assert (refused.outcome, refused.reasons) == ("decline", ["own_limit"])
    assert not OutboxEvent.objects.filter(name="credit.application_declined").exists()
    assert replay(refused).differences == {}
    line = CreditLine.objects.get()
    assert line.limit_minor == refused.limit_minor > 15_000
    own(buyer, None, at)
    assert decide(buyer, 15_001).outcome == "approve"


def test_it_holds_for_what_is_already_decided_and_frees_nothing_while_the_person_pays_back(buyer, at):
    services.reserve(consumer_id=buyer.pk, currency="USD", amount_minor=20_000, at=at)
    own(buyer, 0, at)
    assert left(buyer, at) == 0
    services.release(consumer_id=buyer.pk, currency="USD", amount_minor=5_000, at=at)
    assert left(buyer, at) == 0
    with pytest.raises(LimitExceeded):
        services.reserve(consumer_id=buyer.pk, currency="USD", amount_minor=1, at=at)
    own(buyer, 15_001, at)
    services.reserve(consumer_id=buyer.pk, currency="USD", amount_minor=1, at=at)
    with pytest.raises(LimitExceeded):
        services.reserve(consumer_id=buyer.pk, currency="USD", amount_minor=1, at=at)


@pytest.mark.parametrize("minor", [-1, 10**9])
def test_only_a_lower_limit_is_taken(buyer, at, minor):
    with pytest.raises(Invalid) as caught:
        own(buyer, minor, at)
    assert caught.value.fields == {"amount": "is not below your limit"}
    assert CreditLine.objects.get().own_minor is None


def test_it_is_set_once_and_only_where_there_is_a_limit(buyer, person, at):
    assert len(own(buyer, 100, at)) == 1
    assert own(buyer, 100, at) == []
    with pytest.raises(Conflict):
        services.set_own_limit(consumer=buyer, currency="DKK", limit_minor=0, at=at)
    with pytest.raises(Conflict):
        own(person(), 0, at)


def test_it_holds_with_one_brand_and_the_other_does_not_show_it(buyer, person, decide, at):
    there = person("+approve")
    Consumer.objects.filter(pk=there.pk).update(brand=make_bank(), person=buyer)
    there.refresh_from_db()
    decide(there, 10_000)
    own(buyer, 0, at)
    assert decide(buyer, 100).reasons == ["own_limit"]
    assert decide(there, 100).outcome == "approve"
    assert left(buyer, at) == 0 < left(there, at)
    assert Decision.objects.filter(consumer=there, reasons__contains="own_limit").count() == 0
