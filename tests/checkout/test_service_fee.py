"""Service fees: told before consent, in every cost, charged in share with each capture, taken back with the goods and the agreement."""

from datetime import timedelta

import pytest

from checkout import services as checkouts
from checkout.agreeing import write_terms
from checkout.models import ShownOffer
from checkout.queries import get_checkout
from checkout.quoting import checkout_quotes, quoted_payments
from checkout.services.showing import note_shown
from checkout.showing import replay_shown
from collection import services as collection
from core.errors import Invalid
from ledger.queries import balance
from payments.models import Authorization, Charge
from plans import offers
from plans.documents.late_fees import Reader, fee_sentences
from plans.models import Fee, Installment, Plan
from plans.rules.service import service_fee, service_share
from plans.services import withdraw_plan
from reports.books import check_books
from tests.checkout.test_scoped_products import sell
from tests.plans.conftest import fees
from tests.plans.test_fees_attacked import at_once, limit
from tests.shops import AT, make_key

__all__ = ["fees"]
pytestmark = pytest.mark.django_db(transaction=True)
DAY = timedelta(days=1)
HALF = {"like": "pay_in_4", "count": 4, "service_bps": 50, "service_most_minor": 500}


@pytest.fixture
def allowed(fees, monkeypatch):
    """A market that allows service fees of 5.00."""
    real = offers.settings_in_force
    monkeypatch.setattr(
        offers, "settings_in_force", lambda code, keys, on: real(code, keys, on) | ({"fee.service": 500} if "fee.service" in keys else {})
    )


@pytest.fixture
def sold(allowed):
    """Four payments with a service fee of half a percent, in a market that allows 5.00."""
    return sell("served", **HALF)


def held() -> None:
    assert [line for check in check_books() for line in check.offenders] == []


def told(order, merchant, **more):
    return {"order_id": order.id, "merchant": merchant, "actor": "test"} | more


def charged() -> list[tuple[int, int, str]]:
    return list(Fee.objects.order_by("id").values_list("installment__part", "amount_minor", "status"))


def test_the_fee_and_its_shares():
    assert [service_fee(100, 50, most, 60_000) for most in (0, 500, 150)] == [400, 400, 150]
    assert (service_fee(100, 50, 0, 0), service_fee(0, 50, 0, 100)) == (0, 1)
    parts = [(0, 1), (1, 333), (334, 333), (667, 333)]
    shares = [service_share(7, amount_minor=1_000, before_minor=before, part_minor=part) for before, part in parts]
    assert (shares, sum(shares)) == ([0, 2, 3, 2], 7)


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        ({"service_minor": 501, "service_most_minor": 0, "minimum_minor": 50_000}, "service_minor"),
        ({"audience": "by_rule"}, "service_minor"),
        ({"service_bps": 0}, "service_most_minor"),
        ({"service_minor": 400}, "service_minor"),
    ],
)
def test_no_fee_beyond_settings_and_law(allowed, terms, field):
    with pytest.raises(Invalid) as refused:
        sell("served", **HALF | terms)
    assert list(refused.value.fields) == [field]


def test_no_fee_where_the_market_has_no_setting(fees):
    with pytest.raises(Invalid) as refused:
        sell("served", **HALF)
    assert list(refused.value.fields) == ["service_minor"]


