"""Everything that time alone brings about, in the order in which it happens at one moment."""

TIMERS: dict[str, str] = {
    # What stands without an answer is settled before anything new is asked for.
    "payments.services.resolve_charges": "payments.queries.CHARGES_WAIT",
    "payments.services.resolve_authorizations": "payments.queries.AUTHORIZATIONS_WAIT",
    "accounts.services.poll_identity_checks": "accounts.queries.CHECKS_WAIT",
    "credit.services.poll_referrals": "credit.queries.REFERRALS_WAIT",
    "checkout.services.expire_checkouts": "checkout.queries.CHECKOUTS_OVER",
    "checkout.services.expire_orders": "checkout.queries.ORDERS_OVER",
    "checkout.services.warn_expiring": "checkout.queries.ORDERS_ENDING",
    "collection.services.remind_upcoming": "collection.queries.UPCOMING",
    "collection.services.run_due": "collection.queries.DUE",
    "collection.services.mark_overdue": "collection.queries.LATE",
    "merchants.services.settle_merchants": "merchants.queries.SETTLEMENTS_WAIT",
    "payments.services.send_refunds": "payments.queries.REFUNDS_WAIT",
    "payments.services.send_payouts": "payments.queries.PAYOUTS_WAIT",
    "payments.services.release_unused_authorizations": "payments.queries.HOLDS_UNNEEDED",
    "payments.services.forget_old_tries": "payments.queries.TRIES_OLD",
    "notifications.services.send_messages": "notifications.queries.MESSAGES_WAIT",
    "webhooks.services.send_webhooks": "webhooks.queries.DELIVERIES_WAIT",
    "ledger.services.fold_balances": "ledger.queries.ACCOUNTS_BUSY",
    "core.idempotency.forget_old": "core.idempotency.OLD_ANSWERS",
}
"""Each timer with the condition under which it may find something to do. Workers run every timer at every tick; who lives through many
days at once (a sandbox's clock, a simulation) asks all conditions in one statement first."""

CLOCK_FOLLOWERS: list[str] = ["payments.gateways.sandbox.follow_clock"]
"""Who is told when the sandbox's clock was moved."""
