"""Plans that only a rule offers: longer, shorter, or of another price by risk where the market's law allows it."""

import pytest
from django.urls import reverse

from accounts.events import ConsumerErased
from checkout.handlers import on_consumer_erased
from checkout.models import Checkout, Order
from checkout.offers import OFFERS, offer_facts
from checkout.queries import get_checkout
from checkout.quoting import checkout_quotes
from checkout.services import update_checkout
from controls.models import RuleCase
from core.errors import Invalid
from plans.models import Product
from plans.offers import terms_of
from plans.services import offer_version
from tests.offer_rules import offer_rule, rule_offers
from tests.operators import make_boss
from tests.shops import AT, open_shop

pytestmark = pytest.mark.django_db
SOMEBODY = "hal+approve@people.example"


def sell(market: str, code: str, like: str = "monthly_12", **terms) -> Product:
    """Offer a product that only a rule offers."""
    known = Product.objects.select_related("market").get(market=market, code=like, active=True)
    given = terms_of(known) | {"audience": "by_rule", "name": f"{terms.get('count', known.count)} months"} | terms
    return offer_version(market=known.market, code=code, terms=given, at=AT)


def approved(buy, merchant, amount=60_000) -> Checkout:
    checkout = buy.open(merchant, amount, at=AT)
    buy.finish(checkout, SOMEBODY, card="4000000000000002", at=AT)
    return get_checkout(checkout.pk)


def codes(checkout) -> list[str]:
    return [quote.product.code for quote in checkout_quotes(checkout, AT)]


@pytest.fixture
def longer(db):
    return sell("US", "monthly_24", count=24)


def test_nobody_is_offered_it_without_a_rule(buy, merchant, longer):
    assert "monthly_24" not in codes(approved(buy, merchant))


def test_a_rule_offers_longer_terms_by_grade(buy, merchant, longer):
    rule_offers(offer_rule("offer", "monthly_24", when="grade == 'A'", key="Longer"))
    checkout = approved(buy, merchant)
    assert "monthly_24" in codes(checkout)
    assert checkout.ruled == {"offer": {"monthly_24": {"rule": "Longer", "id": "Longer", "set": OFFERS, "version": 1, "row": 0}}}
    order = buy.finish(buy.open(merchant, 60_000, at=AT), SOMEBODY, "monthly_6", at=AT).order
    assert order.plan.product.code == "monthly_6"
    case = RuleCase.objects.filter(kind=OFFERS).first()
    assert (case.facts["grade"], case.facts["banked"], case.facts["known"], case.outcome) == ("A", False, False, "offer:monthly_24")


def test_it_can_be_bought_and_its_papers_say_who_chose_it(buy, merchant, longer):
    from checkout.agreeing import write_terms

    rule_offers(offer_rule("offer", "monthly_24", when="grade == 'A'"))
    checkout = approved(buy, merchant)
    (quote,) = checkout_quotes(checkout, AT, "monthly_24")
    terms = write_terms(checkout, checkout.consumer, quote, AT)
    assert "It also chose to offer you this plan" in terms.text
    (plain,) = checkout_quotes(checkout, AT, "monthly_12")
    assert "It also chose" not in write_terms(checkout, checkout.consumer, plain, AT).text


def test_leaving_a_plan_out_goes_before_offering_it(buy, merchant, longer):
    rule_offers(offer_rule("offer", "monthly_24"), offer_rule("withhold", "monthly_24"))
    checkout = approved(buy, merchant)
    assert "monthly_24" not in codes(checkout)
    assert (list(checkout.withheld), checkout.ruled) == (["monthly_24"], {})


def test_what_rules_made_of_an_offer_goes_with_the_decision_and_with_the_person(buy, merchant, longer):
    rule_offers(offer_rule("offer", "monthly_24", key="a"), offer_rule("withhold", "pay_in_4", key="b"))
    checkout = approved(buy, merchant)
    assert (list(checkout.withheld), list(checkout.ruled)) == (["pay_in_4"], ["offer"])
    update_checkout(checkout_id=checkout.pk, merchant=merchant, changes={"amount": 50_000, "items": []}, at=AT)
    changed = get_checkout(checkout.pk)
    assert (changed.decision, changed.withheld, changed.ruled) == (None, {}, {})
    assert "pay_in_4" in codes(changed)
    other = approved(buy, merchant)
    on_consumer_erased(ConsumerErased(consumer=other.consumer.public_id), at=AT)
    assert (get_checkout(other.pk).withheld, get_checkout(other.pk).ruled) == ({}, {})


