"""Money back for early payments: by rules within the market's caps, once, kept on a refund, owed again when a bank takes the payment."""

from datetime import date, timedelta

import pytest

from checkout import services as checkouts
from collection import services as collection
from controls import services as controls
from controls.models import RuleCase
from controls.queries import get_trial
from core.money import Money
from credit.models import CreditLine
from ledger.queries import balance
from markets.models import MarketSetting
from markets.queries import EARLY_REWARD, reward_rows
from payments import services as payments
from payments.models import Break, Charge, Refund
from plans import services as plans
from plans.models import Installment, Plan, Reward
from plans.queries import installments_of
from plans.reward_rules import EARLY_REWARDS
from plans.rewards import Coming, coming_rewards
from plans.rules.rewards import left_of_caps, reward_of, share_taken
from reports.books import check_books
from tests.collection.test_bank_debits import bank as debit_bank
from tests.collection.test_bank_debits import debited, on_its_way
from tests.collection.test_bank_debits import hear as hear_of_debit
from tests.collection.test_disputes import bank, hear
from tests.collection.test_due_run import captured
from tests.operators import make_operator
from tests.plans.test_fees_attacked import at_once
from tests.shops import AT

__all__ = ["bank", "debit_bank", "debited", "on_its_way"]
pytestmark = pytest.mark.django_db(transaction=True)
DAY = timedelta(days=1)
CAPS = {"share_bps": 500, "plan_minor": 150, "person_year_minor": 1_000}


@pytest.fixture
def caps():
    """Let the market of the tests give money back, at most so much: `caps(plan_minor=100)`."""

    def set_to(**changed):
        value, mine = CAPS | changed, MarketSetting.objects.filter(market_id="US", key=EARLY_REWARD)
        row = mine.filter(value=value).first()
        if row is None:
            # Rows of settings stay after a test that commits: one that begins in a thousand years holds for no other test.
            begins = date(3000, 1, 1) + DAY * mine.count()
            row = MarketSetting.objects.create(market_id="US", key=EARLY_REWARD, value=value, valid_from=begins, source="test")
        row.valid_from = date.min
        reward_rows.keep([row])

    yield set_to
    reward_rows.keep([])


def rule(name, when, then, priority=1):
    return {"id": name.lower(), "name": name, "when": when, "priority": priority, "scope": {"market": "US"}, "then": then}


@pytest.fixture
def publish():
    """Put rules about early payments in force: `publish(("share", 0.01, "days_early >= 7"), ...)`."""

    def run(*rules):
        rita, paul = make_operator("rita@kvart.example", may=["propose_rules"]), make_operator("paul@kvart.example", may=["approve_rules"])
        told = [
            rule(f"R{place}", when, {"outcome": said, "value": value, "reason": "early"}, place)
            for place, (said, value, when) in enumerate(rules, 1)
        ]
        made = controls.start_draft(kind=EARLY_REWARDS, user=rita, at=AT)
        content = {"rules": told, "examples": []}
        controls.change_draft(kind=EARLY_REWARDS, number=made.number, revision=0, content=content, user=rita, at=AT)
        key = controls.propose_rules(kind=EARLY_REWARDS, number=made.number, reason="New", starts_on=None, user=rita, at=AT)
        controls.approve_proposal(proposal_id=key, user=paul, at=AT)
        return rita

    return run


@pytest.fixture
def order(buy, merchant, at):
    """A shipped purchase of 229.00 in four, its first payment taken."""
    made = captured(buy, merchant, at)
    collection.run_due(at=at)
    return made


def plan_of(order):
    return Plan.objects.select_related("consumer", "payment_method", "product").get(id=order.plan_id)


def pay(order, at, scope="next"):
    plan = plan_of(order)
    return collection.pay_now(consumer=plan.consumer, plan=plan, scope=scope, method=plan.payment_method, actor="person", at=at)


def reward(order, charge, at):
    return plans.reward_payment(plan_id=order.plan_id, charge_id=charge.id, at=at)


def wrong():
    return [line for check in check_books() for line in check.offenders]


def cost(order):
    return balance(kind="early_rewards", owner=order.plan.public_id, currency="USD")


