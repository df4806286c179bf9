"""Turns of movements and the ledger: each turn that moves money has one entry of its amount, and open disputes are still undecided."""

import uuid
from dataclasses import dataclass

from core.db import rows, stream
from core.ids import public_id
from ledger.queries import SORTED_AS_KEYS, cash_moved, stream_balances
from payments.gateways.base import ALWAYS, Period
from payments.states import DisputeStatus, TransferStatus
from reports.books.check import Check, Sums, Totals, compare

CHUNK = 1_000


@dataclass(frozen=True, slots=True)
class Moved:
    """A kind of turn that moves money at a gateway, the kind of its entries, and the direction of the cash."""

    kind: str
    entry: str
    sign: int


TURNS = (
    Moved("reversed", "charge_reversed", -1),
    Moved("reinstated", "charge_reinstated", 1),
    Moved("fee", "gateway_fee", -1),
    Moved("fee_returned", "gateway_fee_returned", 1),
)


def check_turns(period: Period = ALWAYS) -> Check:
    """Check that amounts which banks took back from charges or returned again, and their fees, have one ledger entry each."""
    check, totals = Check("Turns of charges = ledger's entries"), Totals()
    for moved in TURNS:
        _check_turn(check, totals, moved, period)
    check.examined, check.figures = totals.count, totals.text()
    return check


_IN = " AND (%s::timestamptz IS NULL OR at >= %s) AND (%s::timestamptz IS NULL OR at < %s)"
_TURNS = f"""
    SELECT id, gateway, currency, amount_minor FROM payments_movementevent
    WHERE kind = %s AND id > %s{_IN} ORDER BY id LIMIT {CHUNK}"""  # noqa: S608  (words of our own)


def _check_turn(check: Check, totals: Totals, moved: Moved, period: Period) -> None:
    """Compare the turns of a kind with their entries; both have the same moment, so that a day contains both."""
    times, last, seen = [period.since, period.since, period.until, period.until], uuid.UUID(int=0), 0
    while found := rows(_TURNS, [moved.kind, last, *times]):
        last, seen = found[-1][0], seen + len(found)
        posted = cash_moved(moved.entry, [public_id("mev", row[0]) for row in found])
        for key, gateway, currency, minor in found:
            totals.add(currency, int(minor))
            entry = posted.get(public_id("mev", key))
            if entry != (gateway, currency, moved.sign * int(minor)):
                said = f"{moved.sign * entry[2]} {entry[1]} at {entry[0]}" if entry else "nothing"
                check.blame([f"turn {public_id('mev', key)}: {moved.kind} {minor} {currency} at {gateway}, the ledger says {said}"])
    entries = int(rows(f"SELECT count(*) FROM ledger_entry WHERE kind = %s{_IN}", [moved.entry, *times])[0][0])  # noqa: S608  (ours)
    if entries > seen:
        check.blame([f"ledger: {entries - seen} entries of {moved.entry} have no turn"])


_UNDECIDED = f"""
    SELECT d.reference, e.currency, sum(CASE e.kind WHEN 'reversed' THEN e.amount_minor ELSE -e.amount_minor END)
    FROM payments_movementevent e JOIN payments_dispute d ON d.id = e.dispute_id
    WHERE e.kind IN ('reversed', 'reinstated') AND d.status <> '{DisputeStatus.LOST}' GROUP BY d.reference, e.currency
    HAVING sum(CASE e.kind WHEN 'reversed' THEN e.amount_minor ELSE -e.amount_minor END) <> 0
    ORDER BY {SORTED_AS_KEYS.format("d.reference")}, e.currency"""  # noqa: S608  (a constant)


def check_chargebacks() -> Check:
    """Check, plan by plan, that the ledger's undecided amount is the sum withdrawn for disputes that are not lost."""
    check = Check("Chargebacks = withdrawn for open disputes, plan by plan")
    ledger: Sums = (line for line in stream_balances("chargebacks") if line[2])
    undecided: Sums = ((reference, currency, int(total)) for reference, currency, total in stream(_UNDECIDED))
    compare(check, ledger, undecided, "plan")
    return check


_SENT = f"""
    SELECT r.reference, r.currency, sum(r.amount_minor) FROM payments_transfer t JOIN payments_refund r ON r.id = t.refund_id
    WHERE t.status = '{TransferStatus.SENT}' GROUP BY r.reference, r.currency
    ORDER BY {SORTED_AS_KEYS.format("r.reference")}, r.currency"""  # noqa: S608  (a constant)
_BANK = f"""
    SELECT currency, sum(minor) FROM (
        SELECT r.currency, r.amount_minor AS minor FROM payments_transfer t JOIN payments_refund r ON r.id = t.refund_id
        WHERE t.status = '{TransferStatus.CONFIRMED}'
        UNION ALL SELECT s.currency, -b.amount_minor FROM plans_buyerpayment b JOIN plans_debtsale s ON s.id = b.sale_id
        UNION ALL SELECT m.currency, -r.amount_minor FROM collection_remittance r JOIN collection_agency a ON a.id = r.agency_id
        JOIN markets_market m ON m.code = a.market_id WHERE r.entered_at IS NOT NULL) sent
    GROUP BY 1 ORDER BY 1"""  # noqa: S608  (a word of our own)


def check_transfers() -> Check:
    """Check that sent transfers are the cash in transit, plan by plan, and confirmed ones less money of buyers and agencies the bank's."""
    check = Check("On its way by hand = transfers that nobody has confirmed, plan by plan")
    ledger: Sums = ((owner, currency, -minor) for owner, currency, minor in stream_balances("cash_in_transit") if minor)
    sent: Sums = ((reference, currency, int(total)) for reference, currency, total in stream(_SENT))
    compare(check, ledger, sent, "plan")
    paid = {currency: int(total) for currency, total in rows(_BANK)}
    booked = {currency: -minor for _, currency, minor in stream_balances("bank")}
    for currency in sorted(paid.keys() | booked.keys()):
        if paid.get(currency, 0) != booked.get(currency, 0):
            check.blame(
                [f"bank: ledger {booked.get(currency, 0)} {currency}, transfers, buyers and agencies {paid.get(currency, 0)} {currency}"]
            )
    return check
