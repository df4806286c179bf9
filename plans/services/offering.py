"""Begin and end versions of products in a market; `plans.proposals` makes sure that two people agreed."""

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
    """Offer a new version of a product, or a new product, from now on; it replaces the version on offer.

    Plans keep their version; so do open checkouts while the law allows it. Invalid names a term that cannot be offered or that the law
    forbids.
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
    """Stop offering a product from now on; Conflict if it is not on offer.

    Plans keep it; so do open checkouts while the law allows it.
    """
    with unit():
        ended = _end(_lock(market, code), at)
        if ended is None:
            raise Conflict("This product is not on offer.", code="plans.not_on_offer")
    return ended


def end_version(version: Product, at: datetime) -> bool:
    """Stop offering a version if it is still on offer, in the caller's transaction; return whether it ended now."""
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
