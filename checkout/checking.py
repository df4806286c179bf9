"""Held orders whose person was checked, and whose check has ended: how a timer finds them."""

from accounts.states import MATCH_STOPS, MatchStatus
from checkout.rules import BEING_CHECKED
from checkout.states import REVIEW_OPEN
from core.states import words

_MATCH = """SELECT 1 FROM accounts_consumer c JOIN accounts_screeningmatch m ON m.consumer_id = c.id
    WHERE (c.id = coalesce(me.person_id, me.id) OR c.person_id = coalesce(me.person_id, me.id))"""
IS_STOPPED = f"EXISTS ({_MATCH} AND m.status = '{MatchStatus.CONFIRMED}')"
"""Whether a match of the person `me` with a list is confirmed."""
ENDED = f"""
    FROM checkout_orderreview r JOIN checkout_order o ON o.id = r.order_id JOIN credit_decision d ON d.id = o.decision_id
    JOIN accounts_consumer me ON me.id = o.consumer_id LEFT JOIN accounts_screened s ON s.consumer_id = me.id
    WHERE r.status IN ({words(REVIEW_OPEN)}) AND r.checked = '' AND r.held_by @> ARRAY['{BEING_CHECKED}']
        AND ({IS_STOPPED} OR (s.settled_at >= d.at AND NOT EXISTS ({_MATCH} AND m.status IN ({words(MATCH_STOPS)}))))"""
"""Reviews `r` of held orders whose check has ended since the decision: a match was confirmed, or nothing stands against the person."""
CHECKS_ENDED = f"EXISTS (SELECT 1 {ENDED})"
"""Whether the check of a held order has ended."""