def test_the_largest_deposit_counts(buy, merchant):
    rule_offers(offer_rule("deposit", 0.1, key="a"), offer_rule("deposit", 0.3, key="b"), offer_rule("deposit", 0.2, key="c"))
    assert approved(buy, merchant).ruled["deposit"]["bps"] == 3_000


@pytest.mark.parametrize(("market", "law"), [("US", "12 CFR 1022.72"), ("GB", "free of interest")])
def test_a_price_by_risk_is_refused_with_the_law_where_it_is_not_allowed(market, law):
    code = "of_risk"
    if market == "US":
        sell(market, code, rate_bps=500)
    else:
        sell(market, code, "pay_in_4", first="later", interval="monthly", count=4, rate_bps=990, name="4 months")
    for scope in (market, ""):
        with pytest.raises(Invalid) as refused:
            rule_offers(offer_rule("offer", code, when="grade == 'A'", market=scope))
        (told,) = refused.value.fields.values()
        assert law in str(told)
    with pytest.raises(Invalid):
        rule_offers(offer_rule("offer", code, when="default_risk < 0.02", market=market))


def test_the_same_rate_for_longer_is_no_price_by_risk_and_neither_is_a_price_by_goods(longer):
    rule_offers(offer_rule("offer", "monthly_24", when="grade == 'A'", market="US"))
    sell("US", "cheap_12", rate_bps=500)
    rule_offers(offer_rule("offer", "cheap_12", when="'books' in categories", market="US"))


def test_a_price_by_risk_is_offered_where_the_law_allows_it(buy, longer):
    sell("DK", "cheap_12", rate_bps=500)
    rule_offers(offer_rule("offer", "cheap_12", when="grade == 'A'", market="DK"))
    assert "cheap_12" in codes(approved(buy, open_shop("DK"), 600_000))


def test_a_law_that_turned_since_leaves_it_out(buy, longer, monkeypatch):
    sell("DK", "cheap_12", rate_bps=500)
    rule_offers(offer_rule("offer", "cheap_12", when="grade == 'A'", market="DK"))
    monkeypatch.setattr("checkout.services.offering.law_against", lambda *_told: "A new law")
    assert "cheap_12" not in codes(approved(buy, open_shop("DK"), 600_000))


def test_no_offer_follows_where_people_live_in_the_united_states():
    with pytest.raises(Invalid, match="faults") as refused:
        rule_offers(offer_rule("deposit", 0.2, when="customer_region == 'us_ny'", market="US"))
    assert "15 U.S.C. 1691(a)" in str(next(iter(refused.value.fields.values())))


def test_the_risk_that_a_model_gave_is_a_fact(buy, merchant):
    checkout = approved(buy, merchant)
    decision = checkout.decision
    decision.inputs = decision.inputs | {"risk": {"decides": "champion", "said": {"champion": {"ppm": 42_000}}}}
    facts = offer_facts(checkout, checkout.consumer, decision, AT)
    assert (facts["default_risk"], facts["limit_share"]) == (0.042, 0.4)


def test_the_checkouts_page_tells_what_rules_offer_and_ask(buy, merchant, longer, client):
    rule_offers(offer_rule("offer", "monthly_24", key="Longer"), offer_rule("deposit", 0.2, key="Safer"))
    checkout = approved(buy, merchant)
    client.force_login(make_boss("boss@kvart.example"), backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(reverse("admin:checkout_checkout_change", args=[checkout.pk])).content.decode()
    for told in ("24 months was offered by rule", "Rule “Longer” (version 1)", "A deposit of at least 20% was", "Rule “Safer” (version 1)"):
        assert told in page.replace("\xa0", " ")
    assert not Order.objects.exists()
