"""The risk-based pricing notice of the United States: before consent, with the agreement, by letter, only where it is due."""

import io
from datetime import date, timedelta

import pypdf
import pytest
from django.urls import reverse

from checkout.agreeing import write_terms
from checkout.queries import get_checkout
from checkout.quoting import checkout_quotes
from core import relay
from core.errors import Invalid
from markets.models import MarketSetting
from notifications.letters import compose_letter
from notifications.models import Message
from notifications.queries import load_named
from plans.models import Product
from plans.offers import terms_of
from plans.services import offer_version
from tests.offer_rules import offer_rule, rule_offers
from tests.owner import as_owner
from tests.plans.test_pdf import words
from tests.portals.reading import text_of
from tests.portals.test_checkout_pages import at_plan

pytestmark = pytest.mark.django_db
LAW = "15 U.S.C. 1681m(h), 12 CFR 1022.72"
TOLD = (
    *("How your credit report affects the price of this credit", "We used information from your credit report to set the terms"),
    *("may be less favorable than those that we offer to people with better credit histories", "Sandbox Credit Bureau"),
    *("You have the right to dispute with the bureau", "free copy of it for 60 days", "202-555-0100", "consumerfinance.gov/learnmore"),
    *("Your credit score", "300 to 850", "A credit score is a number that sums up", "It can change over time"),
)
"""What 12 CFR 1022.73(a)(1)(i) to (ix) asks the notice to say."""


def say(day: date, *, allowed: bool = True, notice: bool = True) -> None:
    """Let the market's law say from a day on whether prices may follow the risk."""
    value = {"allowed": allowed, "notice": notice, "law": LAW}
    with as_owner():
        MarketSetting.objects.create(market_id="US", key="price_by_risk", value=value, valid_from=day, source="Two people", note="V")


@pytest.fixture
def cheaper(moment) -> Product:
    """Offer a cheaper plan to people of a grade that nobody here has, which the law then allows."""
    say(date(2025, 6, 1))
    known = Product.objects.select_related("market").get(market="US", code="monthly_12", active=True)
    terms = terms_of(known) | {"audience": "by_rule", "name": "12 months for less", "rate_bps": 500}
    made = offer_version(market=known.market, code="cheap_12", terms=terms, at=moment - timedelta(days=1))
    rule_offers(offer_rule("offer", "cheap_12", when="grade == 'Z'", market="US"))
    return made


@pytest.mark.django_db(transaction=True)
def test_it_is_shown_before_consent_kept_with_the_agreement_and_told_by_letter(client, open_checkout, email, cheaper, moment, bought):
    checkout = open_checkout(60_000)
    at_plan(client, checkout, email("+approve"))
    page = words(text_of(client.get(f"{reverse('checkout_pay', args=[checkout.public_id])}?plan=monthly_12")))
    assert [one for one in TOLD if words(one) not in page] == []
    # Nobody is offered a plan without interest for less.
    plain = words(text_of(client.get(f"{reverse('checkout_pay', args=[checkout.public_id])}?plan=pay_in_4")))
    assert words(TOLD[0]) not in plain
    order = bought(60_000, product="monthly_12", send=False)
    assert order.plan.agreement["pricing"].count("\n# ") == 2
    client.cookies.clear()


def test_the_consent_covers_it_and_its_pdf_and_letter_are_those_of_the_purchase(client, bought, cheaper, sign_in):
    order = bought(60_000, product="monthly_12", send=False)
    kept = order.plan.agreement["pricing"]
    checkout = get_checkout(order.checkout_id)
    quote = next(one for one in checkout_quotes(checkout, order.created_at) if one.product.code == "monthly_12")
    terms = write_terms(checkout, order.consumer, quote, order.created_at)
    assert (terms.pricing, terms.pricing in terms.whole) == (kept, True)
    sign_in(client, order.consumer)
    found = client.get(reverse("purchase_pdf", args=[order.public_id, "pricing"]))
    told = words("".join(one.extract_text() for one in pypdf.PdfReader(io.BytesIO(found.content)).pages))
    assert [one for one in TOLD if words(one) not in told] == []
    assert reverse("purchase_paper", args=[order.public_id, "pricing"]) in text_of(
        client.get(reverse("purchase_paper", args=[order.public_id, "agreement"]))
    )
    relay.deliver(relay.relay_chunk())
    message = Message.objects.select_related("consumer").get(kind="order_authorized", channel="email")
    letter = compose_letter(message, load_named([message])).text
    assert "Your credit report affected the price of this credit." in letter
    assert f"/purchases/{order.public_id}/documents/pricing.pdf" in letter


@pytest.mark.parametrize("why", ["offered", "no_interest", "no_notice", "no_report", "forbidden"])
def test_nobody_gets_it_to_whom_it_is_not_due(why, bought, cheaper, moment, monkeypatch):
    if why == "offered":
        rule_offers(offer_rule("offer", "cheap_12", when="grade == 'A'", market="US"))
    if why in {"no_notice", "forbidden"}:
        say(date(2025, 7, 1), allowed=why == "no_notice", notice=False)
    order = bought(60_000, product="pay_in_4" if why == "no_interest" else "monthly_12", send=False)
    checkout = get_checkout(order.checkout_id)
    if why == "no_report":
        checkout.decision.inquiry_id = None
        quote = next(one for one in checkout_quotes(checkout, order.created_at) if one.product.code == "monthly_12")
        assert write_terms(checkout, order.consumer, quote, order.created_at).pricing == ""
    else:
        assert "pricing" not in order.plan.agreement


def test_a_rule_of_terms_by_risk_is_refused_until_two_people_allow_it_with_the_notice(moment):
    known = Product.objects.select_related("market").get(market="US", code="monthly_12", active=True)
    terms = terms_of(known) | {"audience": "by_rule", "name": "12 months for less", "rate_bps": 500}
    offer_version(market=known.market, code="cheap_12", terms=terms, at=moment)
    with pytest.raises(Invalid) as refused:
        rule_offers(offer_rule("offer", "cheap_12", when="grade == 'A'", market="US"))
    assert "1022.72" in str(next(iter(refused.value.fields.values())))
    say(date(2025, 6, 1))
    rule_offers(offer_rule("offer", "cheap_12", when="grade == 'A'", market="US"))
