"""A merchant's account: its creation, its brand and its terms."""

import re
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.text import slugify

from brands.models import DEFAULT
from brands.queries import get_brand
from core.characters import visible
from core.db import unit
from core.errors import Conflict, Invalid, refuse, why_fault
from core.outbox import append
from core.sentences import Sentence
from core.web_addresses import NotAnAddress, read_origin
from markets.models import Market
from merchants.events import MerchantReopened, MerchantSuspended
from merchants.models import RESOLD, Merchant
from merchants.queries import lock_merchant
from merchants.services.history import record_change

BRAND = frozenset({"name", "brand_color", "checkout_text", "support_email", "category", "origins", "auto_extend"})
TERMS = frozenset(
    {
        *("fee_bps", "fee_fixed_minor", "refund_fees", "authorization_days", "payout_destination", "active"),
        *("held_categories", "max_quantity", "postpone_fixed_minor", "postpone_bps", "postpone_most"),
    }
)
MAX_AUTHORIZATION_DAYS = 180
MAX_FEE_BPS = 10_000
MAX_FIXED_MINOR = 1_000_000
MAX_POSTPONED = 12
MAX_ORIGINS = 20
MAX_CATEGORIES = 50
MAX_QUANTITY = 10_000


def create_merchant(
    *,
    name: str,
    legal_name: str,
    market: Market,
    payout_destination: str,
    at: datetime,
    slug: str = "",
    brand: str = DEFAULT,
    **details: Any,
) -> Merchant:
    """Open a merchant's account with a brand of ours, in a market and its currency; `details` are fields of its look and its terms."""
    unknown = details.keys() - BRAND - TERMS
    if unknown:
        raise TypeError(f"unknown details of a merchant: {sorted(unknown)}")
    _check({"name": name, **details})
    with unit():
        return Merchant.objects.create(
            name=visible(name),
            legal_name=visible(legal_name),
            slug=slug or f"{slugify(name)[:40]}-{uuid.uuid4().hex[:6]}".lstrip("-"),
            brand_id=get_brand(brand).code,
            market=market,
            currency=market.currency,
            payout_destination=payout_destination,
            created_at=at,
            **{"held_categories": list(RESOLD), **_in_one_form(details)},
        )


def update_brand(*, merchant: Merchant, changes: Mapping[str, Any], actor: str, at: datetime) -> Merchant:
    """Change a merchant's look and its settings of the checkout: any fields of BRAND; Invalid names the field."""
    return _update(merchant, changes, BRAND, kind="brand_changed", actor=actor, at=at)


def update_terms(*, merchant: Merchant, changes: Mapping[str, Any], actor: str, at: datetime) -> Merchant:
    """Change the terms agreed with a merchant: any fields of TERMS; Invalid names the field. New fees apply to captures from now on."""
    return _update(merchant, changes, TERMS, kind="terms_changed", actor=actor, at=at)


def check_terms(changes: Mapping[str, Any]) -> None:
    """Refuse terms that a merchant cannot have; Invalid names the field."""
    _check(changes)


def suspend_merchant(*, merchant_id: uuid.UUID, reason: str, actor: str, at: datetime) -> Merchant:
    """Suspend a merchant: no new checkouts and no payouts; captures and refunds of running orders go on. Its team is notified.

    Invalid without a reason; Conflict if it is already suspended.
    """
    refuse({"reason": why_fault(reason)})
    with unit():
        locked = lock_merchant(merchant_id)
        if locked.is_suspended:
            raise Conflict("This shop is suspended already.", code="merchants.suspended_already")
        locked.suspended_at = at
        locked.save(update_fields=["suspended_at"])
        record_change(merchant=locked, kind="suspended", subject="", actor=actor, at=at, reason=reason.strip()[:500])
        append(MerchantSuspended(merchant=locked.public_id), at=at)
    return locked