def test_what_rules_and_caps_make_of_a_payment():
    assert [reward_of(6_250, said, value, 2) for said, value in (("share", 0.0125), ("money", 0.75), ("money", 99), ("nothing", None))] == [
        *(78, 75, 6_250, 0),
    ]
    assert left_of_caps(6_250, CAPS, of_plan_minor=100, of_year_minor=0) == 50
    assert left_of_caps(1_000, CAPS, of_plan_minor=0, of_year_minor=0) == 50
    assert left_of_caps(6_250, CAPS, of_plan_minor=200, of_year_minor=0) == 0
    parts = [(0, 1_900), (1_900, 1_900), (3_800, 1_925)]
    earned = [reward_of(minor, "money", 0.75, 2, before_minor=before, price_minor=5_725) for before, minor in parts]
    assert (earned, sum(earned)) == ([24, 25, 26], 75)
    assert [share_taken(75, 6_250, back) for back in (6_250, 3_000, 1)] == [75, 36, 0]


def test_an_early_payment_earns_once_to_its_method_and_the_page_told_it_before(order, caps, publish, at, client):
    publish(("share", 0.01, "days_early >= 7"))
    day = (at + DAY).date()
    rows = installments_of(plan_of(order))
    assert coming_rewards(plan_of(order), rows, [2], method="card", day=day, at=at) == Coming()
    caps()
    assert coming_rewards(plan_of(order), rows, [2], method="card", day=day, at=at) == Coming(57)
    assert coming_rewards(plan_of(order), rows, [2, 3, 4], method="card", day=day, at=at) == Coming(150)
    charge = pay(order, at + DAY)
    assert at_once(*[lambda: reward(order, charge, at + DAY)] * 3) == []
    one = Reward.objects.get()
    assert (one.installment.number, one.days_early, one.paid_minor, one.amount_minor, one.ruled["reason"]) == (2, 13, 5_725, 57, "early")
    assert list(Refund.objects.values_list("charge_id", "amount_minor")) == [(charge.id, 57)]
    assert (cost(order), RuleCase.objects.filter(kind=EARLY_REWARDS).count(), wrong()) == (57, 1, [])
    rest = pay(order, at + 2 * DAY, "all")
    assert reward(order, rest, at + 2 * DAY) == 93
    assert (cost(order), reward(order, rest, at + 2 * DAY), wrong()) == (150, 0, [])


def test_each_part_of_an_installment_earns_its_share_and_a_bank_takes_back_that_of_its_part(order, caps, publish, bank, at):
    caps()
    publish(("money", 0.75, "days_early > 0"))
    plan = plan_of(order)
    told = {"consumer": plan.consumer, "plan": plan, "method": plan.payment_method, "actor": "person"}
    first = collection.pay_freely(amount=Money(2_000, "USD"), at=at + DAY, **told)[0]
    rest = pay(order, at + 2 * DAY)
    assert rest.amount_minor == 3_725
    assert at_once(*[lambda one=one: reward(order, one, at + 2 * DAY) for one in (rest, first)] * 2) == []
    found = Reward.objects.order_by("paid_minor").values_list("installment__number", "charge_id", "paid_minor", "amount_minor")
    assert list(found) == [(2, first.id, 2_000, 26), (2, rest.id, 3_725, 49)]
    assert (cost(order), wrong()) == (75, [])
    payments.send_refunds(at=at + 2 * DAY)
    ref = bank(first)
    hear(ref, at + 3 * DAY)
    bank(ref, "lost")
    hear(ref, at + 4 * DAY, "dispute.closed")
    row = Installment.objects.get(plan=order.plan_id, number=2)
    assert (row.open_minor, row.principal_minor, cost(order), wrong()) == (2_026, 5_751, 49, [])
    # On its day the part earns nothing any more.
    collection.resume_charging(break_id=Break.objects.get(kind="dispute_lost").id, note="She pays", actor="olivia", at=at + 4 * DAY)
    again = pay(order, at + 20 * DAY)
    assert (again.amount_minor, reward(order, again, at + 20 * DAY), cost(order), wrong()) == (2_026, 0, 49, [])


