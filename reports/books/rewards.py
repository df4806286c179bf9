"""What people earned by paying early."""

from core.db import stream
from core.ids import public_id
from ledger.queries import stream_balances
from ledger.rewards import EXPENSE
from reports.books.check import Check, Sums, compare

_STANDING = """
    SELECT i.plan_id, p.currency, sum(r.amount_minor - r.returned_minor - r.owed_minor)
    FROM plans_reward r JOIN plans_installment i ON i.id = r.installment_id JOIN plans_plan p ON p.id = i.plan_id
    GROUP BY 1, 2 ORDER BY 1"""


def check_rewards() -> Check:
    """Check, plan by plan, that what the ledger says early payments earned is the sum of the rewards that stand."""
    check = Check("Money back for early payments = rewards that stand, plan by plan")
    ledger: Sums = ((owner, currency, minor) for owner, currency, minor in stream_balances(EXPENSE) if minor)
    standing: Sums = ((public_id("pln", plan), currency, int(total)) for plan, currency, total in stream(_STANDING) if total)
    compare(check, ledger, standing, "plan")
    return check
