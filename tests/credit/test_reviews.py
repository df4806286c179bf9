"""The daily review of limits: up by bounded steps after good payments, down at once after late ones, once a day, told and replayed."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.urls import reverse

from accounts import services as accounts
from accounts.models import Block, Consumer
from accounts.objections import spared_among
from accounts.rules.requests import KINDS
from controls.services import ruling
from controls.services.shipping import ship_rules
from core.db import unit
from core.models import OutboxEvent
from credit import gateways, queries, services
from credit.assessing import asked_today
from credit.errors import LimitExceeded
from credit.helping import what_raises
from credit.models import CreditLine, Inquiry, LimitChange, LimitReview, ReviewPass
from credit.replaying import asked_again, asked_last
from credit.rules import History
from credit.services import reviews
from tests.credit.test_decisions import statements
from tests.credit.test_economy import turn_economy
from tests.operators import make_boss, make_operator
from tests.owner import unguarded

pytestmark = pytest.mark.django_db
LATE, GOOD = History(paid_on_time=3, paid_late=1), History(paid_on_time=4, clean_plans=1, on_time_run=4)


@pytest.fixture
def shipped(db) -> None:
    """The shipped rules hold, as after `migrate`."""
    ship_rules()
    ruling.forget_rules()


@pytest.fixture
def review(at):
    """Give a function that reviews all limits some days later, where people repaid as told; it returns how many moved."""

    def run(history=None, *, days=31, brand="main", each=None):
        told = each or (lambda holders: {holder: {brand: history or History()} for holder in holders})
        return services.review_limits(records=told, at=at + timedelta(days=days))

    return run


def line_of(consumer, currency="USD"):
    return CreditLine.objects.get(consumer=consumer, currency=currency)


def report_again(decide, consumer, at, days=5):
    """Have a person's report asked for again, so that it is recent when their limit is reviewed."""
    with unguarded():
        consumer.inquiries.update(asked_at=at + timedelta(days=days), answered_at=at + timedelta(days=days))


def test_late_payments_lower_a_limit_at_once_and_say_so(person, decide, review, shipped, at):
    ann = person("+approve")
    decide(ann)
    assert review(LATE, days=1) == 1
    line, made = line_of(ann), LimitReview.objects.get()
    assert (line.limit_minor, line.order_limit_minor, line.decided_at) == (90_000, 60_000, at + timedelta(days=1))
    assert (made.before_minor, made.limit_minor, made.why, made.reasons) == (150_000, 90_000, "paid_late", ["late_with_us"])
    newest = queries.list_limit_changes(ann.pk)[0]
    assert (newest.before_minor, newest.after_minor, newest.reason) == (150_000, 90_000, "paid_late")
    assert made.look["inputs"]["ruled"]["rules"][0]["id"] == "late-of-late"


def test_what_is_overdue_counts_as_late_and_is_not_counted_twice(person, decide, review, shipped):
    ann = person("+approve")
    decide(ann)
    assert review(History(paid_on_time=3, overdue_now=1), days=1) == 1
    assert review(History(paid_on_time=3, paid_late=1), days=2) == 0
    assert line_of(ann).limit_minor == 90_000


