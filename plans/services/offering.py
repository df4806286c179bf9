"""What is on offer in a market: versions of products begin and end; the change itself is agreed on by two people."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from core.db import unit, wait_lock
from core.errors import Conflict
from markets.models import Market
from plans.models import Product
from plans.offers import check_terms
from plans.queries import lock_versions


def offer_version(*, market: Market, code: str, terms: Mapping[str, Any], at: datetime) -> Product:
    """Offer a new version of a product from now on, or a new product, in place of the version that was on offer.

    Plans keep the version that they have, and open checkouts too while the law allows it. Invalid names a term that cannot be offered,
    or that the law forbids.
    """
    with unit():
        before = _lock(market, code)
        check_terms(market=market, terms=terms, at=at)
        _end(before, at)
        number = before[0].version + 1 if before else 1
        made = Product(market=market, code=code, version=number, offered_since=at, active=True, **terms)
        made.save(force_insert=True)
    return made


def stop_offering(*, market: Market, code: str, at: datetime) -> Product:
    """Stop offering a product from now on; Conflict where it is not on offer.

    Plans keep it, and open checkouts too while the law allows it.
    """
    with unit():
        ended = _end(_lock(market, code), at)
        if ended is None:
            raise Conflict("This product is not on offer.", code="plans.not_on_offer")
    return ended


def end_version(version: Product, at: datetime) -> bool:
    """Stop offering a version, if it still is what is on offer; return whether it ended now. The caller's transaction."""
    versions = _lock(version.market, version.code)
    if not any(one.active and one.pk == version.pk for one in versions):
        return False
    return _end(versions, at) is not None


def _lock(market: Market, code: str) -> list[Product]:
    """Lock a product, which may have no version yet."""
    wait_lock(f"product {market.code} {code}")
    return lock_versions(market.code, code)


def _end(versions: list[Product], at: datetime) -> Product | None:
    offered = next((one for one in versions if one.active), None)
    if offered is not None:
        offered.active, offered.offered_until = False, at
        offered.save(update_fields=["active", "offered_until"])
    return offered
