"""What another share of a market's limits would do, before it is proposed: computed from what each limit rests on."""

import pytest

from credit import services
from credit.foreseeing import Moves, Refusals, count_refused, foresee_approvals, foresee_limits
from credit.models import Decision
from credit.rules import History
from markets.queries import get_market

pytestmark = pytest.mark.django_db


def test_limits_move_by_the_share_alone_and_never_below_their_use(person, decide, at, django_assert_num_queries):
    whole, used, by_hand = (person("+approve") for _ in range(3))
    for one in (whole, used, by_hand):
        decide(one)
    decide(person("+decline"))
    decide(person("+approve", market="GB"), currency="GBP")
    services.reserve(consumer_id=used.pk, currency="USD", amount_minor=140_000, at=at)
    services.set_limit(consumer_id=by_hand.pk, currency="USD", limit_minor=50_000, at=at)
    market = get_market("US")
    with django_assert_num_queries(4):
        assert foresee_limits(market, before_bps=10_000, after_bps=8_000) == Moves(seen=2, down=2, down_minor=30_000 + 10_000)
    assert foresee_limits(market, before_bps=5_000, after_bps=8_000) == Moves(seen=2, up=1, up_minor=45_000)


def test_it_rests_on_the_newest_review(person, decide, at):
    ann = person("+approve")
    decide(ann)
    services.review_limits(records=lambda holders: {one: {"main": History(paid_late=1)} for one in holders}, at=at)
    assert foresee_limits(get_market("US"), before_bps=10_000, after_bps=5_000).down_minor == 75_000


def test_approvals_that_it_would_have_refused_are_counted_with_their_amounts(person, decide, at):
    decide(person("+approve"), 20_000)
    decide(person("+approve"), 90_000)
    decide(person("+decline"), 90_000)
    market = get_market("US")
    assert foresee_approvals(market, after_bps=5_000, at=at) == Refusals(seen=2, refused=1, refused_minor=90_000)
    assert foresee_approvals(market, after_bps=10_000, at=at) == Refusals(seen=2)
    assert count_refused(Decision.objects.filter(amount_minor=90_000, outcome="approve"), after_bps=1_000).refused == 1
