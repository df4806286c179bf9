"""Relief that operators offer: a budget, rules, two people above them, the person's yes, and a new payment plan."""

import hashlib
from datetime import date, timedelta

import pytest
from django.utils import translation

from checkout import services as checkouts
from collection import services as collection
from collection.relieving import RELIEF
from controls import services as controls
from controls.models import Proposal
from core import clock
from core.db import rows
from core.errors import Conflict, Forbidden, Invalid
from markets.models import MarketSetting
from markets.queries import affordability_rows
from plans import services as plans
from plans.documents.pdf import render
from plans.documents.relief import VERSION, NewPlan, write_new_plan
from plans.errors import RelievedByTwo
from plans.hardship import Answers, papers_of_plan
from plans.models import Budget as KeptBudget
from plans.models import Hardship, Installment, Plan, ReliefOffer
from plans.queries import installments_of
from plans.rules.budgets import Budget, fitting_count, standard_living
from plans.rules.schedule import ProductTerms
from portals.consumer.account.copying import everything
from tests.cast import NOW
from tests.operators import make_operator
from tests.owner import tamper

DAY = timedelta(days=1)
LIVING = {"living_minor": 90_000, "dependant_minor": 35_000}
MONTH = Budget(200_000, 90_000, 50_000, 1, 10_000)
ANSWERS = Answers("income", "longer", can_pay=True)


@pytest.fixture
def order(buy, merchant):
    """A purchase of 600 dollars in six months with interest, shipped."""
    made = buy(merchant, 60_000, product="monthly_6")
    checkouts.capture_order(order_id=made.id, merchant=merchant, amount_minor=None, actor="test", at=NOW)
    return made


@pytest.fixture
def rita(db):
    return make_operator("rita@kvart.example", may=["work_case", "propose_refund"])


def relieve(order, user, kind="smaller", number=12, at=NOW + DAY):
    told = {"budget": MONTH, "kind": kind, "number": number, "answers": ANSWERS, "note": "less work since summer"}
    return collection.relieve(plan_id=order.plan_id, user=user, at=at, **told)


def opened(order):
    return Installment.objects.filter(plan=order.plan_id, status__in=Installment.OPEN)


def test_living_costs_count_with_the_standard_at_least():
    assert standard_living({"living_minor": 90_000, "dependant_minor": 35_000}, 1) == 125_000
    assert standard_living({}, 2) == 0
    assert MONTH.left_minor(125_000) == -25_000
    assert MONTH.left_minor(10_000) == 50_000
    assert fitting_count(60_001, 10_000, ProductTerms("m", 6, "monthly")) == 7
    assert fitting_count(60_000, 26_072, ProductTerms("b", 4, "biweekly")) == 5
    assert fitting_count(60_000, 0, ProductTerms("m", 6, "monthly")) == 0


def test_an_offer_changes_nothing_until_the_person_accepts_it(order, rita):
    before = list(opened(order).values_list("due_date", "principal_minor"))
    affordability_rows.keep([MarketSetting(market_id="US", key="affordability", value=LIVING, valid_from=date(2025, 1, 1))])
    offer = relieve(order, rita)
    affordability_rows.keep([])
    assert list(opened(order).values_list("due_date", "principal_minor")) == before
    kept = KeptBudget.objects.get()
    assert (kept.figures["income_minor"], kept.living_minor) == (200_000, 125_000)
    made = plans.accept_relief(offer_id=offer.pk, actor=order.consumer.public_id, at=NOW + 2 * DAY)
    assert (made.kind, made.count, made.actor) == ("smaller", 12, order.consumer.public_id)
    assert opened(order).count() == 12
    with pytest.raises(Conflict) as refused:
        plans.accept_relief(offer_id=offer.pk, actor=order.consumer.public_id, at=NOW + 2 * DAY)
    assert refused.value.code == "plans.hardship_not_offered"
    assert Hardship.objects.count() == 1


def test_the_new_payment_plan_is_kept_as_a_document(order, rita):
    plan = Plan.objects.get(pk=order.plan_id)
    assert "new_plan" not in papers_of_plan(plan)
    plans.accept_relief(offer_id=relieve(order, rita, "pause", 60).pk, actor="test", at=NOW + 2 * DAY)
    paper = papers_of_plan(plan)["new_plan"]
    assert "Your payments are paused for 60 days." in paper.text
    assert sum(block.kind == "table" for block in paper.blocks) == 1
    assert render(paper, reference=order.public_id, market="US").startswith(b"%PDF")


def test_an_offer_ends_after_two_weeks_and_gives_way_to_a_newer_one(order, rita):
    first = relieve(order, rita)
    second = relieve(order, rita, "pause", 30)
    for offer, at in ((first, NOW + 2 * DAY), (second, NOW + 17 * DAY)):
        with pytest.raises(Conflict) as refused:
            plans.accept_relief(offer_id=offer.pk, actor="test", at=at)
        assert refused.value.code == "plans.hardship_not_offered"
    assert not Hardship.objects.exists()