def test_it_is_told_before_consent_in_every_cost(sold, buy, merchant, client):
    asked = {"amount": 60_000, "currency": "USD"}
    key = {"authorization": f"Bearer {make_key(merchant)}"}
    plans = client.post("/api/v1/quotes", asked, content_type="application/json", headers=key).json()["plans"]
    api = {one["product"]: one for one in plans}
    assert [one["amount"] for one in api["served"]["installments"]] == [15_300, 15_000, 15_000, 15_000]
    assert (api["served"]["total"], api["served"]["interest"], api["served"]["fees"]["on_time"]) == (60_300, 0, 300)
    assert (api["pay_in_4"]["fees"]["on_time"], api["pay_in_4"]["apr"]) == (0, 0)
    # 300 with a payment of 15,000 on the first day lends 44,700, paid back by 45,000 after two, four and six weeks.
    assert 8.5 < api["served"]["apr"] < 9
    order = buy(merchant, 60_000, at=AT, product="served")
    plan, checkout = order.plan, get_checkout(order.checkout_id)
    assert (plan.agreed["service_minor"], plan.agreed["total_minor"], plan.apr_bps) == (300, 60_300, round(api["served"]["apr"] * 100))
    assert Authorization.objects.get().amount_minor == 15_300
    quote = next(one for one in checkout_quotes(checkout, AT) if one.product.code == "served")
    assert quoted_payments(quote, capture="manual")[0].amount_minor == 15_300
    papers = write_terms(checkout, order.consumer, quote, AT)
    for text in filter(None, (papers.text, papers.information, papers.payment_plan)):
        assert {"$3.00", "$603.00"} <= {word.rstrip(".") for word in text.split()}
        assert "You pay no fee as long as" not in text.replace("Beside a service fee that stands with the plan, you pay no", "")
    assert "Cost of the credit (finance charge)\t$3.00" in papers.text
    assert fee_sentences(quote.fees, {}, Reader("USD", "en-US"))[0] == "You pay no fee as long as you pay on time."
    note_shown(checkout=checkout, quotes=[quote], at=AT)
    assert ShownOffer.objects.count() >= 1
    assert [differs for _offer, differs in replay_shown() if differs] == []


def test_each_part_bears_its_share_and_gives_it_back_whole(sold, buy, merchant, client):
    order = buy(merchant, 60_000, at=AT, product="served")
    checkouts.capture_order(**told(order, merchant), amount_minor=20_000, at=AT)
    checkouts.capture_order(**told(order, merchant), amount_minor=None, at=AT + DAY)
    assert charged() == [(1, 100, "charged"), (2, 200, "charged")]
    held()
    collection.run_due(at=AT + 2 * DAY)
    assert sorted(Charge.objects.values_list("amount_minor", flat=True)) == [5_100, 10_200]
    income = lambda: -balance(kind="late_fees", owner=order.plan.public_id, currency="USD")  # noqa: E731
    assert income() == 300
    # A part of what was sent keeps its fee; all of it takes it back.
    checkouts.refund_order(**told(order, merchant), amount_minor=5_000, reason="", at=AT + 3 * DAY)
    assert income() == 300
    checkouts.refund_order(**told(order, merchant), amount_minor=55_000, reason="", at=AT + 4 * DAY)
    assert (income(), {status for *_, status in charged()}) == (0, {"withdrawn"})
    assert Plan.objects.get(pk=order.plan_id).status == "completed"
    held()


def test_it_is_taken_back_with_the_agreement_and_no_later_part_bears_it(sold, buy, merchant):
    order = buy(merchant, 60_000, at=AT, product="served")
    checkouts.capture_order(**told(order, merchant), amount_minor=20_000, at=AT)
    assert withdraw_plan(plan_id=order.plan_id, repay_by=(AT + 30 * DAY).date(), actor="", at=AT + DAY)
    checkouts.capture_order(**told(order, merchant), amount_minor=None, at=AT + 2 * DAY)
    assert charged() == [(1, 100, "withdrawn")]
    collection.run_due(at=AT + 31 * DAY)
    assert sum(Charge.objects.values_list("amount_minor", flat=True)) == 60_000
    held()


def test_caps_cut_it_and_a_race_charges_it_once(sold, buy, merchant):
    orders = [buy(merchant, 12_000, at=AT, product="served") for _ in range(2)]
    limit(consumer_year_minor=100)
    errors = at_once(
        *(lambda order=order: checkouts.capture_order(**told(order, merchant), amount_minor=None, at=AT) for order in orders * 2)
    )
    assert len(errors) == 2
    assert sorted(charged()) == [(1, 40, "charged"), (1, 60, "charged")]
    assert sorted(Installment.objects.filter(fees_minor__gt=0).values_list("fees_minor", flat=True)) == [40, 60]
    held()
