"""Everything that time alone brings about, in the order in which it happens at one moment."""

TIMERS: list[str] = [
    # What stands without an answer is settled before anything new is asked for.
    "payments.services.resolve_charges",
    "payments.services.resolve_authorizations",
    "accounts.services.poll_identity_checks",
    "credit.services.poll_referrals",
    "checkout.services.expire_checkouts",
    "checkout.services.expire_orders",
    "checkout.services.warn_expiring",
    "collection.services.remind_upcoming",
    "collection.services.run_due",
    "collection.services.mark_overdue",
    "merchants.services.settle_merchants",
    "payments.services.send_refunds",
    "payments.services.send_payouts",
    "payments.services.release_unused_authorizations",
    "notifications.services.send_messages",
    "webhooks.services.send_webhooks",
    "ledger.services.fold_balances",
    "core.idempotency.forget_old",
]

CLOCK_FOLLOWERS: list[str] = ["payments.gateways.sandbox.follow_clock"]
"""Who is told when the sandbox's clock was moved."""
