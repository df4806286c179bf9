"""Reads about credits against fees: those that a fee may use, and what a person has left of them."""

import uuid
from collections.abc import Collection, Iterable
from datetime import date

from django.db.models import F, Q, Sum

from accounts.models import Consumer
from core.arrays import plain_array
from core.db import rows
from core.ids import parse_id
from payments.models import Charge
from plans.models import Allocation, FeeCredit

Pot = tuple[uuid.UUID, str, str]
"""Whose fees may use a credit: of a person (their key), at a brand, in a currency."""
_IN_ORDER = "SELECT id FROM plans_feecredit WHERE id = ANY(%s::uuid[]) ORDER BY id FOR NO KEY UPDATE"
_TAKEN = F("used_minor") + F("returned_minor") + F("reversed_minor")


def pot_of(consumer: Consumer, currency: str) -> Pot:
    """Return which credits fees of an account in a currency may use."""
    return consumer.holder_id, str(consumer.brand_id), currency


def credits_of(holders: Collection[uuid.UUID], day: date, *, lock: bool) -> dict[Pot, list[FeeCredit]]:
    """Return the credits of people (by the key of the person) that a fee of a day may use, the first to end first.

    One query; with the lock, up to three.
    """
    which = (Q(consumer__in=holders) | Q(consumer__person__in=holders)) & Q(until__gte=day, amount_minor__gt=_TAKEN)
    found = lock_credits(which) if lock else FeeCredit.objects.filter(which).select_related("consumer").order_by("id")
    pots: dict[Pot, list[FeeCredit]] = {}
    for one in sorted(found, key=lambda credit: credit.until):
        pots.setdefault(pot_of(one.consumer, one.currency), []).append(one)
    return pots


def lock_credits(which: Q) -> list[FeeCredit]:
    """Return some credits, locked in the order of their keys until the transaction ends; one query where there are none."""
    keys = list(FeeCredit.objects.filter(which).values_list("id", flat=True))
    if not keys:
        return []
    rows(_IN_ORDER, [plain_array(keys)])
    return list(FeeCredit.objects.filter(which, id__in=keys).select_related("reward", "consumer").order_by("id"))


def lock_credits_of_payments(allocations: Iterable[Allocation]) -> dict[tuple[uuid.UUID, uuid.UUID], FeeCredit]:
    """Return the locked credits that payments had earned, by installment and charge; one query, none without payments."""
    ids = [one.installment_id for one in allocations]
    found = lock_credits(Q(reward__installment__in=ids)) if ids else ()
    return {(one.reward.installment_id, one.reward.charge_id): one for one in found}


def credit_left(consumer: Consumer, day: date) -> list[FeeCredit]:
    """Return what a person has left of credits at their brand on a day, the first to end first; one query."""
    found = credits_of([consumer.holder_id], day, lock=False)
    return [one for (_, brand, _), pot in found.items() if brand == str(consumer.brand_id) for one in pot]


def credited_by(charge: str) -> int:
    """Return what a charge (its public id) earned as a credit against fees, in minor units, less what was taken back of it."""
    of_charge = FeeCredit.objects.filter(reward__charge_id=parse_id(Charge.PREFIX, charge))
    standing = F("amount_minor") - F("returned_minor") - F("reversed_minor")
    return of_charge.aggregate(whole=Sum(standing))["whole"] or 0
