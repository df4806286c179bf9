"""The notice of a declined application as a document; it is written anew each time, from the decision."""

from accounts.models import Consumer
from accounts.rules.addresses import address_line
from brands.queries import get_brand
from checkout.agreeing import lender_of
from checkout.queries import find_shop_of
from core.characters import visible
from core.clock import local_date
from core.locales import page_locale
from credit.models import Decision
from credit.reasons import sentences
from plans.documents.facts import Borrower
from plans.documents.reading import Paper
from plans.documents.refusal import Refusal, write_refusal


def write_notice(decision: Decision, consumer: Consumer, rights: tuple[str, ...]) -> Paper:
    """Write the notice of a decision that declined a consumer, in the active language; `rights` are paragraphs that the law asks for."""
    shop = find_shop_of(decision.reference)
    return write_refusal(
        Refusal(
            day=local_date(decision.at, consumer.time_zone),
            locale=page_locale(consumer.locale),
            lender=lender_of(get_brand(consumer.brand_id)),
            applicant=Borrower(consumer.public_id, visible(consumer.name), visible(address_line(consumer.address or {}))),
            shop=visible(shop.name) if shop else "",
            currency=decision.currency,
            amount_minor=decision.amount_minor,
            reasons=tuple(sentences(decision.reasons)),
            rights=rights,
        ),
        decision.at,
    )
