"""Payments laid out anew: late ones at the end, all spread evenly; exact, never dearer, within the rules, and with books that hold."""

import hashlib
import re
from dataclasses import replace
from datetime import date, timedelta
from html import unescape

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Consent
from checkout import services as checkouts
from controls import services
from controls.models import Proposal
from core import clock, relay
from core.errors import Conflict
from core.formats import day_text
from core.once import new_key
from notifications.letters import compose_letter
from notifications.models import Message
from notifications.queries import load_named
from plans import services as plans
from plans.errors import RearrangedByTwo
from plans.hardship import Answers, papers_of_plan
from plans.models import Installment, PlanChange
from plans.queries import get_plan, installments_of, quote_early
from plans.restructuring import find_offer, new_payments, terms_refused, wanted_of
from plans.rules.installments import InstallmentState
from plans.rules.rearranging import RearrangeRules, re_age, rearrange_refused, spread
from plans.rules.schedule import ProductTerms, build_schedule
from plans.rules.terms import Caps
from plans.versions import differences_of
from reports.books import check_books
from tests.operators import make_operator
from tests.portals.conftest import moment, sign_in

__all__ = ["moment", "sign_in"]
START = date(2026, 1, 15)
MONTHS = ProductTerms("m", 6, "monthly", rate_bps=1_490)


def states_of(terms, principal=60_000, paid=1) -> list[InstallmentState]:
    """Return a plan of which the first payments are paid."""
    rows = [
        InstallmentState(one.number, one.due_date, one.principal_minor, one.interest_minor)
        for one in build_schedule(terms, principal, START)
    ]
    whole = [replace(one, paid_principal_minor=one.principal_minor, paid_interest_minor=one.interest_minor) for one in rows[:paid]]
    return [*whole, *rows[paid:]]


def test_late_payments_go_to_the_end_and_nothing_is_dearer():
    states = states_of(ProductTerms("m", 4, "monthly"), 40_000)
    layout = re_age(states, today=date(2026, 4, 1), terms=ProductTerms("m", 4, "monthly"), start=START)
    # The second payment, of 15 March, is due after the last one.
    assert [(one.number, one.due_date, one.principal_minor) for one in layout.payments] == [
        (3, date(2026, 4, 15), 10_000),
        (4, date(2026, 5, 15), 10_000),
        (2, date(2026, 6, 15), 10_000),
    ]
    assert layout.interest_change_minor == 0


def test_all_that_is_open_is_spread_over_the_dates_to_come():
    terms = ProductTerms("m", 4, "monthly")
    layout = spread(states_of(terms, 40_000), count=None, today=date(2026, 4, 1), terms=terms, new_terms=terms, start=START)
    assert [(one.due_date, one.principal_minor) for one in layout.payments] == [(date(2026, 4, 15), 15_000), (date(2026, 5, 15), 15_000)]


def test_where_nothing_is_to_come_dates_begin_an_interval_from_today():
    terms = ProductTerms("b", 4, "biweekly")
    layout = re_age(states_of(terms, 40_000, paid=2), today=date(2026, 6, 1), terms=terms, start=START)
    assert [(one.number, one.due_date) for one in layout.payments] == [(3, date(2026, 6, 15)), (4, date(2026, 6, 29))]


@given(
    principal=st.integers(100, 5_000_000),
    count=st.integers(2, 24),
    paid=st.integers(0, 5),
    rate=st.sampled_from([0, 990, 2_900]),
    days=st.integers(1, 900),
    more=st.sampled_from([None, 1, 3, 36]),
)
def test_principal_is_exact_and_payments_are_alike(principal, count, paid, rate, days, more):
    terms = ProductTerms("m", count, "monthly", rate_bps=rate)
    states = states_of(terms, principal, min(paid, count - 1))
    today, left = START + timedelta(days=days), sum(one.open_principal_minor for one in states)
    before = sum(one.open_interest_minor for one in states)
    aged = re_age(states, today=today, terms=terms, start=START)
    again = spread(states, count=more, today=today, terms=terms, new_terms=terms, start=START)
    for layout in (aged, again):
        assert sum(one.principal_minor for one in layout.payments) == left
        assert sum(one.interest_minor for one in layout.payments) - before == layout.interest_change_minor
        assert all(one.principal_minor > 0 <= one.interest_minor and one.due_date > today for one in layout.payments)
    assert aged.interest_change_minor <= 0
    if more is None:
        assert again.interest_change_minor <= 0
    else:
        assert len(again.payments) == min(more, left)


