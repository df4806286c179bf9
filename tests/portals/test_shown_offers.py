"""The plans that a person was shown are kept as they were shown, told to operators, calculated again, and forgotten with their checkout."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.events import ConsumerErased
from bnpl.retentions import RETENTIONS
from checkout import services as checkouts
from checkout.handlers import on_consumer_erased
from checkout.models import Checkout, ShownOffer
from checkout.services import showing
from core import clock
from core.clock import local_date
from core.db import rows
from tests.offer_rules import offer_rule, rule_offers
from tests.operators import make_boss
from tests.owner import unguarded
from tests.portals.test_checkout_pages import at_plan, path, text

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shown(client, open_checkout, email):
    """The offer of 600.00 that somebody saw, twice: with a deposit of 120.00, and without pay in 4, as rules say."""
    rule_offers(offer_rule("withhold", "pay_in_4", key="No pay in 4"), offer_rule("deposit", 0.2, key="A fifth"))
    checkout = open_checkout(60_000)
    at_plan(client, checkout, email("+approve"))
    client.get(path(checkout))
    return ShownOffer.objects.select_related("decision", "checkout").get()


def replayed(capsys, *told: str) -> str:
    call_command("decisions", "replay", *told)
    return capsys.readouterr().out


def test_each_plan_is_kept_with_its_price_and_why_it_was_offered_or_left_out(client, shown):
    plans = {one["product"]: one for one in shown.plans}
    today = local_date(clock.now(), shown.decision.consumer.time_zone)
    assert (shown.amount_minor, shown.least_deposit_minor, shown.starts_on) == (60_000, 12_000, today)
    assert plans["pay_in_4"] == {"product": "pay_in_4", "version": 1, "why": "withheld"}
    assert plans["pay_in_30"]["why"] == "everybody"
    year = plans["monthly_12"]
    assert (year["deposit_minor"], len(year["installments"]), year["why"]) == (12_000, 13, "everybody")
    assert year["total_minor"] == 60_000 + year["interest_minor"] == sum(money + interest for _day, money, interest in year["installments"])
    assert year["apr_bps"] > 0
    assert (shown.ruled["pay_in_4"]["rule"], shown.ruled["deposit"]["rule"]) == ("No pay in 4", "A fifth")
    with CaptureQueriesContext(connection) as told:
        client.get(path(shown.checkout))
    assert not [one["sql"] for one in told if "INSERT INTO" in one["sql"] and "shownoffer" in one["sql"]]


def test_after_one_decision_no_more_than_so_many_are_kept(client, shown, monkeypatch):
    monkeypatch.setattr(showing, "MOST", 2)
    for days in (1, 2, 3):
        checkouts.note_shown(checkout=shown.checkout, quotes=[], at=shown.at + timedelta(days=days))
    assert ShownOffer.objects.count() == 2


def test_operators_read_them_with_the_decision_and_the_replay_names_them(client, shown, capsys):
    client.force_login(make_boss("boss@kvart.example"), backend="django.contrib.auth.backends.ModelBackend")
    page = text(client.get(reverse("admin:credit_decision_change", args=[shown.decision_id])))
    assert "Plans as the person was shown them" in page
    assert "Left out by a rule · Rule “No pay in 4” (version 1)" in page
    assert "deposit $120.00" in page
    out = replayed(capsys, shown.decision.public_id)
    assert f"{shown.decision.public_id} showed on" in out
    assert "pay_in_4 v1, left out: withheld by No pay in 4" in out
    assert "monthly_12 v1, offered: everybody, 13 payments" in out


def test_they_are_calculated_again_and_the_first_that_differs_is_named(shown, capsys):
    assert replayed(capsys, "--all").endswith("offers shown: 1 of 1 identical\n")
    changed = [one | ({"total_minor": 1} if one["product"] == "monthly_12" else {}) for one in shown.plans]
    with pytest.raises(IntegrityError):
        ShownOffer.objects.update(plans=changed)
    with unguarded():
        ShownOffer.objects.update(plans=changed)
    with pytest.raises(CommandError, match="1 of 1 offers are not as they were shown"):
        call_command("decisions", "replay", "--all")
    assert f"The first that differs is {shown.public_id}, of {shown.decision.public_id}: monthly_12: " in capsys.readouterr().out


def test_they_are_forgotten_with_their_checkout_and_its_rules_with_the_person(shown):
    on_consumer_erased(ConsumerErased(consumer=shown.checkout.consumer.public_id), at=shown.at)
    shown.refresh_from_db()
    assert (shown.ruled, bool(shown.plans)) == ({}, True)
    (kept,) = [one for one in RETENTIONS if one.model is Checkout]
    long_ago = clock.wall() - timedelta(days=400)
    with unguarded():
        Checkout.objects.update(decision=None, status="expired", expires_at=long_ago)
    rows(f"SELECT public.{kept.function}(now(), 100)")
    assert (Checkout.objects.count(), ShownOffer.objects.count()) == (0, 0)
