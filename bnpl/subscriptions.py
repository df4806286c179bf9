"""All subscriptions: the handlers of each event, run in the same commit (`now`) or through the outbox (`later`)."""

from accounts.events import (
    ConsumerErased,
    ConsumerMoved,
    ContactMoved,
    DetailsChanged,
    IdentitySettled,
    OperatorExcluded,
    PasswordChanged,
    PasswordLinkWanted,
    ProofSettled,
    RequestAnswered,
    RequestOpened,
    SecurityChanged,
    StaffFactorChanged,
)
from checkout import events as checkout
from collection.events import (
    CaseLetterSent,
    ComplaintOpened,
    DebtPlaced,
    DebtRecalled,
    LatenessMoved,
    LateNoticeIssued,
    PayLinkSent,
    PersonReminded,
    PromiseDecided,
    PromiseMade,
    SettlementAccepted,
    SettlementBroken,
    SettlementOffered,
    SettlementPaid,
)
from controls.events import ChangeProposed, DayAnchored, ProposalExpired
from core.lanes import Urgency
from core.outbox import Event, Subscription, later, now
from credit.events import ApplicationDeclined, LimitChanged, LimitLowered, ReferralResolved
from fraud.events import PurchaseAssessed, SignInNoted
from merchants.events import MemberInvited, MerchantReopened, MerchantSuspended, PayoutArrived, PayoutBounced, PayoutRepaid, SettlementMade
from payments.events import (
    ChargeArrived,
    ChargeDisputed,
    ChargeReinstated,
    ChargeReversed,
    ChargesSettled,
    DisputeClosed,
    MethodEnabled,
    PayoutsConfirmed,
    PayoutsReversed,
    PayoutsSettled,
    RefundArrived,
    RefundFailed,
    RefundsSettled,
)
from plans import events as plans

# Rules that classify people are evaluated when one of their facts may have changed.
_CLASSES = later("checkout.handlers.on_plan_moved", Urgency.UNSEEN)
_CLASSES_IDENTIFIED = later("checkout.handlers.on_person_identified", Urgency.UNSEEN)
# Rules about money laundering are evaluated after each movement, asynchronously.
_WATCH_ORDER = later("checkout.handlers.watch_order", Urgency.UNSEEN)
_WATCH_PLAN = later("checkout.handlers.watch_plan", Urgency.UNSEEN)
_NETWORK_IDENTIFIED = later("fraud.handlers.on_identity_settled", Urgency.UNSEEN)
_SETTLED = later("collection.handlers.on_payment")
# Rules about the accounts of late people. Until they were asked, nothing more is lent to who is late.
_BEHAVIOR = later("collection.handlers.on_plan_moved", Urgency.UNSEEN)
_ORDER_TO_MACHINES = later("webhooks.handlers.on_order")

