"""Writes of credit: decisions, referrals, limits by hand and of people's own, and the used amounts of limits."""

from credit.services.approvals import overrule
from credit.services.balances import ask_balances
from credit.services.banks import bank_help, end_banks, read_bank, settle_holder, start_bank, stop_watching, take_back_bank
from credit.services.by_hand import end_order_limits, set_limit, set_order_limit
from credit.services.decisions import Gathered, decide, gather
from credit.services.declaring import declare
from credit.services.limits import owe_again, release, release_columns, release_many, reserve
from credit.services.own import set_own_limit
from credit.services.referrals import close_referral, drop_referrals, poll_referrals
from credit.services.reviews import review_limits

__all__ = [
    "Gathered",
    "ask_balances",
    "bank_help",
    "close_referral",
    "decide",
    "declare",
    "drop_referrals",
    "end_banks",
    "end_order_limits",
    "gather",
    "overrule",
    "owe_again",
    "poll_referrals",
    "read_bank",
    "release",
    "release_columns",
    "release_many",
    "reserve",
    "review_limits",
    "set_limit",
    "set_order_limit",
    "set_own_limit",
    "settle_holder",
    "start_bank",
    "stop_watching",
    "take_back_bank",
]