def test_a_payment_on_its_day_earns_from_a_bank_account_alone(debited, on_its_way, debit_bank, caps, publish, at):
    caps()
    publish(("money", 0.75, "method == 'bank_debit'"))
    first = Charge.objects.order_by("id").first()
    assert (reward(debited, first, at), Reward.objects.count()) == (0, 0)
    debit_bank("clear", on_its_way)
    hear_of_debit(on_its_way, at + 17 * DAY)
    assert (reward(debited, on_its_way, at + 17 * DAY), cost(debited), wrong()) == (75, 75, [])


@pytest.mark.parametrize("sent", [True, False])
def test_what_a_bank_takes_back_is_owed_with_what_it_earned_and_stands_when_it_comes_back(order, caps, publish, bank, at, sent):
    """What was not sent yet, the bank has given back with the rest of the payment."""
    caps()
    publish(("money", 0.75, "true"))
    before = CreditLine.objects.get(consumer=order.consumer).used_minor
    charge = pay(order, at + DAY)
    reward(order, charge, at + DAY)
    if sent:
        payments.send_refunds(at=at + DAY)
    ref = bank(charge)
    hear(ref, at + 2 * DAY)
    bank(ref, "lost")
    hear(ref, at + 3 * DAY, "dispute.closed")
    row = Installment.objects.get(plan=order.plan_id, number=2)
    assert (row.open_minor, row.principal_minor, cost(order)) == (5_800 if sent else 5_725, 5_800, 0)
    assert (CreditLine.objects.get(consumer=order.consumer).used_minor, wrong()) == (before + (75 if sent else 0), [])
    bank(ref, "won")
    hear(ref, at + 4 * DAY, "dispute.closed")
    row.refresh_from_db()
    assert (row.status, row.principal_minor, cost(order), wrong()) == ("paid", 5_725, 75, [])
    assert sum(one.amount_minor for one in Refund.objects.exclude(status="failed")) == 75


def test_paid_otherwise_meanwhile_all_of_it_goes_back(order, caps, publish, bank, at):
    """The charge has no room for what went back as a reward: that part goes back by the payment that took its place."""
    caps()
    publish(("money", 0.75, "days_early > 0"))
    charge = pay(order, at + DAY)
    reward(order, charge, at + DAY)
    payments.send_refunds(at=at + DAY)
    ref = bank(charge)
    hear(ref, at + 2 * DAY)
    bank(ref, "lost")
    hear(ref, at + 3 * DAY, "dispute.closed")
    collection.resume_charging(break_id=Break.objects.get(kind="dispute_lost").id, note="She pays", actor="olivia", at=at + 3 * DAY)
    other = pay(order, at + 4 * DAY)
    assert other.amount_minor == 5_800
    bank(ref, "won")
    hear(ref, at + 5 * DAY, "dispute.closed")
    found = Refund.objects.order_by("id").values_list("charge_id", "amount_minor")
    assert list(found) == [(charge.id, 75), (charge.id, 5_650), (other.id, 75)]
    assert (cost(order), wrong()) == (0, [])


def test_a_free_payment_pays_with_the_installment_what_it_had_earned(order, caps, publish, bank, at):
    """As much is open of it as before, and yet it asks for more and more is paid."""
    caps()
    publish(("money", 0.75, "days_early > 0"))
    charge = pay(order, at + DAY)
    reward(order, charge, at + DAY)
    payments.send_refunds(at=at + DAY)
    plan = plan_of(order)
    told = {"consumer": plan.consumer, "plan": plan, "method": plan.payment_method, "actor": "person"}
    collection.pay_freely(amount=Money(11_450, "USD"), at=at + 2 * DAY, **told)
    ref = bank(charge)
    hear(ref, at + 3 * DAY)
    bank(ref, "lost")
    hear(ref, at + 4 * DAY, "dispute.closed")
    assert [(row.principal_minor, row.paid_minor) for row in installments_of(plan)][1:] == [(5_800, 5_800), (5_725, 5_650), (5_725, 0)]
    assert wrong() == []
    bank(ref, "won")
    hear(ref, at + 5 * DAY, "dispute.closed")
    assert ([(row.principal_minor, row.open_minor) for row in installments_of(plan)], wrong()) == ([(5_725, 0)] * 4, [])