def reopen_merchant(*, merchant_id: uuid.UUID, actor: str, at: datetime) -> Merchant:
    """End a merchant's suspension: checkouts and payouts go on. Conflict if it is not suspended."""
    with unit():
        locked = lock_merchant(merchant_id)
        if not locked.is_suspended:
            raise Conflict("This shop is not suspended.", code="merchants.not_suspended")
        locked.suspended_at = None
        locked.save(update_fields=["suspended_at"])
        record_change(merchant=locked, kind="reopened", subject="", actor=actor, at=at)
        append(MerchantReopened(merchant=locked.public_id), at=at)
    return locked


def _update(merchant: Merchant, changes: Mapping[str, Any], allowed: frozenset[str], *, kind: str, actor: str, at: datetime) -> Merchant:
    unknown = changes.keys() - allowed
    if unknown:
        raise Invalid("This cannot be changed here.", fields=dict.fromkeys(sorted(unknown), Sentence("cannot be changed here")))
    _check(changes)
    changes = _in_one_form(changes)
    with unit():
        locked = lock_merchant(merchant.id)
        before = {name: getattr(locked, name) for name in changes}
        for name, value in changes.items():
            setattr(locked, name, value)
        locked.save(update_fields=sorted(changes))
        record_change(merchant=locked, kind=kind, subject="", actor=actor, at=at, before=before, after=dict(changes))
    return locked


def _in_one_form(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return checked values in their stored form: values used in headers of pages and mails contain nothing that could break a header."""
    stored = dict(values)
    for name in {"name", "legal_name", "checkout_text"} & stored.keys():
        stored[name] = visible(stored[name])
    if "origins" in stored:
        stored["origins"] = list(dict.fromkeys(read_origin(origin, sandbox=settings.SANDBOX) for origin in stored["origins"]))
    return stored


def _check(values: Mapping[str, Any]) -> None:
    """Raise Invalid for a value that a merchant cannot have."""
    refuse({name: _fault(name, value) for name, value in values.items()})


def _fault(name: str, value: Any) -> str:  # noqa: PLR0911  (a table)
    match name:
        case "name" if not 1 <= len(visible(value)) <= 80:
            return Sentence("must have 1 to 80 characters")
        case "checkout_text" if len(value) > 140:
            return Sentence("must have at most 140 characters")
        case "brand_color" if value and not re.fullmatch(r"#[0-9a-fA-F]{6}", value):
            return Sentence("must be a color such as #1f6f54")
        case "fee_bps" | "postpone_bps" if not 0 <= value <= MAX_FEE_BPS:
            return Sentence("must be 0 to 10,000 basis points")
        case "authorization_days" if not 1 <= value <= MAX_AUTHORIZATION_DAYS:
            return Sentence("must be 1 to 180 days")
        case "fee_fixed_minor" | "postpone_fixed_minor" if not 0 <= value <= MAX_FIXED_MINOR:
            return Sentence("must be 0 to 1,000,000 minor units")
        case "postpone_most" if not 1 <= value <= MAX_POSTPONED:
            return Sentence("must be 1 to 12")
        case "payout_destination" if not 1 <= len(value) <= 120:
            return Sentence("must have 1 to 120 characters")
        case "max_quantity" if not 1 <= value <= MAX_QUANTITY:
            return Sentence("must be 1 to 10,000")
        case "held_categories" if len(value) > MAX_CATEGORIES or not all(re.fullmatch(r"[a-z0-9_]{1,60}", one) for one in value):
            return Sentence("must be at most 50 names of small letters, digits and underscores")
        case "origins":
            return _origins_fault(value)
    return ""


def _origins_fault(origins: list[str]) -> str:
    if len(origins) > MAX_ORIGINS:
        return Sentence("must be at most %(most)s", most=MAX_ORIGINS)
    for origin in origins:
        try:
            read_origin(origin, sandbox=settings.SANDBOX)
        except NotAnAddress as fault:
            return str(fault)
    return ""
