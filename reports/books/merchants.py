"""Amounts owed to merchants, and payouts on their way to them."""

from core.db import stream
from core.ids import public_id
from core.states import words
from ledger.queries import SORTED_AS_KEYS, stream_balances
from payments.states import MOVEMENT_OPEN
from reports.books.check import Check, Sums, compare

_RECORDS = """
    SELECT m.id, m.currency,
        coalesce((
            SELECT sum(c.amount_minor - c.fee_minor - c.shop_interest_minor) FROM checkout_capture c
            JOIN checkout_order o ON o.id = c.order_id WHERE o.merchant_id = m.id), 0)
      - coalesce((
            SELECT sum(r.amount_minor - r.fee_minor - r.shop_interest_minor) FROM checkout_refund r
            JOIN checkout_order o ON o.id = r.order_id WHERE o.merchant_id = m.id), 0)
      - coalesce((
            SELECT sum(p.fee_minor) FROM checkout_postponement p JOIN checkout_order o ON o.id = p.order_id WHERE o.merchant_id = m.id), 0)
      - coalesce((SELECT sum(s.payout_minor) FROM merchants_settlement s WHERE s.merchant_id = m.id), 0)
      + coalesce((
            SELECT sum(i.gross_minor) FROM merchants_settlementitem i WHERE i.merchant_id = m.id AND i.kind IN ('bounce', 'arrival')), 0)
    FROM merchants_merchant m ORDER BY m.id"""
_ORDERS_APART = """
    SELECT o.id, o.captured_minor, o.refunded_minor, coalesce(c.total, 0), coalesce(r.total, 0)
    FROM checkout_order o
    LEFT JOIN (SELECT order_id, sum(amount_minor) total FROM checkout_capture GROUP BY 1) c ON c.order_id = o.id
    LEFT JOIN (SELECT order_id, sum(amount_minor) total FROM checkout_refund GROUP BY 1) r ON r.order_id = o.id
    WHERE o.captured_minor <> coalesce(c.total, 0) OR o.refunded_minor <> coalesce(r.total, 0)"""
_SETTLEMENTS_APART = """
    SELECT s.id, s.net, coalesce(i.total, 0)
    FROM (
        SELECT id, sales_minor - returns_minor - fees_minor + fee_refunds_minor + bounced_minor - subsidies_minor
            + subsidy_refunds_minor AS net FROM merchants_settlement) s
    LEFT JOIN (SELECT settlement_id, sum(gross_minor - fee_minor) total FROM merchants_settlementitem GROUP BY 1) i
        ON i.settlement_id = s.id
    WHERE s.net <> coalesce(i.total, 0)"""
_PAID_APART = """
    SELECT s.id, s.payout_minor, s.currency, p.amount_minor, p.currency
    FROM merchants_settlement s LEFT JOIN payments_payout p ON p.id = s.payout_id
    WHERE s.payout_minor <> coalesce(p.amount_minor, 0) OR s.currency <> coalesce(p.currency, s.currency)"""


def check_merchants() -> Check:
    """Check, merchant by merchant, that the amount we owe is captures less refunds, fees, what it pays for customers, and payouts."""
    check = Check("Merchant payable = captured - refunded - fees - paid for customers - paid out, merchant by merchant")
    ledger: Sums = ((owner, currency, -minor) for owner, currency, minor in stream_balances("merchant_payable"))
    records: Sums = ((public_id("mer", merchant), currency, int(total)) for merchant, currency, total in stream(_RECORDS))
    compare(check, ledger, records, "merchant")
    check.blame(
        f"order {public_id('ord', order)}: says captured {captured} and refunded {refunded}, its captures {c} and refunds {r}"
        for order, captured, refunded, c, r in stream(_ORDERS_APART)
    )
    check.blame(
        f"settlement {public_id('set', settlement)}: says {net}, its lines {lines}" for settlement, net, lines in stream(_SETTLEMENTS_APART)
    )
    check.blame(
        f"settlement {public_id('set', settlement)}: pays {minor} {currency}, its payout is of {paid or 0} {paid_currency or currency}"
        for settlement, minor, currency, paid, paid_currency in stream(_PAID_APART)
    )
    return check


_IN_TRANSIT = f"""
    SELECT p.owner, p.currency, sum(p.amount_minor) FROM payments_payout p WHERE p.status IN ({words(MOVEMENT_OPEN)})
    GROUP BY p.owner, p.currency ORDER BY {SORTED_AS_KEYS.format("p.owner")}, p.currency"""  # noqa: S608  (a constant)


def check_in_transit() -> Check:
    """Check, merchant by merchant, that the ledger's amount in transit is the sum of the payouts that wait for their answer."""
    check = Check("On its way = payouts without an answer, merchant by merchant")
    ledger: Sums = ((owner, currency, -minor) for owner, currency, minor in stream_balances("payouts_in_transit"))
    waiting: Sums = ((owner, currency, int(total)) for owner, currency, total in stream(_IN_TRANSIT))
    compare(check, ledger, waiting, "merchant")
    return check
