"""The reasons for decisions: stable codes, and their meaning in plain words.

The sentences name the specific fact that counted, as Regulation B, 12 CFR 1002.9(b)(2), requires for a notice of adverse action; "your
score was too low" is not a reason. At most four are given (comment 9(b)(2)-1).
"""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

MAX_REASONS = 4

SENTENCES: dict[str, str] = {
    # Facts of the credit file, ranked by the points they cost.
    "credit_record": gettext_noop("Your credit record shows past difficulty in repaying."),
    "late_payments": gettext_noop("There are late payments on your credit file in the last two years."),
    "high_utilization": gettext_noop("You use a large part of the credit that you already have."),
    "many_inquiries": gettext_noop("You applied for credit several times in the last six months."),
    "short_history": gettext_noop("Your credit history is short."),
    "account_mix": gettext_noop("The number of your open credit accounts is unusually low or high."),
    "little_history_with_us": gettext_noop("You have not repaid enough purchases with us yet."),
    "owed_for_income": gettext_noop("What you already owe is much for what your income leaves."),
    "late_with_us": gettext_noop("You have paid installments with us late."),
    # The same facts about purchases with another brand, in words that do not show that the person is its customer.
    "late_elsewhere": gettext_noop("You have paid installments of other credit late."),
    "eased_elsewhere": gettext_noop("You have asked for help with paying other credit that is still open."),
    "overdue_elsewhere": gettext_noop("A payment on other credit of yours is overdue."),
    # Facts that decide alone.
    "account_restricted": gettext_noop("We cannot approve new purchases on this account at the moment. Write to us to ask about it."),
    "identity_not_verified": gettext_noop("We could not confirm who you are."),
    "overdue_with_us": gettext_noop("An installment of an earlier purchase is overdue."),
    "eased_with_us": gettext_noop("You have asked for help with paying an earlier purchase, and it is not paid yet."),
    "serious_delinquency": gettext_noop("Your credit file shows many late payments in the last two years."),
    "income_insufficient": gettext_noop("Your income less your regular spending does not leave enough for this credit."),
    # Facts of the person's own bank accounts, where a rule or a model counts them.
    "much_gambling": gettext_noop("A large part of the money that came into your bank accounts went to gambling."),
    "below_zero": gettext_noop("Your bank accounts were below zero on many days."),
    "debits_returned": gettext_noop("Your bank returned debits from your accounts lately."),
    "much_to_lenders": gettext_noop("A large part of your income goes to other lenders."),
    "low_balances": gettext_noop("Your bank accounts ran low."),
    "income_unsteady": gettext_noop("Your income differs much from month to month."),
    "payments_too_high": gettext_noop("The payments are more than your income leaves after your costs."),
    "limit_exceeded": gettext_noop("The amount is above what is left of your spending limit."),
    "economy": gettext_noop("We give everybody in your country less credit at the moment, because of the economy."),
    "own_limit": gettext_noop("The amount is above what is left of the limit that you set yourself."),
    "not_safe": gettext_noop("We could not make sure that it is you who is buying."),
    "review_declined": gettext_noop("A person reviewed your application and could not approve it."),
    # Registers of payment remarks and debtors; a notice names them.
    "payment_remark": gettext_noop("A register of payment remarks has a remark about you."),
    "remark_review": gettext_noop("A register of payment remarks has a remark about you, so a person has to look at this purchase."),
    "register_silent": gettext_noop("A register of payment remarks did not answer, so we cannot decide on the whole of it by ourselves."),
    # Reasons for which reviewers rejected a held order.
    "above_order_limit": gettext_noop("The amount is above what you can spend in one purchase."),
    "basket_not_approved": gettext_noop("We could not approve what is in the basket for payment in installments."),
    "income_not_confirmed": gettext_noop("We could not confirm your income and costs."),
    "fraud_alert_not_cleared": gettext_noop("There is a fraud alert on your credit file that we could not clear."),
    # Reasons for which there is no report that could be scored.
    "file_frozen": gettext_noop("Your credit file is frozen. Have the credit bureau lift the freeze, and buy again."),
    "file_missing": gettext_noop("The credit bureau has no file of you."),
    "file_thin": gettext_noop("The credit bureau knows too little of you to give a score."),
    "file_deceased": gettext_noop("Your credit file has a mark that we have to clear up with you first."),
    "income_unknown": gettext_noop("We could not find out what your income is."),
    "not_asked": gettext_noop("We have not asked a credit bureau about you, so a person has to look at this purchase."),
    "source_silent": gettext_noop("The credit bureau did not answer, so a person has to look at this purchase."),
    "approved_by_people": gettext_noop("A person looked at your purchase and approved it."),
    # Reasons for a review by a person.
    "fraud_alert": gettext_noop("There is a fraud alert on your credit file, so a person has to look at this purchase."),
    "manual_review": gettext_noop("A person has to review your credit file before we can answer."),
    "safety_look": gettext_noop("A person has to look at this purchase before we can answer."),
    "another_code": gettext_noop("To protect you, we ask for another code before we answer."),
    "being_checked": gettext_noop("A check has not ended yet. We answer as soon as it has."),
    "person_decides": gettext_noop("A person has to look at this purchase before we can answer."),
    "figures_differ": gettext_noop(
        "What you told us of your income and costs differs from what we could check, so a person has to look at it."
    ),
    "figures_raised": gettext_noop("After a refusal you told us figures that leave more, so a person has to look at them."),
    # Figures that were raised after another brand's refusal, in words that do not show that the person is its customer.
    "figures_elsewhere": gettext_noop("A person has to check your income and costs before we can answer."),
    "income_not_verified": gettext_noop("A person has to check your income and costs before we can answer."),
}

