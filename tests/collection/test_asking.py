"""A call for help holds further steps back while it waits, and for the market's days after it was refused, and names people's rights."""

from datetime import date, timedelta

import pytest

from accounts import services as accounts
from collection.asking import asked_help_of, asking_help, refuse_asking
from core import relay
from core.errors import Conflict
from markets.models import MarketSetting
from markets.queries import refused_rows
from notifications.letters import compose_letter
from notifications.models import Message
from notifications.queries import load_named
from tests.cast import NOW
from tests.operators import make_operator

DAY = timedelta(days=1)
RULES = {"hold_days": 14, "body": "The ombudsman", "site": "www.ombudsman.example"}


def test_nothing_follows_while_help_is_asked_for_and_for_some_days_after_a_refusal(buy, merchant):
    order = buy(merchant, 22_900)
    person = order.consumer
    refused_rows.keep([MarketSetting(market_id="US", key="hardship.refused", value=RULES, valid_from=date(2025, 1, 1))])
    assert asking_help([person.pk], NOW) == set()
    asked = accounts.open_request(consumer=person, kind="hardship", text="I lost my job.", at=NOW)
    assert asked_help_of([order.plan_id], NOW + DAY) == {order.plan_id}
    with pytest.raises(Conflict) as refused:
        refuse_asking(order.plan, NOW + DAY)
    assert refused.value.code == "collection.asks_help"
    rita = make_operator("rita@kvart.example", may=["answer_request"])
    accounts.answer_request(request_id=asked.pk, user=rita, outcome="refused", answer="We cannot.", at=NOW + 2 * DAY)
    assert asking_help([person.pk], NOW + 16 * DAY) == {person.pk}
    assert asking_help([person.pk], NOW + 17 * DAY) == set()
    relay.drain()
    message = Message.objects.get(kind="request_answered", channel="email")
    letter = " ".join(compose_letter(message, load_named([message])).text.split())
    assert "If you do not agree, The ombudsman looks at it free of charge: www.ombudsman.example." in letter
    assert "For 14 days we take no further steps." in letter
    refused_rows.keep([])
