"""The demo's ring: the fraud desk has something to look at from the beginning."""

import pytest

from core.clock import now
from fraud.models import FraudCase
from simulation.ring import BUYERS, let_a_ring_buy

pytestmark = pytest.mark.django_db


def test_people_with_one_device_at_one_address_are_let_go_on_then_held_then_refused(buy, merchant, shipped):
    ended = let_a_ring_buy(merchant, at=now())
    assert (len(ended), ended[:3], ended[3], ended[-1]) == (len(BUYERS), ["authorized"] * 3, "pending_review", "declined")
    assert FraudCase.objects.count() == len(ended) - 3
