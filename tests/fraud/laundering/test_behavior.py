"""Behavior is counted as its facts say, and the shipped rules tell laundering from honest customers."""

from datetime import UTC, datetime, timedelta

import pytest

from controls.rule_kinds import get_rule_kind, language_of
from controls.rules.reading import read_set
from controls.rules.sets import Place, failed_examples
from fraud.laundering.behavior import Bought, alike, bought_facts, linked_facts
from fraud.laundering.ruling import LAUNDERING
from fraud.laundering.shipped import SHIPPED

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


def bought(days, minor, *, shop="a", captured=None, refunded=0, by=""):
    return Bought(NOW - timedelta(days=days), shop, minor, minor if captured is None else captured, refunded, by)


def held_of(facts):
    known = dict.fromkeys(one.name for one in get_rule_kind(LAUNDERING).facts) | facts
    rules = read_set(SHIPPED, get_rule_kind(LAUNDERING).terms, language_of(LAUNDERING))
    return {one.rule for one in rules.ask(known, Place("main", "US", "", (), NOW.date()), exponent=2).findings}


@pytest.mark.parametrize(
    ("amounts", "found"),
    [
        ([], []),
        ([100], [100]),
        ([100, 110], [100, 110]),
        ([100, 111], [111]),
        ([5, 98, 99, 100, 100, 300], [98, 99, 100, 100]),
        ([100, 105, 112, 115], [105, 112, 115]),
        ([10, 10, 900, 900], [900, 900]),
    ],
)
def test_amounts_are_alike_that_lie_within_a_tenth(amounts, found):
    assert alike(amounts) == found


def test_windows_end_at_the_moment_of_asking():
    orders = [bought(6, 100), bought(7, 50, shop="b"), bought(29, 30), bought(31, 60), bought(91, 700, refunded=700)]
    facts = bought_facts(orders, limit_minor=400, at=NOW)
    assert (facts["orders_7d"], facts["amount_7d"], facts["limit_share_7d"], facts["shops_7d"]) == (1, 100, 0.25, 1)
    assert (facts["orders_30d"], facts["amount_30d"], facts["quiet_days"]) == (3, 180, 2)
    assert (facts["refunds_90d"], facts["refund_share_90d"], facts["cycles_90d"]) == (0, 0.0, 0)
    assert facts["times_usual_30d"] == round(180 / (760 / 6), 2)


def test_who_bought_nothing_has_facts_that_hold_nowhere():
    facts = bought_facts([], limit_minor=None, at=NOW) | linked_facts([], [], NOW)
    assert facts["alike_7d"] == facts["cycles_90d"] == facts["linked_people_90d"] == 0
    assert facts["limit_share_7d"] is facts["times_usual_30d"] is facts["quiet_days"] is facts["refund_share_90d"] is None
    assert held_of(facts) == set()


def test_a_cycle_is_captured_and_refunded_but_a_tenth():
    assert bought(1, 1000, refunded=900).is_cycle
    assert not bought(1, 1000, refunded=899).is_cycle
    assert not bought(1, 1000, captured=0).is_cycle


def test_linked_people_count_at_the_worst_shop():
    others = [
        *(bought(day, 500, refunded=500, by="bo") for day in (1, 2)),
        bought(3, 500, refunded=500, by="cy"),
        bought(3, 500, by="dan"),
        bought(4, 500, refunded=500, by="eve", shop="b"),
        bought(100, 500, refunded=500, by="old"),
    ]
    own = [bought(5, 500, refunded=500), bought(5, 500, refunded=500, shop="z")]
    assert linked_facts(own, others, NOW) == {"linked_people_90d": 2, "linked_cycles_90d": 4}
    assert linked_facts([bought(5, 500)], others, NOW) == {"linked_people_90d": 0, "linked_cycles_90d": 0}


def test_structuring_is_found_under_any_threshold():
    low = [bought(day / 2, 9_600 + 40 * day) for day in range(7)]
    assert held_of(bought_facts([*low, bought(1, 90_000)], limit_minor=200_000, at=NOW)) == {"structuring"}
    assert held_of(bought_facts(low[:5], limit_minor=200_000, at=NOW)) == set()


def test_a_quiet_account_that_wakes_up_is_found():
    facts = bought_facts([bought(170, 10_000), *(bought(day, 30_000 * (day + 1)) for day in range(5))], limit_minor=600_000, at=NOW)
    assert held_of(facts) == {"sudden", "awakened"}


def test_the_shipped_rules_are_sound():
    kind = get_rule_kind(LAUNDERING)
    rules = read_set(SHIPPED, kind.terms, language_of(LAUNDERING))
    assert len(rules.rules) == len(SHIPPED["rules"])
    assert failed_examples(rules, exponents={}, on=NOW.date()) == []
