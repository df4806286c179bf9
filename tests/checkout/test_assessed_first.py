"""What is said of a purchase for fraud stands on the checkout for its decision; once it is old, or of something else, it is said anew."""

from datetime import timedelta

import pytest

from accounts.events import ConsumerErased
from checkout import services as checkouts
from checkout.handlers import on_consumer_erased
from checkout.queries import get_checkout
from checkout.services import assessing
from credit.rules.safety import SAYS
from fraud import services as fraud
from fraud.models import Assessment
from fraud.states import Verdict
from simulation.shopper import identify
from tests.cast import NOW
from tests.fraud.conftest import shipped

__all__ = ["shipped"]
pytestmark = pytest.mark.django_db
SOMEBODY = "hal+approve@people.example"


@pytest.fixture
def assessed(buy, merchant, shipped):
    """A checkout whose person is identified, and that was assessed."""
    checkout = buy.open(merchant, 20_000)
    consumer = identify(checkout=checkout, email=SOMEBODY, at=NOW)
    checkout = get_checkout(checkout.pk)
    assessing.assess_first(checkout=checkout, consumer=consumer, at=NOW)
    return checkout


def test_credit_knows_all_that_a_look_can_say():
    assert {*SAYS, Verdict.CONFIRM.value} == {one.value for one in Verdict}


def test_the_decision_reads_the_checkout_and_assesses_nothing(assessed, monkeypatch):
    monkeypatch.setattr(fraud, "look", None)
    decision = checkouts.decide(checkout_id=assessed.pk, at=NOW + timedelta(minutes=29))
    used = decision.inputs["safety"]
    assert (used["says"], list(used["rules"])) == ("allow", [])
    assert Assessment.objects.get().public_id == used["assessment"]


def test_after_half_an_hour_it_is_assessed_anew(assessed):
    decision = checkouts.decide(checkout_id=assessed.pk, at=NOW + timedelta(minutes=30))
    newest = Assessment.objects.order_by("-id")[0]
    assert (Assessment.objects.count(), decision.inputs["safety"]["assessment"]) == (2, newest.public_id)


def test_another_amount_is_assessed_anew(assessed, merchant):
    checkouts.update_checkout(checkout_id=assessed.pk, merchant=merchant, changes={"amount": 30_000, "items": []}, at=NOW)
    checkouts.decide(checkout_id=assessed.pk, at=NOW)
    assert list(Assessment.objects.order_by("id").values_list("signals__amount", flat=True)) == [20_000, 30_000]


def test_what_was_said_is_emptied_when_the_person_is_erased(assessed):
    on_consumer_erased(ConsumerErased(consumer=assessed.consumer.public_id), at=NOW)
    assert get_checkout(assessed.pk).assessed == {}