def test_restructured_payments_bear_exactly_the_new_rate():
    """Twelve instead of the five to come, on a day on which a payment is due: an annuity of what is open at the new rate."""
    states, today = states_of(MONTHS), date(2026, 2, 15)
    new = replace(MONTHS, rate_bps=600)
    layout = spread(states, count=12, today=today, terms=MONTHS, new_terms=new, start=START)
    left = sum(one.open_principal_minor for one in states)
    fresh = build_schedule(replace(new, count=12), left, today)
    assert [(one.due_date, one.principal_minor, one.interest_minor) for one in layout.payments] == [
        (one.due_date, one.principal_minor, one.interest_minor) for one in fresh
    ]


@pytest.mark.parametrize(
    ("told", "refused"),
    [
        ({"days": 29, "paid": 3, "had_year": 0, "had_five": 0}, "young"),
        ({"days": 40, "paid": 0, "had_year": 0, "had_five": 0}, "unpaid"),
        ({"days": 40, "paid": 1, "had_year": 1, "had_five": 1}, "used"),
        ({"days": 40, "paid": 1, "had_year": 0, "had_five": 2}, "used"),
        ({"days": 40, "paid": 1, "had_year": 0, "had_five": 1}, ""),
    ],
)
def test_the_rules_bound_how_soon_and_how_often(told, refused):
    assert rearrange_refused(RearrangeRules(), **told) == refused


BACK = "django.contrib.auth.backends.ModelBackend"
RIGHTS = ["view_plan", "view_person", "view_consumer", "propose_refund", "rearrange_plan"]


@pytest.fixture
def late(buy, merchant, settle_charge):
    """Make a plan of six months of which one payment is paid and one is late."""

    def made(amount):
        now = clock.now()
        begun = now - timedelta(days=75)
        order = buy(merchant, amount, at=begun, product="monthly_6")
        checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=None, actor="test", at=begun)
        settle_charge(order, begun + timedelta(days=32))
        plans.mark_late(at=now, limit=10)
        assert [row.status for row in installments_of(get_plan(order.plan_id))][:3] == ["paid", "overdue", "scheduled"]
        return order.plan_id, now

    yield made
    assert [line for check in check_books() for line in check.offenders] == []


def text(answer) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["re_aged", "reamortized"])
def test_an_operator_lays_a_plan_out_anew_once_and_the_page_tells_the_difference(late, client, kind):
    key, now = late(30_000)
    before = installments_of(get_plan(key))
    left, interest = sum(row.open_minor for row in before), sum(row.interest_minor for row in before)
    page, act = (reverse(f"admin:plans_plan_{name}", args=[key]) for name in ("change", "rearrange"))
    client.force_login(make_operator("clerk@kvart.example", may=RIGHTS[:3]), backend=BACK)
    assert "Lay the payments out anew" not in text(client.get(page))
    assert client.post(act, {"kind": kind, "reason": "x", "once": new_key()}).status_code == 403
    user = make_operator("anna@kvart.example", may=RIGHTS)
    client.force_login(user, backend=BACK)
    assert "Lay them out so" in text(client.get(page))
    client.post(act, {"kind": kind, "reason": "", "once": new_key()})
    client.post(act, {"kind": "restructured", "reason": "not so", "once": new_key()})
    assert not PlanChange.objects.filter(plan=key, kind__in=["re_aged", "reamortized", "restructured"]).exists()
    shown = text(client.post(act, {"kind": kind, "reason": "New job since May", "once": new_key()}, follow=True))
    assert ("Laid out anew. The person is told." in shown, "New job since May" in shown, "→" in shown) == (True, True, True)
    rows = installments_of(get_plan(key))
    assert not any(row.status == "overdue" or row.is_late(now.date()) for row in rows)
    assert (sum(row.principal_minor for row in rows), sum(row.interest_minor for row in rows) <= interest) == (30_000, True)
    opened = [row for row in rows if row.status in Installment.OPEN]
    assert all(row.due_date > now.date() and row.next_attempt_at is not None for row in opened)
    assert sum(row.open_minor for row in rows) <= left
    change = PlanChange.objects.get(plan=key, kind=kind)
    assert (change.actor, change.reason) == (str(user.pk), "New job since May")
    with pytest.raises(Conflict) as refused:
        plans.rearrange(plan_id=key, kind="reamortized", reason="again", actor=str(user.pk), at=now)
    assert refused.value.code == "plans.rearrange_used"
    # Whoever pays all at once saves the interest that has not accrued, as on any plan.
    quote = quote_early(get_plan(key), rows, scope="all", day=now.date())
    assert quote.amount_minor == sum(row.open_minor for row in rows) - quote.rebate_minor


