"""Writes of collecting, one file a subject."""

from collection.services.agencies import add_agency, place_debts, recall, release, stop_agency
from collection.services.agency_folders import exchange_files
from collection.services.agency_keys import make_agency_key, renew_agency_key_hash, revoke_agency_key
from collection.services.agency_payments import report_as_operator, report_payment, report_payments
from collection.services.cards import remove_card
from collection.services.cases import (
    end_call,
    leave_case,
    note_allowed,
    note_respite,
    note_standstill,
    note_stop,
    note_treatment_ended,
    propose_moving_on,
    start_call,
    take_case,
)
from collection.services.choosing import place_all
from collection.services.closing import close_days
from collection.services.commissions import change_terms
from collection.services.complaints import answer_complaint, hand_over_complaint
from collection.services.conduct import propose_restart, report_complaints, report_contacts, take_report
from collection.services.contacting import allow_contact, pass_gate, stop_contact
from collection.services.deposits import charge_deposits, pay_deposit
from collection.services.disputes import resume_charging
from collection.services.due import charge_plan_now, claim_due, run_due
from collection.services.early import Seen, pay_now
from collection.services.failures import take_failures
from collection.services.freely import pay_freely
from collection.services.giving_up import charge_off, propose_charge_off
from collection.services.links import note_opened, note_paid_by, send_pay_link
from collection.services.notices import mark_overdue, mark_plan_overdue, remind_upcoming
from collection.services.promises import promise_to_pay
from collection.services.receiving import propose_receipt, propose_undoing
from collection.services.relieving import relieve
from collection.services.reminding import note_told
from collection.services.remitting import list_remittance, propose_remittance
from collection.services.reversals import take_reversal
from collection.services.selling import list_debts, propose_buyer_payment, propose_return, propose_sale
from collection.services.settling import (
    accept_settlement,
    note_acceptance,
    settle_for,
    settle_paid,
    withdraw_settlement,
)
from collection.services.settling_together import end_joint_settlements, pay_joint_settlement, settle_together
from collection.services.to_do import add_task, finish_task
from collection.services.tracing import end_trace, note_trace
from collection.services.writing import send_letter

__all__ = [
    "Seen",
    "accept_settlement",
    "add_agency",
    "add_task",
    "allow_contact",
    "answer_complaint",
    "change_terms",
    "charge_deposits",
    "charge_off",
    "charge_plan_now",
    "claim_due",
    "close_days",
    "end_call",
    "end_joint_settlements",
    "end_trace",
    "exchange_files",
    "finish_task",
    "hand_over_complaint",
    "leave_case",
    "list_debts",
    "list_remittance",
    "make_agency_key",
    "mark_overdue",
    "mark_plan_overdue",
    "note_acceptance",
    "note_allowed",
    "note_opened",
    "note_paid_by",
    "note_respite",
    "note_standstill",
    "note_stop",
    "note_told",
    "note_trace",
    "note_treatment_ended",
    "pass_gate",
    "pay_deposit",
    "pay_freely",
    "pay_joint_settlement",
    "pay_now",
    "place_all",
    "place_debts",
    "promise_to_pay",
    "propose_buyer_payment",
    "propose_charge_off",
    "propose_moving_on",
    "propose_receipt",
    "propose_remittance",
    "propose_restart",
    "propose_return",
    "propose_sale",
    "propose_undoing",
    "recall",
    "release",
    "relieve",
    "remind_upcoming",
    "remove_card",
    "renew_agency_key_hash",
    "report_as_operator",
    "report_complaints",
    "report_contacts",
    "report_payment",
    "report_payments",
    "resume_charging",
    "revoke_agency_key",
    "run_due",
    "send_letter",
    "send_pay_link",
    "settle_for",
    "settle_paid",
    "settle_together",
    "start_call",
    "stop_agency",
    "stop_contact",
    "take_case",
    "take_failures",
    "take_report",
    "take_reversal",
    "withdraw_settlement",
]
