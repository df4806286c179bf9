"""Checks of the ledger alone: every entry balances, and checkpoints and daily totals are the sums of their lines."""

from core.db import rows
from ledger.queries import count_entries, empty_entries, trial_balance, unbalanced_entries, wrong_checkpoints, wrong_day_totals
from payments.gateways.base import ALWAYS, Period
from reports.books.check import Check


def check_entries(period: Period = ALWAYS) -> Check:
    """Check that each ledger entry of a period balances in every currency; without a period, each entry of the ledger."""
    span = {"since": period.since, "until": period.until}
    count, lines = count_entries(**span)
    check = Check("Entries balance", count, f"{lines} lines")
    check.blame(f"entry {kind} {source}: {currency} lines sum to {total}" for kind, source, currency, total in unbalanced_entries(**span))
    check.blame(f"entry {kind} {source}: has no lines" for kind, source in empty_entries(**span))
    if period == ALWAYS:
        _blame_trial_balance(check)
    return check


def _blame_trial_balance(check: Check) -> None:
    totals: dict[str, int] = {}
    for line in trial_balance():
        totals[line.currency] = totals.get(line.currency, 0) + line.balance_minor
    check.blame(f"trial balance {currency}: {total}" for currency, total in totals.items() if total)


def check_checkpoints() -> Check:
    """Check that the balance in each checkpoint is the sum of the lines up to it."""
    check = Check("Checkpoints = the lines below them", int(rows("SELECT count(*) FROM ledger_checkpoint")[0][0]))
    check.blame(
        f"checkpoint of {kind} {owner}".rstrip() + f": says {said} {currency}, its lines sum to {total}, off by {said - total}"
        for kind, owner, currency, said, total in wrong_checkpoints()
    )
    return check


def check_day_totals() -> Check:
    """Check that the totals of each day are the sums of the lines that are folded into them."""
    check = Check("Totals of days = their lines", int(rows("SELECT count(*) FROM ledger_daytotal")[0][0]))
    check.blame(
        f"total of {kind} on {day}: says {said} {currency}, its lines sum to {total}"
        for kind, currency, day, said, total in wrong_day_totals()
    )
    return check
