"""Versions of products: agreed on by two people, on offer from their day, within the law of the market."""

from datetime import date, timedelta

import pytest
from django.db import Error, transaction
from django.utils import translation

from accounts.models import Consumer
from checkout import services as checkouts
from checkout.quoting import checkout_quotes
from checkout.services import CheckoutDraft
from controls import services
from controls.errors import AlreadyProposed, Changed, Decided, OnePerson
from controls.models import Proposal
from controls.queries import troubles_of
from core import timers
from core.db import execute
from core.errors import Forbidden, Invalid
from core.money import Money
from core.sentences import translated
from markets.models import MarketSetting
from markets.queries import get_market
from plans.models import Product
from plans.offers import caps_of, draft_of, duties, law_on, quotes_at, terms_of, typical_amounts
from plans.proposals import Offer, subject_of_product
from plans.queries import list_quotes, list_versions
from plans.rules.scopes import Where
from plans.rules.terms import term_faults
from plans.texts import product_name
from tests.operators import make_operator
from tests.owner import unguarded
from tests.shops import AT, open_shop

TODAY = date(2026, 11, 22)
DAY = date(2026, 11, 24)
ANYWHERE = Where("default", "a-shop")


@pytest.fixture
def anna(db):
    return make_operator("anna@kvart.example", may=["propose_offer", "approve_offer"])


@pytest.fixture
def bo(db):
    return make_operator("bo@kvart.example", may=["approve_offer"])


def offered(market="US", code="monthly_6") -> Product:
    return Product.objects.select_related("market").get(market_id=market, code=code, active=True)


def propose(user, market="US", code="monthly_6", *, starts_on=TODAY, at=AT, offers=True, **changes) -> Proposal:
    newest = list_versions(market, code)
    terms = {"offered": True, **(terms_of(newest[0]) if newest else {}), **changes} if offers else {"offered": False}
    return services.propose(
        kind=Offer.name,
        subject=subject_of_product(market, code),
        after=terms,
        reason="the new price list",
        starts_on=starts_on,
        user=user,
        at=at,
    )


def approve(made: Proposal, user, at=AT) -> Proposal:
    return services.approve_proposal(proposal_id=made.pk, user=user, at=at)


def test_a_version_begins_with_the_second_person_and_the_one_before_ends(anna, bo):
    before = offered()
    made = propose(anna, rate_bps=1290, maximum_minor=500_000)
    assert Product.objects.filter(code="monthly_6", market="US").count() == 1
    assert approve(made, bo).outcome == "monthly_6 v2 US"
    old, new = Product.objects.get(pk=before.pk), offered()
    assert (old.active, old.offered_until, old.rate_bps) == (False, AT, 1490)
    assert (new.version, new.offered_since, new.rate_bps, new.maximum_minor, new.count) == (2, AT, 1290, 500_000, 6)


def test_it_begins_on_its_day_at_the_market_by_itself(anna, bo):
    approved = approve(propose(anna, starts_on=DAY, rate_bps=1290), bo)
    assert (approved.status, offered().version) == ("approved", 1)
    # The day begins at midnight in New York.
    midnight = approved.due_at
    assert midnight.isoformat() == "2026-11-24T05:00:00+00:00"
    timers.run_waiting(at=midnight - timedelta(seconds=1))
    assert offered().version == 1
    timers.run_waiting(at=midnight)
    timers.run_waiting(at=midnight)
    assert (offered().version, Product.objects.filter(code="monthly_6", market="US").count()) == (2, 2)


def test_an_approved_version_is_taken_back_before_its_day(anna, bo):
    approved = approve(propose(anna, starts_on=DAY, rate_bps=1290), bo)
    services.withdraw_proposal(proposal_id=approved.pk, user=anna, at=AT)
    timers.run_waiting(at=approved.due_at)
    assert (offered().version, Proposal.objects.get().status) == (1, "withdrawn")


def draft_of_lamp() -> CheckoutDraft:
    urls = {"confirmation": "https://shop.example/done", "cancel": "https://shop.example/basket"}
    items = [{"name": "Lamp", "quantity": 1, "unit_amount": 30_000, "amount": 30_000}]
    return CheckoutDraft(amount=Money(30_000, "USD"), merchant_reference="A-1", urls=urls, items=items)


