"""Writes of plans, one file a subject."""

from plans.services.areas import declare_area, go_on, pause_areas, pause_newcomers
from plans.services.charges import Failure, claim, claim_early, release_claims, settle_charges, take_arrival
from plans.services.collected import Collected, record_agency_payment, undo_agency_payment
from plans.services.creation import cancel_plan, change_method, create_plan, end_captures, start_part
from plans.services.deposits import (
    DepositFailure,
    claim_deposit,
    claim_deposit_now,
    end_deposit,
    fail_deposit,
    open_deposit,
    ready_deposit,
)
from plans.services.fees import charge_fee, charge_returned, close_fees, reschedule_fees, waive_fees, withdraw_returned
from plans.services.forgiving import forgive_rest, owe_forgiven
from plans.services.freely import FreeClaim, claim_freely, claim_shares
from plans.services.giving_up import charge_off, charge_off_by_day, losable
from plans.services.hardship import choose_relief, make_smaller, pause
from plans.services.lawful import end_forbidden
from plans.services.marks import mark_late, mark_reminded, tell_lapsed
from plans.services.moving import change_day, move_date, postpone, put_on_paydays
from plans.services.offering import offer_version, stop_offering
from plans.services.rearranging import rearrange
from plans.services.receipts import Arrived, record_receipt, undo_receipt
from plans.services.refunds import RefundOutcome, refund_plan
from plans.services.relief import accept_relief, keep_budget, offer_relief
from plans.services.respite import begin_respite, end_respites, end_treatment, wait_in_respite
from plans.services.restructuring import accept_restructure, decline_restructure, offer_restructure
from plans.services.returning import deny_return, end_returns, keep_goods, send_back
from plans.services.reversals import owe_again, pay_again
from plans.services.rewarding import reward_payment
from plans.services.selling import record_buyer_payment, sell
from plans.services.serving import charge_service
from plans.services.small import hold_back
from plans.services.standing import move_on, stand_still
from plans.services.stopping import resume_plan, stop_plan
from plans.services.taking_back import take_back
from plans.services.time_zones import change_time_zone
from plans.services.waiting import (
    collect_again,
    end_promises,
    end_settlement_wait,
    leave_alone,
    wait_for_promise,
    wait_for_settlement,
)
from plans.services.withdrawing import withdraw_plan

__all__ = [
    "Arrived",
    "Collected",
    "DepositFailure",
    "Failure",
    "FreeClaim",
    "RefundOutcome",
    "accept_relief",
    "accept_restructure",
    "begin_respite",
    "cancel_plan",
    "change_day",
    "change_method",
    "change_time_zone",
    "charge_fee",
    "charge_off",
    "charge_off_by_day",
    "charge_returned",
    "charge_service",
    "choose_relief",
    "claim",
    "claim_deposit",
    "claim_deposit_now",
    "claim_early",
    "claim_freely",
    "claim_shares",
    "close_fees",
    "collect_again",
    "create_plan",
    "declare_area",
    "decline_restructure",
    "deny_return",
    "end_captures",
    "end_deposit",
    "end_forbidden",
    "end_promises",
    "end_respites",
    "end_returns",
    "end_settlement_wait",
    "end_treatment",
    "fail_deposit",
    "forgive_rest",
    "go_on",
    "hold_back",
    "keep_budget",
    "keep_goods",
    "leave_alone",
    "losable",
    "make_smaller",
    "mark_late",
    "mark_reminded",
    "move_date",
    "move_on",
    "offer_relief",
    "offer_restructure",
    "offer_version",
    "open_deposit",
    "owe_again",
    "owe_forgiven",
    "pause",
    "pause_areas",
    "pause_newcomers",
    "pay_again",
    "postpone",
    "put_on_paydays",
    "ready_deposit",
    "rearrange",
    "record_agency_payment",
    "record_buyer_payment",
    "record_receipt",
    "refund_plan",
    "release_claims",
    "reschedule_fees",
    "resume_plan",
    "reward_payment",
    "sell",
    "send_back",
    "settle_charges",
    "stand_still",
    "start_part",
    "stop_offering",
    "stop_plan",
    "take_arrival",
    "take_back",
    "tell_lapsed",
    "undo_agency_payment",
    "undo_receipt",
    "wait_for_promise",
    "wait_for_settlement",
    "wait_in_respite",
    "waive_fees",
    "withdraw_plan",
    "withdraw_returned",
]
