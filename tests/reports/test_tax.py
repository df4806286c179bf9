"""Debts that were canceled in a year, for the tax authority."""

from django.urls import reverse

from accounts.models import Look
from core import clock
from markets.models import MarketSetting
from reports.tax import list_canceled
from tests.collection.test_charge_offs import OWED, confirm, lost, pay, people, propose
from tests.collection.test_disputes import sold
from tests.operators import make_operator
from tests.owner import unguarded

__all__ = ["lost", "people", "sold"]


def from_amount(minor):
    with unguarded():
        row = MarketSetting.objects.get(key="tax.canceled_debt")
        MarketSetting.objects.filter(pk=row.pk).update(value=row.value | {"least_minor": minor})


def test_only_causes_with_a_code_from_the_amount_on_are_told_less_what_came(lost, people, client, monkeypatch):
    confirm(lost, people, propose(lost, people, cause="uneconomic"))
    year = lost.late.year
    assert list_canceled("US", year) == []
    from_amount(OWED)
    [one] = list_canceled("US", year)
    assert (one.amount_minor, one.code, one.plan.pk) == (OWED, "G", lost.plan_id)
    assert list_canceled("US", year - 1) == list_canceled("DK", year) == []
    paid = pay(lost, lost.late, scope="next")
    from_amount(1)
    assert [one.amount_minor for one in list_canceled("US", year)] == [OWED - paid.amount_minor]
    reverse("admin:index")
    monkeypatch.setattr(clock, "now", lambda: lost.late)
    client.force_login(make_operator("fay@kvart.example", may=["view_debtsale", "view_person"]))
    door = reverse("admin:plans_debtsale_tax") + f"?market=US&year={year}"
    assert "$114.50" in client.get(door).content.decode()
    [head, line] = client.get(door + "&as=csv").content.decode().strip().splitlines()
    assert (head.count(","), line.startswith('"1099-C"'), lost.plan.public_id in line, ",11450,0," in line) == (20, True, True, True)
    assert Look.objects.filter(consumer=lost.consumer).exists()
    client.force_login(make_operator("gus@kvart.example", may=["view_debtsale"]))
    assert client.get(door).status_code == 403


def test_what_was_late_for_long_alone_is_still_owed_and_not_canceled(lost, people):
    confirm(lost, people, propose(lost, people))
    from_amount(1)
    assert list_canceled("US", lost.late.year) == []