@pytest.mark.django_db(transaction=True)
def test_two_people_agree_where_much_is_open(late, client):
    key, now = late(80_000)
    anna, bo = make_operator("anna@kvart.example", may=RIGHTS), make_operator("bo@kvart.example", may=["approve_refund"])
    with pytest.raises(RearrangedByTwo):
        plans.rearrange(plan_id=key, kind="re_aged", reason="alone", actor=str(anna.pk), at=now)
    for actor, why in ((str(anna.pk), "one operator may not"), ("proposal:prp_x", "no two operators")):
        with pytest.raises(IntegrityError, match=why), transaction.atomic():
            PlanChange.objects.create(plan_id=key, kind="re_aged", before=[], after=[], actor=actor, at=now)
    client.force_login(anna, backend=BACK)
    act = reverse("admin:plans_plan_rearrange", args=[key])
    shown = text(client.post(act, {"kind": "re_aged", "reason": "New job", "once": new_key()}, follow=True))
    assert "Somebody proposed to lay the payments out anew." in shown
    made = Proposal.objects.get()
    client.force_login(bo, backend=BACK)
    assert "Payments if it were done today" in text(client.get(reverse("admin:controls_proposal_change", args=[made.pk])))
    services.approve_proposal(proposal_id=made.pk, user=bo, at=clock.now())
    change = PlanChange.objects.get(plan=key, kind="re_aged")
    assert (change.actor, change.reason) == (f"proposal:{made.public_id}", "New job")


@pytest.mark.django_db(transaction=True)
def test_the_person_reads_what_happened(late, client, sign_in):
    key, now = late(30_000)
    plans.rearrange(plan_id=key, kind="re_aged", reason="internal words", actor="test", at=now)
    plan = get_plan(key)
    sign_in(client, plan.consumer)
    shown = text(client.get(f"/purchases/{plan.reference}"))
    assert ("Your late payments moved to the end" in shown, "internal words" in shown) == (True, False)
    assert "We moved what was late to the end." in papers_of_plan(plan)["new_plan"].text
    change = PlanChange.objects.get(plan=key, kind="re_aged")
    late_one = next(was for was, now in differences_of(change) if was and now and now[0] > was[0])
    assert f"{day_text(late_one[0], 'en_US')}: " in shown