def test_a_refund_keeps_what_the_payment_had_earned_in_proportion(order, caps, publish, merchant, at):
    caps()
    publish(("share", 0.01, "days_early >= 7"))
    charge = pay(order, at + DAY)
    reward(order, charge, at + DAY)
    told = {"merchant": merchant, "reason": "", "actor": "test"}
    checkouts.refund_order(order_id=order.id, amount_minor=5_725 * 2 + 3_000, at=at + 2 * DAY, **told)
    one = Reward.objects.get()
    kept = 57 * 3_000 // 5_725
    assert (one.returned_minor, cost(order), wrong()) == (kept, 57 - kept, [])
    assert sorted(Refund.objects.values_list("amount_minor", flat=True)) == [57, 3_000 - kept]
    checkouts.refund_order(order_id=order.id, amount_minor=22_900 - 5_725 * 2 - 3_000, at=at + 3 * DAY, **told)
    charge.refresh_from_db()
    assert (charge.refunded_minor, cost(order), wrong()) == (5_725, 0, [])


def test_no_more_is_kept_of_a_reward_than_goes_back_of_its_payment(order, caps, publish, bank, merchant, at):
    """A free payment that pays an older installment in place of the one that earned something leaves little of it there."""
    caps()
    publish(("money", 0.75, "days_early > 0"))
    plan = plan_of(order)
    told = {"consumer": plan.consumer, "plan": plan, "method": plan.payment_method, "actor": "person"}
    charge = collection.pay_freely(amount=Money(5_730, "USD"), at=at + DAY, **told)[0]
    assert reward(order, charge, at + DAY) == 75
    ref = bank(Charge.objects.order_by("id").first())
    hear(ref, at + 2 * DAY)
    bank(ref, "lost")
    hear(ref, at + 3 * DAY, "dispute.closed")
    assert [row.paid_minor for row in installments_of(plan)] == [5_725, 5, 0, 0]
    back = {"order_id": order.id, "merchant": merchant, "reason": "", "actor": "test", "at": at + 4 * DAY}
    done = checkouts.refund_order(amount_minor=17_170 + 5, **back).refund
    assert (done.outcome["kept_minor"], done.outcome["back"], cost(order), wrong()) == (5, [], 70, [])
    checkouts.refund_order(amount_minor=5_725, **back)
    charge.refresh_from_db()
    assert (charge.refunded_minor, cost(order), wrong()) == (5_730, 0, [])


def test_two_purchases_at_once_share_what_a_person_may_earn(buy, merchant, caps, publish, at):
    caps(person_year_minor=80)
    publish(("money", 0.75, "true"))
    orders = [captured(buy, merchant, at, 8_000) for _ in range(2)]
    collection.run_due(at=at)
    charges = [pay(one, at + DAY) for one in orders]
    acts = [lambda pair=pair: reward(*pair, at + DAY) for pair in zip(orders, charges, strict=True)]
    assert at_once(*acts) == []
    assert (sorted(Reward.objects.values_list("amount_minor", flat=True)), wrong()) == ([5, 75], [])


def test_a_trial_says_in_money_what_other_rules_would_have_given(order, caps, publish, at):
    caps()
    rita = publish(("share", 0.01, "days_early >= 7"))
    reward(order, pay(order, at + DAY), at + DAY)
    made = controls.start_draft(kind=EARLY_REWARDS, user=rita, at=AT)
    then = {"outcome": "money", "value": 0.2, "reason": "early"}
    content = {"rules": [rule("A", "true", then)], "examples": []}
    made = controls.change_draft(kind=EARLY_REWARDS, number=made.number, revision=made.revision, content=content, user=rita, at=AT)
    trial = controls.start_trial(kind=EARLY_REWARDS, number=made.number, user=rita, at=at + 2 * DAY)
    while controls.run_trials(at=at + 2 * DAY):
        pass
    assert get_trial(trial.pk).found["sums"] == {"USD": [1, 57, 1, 20]}
