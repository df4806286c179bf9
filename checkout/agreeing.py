"""The facts of a purchase, and the documents with them that a person agrees to and that are kept with the plan."""

from datetime import datetime

from accounts.models import Consumer
from accounts.queries import home_state
from accounts.rules.addresses import address_line
from brands.queries import PageBrand, get_brand
from checkout.models import Checkout
from checkout.pricing import pricing_of
from checkout.quoting import quoted_payments
from core.characters import visible
from core.clock import local_date
from core.locales import page_locale
from credit.deciders import was_by_people
from payments.queries import smallest_new_charge
from plans.documents.facts import Borrower, Facts, Item, Lender, Payment, Shop
from plans.documents.laws import law_of
from plans.documents.writing import Agreement, write_documents
from plans.fees import fee_caps
from plans.queries import Quote
from plans.rules.terms import BY_RULE


def write_terms(checkout: Checkout, consumer: Consumer, quote: Quote, at: datetime) -> Agreement:
    """Write the documents of a checkout under a quote, in the active language. They do not change during a day."""
    return write_documents(facts_of(checkout, consumer, quote, at))


def facts_of(checkout: Checkout, consumer: Consumer, quote: Quote, at: datetime) -> Facts:
    """Return the facts for the documents of a checkout under a quote; the date is that of `at` where the consumer lives."""
    merchant, market = checkout.merchant, checkout.merchant.market
    day = local_date(at, consumer.time_zone)
    # A deposit is no payment of the credit.
    count, interest = len(quote.installments) - bool(quote.deposit_minor), quote.interest_minor
    return Facts(
        day=day,
        locale=page_locale(consumer.locale),
        law=law_of(market.code, market.law, day, count=count, cost_minor=quote.cost_minor),
        lender=lender_of(get_brand(checkout.merchant.brand_id)),
        borrower=Borrower(consumer.public_id, visible(consumer.name), visible(address_line(consumer.address or {}))),
        shop=Shop(visible(merchant.name), visible(merchant.legal_name)),
        order=visible(checkout.merchant_reference),
        checkout=checkout.public_id,
        items=tuple(Item(item["quantity"], visible(item["name"]), item["amount"]) for item in checkout.items),
        currency=quote.currency,
        principal_minor=quote.principal_minor,
        interest_minor=interest,
        service_minor=quote.service_minor,
        apr_bps=quote.apr_bps,
        rate_bps=quote.product.rate_bps,
        refund_rule=quote.product.refund_rule,
        payments=_payments(quote, checkout),
        ships_later=checkout.capture == "manual",
        authorization_days=merchant.authorization_days,
        smallest_minor=smallest_new_charge(market.code, quote.currency, merchant.brand_id),
        deposit_minor=quote.deposit_minor,
        is_personal=quote.product.audience == BY_RULE,
        pricing=pricing_of(checkout, quote, at),
        by_people=checkout.decision is not None and was_by_people(checkout.decision),
        fees=quote.fees,
        fee_caps=fee_caps(market.code, home_state(consumer), day),
    )


def lender_of(brand: PageBrand) -> Lender:
    """Return a brand's lender, as documents name it."""
    return Lender(
        name=brand.name,
        legal_name=brand.legal_name,
        address=brand.address,
        email=brand.support_email,
        color=brand.color,
        register_number=brand.register_number,
        supervision=brand.supervised,
    )


def _payments(quote: Quote, checkout: Checkout) -> tuple[Payment, ...]:
    interest = {row.number: row.interest_minor for row in quote.installments}
    return tuple(
        Payment(one.number, one.due_date, one.amount_minor, interest[one.number], one.when)
        for one in quoted_payments(quote, capture=checkout.capture, brand=checkout.merchant.brand_id)
    )