def test_an_open_checkout_keeps_the_version_that_it_was_quoted_with(anna, bo):
    checkout = checkouts.open_checkout(merchant=open_shop(), draft=draft_of_lamp(), at=AT)
    later = checkout.created_at + timedelta(hours=1)
    first = {quote.product.code: quote.product.version for quote in checkout_quotes(checkout, checkout.created_at)}
    approve(propose(anna, at=later, rate_bps=1290), bo, at=later)
    approve(propose(anna, code="pay_in_30", at=later, offers=False), bo, at=later)
    after = later + timedelta(minutes=5)
    assert {quote.product.code: quote.product.version for quote in checkout_quotes(checkout, after)} == first
    told = list_quotes(market_code="US", amount=Money(30_000, "USD"), start=after.date(), at=after, where=ANYWHERE)
    assert {quote.product.code: quote.product.version for quote in told} == {"pay_in_4": 1, "monthly_6": 2, "monthly_12": 1}


def test_what_is_offered_no_longer_can_be_offered_again_as_a_version_of_its_own(anna, bo):
    approve(propose(anna, offers=False), bo)
    assert not Product.objects.filter(market="US", code="monthly_6", active=True).exists()
    with pytest.raises(Invalid, match=r"Nothing would change"):
        propose(anna, offers=False)
    approve(propose(anna), bo, at=AT + timedelta(minutes=1))
    assert (offered().version, offered().rate_bps) == (2, 1490)


def test_a_name_tells_the_time_without_payments_that_it_does_not_count():
    later = [Product(name="6 months", count=6, interval="monthly", skipped=count) for count in (0, 1, 2)]
    assert [product_name(one) for one in later] == [
        "6 months",
        "6 months, with 1 month without payments",
        "6 months, with 2 months without payments",
    ]
    told = Product(name="4 payments", count=4, interval="biweekly", skipped=1)
    assert product_name(told) == "4 payments, with 2 weeks without payments"


def test_a_new_product_is_offered_in_a_market(anna, bo):
    terms = terms_of(offered("DK")) | {"name": "3 payments", "count": 3, "rate_bps": 0, "position": 1}
    made = propose(anna, "DK", "pay_in_3", **terms)
    assert (made.before, Offer().subject_name(made.subject)) == ({"offered": False, "version": 0}, "pay_in_3, Denmark")
    approve(made, bo)
    assert (offered("DK", "pay_in_3").version, product_name(offered("DK", "pay_in_3"))) == (1, "3 payments")
    told = list_quotes(market_code="DK", amount=Money(30_000, "DKK"), start=TODAY, at=AT, where=ANYWHERE)
    assert [quote.product.code for quote in told if quote.product.code == "pay_in_3"] == ["pay_in_3"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"count": 0}, "count"),
        ({"count": 61}, "count"),
        ({"count": 1, "name": "Once"}, "count"),
        ({"count": True}, "count"),
        ({"interval": "days", "interval_days": 30}, "count"),
        ({"interval": "weekly"}, "interval"),
        ({"interval_days": 14}, "interval_days"),
        ({"first": "never"}, "first"),
        ({"rate_bps": -1}, "rate_bps"),
        ({"rate_bps": 10_001}, "rate_bps"),
        ({"minimum_minor": 0}, "minimum_minor"),
        ({"minimum_minor": 5}, "minimum_minor"),
        ({"maximum_minor": 4_999}, "maximum_minor"),
        ({"maximum_minor": 10**13}, "maximum_minor"),
        ({"refund_rule": "none"}, "refund_rule"),
        ({"remainder": "none"}, "remainder"),
        ({"position": 100}, "position"),
        ({"name": ""}, "name"),
        ({"name": "12 months"}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"name": "x" * 61}, "name"),
    ],
)
def test_terms_that_cannot_be_offered_are_named(anna, changes, field):
    with pytest.raises(Invalid) as told:
        propose(anna, **changes)
    assert list(told.value.fields) == [field]
    assert not Proposal.objects.exists()


def test_terms_of_one_payment_fit_together():
    single = terms_of(
        Product(name="In 30 days", count=1, interval="days", interval_days=30, first="later", minimum_minor=5, maximum_minor=9)
    )
    assert term_faults(single) == {}
    assert set(term_faults(single | {"interval_days": 0, "name": "Later"})) == {"interval_days"}
    assert set(term_faults(single | {"first": "now"})) == {"interval_days"}
    assert set(term_faults(single | {"count": 2, "name": "Later"})) == {"count"}


