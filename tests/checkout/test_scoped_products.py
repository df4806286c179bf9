"""Products that are meant for some purchases alone, and the kinds of products that are sold: from the quote to the last payment."""

from datetime import date, timedelta

import pytest

from checkout import services as checkouts
from checkout.agreeing import write_terms
from checkout.models import Checkout, ShownOffer
from checkout.queries import get_checkout
from checkout.quoting import checkout_quotes
from checkout.services.showing import note_shown
from checkout.showing import plans_of
from controls.queries import differences_of
from core.business_days import is_business_day
from core.errors import Invalid
from plans.models import Installment, Plan, Product
from plans.offers import draft_of, quotes_at, subject_of_product, terms_of
from plans.proposals import OFFERED, Offer
from plans.services import offer_version
from reports.books import check_books
from tests.shops import AT, make_key, open_shop

pytestmark = pytest.mark.django_db(transaction=True)


def sell(code: str, like: str = "monthly_6", market: str = "US", **terms) -> Product:
    known = Product.objects.select_related("market").get(market=market, code=like, active=True)
    count = terms.get("count", known.count)
    return offer_version(market=known.market, code=code, terms=terms_of(known) | {"name": f"{count} months", "count": count} | terms, at=AT)


def codes(merchant, buy, consumer=None) -> set[str]:
    checkout = buy.open(merchant, 60_000, at=AT + timedelta(minutes=1))
    if consumer is not None:
        checkout.consumer = consumer
    return {quote.product.code for quote in checkout_quotes(checkout, AT)}


USUAL = {"pay_in_4", "pay_in_30", "monthly_6", "monthly_12"}


def test_a_narrow_product_is_added_where_it_fits_alone(buy, merchant, stranger):
    sell("monthly_3", count=3, shops=["nordlys"])
    assert (codes(merchant, buy), codes(stranger, buy)) == (USUAL | {"monthly_3"}, USUAL)


def test_the_narrowest_stands_for_another_product(buy, merchant, stranger):
    sell("lamps_6", rate_bps=500, trades=["Lamps"], stands_for="monthly_6")
    sell("nordlys_6", rate_bps=300, shops=["nordlys"], stands_for="monthly_6")
    merchant.category = stranger.category = "lamps"
    merchant.save(update_fields=["category"])
    stranger.save(update_fields=["category"])
    told = differences_of(Offer(), "US:lamps_6", {}, {"stands_for": "monthly_6", "count": 6, "name": "Six"})
    assert [(one.name, one.after) for one in told] == [
        ("Name, as people see it", "Six"),
        ("Number of payments", "6"),
        ("Offered in place of", "6 months"),
    ]
    others = USUAL - {"monthly_6"}
    assert (codes(merchant, buy), codes(stranger, buy)) == (others | {"nordlys_6"}, others | {"lamps_6"})
    checkout = buy.open(merchant, 60_000, at=AT + timedelta(minutes=1))
    # Whoever asks for the product by its code does not get around it.
    assert [checkout_quotes(checkout, AT, code) for code in ("monthly_6", "lamps_6")] == [[], []]
    assert len(checkout_quotes(checkout, AT, "nordlys_6")) == 1


def test_a_product_whose_deposit_is_too_small_hides_no_other(buy, merchant):
    sell("nordlys_6", shops=["nordlys"], stands_for="monthly_6", deposit_bps=1)
    checkout = buy.open(merchant, 60_000, at=AT + timedelta(minutes=1))
    assert {quote.product.code for quote in checkout_quotes(checkout, AT)} == USUAL


def test_a_brands_product_is_not_offered_with_another(buy, merchant):
    sell("monthly_3", count=3, brands=["fjordbank"])
    assert codes(merchant, buy) == USUAL


def test_a_product_for_businesses_is_only_for_them(buy, merchant):
    sell("net_60", like="pay_in_30", count=1, interval_days=60, name="In 60 days", classes=["kind:business"])
    consumer = buy(merchant, 20_000, at=AT).consumer
    assert codes(merchant, buy, consumer) == USUAL
    consumer.classes = {"kind": "business"}
    assert codes(merchant, buy, consumer) == USUAL | {"net_60"}


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        ({"classes": ["risk_class:low"]}, "classes"),
        ({"stands_for": "monthly_12"}, "stands_for"),
        ({"shops": "nordlys"}, "shops"),
        ({"trades": [""]}, "trades"),
        ({"day_rule": "never"}, "day_rule"),
        ({"deposit_bps": 9_500}, "deposit_bps"),
        ({"interval": "days", "interval_days": 20, "count": 1, "skipped": 1, "name": "In 20 days"}, "skipped"),
    ],
)
def test_terms_that_cannot_hold_are_refused(db, terms, field):
    with pytest.raises(Invalid) as refused:
        sell("odd", **terms)
    assert field in refused.value.fields


def test_the_quote_of_a_shop_is_by_its_scope(client, merchant, stranger):
    sell("monthly_3", count=3, shops=["nordlys"])
    asked = {"amount": 60_000, "currency": "USD"}
    door, kind = "/api/v1/quotes", "application/json"
    told = [client.post(door, asked, kind, headers={"authorization": f"Bearer {make_key(one)}"}) for one in (merchant, stranger)]
    found = [{plan["product"] for plan in answer.json()["plans"]} for answer in told]
    assert found == [USUAL | {"monthly_3"}, USUAL]