def test_good_payments_raise_a_limit_by_steps_up_to_what_points_and_income_carry(person, decide, review, at):
    ann = person("+thin")
    income = decide(ann).inputs["bureau"]["disposable_income_minor"]
    first, carried = line_of(ann).limit_minor, income * 40 // 100 // 5_000 * 5_000
    assert first == income * 25 // 100 // 5_000 * 5_000
    report_again(decide, ann, at)
    assert review(GOOD, days=29) == 0
    assert review(GOOD, days=31) == 1
    step = (first + first // 4) // 5_000 * 5_000
    assert (line_of(ann).limit_minor, queries.list_limit_changes(ann.pk)[0].reason) == (min(step, carried), "paid_well")
    assert LimitReview.objects.get().reasons == []
    for days in range(32, 400, 31):
        report_again(decide, ann, at, days)
        review(GOOD, days=days)
    assert line_of(ann).limit_minor == carried


def test_an_old_report_raises_nothing(person, decide, review):
    decide(person("+thin"))
    assert review(GOOD, days=31) == 0


def test_a_report_raises_a_limit_only_as_long_as_its_account_says(person, decide, review, at, monkeypatch):
    ann = person("+thin")
    decide(ann)
    report_again(decide, ann, at)
    source = gateways.find_source(Inquiry.objects.get().provider)
    monkeypatch.setattr(source, "terms", replace(source.terms, report_days=5), raising=False)
    assert review(GOOD, days=31) == 0
    monkeypatch.setattr(source, "terms", replace(source.terms, report_days=None))
    assert review(GOOD, days=32) == 1


def test_nothing_rises_while_something_is_overdue(person, decide, review, at):
    ann = person("+thin")
    decide(ann)
    report_again(decide, ann, at)
    assert review(replace(GOOD, overdue_now=1, paid_on_time=40)) == 0


def test_a_limit_never_falls_below_what_is_in_use(person, decide, review, shipped, at):
    ann = person("+approve")
    decide(ann)
    services.reserve(consumer_id=ann.pk, currency="USD", amount_minor=120_000, at=at)
    assert review(LATE, days=1) == 1
    assert (line_of(ann).limit_minor, line_of(ann).used_minor) == (120_000, 120_000)


def test_limits_by_hand_blocks_and_own_limits_stand(person, decide, review, shipped, at):
    by_hand, blocked, own = (person("+approve") for _ in range(3))
    for one in (by_hand, blocked, own):
        decide(one)
    services.set_limit(consumer_id=by_hand.pk, currency="USD", limit_minor=170_000, at=at)
    with unguarded():
        Block.objects.create(consumer=blocked, reason="other", blocked_by=make_operator("rita@kvart.example"), blocked_at=at)
    services.set_own_limit(consumer=own, currency="USD", limit_minor=10_000, at=at)
    assert review(LATE, days=1) == 1
    assert [line_of(one).limit_minor for one in (by_hand, blocked, own)] == [170_000, 150_000, 90_000]
    assert line_of(own).own_minor == 10_000


def test_nobody_is_reviewed_who_objects_until_it_is_refused(person, decide, review, shipped, at, monkeypatch):
    monkeypatch.setitem(KINDS, "objection", replace(KINDS["objection"], by_law=False))
    objecting, refused, buying = (person("+approve") for _ in range(3))
    for one in (objecting, refused, buying):
        decide(one)
    asked = [accounts.open_request(consumer=one, kind="objection", text="No", at=at) for one in (objecting, refused)]
    user = make_operator("rita@kvart.example", may=("answer_request",))
    accounts.answer_request(request_id=asked[1].pk, user=user, outcome="refused", answer="No", at=at)
    assert spared_among([objecting.pk, refused.pk, buying.pk]) == {objecting.pk}
    assert review(LATE, days=1) == 2
    assert line_of(objecting).limit_minor == 150_000
    accounts.answer_request(request_id=asked[0].pk, user=user, outcome="partly", answer="Yes", at=at)
    assert spared_among([objecting.pk]) == {objecting.pk}


def test_nobody_is_reviewed_who_was_erased(person, decide, review, shipped):
    ann = person("+approve")
    decide(ann)
    with unguarded():
        Consumer.objects.filter(pk=ann.pk).update(email_hash=ann.erased_hash)
    assert review(LATE, days=1) == 0


def test_a_day_is_reviewed_once(person, decide, review, shipped):
    decide(person("+approve"))
    assert [review(LATE, days=1), review(LATE, days=1), review(History(), days=1)] == [1, 0, 0]
    assert ReviewPass.objects.get().finished_at is not None


def test_a_review_that_dies_half_way_goes_on_where_it_was(person, decide, review, shipped, monkeypatch):
    people = [person("+approve") for _ in range(3)]
    for one in people:
        decide(one)
    monkeypatch.setattr(reviews, "CHUNK", 1)
    store, died = reviews._store, []

    def die(found, at):
        store(found, at)
        if len(died) < 1 and LimitReview.objects.count() == 2:
            died.append(1)
            raise SystemExit

    monkeypatch.setattr(reviews, "_store", die)
    with pytest.raises(SystemExit):
        review(LATE, days=1)
    assert LimitReview.objects.count() == 1
    assert review(LATE, days=1) == 2
    assert [line_of(one).limit_minor for one in people] == [90_000] * 3
    assert LimitChange.objects.filter(reason="paid_late").count() == 3


def test_a_chunk_is_a_fixed_number_of_statements(person, decide, review, shipped, monkeypatch):
    counts = []
    for day in (1, 2):
        for _ in range(day * 2):
            decide(person("+approve"))
        late = replace(LATE, paid_late=day)
        counts.append(len(statements(lambda day=day, late=late: review(late, days=day))))
    assert LimitReview.objects.count() == 6
    assert counts[0] == counts[1] <= 20


def test_the_share_of_a_market_moves_its_limits_and_says_so(person, decide, review, at):
    ann, guy = person("+approve"), person("+approve", market="GB")
    decide(ann)
    decide(guy, currency="GBP")
    turn_economy("US", 8_000, at + timedelta(days=1))
    assert review(days=1) == 1
    made = LimitReview.objects.get()
    assert (line_of(ann).limit_minor, made.why, made.reasons) == (120_000, "economy_down", ["economy"])
    turn_economy("US", 10_000, at + timedelta(days=32))
    report_again(decide, ann, at)
    assert review(days=32) == 1
    assert (line_of(ann).limit_minor, LimitReview.objects.order_by("-id")[0].why) == (150_000, "economy_up")
    assert line_of(guy, "GBP").limit_minor == 125_000


def test_each_review_is_replayed_identically_and_the_first_that_differs_is_named(person, decide, review, shipped, at, capsys):
    for _ in range(2):
        decide(person("+approve"))
    turn_economy("US", 8_000, at + timedelta(days=2))
    review(LATE, days=1)
    review(LATE, days=2)
    call_command("decisions", "replay", "--all")
    assert capsys.readouterr().out == "2 of 2 identical\nreviews of limits: 4 of 4 identical\n"
    first = LimitReview.objects.order_by("id")[0]
    with unguarded():
        LimitReview.objects.filter(pk=first.pk).update(limit_minor=95_000)
    with pytest.raises(Exception, match="1 of 4 reviews"):
        call_command("decisions", "replay", "--all")
    assert f"The first that differs is {first.public_id}" in capsys.readouterr().out


def test_what_would_raise_it_is_true_at_the_next_purchase(person, decide, review, shipped, at):
    ann, later = person("+approve"), at + timedelta(days=1)
    decision = decide(ann)
    review(LATE, days=1)
    told = what_raises(*asked_last(decision, LimitReview.objects.get()), ruled=asked_today(ann, decision, later))
    assert told == [("next_on_time", 120_000), ("more_left", 105_000)]
    after = replace(LATE, paid_on_time=LATE.paid_on_time + 4, on_time_run=4)
    assert decide(ann, at=later, history=after, reference="chk_2").limit_minor == 120_000
    assert what_raises(*asked_again(decision), ruled=asked_today(ann, decision, later)) == [("more_left", 180_000)]


def test_operators_see_what_a_review_used(person, decide, review, shipped, client, at):
    ann = person("+approve")
    decision = decide(ann)
    turn_economy("US", 8_000, at + timedelta(days=1))
    review(LATE, days=1)
    client.force_login(make_boss("boss@kvart.example"), backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(reverse("admin:credit_creditline_change", args=[line_of(ann).pk])).content.decode()
    for told in (
        *(
            "Daily review",
            "You have paid installments with us late.",
            "Payments made late",
            "Share of each computed limit that is given",
            "80%",
        ),
        *("Paid late, and fewer than four installments on time since", reverse("admin:credit_decision_change", args=[decision.pk])),
    ):
        assert told in page, told


def test_a_late_payment_with_another_brand_is_not_told(person, decide, review, shipped):
    ann = person("+approve")
    decide(ann)
    assert review(LATE, days=1, brand="other") == 1
    made = LimitReview.objects.get()
    assert (made.why, made.reasons) == ("looked_again", ["late_elsewhere"])
    assert OutboxEvent.objects.filter(name="credit.limit_lowered", payload__consumer=ann.public_id).count() == 1


@pytest.mark.django_db(transaction=True)
def test_reviews_and_purchases_at_once_move_a_limit_once_and_never_below_its_use(person, decide, review, shipped, at, at_once):
    ann = person("+approve")
    decide(ann)

    def act(number):
        if number < 3:
            return review(LATE, days=1)
        if number == 3:
            return decide(ann, history=LATE, reference="chk_9", at=at + timedelta(days=1)).outcome
        return services.reserve(consumer_id=ann.pk, currency="USD", amount_minor=40_000, at=at)

    told = at_once(8, act)
    line = line_of(ann)
    bought = [one for one in told[4:] if one is None]
    assert {type(one) for one in told[4:]} <= {type(None), LimitExceeded}
    assert {type(one) for one in told[:4]} <= {int, str}
    assert (line.used_minor, line.limit_minor) == (40_000 * len(bought), max(90_000, 40_000 * len(bought)))
    changes = list(LimitChange.objects.filter(line=line).order_by("number"))
    assert [one.before_minor for one in changes[1:]] == [one.after_minor for one in changes[:-1]]
    assert LimitReview.objects.count() == sum(told[:3]) <= 1


@pytest.mark.django_db(transaction=True)
def test_lines_are_locked_with_their_consumers_as_they_are_then(person, decide):
    """Somebody's account is joined to another person while a review waits for its line."""
    ann, bo = person("+approve"), person()
    decide(ann)
    found, waits = [], threading.Event()

    def wait():
        try:
            with unit():
                waits.set()
                found.extend(queries.lock_lines_among([ann.pk]))
        finally:
            connection.close()

    other = threading.Thread(target=wait)
    with unit():
        CreditLine.objects.filter(consumer=ann).update(used_minor=1)
        other.start()
        waits.wait(5)
        other.join(0.2)
        Consumer.objects.filter(pk=ann.pk).update(person=bo)
    other.join(5)
    assert [(line.used_minor, line.consumer.holder_id) for line in found] == [(1, bo.pk)]
