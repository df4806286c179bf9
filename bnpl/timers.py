"""All timers, in the order in which they run if due at the same time."""

from core.lanes import Lane, Timer

MINUTE, HOUR = 60.0, 3_600.0

TIMERS: list[Timer] = [
    # Requests without an answer are settled before new ones are made.
    Timer("payments.services.resolve_charges", "payments.queries.CHARGES_WAIT"),
    Timer("payments.services.resolve_pulls", "payments.queries.PULLS_WAIT", Lane.OUTSIDE),
    Timer("payments.services.read_events", "payments.queries.READINGS_WAIT", Lane.OUTSIDE, MINUTE),
    Timer("payments.services.resolve_authorizations", "payments.queries.AUTHORIZATIONS_WAIT"),
    Timer("accounts.services.poll_identity_checks", "accounts.queries.CHECKS_WAIT", Lane.OUTSIDE),
    Timer("accounts.proofs.checking.services.look_at_pictures", "accounts.proofs.queries.PICTURES_WAIT", Lane.OUTSIDE),
    Timer("accounts.proofs.services.end_proofs", "accounts.proofs.queries.ENDED", Lane.DELIVER, HOUR),
    Timer("accounts.contacts.services.make_changes", "accounts.contacts.queries.DUE", Lane.DELIVER, MINUTE),
    # Before their versions are looked at.
    Timer("accounts.screening.lists.services.load_lists", "core.sizes.BY_REAL_TIME", Lane.OUTSIDE, 6 * HOUR),
    Timer("accounts.screening.services.look_at_lists", "core.sizes.BY_REAL_TIME", Lane.OUTSIDE, HOUR),
    # Who is like nobody new needs no question of their own.
    Timer("accounts.screening.lists.services.compare_changes", "core.sizes.BY_REAL_TIME", Lane.FIGURES, MINUTE),
    Timer("accounts.screening.services.screen_due", "core.sizes.BY_REAL_TIME", Lane.OUTSIDE, MINUTE),
    Timer("checkout.services.end_checks", "checkout.checking.CHECKS_ENDED", Lane.DELIVER),
    Timer("credit.services.poll_referrals", "credit.queries.REFERRALS_WAIT", Lane.OUTSIDE),
    Timer("credit.services.end_banks", "credit.queries.BANKS_DUE", Lane.OUTSIDE, MINUTE),
    Timer("credit.services.end_order_limits", "credit.queries.ORDER_LIMITS_OVER", Lane.FIGURES, MINUTE),
    Timer("controls.services.expire_proposals", "controls.queries.PROPOSALS_OVER", Lane.DELIVER),
    Timer("controls.services.apply_proposals", "controls.queries.PROPOSALS_DUE", Lane.DELIVER),
    # After proposals that were approved for the same day.
    Timer("plans.services.end_forbidden", "plans.offers.LAWS_TURN", Lane.DELIVER, MINUTE),
    Timer("controls.services.run_trials", "controls.queries.TRIALS_WAIT", Lane.FIGURES),
    Timer("fraud.network.services.settle_rings", "fraud.network.queries.RINGS_WAIT", Lane.FIGURES, MINUTE),
    Timer("checkout.services.expire_checkouts", "checkout.queries.CHECKOUTS_OVER", Lane.DELIVER),
    Timer("checkout.services.expire_orders", "checkout.queries.ORDERS_OVER", Lane.DELIVER),
    Timer("checkout.services.press_reviews", "checkout.queries.reviews_urgent", Lane.DELIVER),
    Timer("checkout.services.warn_expiring", "checkout.queries.ORDERS_ENDING", Lane.DELIVER),
    # Before anybody there is reminded or charged.
    Timer("plans.services.pause_areas", "plans.areas.AREAS_WAIT"),
    Timer("collection.services.remind_upcoming", "collection.queries.upcoming", Lane.FIGURES),
    # Before holds that lapsed are closed.
    Timer("collection.services.charge_deposits", "collection.queries.DEPOSITS_DUE"),
    Timer("collection.services.run_due", "collection.queries.DUE"),
    Timer("collection.services.mark_overdue", "collection.queries.LATE", Lane.FIGURES),
    # After late payments are marked.
    Timer("collection.services.close_days", "collection.closing.DAYS_ENDED", Lane.FIGURES, MINUTE),
    Timer("collection.services.end_joint_settlements", "collection.joint.JOINT_DUE", Lane.FIGURES, MINUTE),
    Timer("checkout.services.review_limits", "credit.queries.LIMITS_WAIT", Lane.FIGURES, MINUTE),
    Timer("checkout.services.earn_shop_interest", "checkout.subsidies.queries.INTEREST_DUE", Lane.FIGURES, MINUTE),
    Timer("merchants.services.settle_merchants", "merchants.queries.SETTLEMENTS_WAIT"),
    Timer("payments.services.send_refunds", "payments.queries.REFUNDS_WAIT"),
    Timer("payments.services.send_payouts", "payments.queries.PAYOUTS_WAIT"),
    Timer("payments.services.note_unanswered", "payments.silence.movements_silent", Lane.OUTSIDE, MINUTE),
    Timer("payments.services.release_unused_authorizations", "payments.queries.HOLDS_UNNEEDED"),
    Timer("payments.services.end_mandates", "payments.queries.MANDATES_STAND", Lane.OUTSIDE),
    Timer("notifications.services.send_messages", "notifications.queries.MESSAGES_WAIT", Lane.OUTSIDE),
    Timer("webhooks.services.send_webhooks", "webhooks.queries.DELIVERIES_WAIT", Lane.OUTSIDE),
    Timer("ledger.services.fold_balances", "ledger.queries.ACCOUNTS_BUSY", Lane.FIGURES),
    Timer("ledger.services.fold_days", "ledger.queries.LINES_UNFOLDED", Lane.FIGURES, MINUTE),
    Timer("collection.services.exchange_files", "core.sizes.BY_REAL_TIME", Lane.FIGURES, 10 * MINUTE),
    Timer("reports.laboratory.run_trainings", "learning.lab.queries.TRAININGS_WAIT", Lane.FIGURES),
    Timer("reports.retraining.suggest_models", "core.sizes.BY_REAL_TIME", Lane.FIGURES, HOUR),
    Timer("reports.watching.watch_models", "learning.queries.WATCH_DUE", Lane.FIGURES, HOUR),
    Timer("core.retention.forget_old", "bnpl.retentions.old", Lane.FIGURES, MINUTE),
    Timer("accounts.services.erase_closed", "bnpl.keepers.ERASABLE", Lane.FIGURES, HOUR),
    Timer("controls.services.seal_audit", "core.sizes.BY_REAL_TIME", Lane.FIGURES, MINUTE),
    Timer("controls.services.anchor_audit", "core.sizes.BY_REAL_TIME", Lane.FIGURES, HOUR),
    Timer("reports.margins.services.count_margins", "core.sizes.BY_REAL_TIME", Lane.FIGURES, MINUTE),
    Timer("reports.funnel.services.count_funnel", "core.sizes.BY_REAL_TIME", Lane.FIGURES, 10 * MINUTE),
    Timer("reports.provisions.services.provide_months", "reports.provisions.queries.MONTHS_WAIT", Lane.FIGURES, MINUTE),
    Timer("core.sizes.note_sizes", "core.sizes.BY_REAL_TIME", Lane.FIGURES, HOUR),
]
"""Workers run every timer at its period. A process that moves through many days at once (a sandbox's clock, a simulation) checks all
conditions in one statement first, and runs the timers in this order."""

CLOCK_FOLLOWERS: list[str] = ["payments.gateways.sandbox.follow_clock"]
"""Functions that are called after the sandbox's clock was moved."""