@pytest.mark.parametrize(
    ("market", "rate_bps", "told"),
    [
        ("DK", 3_100, "makes an APR of 35.7% at DKK\xa050.00; the law of the market permits 35%"),
        ("US", 3_700, "makes an APR of"),
        ("SE", 2_001, "is above 20%, the most that the law of the market permits"),
    ],
)
def test_the_law_of_the_market_is_kept_and_what_breaks_it_is_named(anna, market, rate_bps, told):
    with pytest.raises(Invalid) as error:
        propose(anna, market, rate_bps=rate_bps)
    assert list(error.value.fields) == ["rate_bps"]
    assert told in error.value.fields["rate_bps"]
    assert not Proposal.objects.exists()
    assert propose(anna, market, rate_bps=rate_bps - 500).status == "proposed"


def test_all_cost_of_a_credit_is_capped_too(anna):
    with unguarded():
        rate = {"key": "interest.reference_bps", "value": 8_000, "valid_from": date(2026, 11, 23), "source": "a test"}
        MarketSetting.objects.create(market_id="SE", **rate)
    long = {"name": "60 months", "count": 60, "rate_bps": 3_500}
    with pytest.raises(Invalid) as error:
        propose(anna, "SE", starts_on=DAY, **long)
    assert error.value.fields["rate_bps"].startswith("costs more than 100% of the amount at SEK\xa0")
    # The day before it, no reference rate is known, and the stricter cap holds.
    with pytest.raises(Invalid, match="is above 20%"):
        propose(anna, "SE", starts_on=TODAY, **long)


def test_a_cap_that_changes_meanwhile_stops_what_was_agreed(anna, bo):
    approved = approve(propose(anna, "DK", starts_on=DAY, rate_bps=2_400), bo)
    with unguarded():
        MarketSetting.objects.create(market_id="DK", key="apr.cap_bps", value=2_000, valid_from=DAY, source="a later law")
    assert services.apply_proposals(at=approved.due_at) == 0
    waiting = Proposal.objects.get()
    assert (waiting.status, offered("DK").version) == ("approved", 1)
    assert "permits 20%" in waiting.trouble
    assert [one["name"] for one in waiting.trouble_facts] == ["rate_bps"]
    (why,) = troubles_of(waiting)
    assert why == "Interest a year: makes an APR of 26.8% at DKK\xa050.00; the law of the market permits 20%"
    with translation.override("da"):
        (why,) = troubles_of(waiting)
    assert all(one in why for one in ("26,8\xa0%", "50,00\xa0kr.", "20\xa0%")), why
    assert "APR" not in why


def test_one_thing_at_a_time_is_proposed_about_a_product(anna):
    propose(anna, rate_bps=1290)
    for offers in (True, False):
        with pytest.raises(AlreadyProposed):
            propose(anna, offers=offers, **({"rate_bps": 990} if offers else {}))
    assert propose(anna, code="monthly_12", rate_bps=1290).status == "proposed"
    assert Proposal.objects.count() == 2


def test_nobody_decides_alone_and_only_who_may_proposes(anna, bo):
    with pytest.raises(Forbidden):
        propose(bo, rate_bps=1290)
    made = propose(anna, rate_bps=1290)
    with pytest.raises(OnePerson):
        approve(made, anna)
    stranger = make_operator("eve@kvart.example", may=["approve_shop"])
    with pytest.raises(Forbidden):
        approve(made, stranger)
    assert (Proposal.objects.get().status, offered().version) == ("proposed", 1)


def test_days_that_have_passed_and_no_day_are_refused(anna):
    for day in (TODAY - timedelta(days=1), None):
        with pytest.raises(Invalid) as error:
            propose(anna, starts_on=day, rate_bps=1290)
        assert list(error.value.fields) == ["starts_on"]
    assert not Proposal.objects.exists()


def test_terms_changed_meanwhile_are_not_overwritten(anna, bo):
    made = propose(anna, rate_bps=1290)
    execute("UPDATE plans_product SET name = 'Half a year' WHERE code = 'monthly_6' AND market_id = 'US'")
    with pytest.raises(Changed):
        approve(made, bo)
    assert offered().version == 1


