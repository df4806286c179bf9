"""Settlement: once a day each merchant gets a statement of all items since the last one, and a payout of a positive balance."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from core.clock import local_date
from core.db import rows, unit
from core.ids import uuid7
from core.money import Money
from core.outbox import append
from ledger import postings
from ledger.queries import balance
from merchants.events import PayoutArrived, PayoutBounced, PayoutRepaid, SettlementMade
from merchants.models import Merchant, Settlement, SettlementItem
from merchants.queries import list_unsettled, newest_bounces
from merchants.rules import Statement, days_to_settle, end_of_day
from payments import services as payments
from payments.models import Payout
from payments.queries import list_bounced_payouts, takes_payouts

# One SQL statement claims all open items and returns their sums; rows that commit later wait for the next day.
_CLAIM = """
    WITH claimed AS (
        UPDATE merchants_settlementitem SET settlement_id = %s
        WHERE merchant_id = %s AND settlement_id IS NULL AND at < %s
        RETURNING kind, gross_minor, fee_minor)
    SELECT count(*),
           coalesce(sum(gross_minor) FILTER (WHERE kind = 'capture'), 0)::bigint,
           coalesce(-sum(gross_minor) FILTER (WHERE kind = 'refund'), 0)::bigint,
           coalesce(sum(fee_minor) FILTER (WHERE kind = 'capture'), 0)::bigint,
           coalesce(-sum(fee_minor) FILTER (WHERE kind = 'refund'), 0)::bigint,
           coalesce(sum(gross_minor) FILTER (WHERE kind IN ('bounce', 'arrival')), 0)::bigint,
           coalesce(-sum(gross_minor) FILTER (WHERE kind IN ('interest', 'postpone') AND gross_minor < 0), 0)::bigint,
           coalesce(sum(gross_minor) FILTER (WHERE kind = 'interest' AND gross_minor > 0), 0)::bigint
    FROM claimed"""


def record_item(
    *,
    merchant_id: uuid.UUID,
    kind: str,
    source: str,
    order_ref: str,
    merchant_reference: str,
    gross_minor: int,
    fee_minor: int,
    at: datetime,
) -> None:
    """Add an item to a merchant's balance, in the caller's transaction; once for each source.

    `gross_minor` and `fee_minor` are positive for a capture; for a refund both are negative (the returned amounts). Interest that
    the shop pays for a customer is negative, positive where it comes back, and has no fee.
    """
    told = kind == "interest" or (gross_minor > 0) == (kind in {"capture", "bounce"})
    if not told or gross_minor == 0:
        raise ValueError(f"a {kind} of {gross_minor}")
    SettlementItem.objects.create(
        merchant_id=merchant_id,
        kind=kind,
        source=source,
        order_ref=order_ref,
        merchant_reference=merchant_reference,
        gross_minor=gross_minor,
        fee_minor=fee_minor,
        at=at,
    )


def settle_merchants(*, at: datetime) -> int:
    """Make the missing statements of all merchants for days that have ended in their time zones; return how many. Run by a timer.

    Each statement is a commit of its own. Safe to repeat, to run on several workers at once, and to run any number of days late.
    """
    return sum(_settle_merchant(merchant_id, at) for merchant_id in list_unsettled(at))


def _settle_merchant(merchant_id: uuid.UUID, at: datetime) -> int:
    made = 0
    while _settle_next_day(merchant_id, at):
        made += 1
    return made


def _settle_next_day(merchant_id: uuid.UUID, at: datetime) -> bool:
    """Make a merchant's next statement; False if none is due, or another process is making it."""
    with unit():
        free = Merchant.objects.select_related("market").select_for_update(of=("self",), skip_locked=True, no_key=True)
        merchant = free.filter(id=merchant_id).first()
        if merchant is None:
            return False
        last = Settlement.objects.filter(merchant=merchant).order_by("-date").values_list("date", "closing_minor").first()
        zone = merchant.market.time_zone
        days = days_to_settle(last=last[0] if last else None, created=local_date(merchant.created_at, zone), today=local_date(at, zone))
        day = next(days, None)
        if day is None:
            return False
        _settle_day(merchant, day, opening_minor=last[1] if last else 0, at=at)
    return True


