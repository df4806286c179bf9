"""Who must be erased: people whose account an operator closed on request, once nothing about them must be kept any more.

Each app says in SQL what it must keep about a person, and for how long: a condition over the consumer's row `c` and the request's row `r`,
with the parameter `at`. `bnpl.keepers` lists them.
"""

from collections.abc import Iterable

from accounts.states import RequestStatus

WAIT_DAYS = 7
"""Days between the answer and the erasure: the answer is sent, and the person can still write back."""
IDENTITY_YEARS = 7
"""Years for which an identity check is kept where the market's `records.keep_identity_years` says nothing."""
_IDENTITY_KEPT = f"""make_interval(years => coalesce((
    SELECT (s.value #>> '{{}}')::int FROM markets_marketsetting s
    WHERE s.market_id = c.market_id AND s.key = 'records.keep_identity_years' AND s.valid_from <= (%(at)s)::date
        AND (s.valid_to IS NULL OR s.valid_to > (%(at)s)::date)
    ORDER BY s.valid_from DESC LIMIT 1), {IDENTITY_YEARS}))"""  # noqa: S608

# A consumer who was active after the answer is back, and would have to ask again. Renewals of rows are not activity of the person, and
# who signs in from a new browser to see that the account is closed does not ask for it again.
KEPT = f"""(
    EXISTS (SELECT 1 FROM accounts_consumerrequest o WHERE o.consumer_id = c.id AND o.status = '{RequestStatus.OPEN}')
    OR EXISTS (SELECT 1 FROM accounts_identitycheck i WHERE i.consumer_id = c.id
        AND (i.next_at IS NOT NULL OR i.at > %(at)s - {_IDENTITY_KEPT}))
    OR EXISTS (SELECT 1 FROM accounts_consent n WHERE n.consumer_id = c.id AND n.kind <> 'device_security' AND n.at > r.answered_at)
    OR EXISTS (SELECT 1 FROM accounts_consumerchange h WHERE h.consumer_id = c.id AND h.at > r.answered_at AND h.actor <> 'renewal'))"""  # noqa: S608

_CLOSED = f"""
    SELECT r.consumer_id FROM accounts_consumerrequest r JOIN accounts_consumer c ON c.id = r.consumer_id
    WHERE r.kind = 'closure' AND r.status = '{RequestStatus.ANSWERED}' AND r.outcome IN ('done', 'partly')
        AND r.answered_at <= %(at)s - interval '{WAIT_DAYS} days'
        AND NOT EXISTS (SELECT 1 FROM core_subjectkey k WHERE k.subject = 'consumer:' || c.id AND k.destroyed_at IS NOT NULL)"""  # noqa: S608


def erasable(keepers: Iterable[str]) -> str:
    """Return the statement that finds the consumers to erase, given what each app must keep."""
    return f"{_CLOSED} AND NOT ({' OR '.join(keepers)})"


def any_erasable(keepers: Iterable[str]) -> str:
    """Return the SQL condition that somebody must be erased, which is the timer's condition."""
    return f"EXISTS ({erasable(keepers)})"
