"""Forty declined cards of one person at the checkouts of a shop: they are stopped early, and others go on."""

import pytest

from checkout.models import Order
from core.errors import TooMany
from payments.models import Authorization, CardTry

ATTACHES, REFUSED = "4000000000000341", "4000000000000002"


@pytest.mark.parametrize("card", [ATTACHES, REFUSED])
def test_forty_declined_cards_of_one_person_stop_after_five(buy, merchant, at, card):
    results = []
    for number in range(40):
        checkout = buy.open(merchant, 22_900, merchant_reference=f"R-{number}")
        try:
            results.append(buy.finish(checkout, card=card).outcome)
        except TooMany as error:
            results.append(error.retry_after_s)
    assert results == ["declined"] * 5 + [3_600] * 35
    assert (CardTry.objects.count(), Order.objects.count()) == (5, 0)
    assert Authorization.objects.count() == (5 if card == ATTACHES else 0)
    assert buy(merchant, 22_900, email="bo+approve@people.example").status == "authorized"


def test_who_mistypes_twice_buys(buy, merchant, at):
    checkout = buy.open(merchant, 22_900)
    assert [buy.finish(checkout, card=card).outcome for card in (REFUSED, REFUSED, "4242424242424242")] == [
        "declined",
        "declined",
        "authorized",
    ]
