"""What people earned by paying early."""

from core.db import stream
from core.ids import public_id
from ledger.queries import stream_balances
from ledger.rewards import EXPENSE
from plans.states import FeeStatus
from reports.books.check import Check, Sums, compare

_STANDING = """
    SELECT i.plan_id, p.currency, sum(r.amount_minor - r.returned_minor - r.owed_minor)
    FROM plans_reward r JOIN plans_installment i ON i.id = r.installment_id JOIN plans_plan p ON p.id = i.plan_id
    GROUP BY 1, 2 ORDER BY 1"""

_USED = "SELECT id, currency, used_minor FROM plans_feecredit WHERE used_minor > 0 ORDER BY 1"
_GIVEN = """
    SELECT c.id, c.currency, sum(u.amount_minor) FROM plans_feecredituse u JOIN plans_feecredit c ON c.id = u.credit_id
    WHERE u.given_back_at IS NULL GROUP BY 1, 2 ORDER BY 1"""
_LOWER = f"""
    SELECT f.id, p.currency, f.credit_minor
    FROM plans_fee f JOIN plans_installment i ON i.id = f.installment_id JOIN plans_plan p ON p.id = i.plan_id
    WHERE f.credit_minor > 0 AND f.status = '{FeeStatus.CHARGED}' ORDER BY 1"""  # noqa: S608  (a word of our own)
_USES = """
    SELECT u.fee_id, c.currency, sum(u.amount_minor) FROM plans_feecredituse u JOIN plans_feecredit c ON c.id = u.credit_id
    WHERE u.given_back_at IS NULL GROUP BY 1, 2 ORDER BY 1"""


def check_rewards() -> Check:
    """Check, plan by plan, that what the ledger says early payments earned is the sum of the rewards that stand."""
    check = Check("Money back for early payments = rewards that stand, plan by plan")
    ledger: Sums = ((owner, currency, minor) for owner, currency, minor in stream_balances(EXPENSE) if minor)
    standing: Sums = ((public_id("pln", plan), currency, int(total)) for plan, currency, total in stream(_STANDING) if total)
    compare(check, ledger, standing, "plan")
    return check


def check_fee_credits() -> Check:
    """Check that credits gave fees what they say was used of them, and that fees are lower by just that."""
    check = Check("Credits against fees = what fees are lower by, credit by credit and fee by fee")
    compare(check, _sums("fcr", _USED), _sums("fcr", _GIVEN), "credit")
    compare(check, _sums("fee", _LOWER), _sums("fee", _USES), "fee")
    return check


def _sums(prefix: str, sql: str) -> Sums:
    return ((public_id(prefix, key), currency, int(total)) for key, currency, total in stream(sql))
