"""SQL conditions that say whether a timer has work; `wall` is the real time."""

from core.states import words
from payments.states import MOVEMENT_OPEN, MOVEMENT_UNENDED, DisputeStatus, MovementStatus

_UNANSWERED = f"""EXISTS (
    SELECT 1 FROM {{table}} WHERE status IN ({words(MOVEMENT_OPEN)}) AND (claimed_until IS NULL OR claimed_until <= %(wall)s){{more}})"""  # noqa: S608
CHARGES_WAIT = _UNANSWERED.format(table="payments_charge", more="")
PULLS_WAIT = f"""EXISTS (
    SELECT 1 FROM payments_charge
    WHERE status = '{MovementStatus.UNDER_WAY}' AND next_look_at <= %(at)s AND (claimed_until IS NULL OR claimed_until <= %(wall)s))"""  # noqa: S608
READINGS_WAIT = """(
    NOT EXISTS (SELECT 1 FROM payments_eventreading) OR EXISTS (SELECT 1 FROM payments_eventreading WHERE next_at <= %(at)s))"""
AUTHORIZATIONS_WAIT = _UNANSWERED.format(table="payments_authorization", more="")
# A refund of a disputed charge waits, because the bank may return the money.
UNDISPUTED = f""" AND NOT EXISTS (
    SELECT 1 FROM payments_dispute d WHERE d.charge_id = payments_refund.charge_id AND d.status = '{DisputeStatus.OPEN}')"""  # noqa: S608  (a word of our own)
REFUNDS_WAIT = _UNANSWERED.format(table="payments_refund", more=UNDISPUTED)
PAYOUTS_WAIT = _UNANSWERED.format(table="payments_payout", more="")
MANDATES_STAND = f"""EXISTS (
    SELECT 1 FROM payments_paymentmethod m
    WHERE m.kind = 'bank_debit' AND m.removed_at IS NOT NULL AND m.ended_at IS NULL
        AND (m.claimed_until IS NULL OR m.claimed_until <= %(wall)s)
        AND NOT EXISTS (
            SELECT 1 FROM payments_charge c WHERE c.payment_method_id = m.id AND c.status IN ({words(MOVEMENT_UNENDED)})))"""  # noqa: S608
HOLDS_UNNEEDED = f"""EXISTS (
    SELECT 1 FROM payments_authorization WHERE status = '{MovementStatus.SUCCEEDED}' AND released_at IS NULL AND (
        created_at <= %(at)s - interval '7 days' OR release_wanted_at IS NOT NULL AND claimed_until IS NULL
        OR used_at IS NOT NULL AND claimed_until IS NULL OR claimed_until <= %(wall)s))"""  # noqa: S608
