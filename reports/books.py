"""Do the books hold? Each check compares two independent records of the same money and names who is off.

All checks read one snapshot of the database, taken after the gateway's own report, so that what moves meanwhile is not mistaken
for an error: a charge whose row is still pending is in flight, and an entry newer than the report is looked up by itself.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

from core.db import rows, snapshot
from core.errors import NotFound
from core.ids import parse_id, public_id
from ledger.queries import balances_of, trial_balance, unbalanced_entries
from payments.gateways.base import ReportedCharge
from payments.models import Charge
from payments.queries import report_charges
from reports.exposures import beyond_limits

SHOWN = 10


@dataclass(slots=True)
class Check:
    """One check: what it examined, its figures, how many are off, and the first of them."""

    name: str
    examined: int = 0
    figures: str = ""
    wrong: int = 0
    offenders: list[str] = field(default_factory=list)

    def blame(self, offenders: Iterable[str]) -> None:
        """Count offenders and keep the first ten."""
        found = iter(offenders)
        first = list(islice(found, SHOWN))
        self.offenders += first
        self.wrong += len(first) + sum(1 for _ in found)


def check_books() -> list[Check]:
    """Run every check and return them all; the books hold where none of them is wrong."""
    reported = list(report_charges())
    with snapshot():
        return [check_entries(), check_receivables(), check_merchants(), check_limits(), check_charges(reported)]


_EMPTY = """
    SELECT e.kind, e.source FROM ledger_entry e
    WHERE NOT EXISTS (SELECT 1 FROM ledger_line l WHERE l.entry_id = e.id) LIMIT 10"""


def check_entries() -> Check:
    """Check that each ledger entry balances per currency, and so the whole ledger."""
    count, lines = rows("SELECT (SELECT count(*) FROM ledger_entry), (SELECT count(*) FROM ledger_line)")[0]
    check = Check("Entries balance", int(count), f"{lines} lines")
    check.blame(f"entry {kind} {source}: {currency} lines sum to {total}" for kind, source, currency, total in unbalanced_entries(SHOWN))
    empty = rows(_EMPTY)
    check.blame(f"entry {kind} {source}: has no lines" for kind, source in empty)
    totals: dict[str, int] = {}
    for line in trial_balance():
        totals[line.currency] = totals.get(line.currency, 0) + line.balance_minor
    check.blame(f"trial balance {currency}: {total}" for currency, total in totals.items() if total)
    return check


Sums = Mapping[tuple[str, str], int]


def _differences(ledger: Sums, books: Sums, what: str) -> Iterator[str]:
    for owner, currency in sorted(ledger.keys() | books.keys()):
        there, here = ledger.get((owner, currency), 0), books.get((owner, currency), 0)
        if there != here:
            yield f"{what} {owner}: ledger {there} {currency}, records {here} {currency}, off by {there - here}"


def _sum_by_currency(sums: Sums) -> str:
    totals: dict[str, int] = {}
    for (_, currency), minor in sums.items():
        totals[currency] = totals.get(currency, 0) + minor
    return ", ".join(f"{currency} {minor}" for currency, minor in sorted(totals.items())) or "nothing"


_OPEN_INSTALLMENTS = """
    SELECT p.id, p.currency, sum(i.principal_minor + i.interest_minor - i.paid_principal_minor - i.paid_interest_minor)
    FROM plans_installment i JOIN plans_plan p ON p.id = i.plan_id
    WHERE i.status IN ('scheduled', 'partially_paid', 'overdue') GROUP BY p.id, p.currency"""
_PAID_APART = """
    SELECT p.id, i.number, i.paid_principal_minor, i.paid_interest_minor, coalesce(a.principal, 0), coalesce(a.interest, 0)
    FROM plans_installment i JOIN plans_plan p ON p.id = i.plan_id
    LEFT JOIN (SELECT installment_id, sum(principal_minor) principal, sum(interest_minor) interest FROM plans_allocation GROUP BY 1) a
        ON a.installment_id = i.id
    WHERE i.paid_principal_minor <> coalesce(a.principal, 0) OR i.paid_interest_minor <> coalesce(a.interest, 0)"""


def check_receivables() -> Check:
    """Check, plan by plan, that the receivable in the ledger is the sum of the open installments."""
    ledger = balances_of("receivable")
    books = {(public_id("pln", plan), currency): int(total) for plan, currency, total in rows(_OPEN_INSTALLMENTS)}
    check = Check("Receivable = open installments, plan by plan", len(ledger.keys() | books.keys()), _sum_by_currency(books))
    check.blame(_differences(ledger, books, "plan"))
    check.blame(
        f"plan {public_id('pln', plan)}: installment {number} says {principal}+{interest} paid, its charges {by_principal}+{by_interest}"
        for plan, number, principal, interest, by_principal, by_interest in rows(_PAID_APART)
    )
    return check


_MERCHANT_RECORDS = """
    SELECT m.id, m.currency,
        coalesce((
            SELECT sum(c.amount_minor - c.fee_minor) FROM checkout_capture c JOIN checkout_order o ON o.id = c.order_id
            WHERE o.merchant_id = m.id), 0)
      - coalesce((
            SELECT sum(r.amount_minor - r.fee_minor) FROM checkout_refund r JOIN checkout_order o ON o.id = r.order_id
            WHERE o.merchant_id = m.id), 0)
      - coalesce((SELECT sum(s.payout_minor) FROM merchants_settlement s WHERE s.merchant_id = m.id), 0)
      + coalesce((
            SELECT sum(i.gross_minor) FROM merchants_settlementitem i WHERE i.merchant_id = m.id AND i.kind = 'bounce'), 0)
    FROM merchants_merchant m"""
_ORDERS_APART = """
    SELECT o.id, o.captured_minor, o.refunded_minor, coalesce(c.total, 0), coalesce(r.total, 0)
    FROM checkout_order o
    LEFT JOIN (SELECT order_id, sum(amount_minor) total FROM checkout_capture GROUP BY 1) c ON c.order_id = o.id
    LEFT JOIN (SELECT order_id, sum(amount_minor) total FROM checkout_refund GROUP BY 1) r ON r.order_id = o.id
    WHERE o.captured_minor <> coalesce(c.total, 0) OR o.refunded_minor <> coalesce(r.total, 0)"""
_SETTLEMENTS_APART = """
    SELECT s.id, s.sales_minor - s.returns_minor - s.fees_minor + s.fee_refunds_minor + s.bounced_minor, coalesce(i.total, 0)
    FROM merchants_settlement s
    LEFT JOIN (SELECT settlement_id, sum(gross_minor - fee_minor) total FROM merchants_settlementitem GROUP BY 1) i
        ON i.settlement_id = s.id
    WHERE s.sales_minor - s.returns_minor - s.fees_minor + s.fee_refunds_minor + s.bounced_minor <> coalesce(i.total, 0)"""


def check_merchants() -> Check:
    """Check, merchant by merchant, that what we owe is captured less refunded less fees less paid out."""
    books = {(public_id("mer", merchant), currency): int(total) for merchant, currency, total in rows(_MERCHANT_RECORDS)}
    ledger = {key: -minor for key, minor in balances_of("merchant_payable").items()}
    check = Check("Merchant payable = captured - refunded - fees - paid out, merchant by merchant", len(books), _sum_by_currency(books))
    check.blame(_differences(ledger, books, "merchant"))
    check.blame(
        f"order {public_id('ord', order)}: says captured {captured} and refunded {refunded}, its captures {c} and refunds {r}"
        for order, captured, refunded, c, r in rows(_ORDERS_APART)
    )
    check.blame(
        f"settlement {public_id('set', settlement)}: says {net}, its lines {lines}" for settlement, net, lines in rows(_SETTLEMENTS_APART)
    )
    return check


_LIMITS = """
    SELECT l.consumer_id, l.currency, l.used_minor, l.limit_minor, coalesce(o.total, 0) + coalesce(p.total, 0)
    FROM credit_creditline l
    LEFT JOIN (
        SELECT consumer_id, currency, sum(amount_minor - captured_minor - released_minor) total FROM checkout_order
        WHERE status IN ('pending_review', 'authorized', 'partially_captured') GROUP BY 1, 2) o USING (consumer_id, currency)
    LEFT JOIN (
        SELECT p.consumer_id, p.currency, sum(i.principal_minor - i.paid_principal_minor) total
        FROM plans_installment i JOIN plans_plan p ON p.id = i.plan_id
        WHERE i.status IN ('scheduled', 'partially_paid', 'overdue') GROUP BY 1, 2) p USING (consumer_id, currency)"""


def check_limits() -> Check:
    """Check, consumer by consumer, that the used limit is the open exposure and never above the limit, nor are all of a person's."""
    lines = rows(_LIMITS)
    check = Check("Used limit = open exposure, and within the limit, consumer by consumer", len(lines))
    used = {(str(consumer), currency): int(minor) for consumer, currency, minor, _, _ in lines}
    check.figures = _sum_by_currency(used)
    check.blame(
        f"consumer {public_id('con', consumer)}: {used} {currency} in use, {exposure} open, limit {limit}"
        for consumer, currency, used, limit, exposure in lines
        if used != exposure or used > limit
    )
    check.blame(beyond_limits())
    return check


