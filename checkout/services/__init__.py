"""Writes of checkouts and orders, one file a subject."""

from checkout.services.authorizing import authorize_order, confirm, pick_quote
from checkout.services.capturing import capture_order
from checkout.services.checks import end_checks
from checkout.services.classifying import classify
from checkout.services.countering import accept_counter
from checkout.services.depositing import capture_with_deposit, let_go_once_paid, take_deposit
from checkout.services.ending import expire_orders, extend_order, release_order, void_order, warn_expiring
from checkout.services.held_orders import approve_review, prepare_review, press_reviews, reject_review, resolve_referral
from checkout.services.histories import review_limits
from checkout.services.journeys import note_reached
from checkout.services.labeling import label_dispute, label_order
from checkout.services.postponing import may_postpone, postpone_order
from checkout.services.refunding import PreviewRow, RefundPreview, refund_order
from checkout.services.second_decisions import decide_again, overrule
from checkout.services.sessions import (
    CheckoutDraft,
    cancel_checkout,
    decide,
    declare,
    expire_checkout,
    expire_checkouts,
    identify,
    open_checkout,
    prove_person,
    reconsider,
    update_checkout,
)
from checkout.services.shop_interest import earn_shop_interest
from checkout.services.showing import note_shown
from checkout.services.watching import watch

__all__ = [
    "CheckoutDraft",
    "PreviewRow",
    "RefundPreview",
    "accept_counter",
    "approve_review",
    "authorize_order",
    "cancel_checkout",
    "capture_order",
    "capture_with_deposit",
    "classify",
    "confirm",
    "decide",
    "decide_again",
    "declare",
    "earn_shop_interest",
    "end_checks",
    "expire_checkout",
    "expire_checkouts",
    "expire_orders",
    "extend_order",
    "identify",
    "label_dispute",
    "label_order",
    "let_go_once_paid",
    "may_postpone",
    "note_reached",
    "note_shown",
    "open_checkout",
    "overrule",
    "pick_quote",
    "postpone_order",
    "prepare_review",
    "press_reviews",
    "prove_person",
    "reconsider",
    "refund_order",
    "reject_review",
    "release_order",
    "resolve_referral",
    "review_limits",
    "take_deposit",
    "update_checkout",
    "void_order",
    "warn_expiring",
    "watch",
]