@pytest.mark.django_db(transaction=True)
def test_new_payments_are_offered_and_hold_once_the_person_agrees_to_what_they_saw(late, client, sign_in):
    key, _now = late(30_000)
    plan = get_plan(key)
    client.force_login(make_operator("anna@kvart.example", may=RIGHTS), backend=BACK)
    act = reverse("admin:plans_plan_offer", args=[key])
    dear = text(client.post(act, {"count": 12, "rate": "20", "reason": "x", "once": new_key()}))
    assert ("Enter at most 14.90." in dear, PlanChange.objects.filter(kind="restructure_offered").count()) == (True, 0)
    shown = text(client.post(act, {"count": 12, "rate": "9.9", "reason": "Lost half the shifts", "once": new_key()}, follow=True))
    assert "Offered. The person is told." in shown
    client.logout()
    sign_in(client, plan.consumer)
    door = f"/purchases/{plan.reference}/new-payments"
    purchase = text(client.get(f"/purchases/{plan.reference}"))
    assert ("See the new payments" in purchase, "Nothing changes unless you agree by" in purchase) == (True, True)
    page = client.get(door)
    assert ("Interest a year 9.9%" in text(page), "Lost half" in text(page)) == (True, False)
    before = installments_of(get_plan(key))
    seal = re.search(r'name="seal" value="([0-9a-f]{64})"', page.content.decode())[1]
    assert "Something changed since you looked." in text(client.post(door, {"seal": "0" * 64}, follow=True))
    assert [row.open_minor for row in installments_of(get_plan(key))] == [row.open_minor for row in before]
    for _press in range(2):
        client.post(door, {"seal": seal})
    change, changed = PlanChange.objects.get(plan=key, kind="restructured"), get_plan(key)
    rows = installments_of(changed)
    opened = [row for row in rows if row.status in Installment.OPEN]
    assert (changed.terms.rate_bps, len(opened), sum(row.principal_minor for row in rows)) == (990, 12, 30_000)
    assert (change.actor, change.agreement in page.context["text"]) == (plan.consumer.public_id, True)
    assert max(one.amount_minor for one in opened[1:-1]) - min(one.amount_minor for one in opened[1:-1]) <= 1
    relay.drain()
    assert Message.objects.filter(kind="schedule_changed", channel="email", context__how="restructured").count() == 1
    consent = Consent.objects.get(kind="restructured")
    assert (consent.reference, consent.text_hash) == (plan.public_id, hashlib.sha256(change.agreement.encode()).hexdigest())
    assert change.agreement.splitlines()[0].removeprefix("= ") in text(client.get(door))
    assert f"{day_text(opened[-1].due_date, 'en_US', 'full')}\t" in change.agreement
    assert papers_of_plan(changed)["new_terms"].text == change.agreement
    assert client.get(f"/purchases/{plan.reference}/documents/new_terms.pdf").content.startswith(b"%PDF")
    assert "Interest a year now9.9%" in text(client.get(f"/purchases/{plan.reference}")).replace(" 9", "9")


@pytest.mark.django_db(transaction=True)
def test_an_offer_is_declined_or_ends_and_another_person_sees_none_of_it(late, client, sign_in, stranger, buy):
    key, now = late(30_000)
    plan, told = get_plan(key), {"plan_id": key, "count": 6, "rate_bps": 0, "reason": "x", "actor": "test"}
    plans.offer_restructure(**told, at=now)
    with pytest.raises(Conflict, match="offered already"):
        plans.offer_restructure(**told, at=now)
    other = buy(stranger, 20_000, email="bea+approve@people.example").consumer
    sign_in(client, other)
    door = f"/purchases/{plan.reference}/new-payments"
    assert (client.get(door).status_code, client.post(door, {"decline": "1"}).status_code) == (404, 404)
    assert find_offer(plan, now) is not None
    relay.drain()
    message = Message.objects.get(kind="schedule_changed", channel="email")
    letter = compose_letter(message, load_named([message]))
    assert ("We offer you new payments" in letter.subject, "new dates" in letter.subject) == (True, False)
    assert find_offer(plan, now + timedelta(days=14)) is None
    plans.decline_restructure(plan_id=key, actor="test", at=now)
    with pytest.raises(Conflict, match="ended"):
        plans.accept_restructure(plan_id=key, seal="", language="en", locale="en_US", actor="test", at=now)
    assert (get_plan(key).rate_bps, find_offer(plan, now)) == (None, None)


