"""Keep the plans that a person is shown, as they are shown."""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime

from checkout.models import Checkout, ShownOffer
from checkout.quoting import least_deposit, start_of
from checkout.showing import Why, as_json, plan_shown, plans_shown, rules_shown
from core.db import unit
from plans.queries import Quote

MOST = 12
"""The most offers that are kept after one decision: it can be looked at for 48 hours, on which plans change with the day and the law."""


def note_shown(*, checkout: Checkout, quotes: Sequence[Quote], at: datetime, deposit_minor: int | None = None) -> None:
    """Keep what the page of a decided checkout shows: its quotes, and why other plans are left out; once for each different content.

    `deposit_minor` is as in `checkout.quoting.checkout_quotes`, which made the quotes. One query if it is kept already.
    """
    decision = checkout.decision
    if decision is None:
        return
    seal = _seal_of(quotes)
    known = set(ShownOffer.objects.filter(decision=decision).values_list("seal", flat=True)[:MOST])
    if seal in known or len(known) >= MOST:
        return
    shown = ShownOffer(
        checkout=checkout,
        decision=decision,
        amount_minor=checkout.amount_minor,
        least_deposit_minor=least_deposit(checkout, deposit_minor),
        starts_on=start_of(checkout, at),
        plans=as_json(plans_shown(checkout, quotes, at, deposit_minor)),
        ruled=rules_shown(checkout),
        seal=seal,
        at=at,
    )
    with unit():
        # Another window may show it at the same moment.
        ShownOffer.objects.bulk_create([shown], ignore_conflicts=True)


def _seal_of(quotes: Sequence[Quote]) -> str:
    """Return the hash of what quotes say."""
    said = json.dumps(as_json([plan_shown(one, Why.EVERYBODY) for one in quotes]), sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()
