"""Writes of payments, one file for each subject."""

from payments.gateways.base import ChargeRequest, RefundRequest
from payments.services.authorizations import (
    HOLD_DAYS,
    authorize,
    release_authorization,
    release_unused_authorizations,
    request_release,
    request_releases,
    resolve_authorizations,
)
from payments.services.breaks import close_break
from payments.services.card_checks import find_card_check, start_card_check
from payments.services.charges import leave_undone, open_charges, resolve_charges, resolve_pulls, run_charges
from payments.services.closing import close_by_hand
from payments.services.disputes import take_dispute, waive_dispute
from payments.services.gateway_events import receive_event, refresh_charge
from payments.services.mandates import end_mandates
from payments.services.methods import (
    add_account,
    add_card,
    block_methods,
    finish_setup,
    forget_methods,
    make_default,
    remove_method,
    start_card_setup,
    start_mandate,
)
from payments.services.outside import take_outside, undo_outside
from payments.services.payouts import note_paid_twice, note_resent, open_payout, send_payouts
from payments.services.readings import read_events
from payments.services.refunds import cover_refunds, open_refunds, send_refunds
from payments.services.resending import redirect_refund, resend_refund
from payments.services.transfers import confirm_transfer, reject_transfer, return_transfer, send_transfer, want_transfer
from payments.services.tries import NOBODY, Asker, Waiting, count_declined, find_waiting, forget_try, take_try
from payments.services.unanswered import note_unanswered

__all__ = [
    "HOLD_DAYS",
    "NOBODY",
    "Asker",
    "ChargeRequest",
    "RefundRequest",
    "Waiting",
    "add_account",
    "add_card",
    "authorize",
    "block_methods",
    "close_break",
    "close_by_hand",
    "confirm_transfer",
    "count_declined",
    "cover_refunds",
    "end_mandates",
    "find_card_check",
    "find_waiting",
    "finish_setup",
    "forget_methods",
    "forget_try",
    "leave_undone",
    "make_default",
    "note_paid_twice",
    "note_resent",
    "note_unanswered",
    "open_charges",
    "open_payout",
    "open_refunds",
    "read_events",
    "receive_event",
    "redirect_refund",
    "refresh_charge",
    "reject_transfer",
    "release_authorization",
    "release_unused_authorizations",
    "remove_method",
    "request_release",
    "request_releases",
    "resend_refund",
    "resolve_authorizations",
    "resolve_charges",
    "resolve_pulls",
    "return_transfer",
    "run_charges",
    "send_payouts",
    "send_refunds",
    "send_transfer",
    "start_card_check",
    "start_card_setup",
    "start_mandate",
    "take_dispute",
    "take_outside",
    "take_try",
    "undo_outside",
    "waive_dispute",
    "want_transfer",
]