@pytest.mark.django_db(transaction=True)
def test_two_people_offer_where_much_is_open(late, client):
    key, _now = late(80_000)
    anna, bo = make_operator("anna@kvart.example", may=RIGHTS), make_operator("bo@kvart.example", may=["approve_refund"])
    client.force_login(anna, backend=BACK)
    client.post(reverse("admin:plans_plan_offer", args=[key]), {"count": 24, "rate": "5", "reason": "New job", "once": new_key()})
    assert find_offer(get_plan(key), clock.now()) is None
    made = Proposal.objects.get()
    client.force_login(bo, backend=BACK)
    assert "Other payments offered to the person" in text(client.get(reverse("admin:controls_proposal_change", args=[made.pk])))
    services.approve_proposal(proposal_id=made.pk, user=bo, at=clock.now())
    offer = find_offer(get_plan(key), clock.now())
    assert (offer.count, offer.rate_bps, offer.change.reason) == (24, 500, "New job")


@pytest.mark.django_db(transaction=True)
def test_why_an_offer_cannot_be_agreed_to_now_is_told_in_the_persons_language(late, client, sign_in):
    key, now = late(30_000)
    plan = get_plan(key)
    plans.offer_restructure(plan_id=key, count=6, rate_bps=0, reason="x", actor="test", at=now)
    plans.stop_plan(plan_id=key, at=now)
    sign_in(client, plan.consumer)
    client.cookies["bnpl_language"] = "da"
    page = text(client.get(f"/purchases/{plan.reference}/new-payments"))
    assert "Betalingerne i denne aftale kan ikke lægges om." in page
    plans.decline_restructure(plan_id=key, actor="test", at=now)


@pytest.mark.django_db(transaction=True)
def test_an_offer_with_interest_ends_when_interest_ends_in_hardship(late, client, sign_in):
    key, now = late(30_000)
    plan = get_plan(key)
    plans.offer_restructure(plan_id=key, count=12, rate_bps=990, reason="x", actor="test", at=now)
    plans.choose_relief(plan_id=key, kind="smaller", answers=Answers("income", "longer", can_pay=True), actor="test", at=now)
    before = [(row.due_date, row.amount_minor) for row in installments_of(get_plan(key))]
    sign_in(client, plan.consumer)
    door = f"/purchases/{plan.reference}/new-payments"
    page = client.get(door)
    assert ("This offer has ended." in text(page), page.context["seal"]) == (True, "")
    found = new_payments(get_plan(key), installments_of(get_plan(key)), wanted_of(12, 990), clock.now())
    assert "This offer has ended." in text(client.post(door, {"seal": found.seal}, follow=True))
    assert ([(row.due_date, row.amount_minor) for row in installments_of(get_plan(key))], get_plan(key).rate_bps) == (before, None)
    # It does not stand in the way of another one.
    plans.offer_restructure(plan_id=key, count=6, rate_bps=0, reason="x", actor="test", at=now + timedelta(minutes=1))
    assert find_offer(get_plan(key), clock.now() + timedelta(minutes=1)).rate_bps == 0


@pytest.mark.django_db(transaction=True)
def test_new_payments_keep_to_the_cap_on_rates_of_their_day(late, monkeypatch):
    key, now = late(30_000)
    told = {"plan_id": key, "count": 12, "reason": "x", "actor": "test", "at": now}
    monkeypatch.setattr("plans.restructuring.caps_of", lambda law: Caps(None, 800, None))
    with pytest.raises(Conflict) as refused:
        plans.offer_restructure(rate_bps=990, **told)
    assert refused.value.code == "plans.restructure_law"
    plans.offer_restructure(rate_bps=800, **told)


@pytest.mark.django_db(transaction=True)
def test_fees_count_in_the_cap_on_the_whole_cost(late, monkeypatch):
    key, now = late(30_000)
    plan = get_plan(key)
    rows = installments_of(plan)
    found = new_payments(plan, rows, wanted_of(12, 990), now)
    interest = sum(row.paid_interest_minor for row in rows) + sum(one[2] for one in found.payments)
    monkeypatch.setattr("plans.restructuring.caps_of", lambda law: Caps(None, None, interest * 10_000 // 30_000 + 1))
    assert terms_refused(plan, rows, wanted_of(12, 990), now) == ""
    rows[2].fees_minor = 500
    assert terms_refused(plan, rows, wanted_of(12, 990), now) == "law"
