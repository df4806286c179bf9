"""End offers that a new law forbids: a timer does so on the first day of the law, in the market's time zone."""

import logging
from datetime import datetime

from controls.queries import find_open_proposal
from controls.states import ProposalStatus
from core.db import unit
from plans.models import Product
from plans.offers import OFFER, forbidden_today, subject_of_product
from plans.services.offering import end_version

log = logging.getLogger("bnpl.offers")


def end_forbidden(*, at: datetime) -> int:
    """End the products on offer that their market's law forbids today; return how many ended. Run by a timer.

    Each is a commit of its own. A product that an approved version replaces at this moment is left out.
    """
    return sum(_end_one(one.product, at) for one in forbidden_today(at) if not _is_replaced(one.product, at))


def _is_replaced(product: Product, at: datetime) -> bool:
    found = find_open_proposal(OFFER, subject_of_product(product.market_id, product.code))
    return found is not None and found.status == ProposalStatus.APPROVED and found.due_at <= at and not found.trouble


def _end_one(product: Product, at: datetime) -> bool:
    with unit():
        ended = end_version(product, at)
    if ended:
        log.warning("offer.ended_by_law market=%s product=%s version=%s", product.market_id, product.code, product.version)
    return ended