def test_an_offer_whose_payments_are_not_smaller_any_more_changes_nothing(order, rita):
    offer = relieve(order, rita, number=7)
    plan = Plan.objects.get(pk=order.plan_id)
    plans.make_smaller(plan=plan, rows=installments_of(plan), count=12, answers=ANSWERS, actor="test", at=NOW + DAY)
    chosen = list(opened(order).values_list("due_date", "principal_minor"))
    assert len(chosen) > 7
    with pytest.raises(Invalid):
        plans.accept_relief(offer_id=offer.pk, actor="test", at=NOW + 2 * DAY)
    assert list(opened(order).values_list("due_date", "principal_minor")) == chosen


def test_an_offer_is_closed_by_relief_that_the_person_chose_themselves(order, rita):
    offer = relieve(order, rita, "pause", 60)
    plans.choose_relief(plan_id=order.plan_id, kind="smaller", answers=ANSWERS, actor="test", at=NOW + 2 * DAY)
    offer.refresh_from_db()
    assert (offer.closed_at, offer.relief_id) == (NOW + 2 * DAY, None)


def test_budgets_are_forgotten_and_offers_stay(order, rita):
    offer, young = relieve(order, rita, "pause", 60), clock.wall() - 364 * DAY
    kept = KeptBudget.objects.get()
    for at, gone in ((young, 0), (clock.wall() - 366 * DAY, 1)):
        tamper("UPDATE plans_budget SET at = %s WHERE id = %s", [at, str(kept.pk)])
        assert rows("SELECT public.forget_budgets(now(), 10)") == [(gone,)]
    offer.refresh_from_db()
    assert (offer.budget_id, offer.days, KeptBudget.objects.count()) == (None, 60, 0)


def test_more_than_one_may_offer_alone_takes_two(order, rita):
    told = {"kind": "pause", "number": 90, "answers": ANSWERS, "actor": "test", "at": NOW + DAY}
    kept = plans.keep_budget(plan=Plan.objects.get(pk=order.plan_id), budget=MONTH, standard_minor=0, actor="test", at=NOW)
    with pytest.raises(RelievedByTwo):
        plans.offer_relief(plan_id=order.plan_id, budget_id=kept.pk, by_two=False, **told)
    made = relieve(order, rita, "pause", 90)
    assert isinstance(made, Proposal)
    assert "200" not in str(made.after)
    assert not ReliefOffer.objects.exists()
    other = make_operator("otto@kvart.example", may=["approve_refund"])
    controls.approve_proposal(proposal_id=made.pk, user=other, at=NOW + DAY)
    offer = ReliefOffer.objects.get()
    assert (offer.kind, offer.days, offer.actor) == ("pause", 90, f"proposal:{made.public_id}")
    assert Proposal.objects.get().kind == RELIEF


@pytest.mark.parametrize(("kind", "number"), [("pause", 0), ("pause", 181), ("smaller", 61), ("smaller", 5), ("gift", 1)])
def test_nobody_offers_what_the_rules_do_not_allow(order, rita, kind, number):
    with pytest.raises(Invalid):
        relieve(order, rita, kind, number)
    assert not KeptBudget.objects.exists()


def test_only_who_works_on_cases_offers_relief(order):
    with pytest.raises(Forbidden):
        relieve(order, make_operator("vera@kvart.example", may=["view_case"]))
    assert not ReliefOffer.objects.exists()


SEEN = {"2026-12-01.1": "90b95266b52a"}
"""The first digits of the hash of a payment plan's words in all languages, by version."""


def test_the_version_is_raised_with_the_words():
    words = ""
    for language in ("en", "da", "sv", "de"):
        for kind, days, rebate in (("pause", 30, 0), ("smaller", 0, 500), ("re_aged", 0, 0), ("reamortized", 0, 0)):
            payments = ((date(2026, 12, 6), 1_000), (date(2027, 1, 6), 1_000))
            told = NewPlan(date(2026, 11, 30), "en_US", {"legal_name": "Kvart"}, "Anna", "ord_1", "USD", kind, days, payments, rebate)
            with translation.override(language):
                words += write_new_plan(told, NOW).text
    assert hashlib.sha256(words.encode()).hexdigest()[:12] == SEEN[VERSION]


def test_the_copy_of_a_persons_data_has_budget_relief_and_new_payment_plan(order, rita):
    plans.accept_relief(offer_id=relieve(order, rita, "pause", 60).pk, actor="test", at=NOW + 2 * DAY)
    told = everything(order.consumer)
    assert told["income_and_costs"][0]["figures"]["income_minor"] == 200_000
    (bought,) = told["purchases"]
    assert [(one["kind"], one["days"], one["reason"]) for one in bought["relief"]] == [("pause", 60, "income")]
    assert "Your payments are paused for 60 days." in bought["new_payment_plans"][0]["paper"]["text"]