def _settle_day(merchant: Merchant, day: date, *, opening_minor: int, at: datetime) -> None:
    """Make one statement of a locked merchant: claim the items, pay the balance, post the ledger entry and publish the event.

    Nothing is paid to a bank account that returned a payout, until the shop changes the account or an operator has checked it.
    """
    settlement_id = uuid7()
    cutoff = end_of_day(day, merchant.market.time_zone)
    count, sales, returns, fees, fee_refunds, bounced, subsidies, given_back = rows(_CLAIM, [settlement_id, merchant.id, cutoff])[0]
    statement = Statement(
        opening_minor=opening_minor,
        sales_minor=sales,
        returns_minor=returns,
        fees_minor=fees,
        fee_refunds_minor=fee_refunds,
        bounced_minor=bounced,
        subsidies_minor=subsidies,
        subsidy_refunds_minor=given_back,
    )
    if statement.balance_minor > 0 and _is_held(merchant):
        statement = replace(statement, held=True)
    settlement = Settlement(
        id=settlement_id,
        merchant=merchant,
        date=day,
        currency=merchant.currency,
        opening_minor=statement.opening_minor,
        sales_minor=statement.sales_minor,
        returns_minor=statement.returns_minor,
        fees_minor=statement.fees_minor,
        fee_refunds_minor=statement.fee_refunds_minor,
        bounced_minor=statement.bounced_minor,
        subsidies_minor=statement.subsidies_minor,
        subsidy_refunds_minor=statement.subsidy_refunds_minor,
        payout_minor=statement.payout_minor,
        closing_minor=statement.closing_minor,
        item_count=count,
        held=statement.held,
        created_at=at,
    )
    settlement.payout = _pay(settlement, at)
    settlement.save(force_insert=True)
    append(SettlementMade(settlement=settlement.public_id, merchant=merchant.public_id), at=at)


def _is_held(merchant: Merchant) -> bool:
    """Return whether a merchant's payouts are held: it is suspended, has no bank account yet, or one that returned a payout."""
    if merchant.is_suspended or not merchant.payout_destination:
        return True
    return not takes_payouts(merchant.public_id, merchant.payout_destination)


def _pay(settlement: Settlement, at: datetime) -> Payout | None:
    """Open the payout of a statement and post it as in transit; None if nothing is owed."""
    if not settlement.payout_minor:
        return None
    merchant = settlement.merchant
    payout = payments.open_payout(
        reference=settlement.public_id,
        owner=merchant.public_id,
        destination=merchant.payout_destination,
        amount=Money(settlement.payout_minor, settlement.currency),
        at=at,
        brand=merchant.brand_id,
        market=merchant.market_id,
    )
    posting = postings.SettlementPosting(
        settlement=settlement.public_id,
        merchant=merchant.public_id,
        currency=settlement.currency,
        amount_minor=settlement.payout_minor,
        at=at,
    )
    postings.settlements([posting])
    return payout


def bounce_payouts(*, payout_ids: Collection[uuid.UUID], at: datetime) -> None:
    """Make returned payouts owed again, in the transaction that recorded the return; the next statement pays them again."""
    if not payout_ids:
        return
    with unit():
        failed = Settlement.objects.select_related("merchant", "payout").filter(payout_id__in=payout_ids).order_by("id")
        for settlement in failed:
            _bounce(settlement, at)


def _bounce(settlement: Settlement, at: datetime) -> None:
    assert settlement.payout is not None
    postings.bounces([_posting(settlement, _record_return(settlement, "bounce", settlement.payout_minor, at), at)])
    append(PayoutBounced(**_told(settlement)), at=at)


