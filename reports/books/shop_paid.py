"""What shops pay for their customers."""

from core.db import stream
from core.ids import public_id
from ledger.queries import stream_balances
from ledger.shop_paid import UNEARNED
from reports.books.check import Check, Sums, compare

_UNEARNED = """
    SELECT o.plan_id, o.currency, sum(s.paid_minor - s.earned_minor - s.returned_minor)
    FROM checkout_shopinterest s JOIN checkout_capture c ON c.id = s.capture_id JOIN checkout_order o ON o.id = c.order_id
    GROUP BY 1, 2 ORDER BY 1"""
_APART = """
    SELECT c.id, c.shop_interest_minor, coalesce(s.paid_minor, 0)
    FROM checkout_capture c LEFT JOIN checkout_shopinterest s ON s.capture_id = c.id
    WHERE c.shop_interest_minor <> coalesce(s.paid_minor, 0)"""
_RETURNED_APART = """
    SELECT r.order_id, r.total, coalesce(s.total, 0)
    FROM (SELECT order_id, sum(shop_interest_minor) total FROM checkout_refund GROUP BY 1) r
    LEFT JOIN (
        SELECT c.order_id, sum(s.returned_minor) total FROM checkout_shopinterest s JOIN checkout_capture c ON c.id = s.capture_id
        GROUP BY 1) s ON s.order_id = r.order_id
    WHERE r.total <> coalesce(s.total, 0)"""


def check_shop_interest() -> Check:
    """Check, plan by plan, that the interest of shops that is not earned is what they paid, less what was earned and given back."""
    check = Check("Interest that shops paid, not earned yet = paid - earned - given back, plan by plan")
    ledger: Sums = ((owner, currency, -minor) for owner, currency, minor in stream_balances(UNEARNED) if minor)
    records: Sums = ((public_id("pln", plan), currency, int(total)) for plan, currency, total in stream(_UNEARNED) if total)
    compare(check, ledger, records, "plan")
    check.blame(f"capture {public_id('cap', key)}: asked {asked} of its shop, kept {kept}" for key, asked, kept in stream(_APART))
    check.blame(
        f"order {public_id('ord', key)}: refunds gave back {said}, its captures {kept}" for key, said, kept in stream(_RETURNED_APART)
    )
    return check