_CHARGE_ENTRIES = """
    SELECT e.source, count(*), sum(l.amount_minor) FILTER (WHERE a.kind = 'cash'), min(l.currency)
    FROM ledger_entry e JOIN ledger_line l ON l.entry_id = e.id JOIN ledger_account a ON a.id = l.account_id
    WHERE e.kind = 'charge' GROUP BY e.id, e.source"""


def check_charges(reported: list[ReportedCharge]) -> Check:
    """Check that every charge the gateway reports has one ledger entry of its amount, and every such entry its charge."""
    entries = {source: (int(cash), currency) for source, _, cash, currency in rows(_CHARGE_ENTRIES)}
    waiting = {public_id("chg", key) for (key,) in rows("SELECT id FROM payments_charge WHERE status IN ('pending', 'unknown')")}
    done = {charge.key: charge for charge in reported if charge.status == "succeeded"}
    in_flight = len((done.keys() & waiting) - entries.keys())
    check = Check("Gateway's charges = ledger's charge entries", len(done), f"{len(entries)} entries, {in_flight} in flight")
    check.blame(_unbooked(done, entries, waiting))
    check.blame(_unreported(done, entries))
    return check


def _unbooked(done: Mapping[str, ReportedCharge], entries: Mapping[str, tuple[int, str]], waiting: set[str]) -> Iterator[str]:
    seen: set[str] = set()
    for key, charge in done.items():
        booked = entries.get(key)
        if key in seen:
            yield f"charge {key}: the gateway has it twice"
        seen.add(key)
        if booked is None and key not in waiting:
            yield f"charge {key}: the gateway took {charge.amount_minor} {charge.currency}, the ledger knows nothing of it"
        elif booked is not None and booked != (charge.amount_minor, charge.currency):
            yield f"charge {key}: the gateway took {charge.amount_minor} {charge.currency}, the ledger says {booked[0]} {booked[1]}"


def _unreported(done: Mapping[str, ReportedCharge], entries: Mapping[str, tuple[int, str]]) -> Iterator[str]:
    for key, (minor, currency) in entries.items():
        if key not in done and not _reported_since(key):
            yield f"charge {key}: the ledger says {minor} {currency}, the gateway knows nothing of it"


def _reported_since(key: str) -> bool:
    """Return whether the gateway has a charge now that its report did not have yet."""
    try:
        charge = Charge.objects.filter(id=parse_id("chg", key)).first()
    except NotFound:
        return False
    return charge is not None and any(r.key == key and r.status == "succeeded" for r in report_charges(reference=charge.reference))