def undo_bounces(*, payout_ids: Collection[uuid.UUID], at: datetime) -> None:
    """Undo the returns of payouts that were made after all, in the transaction that recorded that.

    If one was paid again meanwhile, the next statements withhold the amount; an operator is notified if a shop's balance does not cover it.
    """
    with unit():
        made = Settlement.objects.select_related("merchant", "payout").filter(payout_id__in=payout_ids).order_by("id")
        for settlement in made:
            _undo_bounce(settlement, at)


def _undo_bounce(settlement: Settlement, at: datetime) -> None:
    assert settlement.payout is not None
    postings.bounces_undone([_posting(settlement, _record_return(settlement, "arrival", -settlement.payout_minor, at), at)])
    append(PayoutArrived(**_told(settlement)), at=at)
    if balance(kind="merchant_payable", owner=settlement.merchant.public_id, currency=settlement.currency) > 0:
        payments.note_paid_twice(payout=settlement.payout, at=at)


def _record_return(settlement: Settlement, kind: str, minor: int, at: datetime) -> str:
    """Add a line for a payout that came back or arrived after all; return its source: the payout's id, with a number from the second on."""
    assert settlement.payout is not None
    before = SettlementItem.objects.filter(source__startswith=settlement.payout.public_id).count()
    source = f"{settlement.payout.public_id}:{before}" if before else settlement.payout.public_id
    record_item(
        merchant_id=settlement.merchant_id,
        kind=kind,
        source=source,
        order_ref="",
        merchant_reference="",
        gross_minor=minor,
        fee_minor=0,
        at=at,
    )
    return source


def _posting(settlement: Settlement, source: str, at: datetime) -> postings.BouncePosting:
    return postings.BouncePosting(
        payout=source,
        merchant=settlement.merchant.public_id,
        currency=settlement.currency,
        amount_minor=settlement.payout_minor,
        at=at,
    )


def _told(settlement: Settlement) -> dict[str, Any]:
    assert settlement.payout is not None
    return {
        "settlement": settlement.public_id,
        "merchant": settlement.merchant.public_id,
        "payout": settlement.payout.public_id,
        "amount_minor": settlement.payout_minor,
        "currency": settlement.currency,
    }


def note_paid(*, payout_ids: Collection[uuid.UUID], at: datetime) -> None:
    """Publish which returned payouts are paid again by these payouts, in the transaction that recorded that these were made.

    A payout pays the whole balance of its statement, and so every payout that came back by then.
    """
    if not payout_ids:
        return
    with unit():
        made = list(Settlement.objects.select_related("merchant", "payout").filter(payout_id__in=payout_ids).order_by("date", "id"))
        waiting = {one.public_id: one for one in list_bounced_payouts({settlement.merchant.public_id for settlement in made})}
        lines = newest_bounces(list(waiting)) if waiting else {}
        for settlement in made:
            paid = [waiting[key] for key, line in lines.items() if _is_paid_by(line, settlement)]
            lines = {key: line for key, line in lines.items() if waiting[key] not in paid}
            _tell_paid(settlement, paid, at)


def _is_paid_by(line: SettlementItem, settlement: Settlement) -> bool:
    if line.settlement is None or line.merchant_id != settlement.merchant_id:
        return False
    return line.settlement.date <= settlement.date


def _tell_paid(settlement: Settlement, paid: Sequence[Payout], at: datetime) -> None:
    if not paid or settlement.payout is None:
        return
    payments.note_resent(payouts=paid, by=settlement.payout, at=at)
    for payout in paid:
        event = PayoutRepaid(
            settlement=payout.reference,
            merchant=settlement.merchant.public_id,
            payout=payout.public_id,
            amount_minor=payout.amount_minor,
            currency=payout.currency,
            paid_with=settlement.public_id,
        )
        append(event, at=at)
