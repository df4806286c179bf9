"""Credits against fees: earned by early payments, used where fees are charged, taken back with the payment as far as nothing used them."""

import uuid
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from django.db.models import Q

from plans.crediting import lock_credits, lock_credits_of_payments
from plans.models import Allocation, Fee, FeeCredit, FeeCreditUse
from plans.rules.rewards import share_taken


def use_credits(pot: Iterable[FeeCredit], fee: Fee) -> list[FeeCreditUse]:
    """Use of locked credits what a fee is lower by, in memory, the first to end first; return what each one gave."""
    left, uses = fee.credit_minor, []
    for one in pot:
        taken = min(left, one.left_minor)
        if taken:
            one.used_minor += taken
            left -= taken
            uses.append(FeeCreditUse(fee=fee, credit=one, amount_minor=taken))
    return uses


def save_uses(uses: Sequence[FeeCreditUse]) -> None:
    """Write what fees, saved before, used of credits; two statements, none without uses."""
    if uses:
        FeeCredit.objects.bulk_update({one.credit_id: one.credit for one in uses}.values(), ["used_minor"])
        FeeCreditUse.objects.bulk_create(uses)


def give_credits_back(*, fees: Iterable[Fee], at: datetime) -> None:
    """Give back to credits what fees that end had used of them; three statements, none if they used none.

    What a credit gets back while a bank has the payment that had earned it is taken back at once: it comes with the payment.
    """
    asked = [fee.id for fee in fees if fee.credit_minor]
    uses = list(FeeCreditUse.objects.filter(fee__in=asked, given_back_at=None)) if asked else []
    if not uses:
        return
    by_id = {one.id: one for one in lock_credits(Q(id__in={use.credit_id for use in uses}))}
    for use in uses:
        credit = by_id[use.credit_id]
        credit.used_minor -= use.amount_minor
        credit.reversed_minor += use.amount_minor if credit.is_reversed else 0
        use.given_back_at = at
    FeeCredit.objects.bulk_update(by_id.values(), ["used_minor", "reversed_minor"])
    FeeCreditUse.objects.bulk_update(uses, ["given_back_at"])


def take_credits(*, taken: Sequence[tuple[Allocation, int]]) -> None:
    """Take back what payments had earned as a credit, in proportion, when the shop refunds amounts of them; never what fees used.

    The allocations are as before the amounts went back. Runs in the transaction of the refund.
    """
    earned = lock_credits_of_payments([allocation for allocation, _minor in taken])
    changed = []
    for allocation, minor in taken:
        one = earned.get((allocation.installment_id, allocation.charge_id))
        if one is not None:
            standing = one.amount_minor - one.returned_minor - one.reversed_minor
            one.returned_minor += min(one.left_minor, share_taken(standing, allocation.standing_principal_minor, minor))
            changed.append(one)
    if changed:
        FeeCredit.objects.bulk_update(changed, ["returned_minor"])


def reverse_credits(*, charge_id: uuid.UUID, installments: Collection[uuid.UUID]) -> None:
    """Take back what a charge had earned as a credit on installments, as far as nothing used it: a bank took the payment back."""
    found = list(lock_credits(_earned(charge_id, installments)))
    for one in found:
        one.reversed_minor, one.is_reversed = one.reversed_minor + one.left_minor, True
    FeeCredit.objects.bulk_update(found, ["reversed_minor", "is_reversed"])


def restore_credits(*, charge_id: uuid.UUID, installments: Collection[uuid.UUID]) -> None:
    """Give again what a charge had earned as a credit on installments, since a bank gave the payment back to us after all."""
    # Rows from before it was noted have an amount alone.
    found = lock_credits(_earned(charge_id, installments) & (Q(is_reversed=True) | Q(reversed_minor__gt=0)))
    for one in found:
        one.reversed_minor, one.is_reversed = 0, False
    FeeCredit.objects.bulk_update(found, ["reversed_minor", "is_reversed"])


def _earned(charge_id: uuid.UUID, installments: Collection[uuid.UUID]) -> Q:
    return Q(reward__charge_id=charge_id, reward__installment__in=installments)