ELSEWHERE = {"late_with_us": "late_elsewhere", "overdue_with_us": "overdue_elsewhere", "eased_with_us": "eased_elsewhere"}
"""The reason codes to use if a fact is only about purchases with other brands."""

RAISED, RAISED_ELSEWHERE = "figures_raised", "figures_elsewhere"
"""The reason code of figures that leave more than those of a refusal, and the one to use if only another brand refused."""

RESTRICTED = "account_restricted"
"""The reason code of an account whose purchases nothing may be approved for: blocked by operators, or after a match with a list."""
REJECTED_FOR: dict[str, str] = {
    "order_limit": "above_order_limit",
    "basket": "basket_not_approved",
    "referred": "review_declined",
    "fraud_alert": "fraud_alert_not_cleared",
    "figures": "income_not_confirmed",
    "rule": "review_declined",
    "register": "review_declined",
    "checks": RESTRICTED,
}
"""The reason code for each cause of a held order, by its reason, if reviewers rejected the order."""
REJECTED_FOR_CODE = {"remark_review": "payment_remark"}
"""The same for causes whose code says more than their reason."""

GROUNDS: dict[str, Any] = {
    "figures_proven": _("Income or costs were proven to be better"),
    "file_wrong": _("The credit file is wrong or out of date"),
    "passing": _("What counted against them has passed"),
    "known_well": _("We know them well, and the amount is small for them"),
    "our_fault": _("The mistake was ours"),
}
"""Why people approve what was refused; operators choose one."""

LIMIT_CHANGES: dict[str, Any] = {
    "first_decision": _("Your first spending limit."),
    "file_improved": _("Your credit file or your income improved."),
    "file_weakened": _("Your credit file or your income got weaker."),
    "application_declined": _("We could not approve your latest application."),
    "looked_again": _("We looked at your limit again: at your income, your credit file and how you pay."),
    "paid_well": _("You have paid your installments on time."),
    "paid_late": _("An installment was paid late, or is overdue."),
    "economy_up": _("We raised the limits of everybody in your country."),
    "economy_down": _("We lowered the limits of everybody in your country, because of the economy."),
    "set_by_hand": _("Two of our people looked at your account and set this limit."),
}


HELPS: dict[str, Any] = {
    "overdue_paid": _("The payment that is overdue is paid."),
    "eased_paid": _("The purchase is paid for which you asked for help."),
    "no_remarks": _("The remark is gone from the register of payment remarks."),
    "no_late_payments": _("Your credit file shows no late payment of the last two years."),
    "little_in_use": _("You use less than 30 % of the credit that you already have."),
    "no_inquiries": _("You did not apply for other credit in the last six months."),
    "next_on_time": _("You pay your next four installments on time."),
    "no_other_credit": _("You pay nothing for other credit."),
    "more_left": _("A fifth more of your income is left to you each month."),
    "paid_with_us": _("You have paid four installments with us on time."),
}
"""What would have changed a refusal, or would raise a limit (`credit.helping`)."""


def is_by_people(codes: Iterable[str]) -> bool:
    """Return whether people refused, and not a computer: no notice may call it automated then (Regulation (EU) 2016/679, Article 22)."""
    return "review_declined" in codes


def is_restricted(codes: Iterable[str]) -> bool:
    """Return whether nobody may promise the person more reasons than the sentence: one of them may be a match with a list.

    It must not be told that a list is the cause (Directive (EU) 2015/849, Article 39; 31 U.S.C. 5318(g)(2)), so the same words are used
    for every restricted account.
    """
    return RESTRICTED in codes


def sentences(codes: Iterable[str]) -> list[str]:
    """Return the sentences of reason codes, in their order and in the current language, at most four; KeyError for an unknown code."""
    return [gettext(SENTENCES[code]) for code in list(codes)[:MAX_REASONS]]