SUBSCRIPTIONS: dict[type[Event], list[Subscription]] = {
    # The ledger: handled in the transaction that publishes the event. Collection first: it locks the plans of all charges of the batch in
    # one order.
    ChargesSettled: [now("collection.handlers.on_charges_settled"), now("plans.handlers.on_charges_settled")],
    ChargeArrived: [now("plans.handlers.on_charge_arrived")],
    MethodEnabled: [now("plans.handlers.on_method_enabled"), later("payments.handlers.on_method_enabled", Urgency.PATIENT)],
    RefundsSettled: [],
    RefundFailed: [later("notifications.handlers.on_refund_failed")],
    RefundArrived: [later("notifications.handlers.on_refund_arrived"), _WATCH_PLAN],
    PayoutsSettled: [now("merchants.handlers.on_payouts_settled")],
    PayoutsConfirmed: [now("merchants.handlers.on_payouts_confirmed")],
    PayoutsReversed: [now("merchants.handlers.on_payouts_reversed")],
    ChargeReversed: [now("collection.handlers.on_charge_reversed")],
    ChargeReinstated: [now("plans.handlers.on_charge_reinstated")],
    ChargeDisputed: [now("plans.handlers.on_charge_disputed"), later("collection.handlers.on_charge_disputed")],
    DisputeClosed: [now("plans.handlers.on_dispute_closed"), later("checkout.handlers.on_dispute_closed")],
    ConsumerErased: [
        now("payments.handlers.on_consumer_erased"),
        now("fraud.handlers.on_consumer_erased"),
        now("checkout.handlers.on_consumer_erased"),
        now("collection.handlers.on_consumer_erased"),
    ],
    DetailsChanged: [now("fraud.handlers.on_details_changed")],
    ConsumerMoved: [now("plans.handlers.on_consumer_moved")],
    ReferralResolved: [now("checkout.handlers.on_referral_resolved")],
    # Everything else: handled later, once.
    IdentitySettled: [later("notifications.handlers.on_identity_settled"), _CLASSES_IDENTIFIED, _NETWORK_IDENTIFIED],
    PurchaseAssessed: [later("fraud.handlers.on_purchase_assessed", Urgency.UNSEEN)],
    SignInNoted: [later("fraud.handlers.on_sign_in_noted", Urgency.UNSEEN)],
    RequestOpened: [
        now("plans.handlers.on_request_opened"),
        later("notifications.handlers.on_request_opened"),
        later("collection.handlers.on_request_opened"),
    ],
    RequestAnswered: [later("notifications.handlers.on_request_answered")],
    PasswordLinkWanted: [later("notifications.handlers.on_password_link_wanted")],
    OperatorExcluded: [later("notifications.handlers.on_operator_locked_out")],
    ProofSettled: [later("notifications.handlers.on_proof_settled")],
    SecurityChanged: [later("notifications.handlers.on_security_changed")],
    ContactMoved: [later("notifications.handlers.on_contact_moved")],
    StaffFactorChanged: [later("notifications.handlers.on_staff_factor_changed")],
    PasswordChanged: [later("notifications.handlers.on_password_changed")],
    ChangeProposed: [later("notifications.handlers.on_change_proposed")],
    ProposalExpired: [later("notifications.handlers.on_proposal_expired")],
    DayAnchored: [later("notifications.handlers.on_day_anchored")],
    MerchantSuspended: [later("notifications.handlers.on_merchant_suspended")],
    MerchantReopened: [later("notifications.handlers.on_merchant_reopened")],
    MemberInvited: [later("notifications.handlers.on_member_invited")],
    ApplicationDeclined: [later("notifications.handlers.on_application_declined")],
    LimitChanged: [later("notifications.handlers.on_limit_changed")],
    LimitLowered: [later("notifications.handlers.on_limit_lowered")],
    PayoutBounced: [later("webhooks.handlers.on_payout"), later("notifications.handlers.on_payout_bounced")],
    PayoutArrived: [later("webhooks.handlers.on_payout"), later("notifications.handlers.on_payout_arrived")],
    PayoutRepaid: [later("webhooks.handlers.on_payout"), later("notifications.handlers.on_payout_repaid")],
    SettlementMade: [later("webhooks.handlers.on_settlement_made")],
    checkout.CheckoutOpened: [later("reports.handlers.on_checkout_opened")],
    checkout.StepReached: [later("reports.handlers.on_step_reached")],
    checkout.CheckoutDeclined: [later("webhooks.handlers.on_checkout_declined")],
    checkout.CheckoutExpired: [later("webhooks.handlers.on_checkout_expired")],
    checkout.OrderAuthorized: [
        _ORDER_TO_MACHINES,
        later("reports.handlers.on_order_authorized"),
        later("notifications.handlers.on_order_authorized"),
        later("checkout.handlers.on_person_bought", Urgency.UNSEEN),
        _WATCH_ORDER,
    ],
    checkout.OrderHeld: [_ORDER_TO_MACHINES, later("reports.handlers.on_order_held"), later("notifications.handlers.on_order_held")],
    checkout.OrderReviewPrepared: [later("notifications.handlers.on_review_prepared")],
    checkout.OrderReviewDelayed: [later("notifications.handlers.on_review_delayed")],
    checkout.OrderApproved: [
        _ORDER_TO_MACHINES,
        later("reports.handlers.on_order_approved"),
        later("notifications.handlers.on_order_approved"),
        _WATCH_ORDER,
    ],
    checkout.OrderRejected: [_ORDER_TO_MACHINES, later("notifications.handlers.on_order_rejected")],
    checkout.OrderCaptured: [
        later("collection.handlers.on_order_captured", Urgency.URGENT),
        _ORDER_TO_MACHINES,
        later("reports.handlers.on_order_captured"),
        later("notifications.handlers.on_order_captured"),
        _WATCH_ORDER,
    ],
    checkout.OrderRefunded: [
        _ORDER_TO_MACHINES,
        later("reports.handlers.on_order_refunded"),
        later("notifications.handlers.on_order_refunded"),
        _WATCH_ORDER,
    ],
    checkout.OrderVoided: [
        _ORDER_TO_MACHINES,
        later("reports.handlers.on_order_ended"),
        later("notifications.handlers.on_order_voided"),
    ],
    checkout.OrderReleased: [
        _ORDER_TO_MACHINES,
        later("reports.handlers.on_order_ended"),
        later("notifications.handlers.on_order_released"),
    ],
    checkout.OrderExpired: [
        _ORDER_TO_MACHINES,
        later("reports.handlers.on_order_ended"),
        later("notifications.handlers.on_order_expired"),
    ],
    checkout.OrderExpiring: [_ORDER_TO_MACHINES],
    checkout.OrderExtended: [_ORDER_TO_MACHINES],
    checkout.OrderPostponed: [_ORDER_TO_MACHINES],
    plans.InstallmentsPaid: [
        later("notifications.handlers.on_installments_paid", Urgency.PATIENT),
        later("plans.handlers.on_installments_paid", Urgency.PATIENT),
        later("collection.handlers.on_paid_while_placed", Urgency.UNSEEN),
        _SETTLED,
        _CLASSES,
        _WATCH_PLAN,
    ],
    plans.RewardEarned: [later("notifications.handlers.on_reward_earned", Urgency.PATIENT)],
    plans.DepositPaid: [
        later("checkout.handlers.on_deposit_paid", Urgency.URGENT),
        later("notifications.handlers.on_deposit_paid"),
        _CLASSES,
        _WATCH_PLAN,
    ],
    plans.DepositFailed: [later("notifications.handlers.on_deposit_failed")],
    plans.DepositReturned: [later("notifications.handlers.on_deposit_returned")],
    plans.PaymentArrived: [
        later("plans.handlers.on_payment_stands"),
        _SETTLED,
        later("notifications.handlers.on_payment_arrived"),
        later("collection.handlers.on_paid_while_placed", Urgency.UNSEEN),
        _CLASSES,
        _WATCH_PLAN,
    ],
    plans.PaymentFailed: [
        later("plans.handlers.on_payment_given_back"),
        later("notifications.handlers.on_payment_failed", Urgency.PATIENT),
    ],
    plans.PaymentReversed: [
        later("plans.handlers.on_payment_given_back"),
        later("notifications.handlers.on_payment_reversed"),
        later("collection.handlers.on_payment_turned", Urgency.UNSEEN),
        _CLASSES,
        _BEHAVIOR,
    ],
    plans.PaymentReinstated: [
        later("plans.handlers.on_payment_stands"),
        later("collection.handlers.on_payment_again"),
        later("notifications.handlers.on_payment_reinstated"),
        later("collection.handlers.on_payment_turned", Urgency.UNSEEN),
        _BEHAVIOR,
    ],
    plans.InstallmentOverdue: [later("notifications.handlers.on_installment_overdue", Urgency.PATIENT), _CLASSES, _BEHAVIOR],
    plans.PaymentUpcoming: [later("notifications.handlers.on_payment_upcoming", Urgency.PATIENT)],
    plans.InstallmentsWaived: [later("notifications.handlers.on_installments_waived", Urgency.PATIENT)],
    plans.PlanStopped: [later("notifications.handlers.on_plan_stopped")],
    plans.ChargeOffConfirmed: [later("notifications.handlers.on_charge_off_confirmed"), _CLASSES],
    plans.DebtTransferred: [later("notifications.handlers.on_debt_sold", Urgency.PATIENT)],
    plans.DebtReturned: [later("notifications.handlers.on_debt_returned")],
    plans.PlanResumed: [later("notifications.handlers.on_plan_resumed")],
    plans.ReturnStarted: [later("webhooks.handlers.on_return")],
    plans.ReturnEnded: [later("webhooks.handlers.on_return")],
    plans.ScheduleChanged: [
        later("notifications.handlers.on_schedule_changed"),
        later("collection.handlers.on_schedule_changed"),
        _BEHAVIOR,
    ],
    plans.CollectingStopped: [later("collection.handlers.on_collecting_stopped")],
    ComplaintOpened: [later("collection.handlers.on_complaint_opened")],
    plans.ReliefOffered: [later("notifications.handlers.on_relief_offered")],
    LatenessMoved: [later("collection.handlers.on_lateness_moved", Urgency.UNSEEN)],
    PersonReminded: [later("notifications.handlers.on_person_reminded", Urgency.PATIENT)],
    LateNoticeIssued: [later("notifications.handlers.on_late_notice_issued", Urgency.PATIENT)],
    DebtPlaced: [later("notifications.handlers.on_debt_placed", Urgency.PATIENT)],
    DebtRecalled: [later("notifications.handlers.on_debt_recalled")],
    SettlementOffered: [later("notifications.handlers.on_settlement_offered")],
    SettlementAccepted: [later("notifications.handlers.on_settlement_accepted")],
    SettlementPaid: [later("notifications.handlers.on_settlement_paid")],
    SettlementBroken: [later("notifications.handlers.on_settlement_broken")],
    CaseLetterSent: [later("notifications.handlers.on_case_letter_sent")],
    PayLinkSent: [later("notifications.handlers.on_pay_link_sent", Urgency.URGENT)],
    PromiseMade: [later("notifications.handlers.on_promise_made"), _BEHAVIOR],
    PromiseDecided: [later("notifications.handlers.on_promise_decided", Urgency.PATIENT), _BEHAVIOR],
    plans.LatePaymentLapsed: [_CLASSES],
    plans.FeeCharged: [later("notifications.handlers.on_fee_charged", Urgency.PATIENT)],
    plans.FeesEnded: [later("notifications.handlers.on_fees_ended", Urgency.PATIENT)],
    plans.PlanCompleted: [
        later("webhooks.handlers.on_plan_completed"),
        later("notifications.handlers.on_plan_completed", Urgency.PATIENT),
        _CLASSES,
    ],
}