def test_what_was_left_out_is_kept_with_its_reason(buy, merchant):
    sell("other_3", count=3, shops=[open_shop().slug])
    sell("nordlys_6", rate_bps=300, shops=["nordlys"], stands_for="monthly_6")
    checkout = buy.open(merchant, 60_000, at=AT + timedelta(minutes=1))
    buy.finish(checkout, "hal+approve@people.example", card="4000000000000002", at=AT)
    checkout = get_checkout(checkout.pk)
    note_shown(checkout=checkout, quotes=checkout_quotes(checkout, AT), at=AT)
    why = {one.product: one.why for one in plans_of(ShownOffer.objects.latest("id"))}
    assert (why["other_3"], why["monthly_6"], why["nordlys_6"]) == ("scope", "replaced", "everybody")


SOLD = {
    "in two": {"like": "pay_in_4", "count": 2, "name": "2 payments"},
    "in six": {"like": "pay_in_4", "count": 6, "name": "6 payments"},
    "in 14 days": {"like": "pay_in_30", "interval_days": 14, "name": "In 14 days"},
    "in 60 days": {"like": "pay_in_30", "interval_days": 60, "name": "In 60 days", "day_rule": "modified"},
    "net 90": {"like": "pay_in_30", "interval_days": 90, "name": "In 90 days", "shops": ["nordlys"]},
    "3 months without interest": {"count": 3, "rate_bps": 0},
    "36 months": {"count": 36, "minimum_minor": 50_000, "day_rule": "next"},
    "deposit": {"count": 6, "deposit_bps": 2_500},
    "deferred": {"count": 6, "skipped": 3, "day_rule": "modified"},
}


@pytest.mark.parametrize("terms", SOLD.values(), ids=SOLD)
def test_every_kind_is_sold_as_its_preview_showed(buy, merchant, settle_charge, terms):
    """Preview, quote, agreement and the installments of the capture agree in each date and amount; then everything is paid by itself."""
    product = sell("sold", **terms)
    amount, today = 60_000, AT.date()
    shown = quotes_at(draft_of(product.market, "sold", terms_of(product)), [amount], today)[amount]
    order = buy(merchant, amount, at=AT + timedelta(minutes=1), product="sold")
    agreed = order.plan.agreed["installments"]
    previewed = [(row.due_date, row.principal_minor, row.interest_minor) for row in shown.installments]
    assert [(date.fromisoformat(one["due_date"]), one["principal_minor"], one["interest_minor"]) for one in agreed] == previewed
    assert (order.plan.apr_bps, order.plan.deposit_minor) == (shown.apr_bps, shown.deposit_minor)
    checkouts.take_deposit(order_id=order.id, merchant=merchant, amount_minor=None, at=AT)
    checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=None, actor="test", at=AT)
    rows = Installment.objects.filter(plan=order.plan_id).order_by("number")
    assert [(row.due_date, row.principal_minor, row.interest_minor) for row in rows] == previewed
    if product.day_rule != "as_is":
        assert all(is_business_day(row.due_date, "US") for row in rows)
    last = len(rows) - 1 if len(rows) < 12 else 0
    for number in {0, last}:
        settle_charge(order, AT + (rows[number].due_date - today))
    paid = sum(row.amount_minor for row in shown.installments[: last + 1])
    status = "completed" if paid == shown.total_minor else "active"
    assert (Plan.objects.get(pk=order.plan_id).status, sum(row.paid_minor for row in rows.all())) == (status, paid)
    assert [line for check in check_books() for line in check.offenders] == []


def test_the_agreement_tells_the_deposit_each_date_and_the_apr(buy, merchant):
    sell("sold", count=6, skipped=3, deposit_bps=2_500, day_rule="modified")
    checkout: Checkout = buy.open(merchant, 60_000, at=AT + timedelta(minutes=1))
    buy.finish(checkout, "hal+approve@people.example", card="4000000000000002", at=AT)
    checkout = get_checkout(checkout.pk)
    (quote,) = checkout_quotes(checkout, AT, "sold")
    text = write_terms(checkout, checkout.consumer, quote, AT).text
    assert (quote.deposit_minor, quote.financed_minor) == (15_000, 45_000)
    # Three months without a payment lower the yearly cost below that of the nominal rate.
    assert 0 < quote.apr_bps < quote.product.rate_bps
    for told in ("150.00", "450.00", "Mar 22, 2027"):
        assert told in text


def test_a_product_takes_the_place_of_one_that_takes_nobodys(merchant):
    sell("nordlys_6", shops=["nordlys"], stands_for="monthly_6")
    known = Product.objects.select_related("market").get(market="US", code="monthly_6", active=True)

    def check(code: str, other: str) -> None:
        terms = terms_of(known) | {"trades": ["Lamps"], "stands_for": other}
        Offer().check(subject_of_product("US", code), {OFFERED: True, **terms}, AT.date())

    check("lamps_6", "monthly_6")
    for code, other in (("lamps_6", "nordlys_6"), ("monthly_6", "monthly_12"), ("lamps_6", "lamps_6"), ("lamps_6", "never_sold")):
        with pytest.raises(Invalid) as refused:
            check(code, other)
        assert list(refused.value.fields) == ["stands_for"], (code, other)