def test_the_database_lets_what_ended_stay_ended(anna, bo):
    approve(propose(anna, rate_bps=1290), bo)
    for change in ("offered_until = NULL", "active = true", "offered_until = now()", "offered_since = now()"):
        with pytest.raises(Error, match="append-only"), transaction.atomic():
            execute(f"UPDATE plans_product SET {change} WHERE code = 'monthly_6' AND version = 1 AND market_id = 'US'")
    with pytest.raises(Error, match="product_offered_is_open"), transaction.atomic():
        execute("UPDATE plans_product SET offered_until = now() WHERE code = 'pay_in_4' AND market_id = 'US'")


@pytest.mark.django_db(transaction=True)
def test_two_who_approve_at_once_begin_one_version(at_once):
    anna = make_operator("anna@kvart.example", may=["propose_offer"])
    others = [make_operator(f"{name}@kvart.example", may=["approve_offer"]) for name in ("bo", "cleo")]
    made = propose(anna, rate_bps=1290)
    came = ["decided" if isinstance(one, Decided) else one.status for one in at_once(2, lambda number: approve(made, others[number]))]
    assert sorted(came) == ["applied", "decided"]
    assert [one.version for one in list_versions("US", "monthly_6")] == [2, 1]


@pytest.mark.django_db(transaction=True)
def test_two_who_propose_at_once_make_one_proposal(at_once):
    people = [make_operator(f"{name}@kvart.example", may=["propose_offer"]) for name in ("anna", "bo")]
    proposed = at_once(2, lambda number: propose(people[number], rate_bps=1290))
    came = ["already" if isinstance(one, AlreadyProposed) else one.status for one in proposed]
    assert (sorted(came), Proposal.objects.count()) == (["already", "proposed"], 1)


@pytest.mark.django_db
def test_quotes_before_it_holds_are_those_of_the_checkout():
    present = offered("DK")
    draft = draft_of(present.market, present.code, terms_of(present))
    amounts = typical_amounts(present)
    assert amounts == [45_000, 150_000, 600_000]
    for minor, quote in quotes_at(draft, [*amounts, 10**9], TODAY).items():
        listed = list_quotes(market_code="DK", amount=Money(minor, "DKK"), start=TODAY, at=AT, product_code="monthly_6", where=ANYWHERE)
        assert (quote.as_json() if quote else None) == (listed[0].as_json() if listed else None)


@pytest.mark.django_db
def test_what_the_law_asks_is_told():
    us, gb = get_market("US"), get_market("GB")
    law = law_on(us, TODAY)
    assert caps_of(law).apr_bps == 3600
    free = terms_of(offered("US", "pay_in_4"))
    assert duties(draft_of(us, "x", free), law, []) == []
    told = duties(draft_of(us, "x", free | {"count": 5}), law, [])
    assert [translated(one)[:27] for one in told] == ["Closed-end disclosures are "]
    assert duties(draft_of(gb, "x", free), law_on(gb, TODAY), []) == []
    assert len(duties(draft_of(gb, "x", free | {"rate_bps": 100}), law_on(gb, TODAY), [])) == 1


STATES = [("NY", False), ("OR", True), ("", False)]


@pytest.mark.parametrize(("state", "offered_there"), STATES)
def test_a_plan_above_the_cap_of_a_state_is_offered_in_the_others(anna, bo, state, offered_there, django_assert_max_num_queries):
    assert approve(propose(anna, rate_bps=2000), bo).status == "applied"
    checkout = checkouts.open_checkout(merchant=open_shop(), draft=draft_of_lamp(), at=AT + timedelta(hours=1))
    checkout.consumer = Consumer(
        market_id="US", time_zone="America/New_York", address={"region": state, "city": "Albany"} if state else None
    )
    at = checkout.created_at
    with django_assert_max_num_queries(2):
        told = {quote.product.code: quote.product.version for quote in checkout_quotes(checkout, at)}
    assert told == {"pay_in_4": 1, "pay_in_30": 1, "monthly_12": 1} | ({"monthly_6": 2} if offered_there else {})
    assert bool(checkout_quotes(checkout, at, "monthly_6")) is offered_there
    us = get_market("US")
    quotes = [one for one in quotes_at(offered(), [30_000], TODAY).values() if one]
    (duty,) = [str(one) for one in duties(offered(), law_on(us, TODAY), quotes) if "New York" in one]
    assert duty == "It is not offered to people in New York, where the law permits an APR of 16%."
