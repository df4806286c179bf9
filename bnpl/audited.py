"""What the audit log says, by table, of acts on people's data, money and controls; of which it says nothing, `bnpl.unaudited` says."""

from controls.audit.triggers import Watched

_NOBODY_NAMED = "coalesce(nullif(current_setting('bnpl.actor', true), ''), '')"
"""Who acts by the present transaction, where its rows do not say it (`core.acting`)."""


def _by(column: str) -> str:
    """Return who a row names, else who acts."""
    return f"coalesce(nullif(NEW.{column}::text, ''), {_NOBODY_NAMED})"


def _about(*columns: str) -> str:
    return "ARRAY[" + ", ".join(f"nullif(NEW.{column}::text, '')" for column in columns) + "]"


def _facts(*columns: str) -> str:
    return "jsonb_build_object(" + ", ".join(f"'{column}', NEW.{column}" for column in columns) + ")"


def _differ(*columns: str) -> str:
    return " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in columns)


_EVENTS = [
    # Every event that anybody hears later; its payload holds ids and figures, and never personal data.
    Watched(
        "core_outboxevent",
        act="n.name",
        actor="n.actor",
        source="n.source",
        at="n.at",
        about="""ARRAY(
            SELECT p.value FROM jsonb_each_text(n.payload) p
            WHERE p.value ~ '^([a-z]{2,4}_[a-z2-7]{26}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22})$')""",
        facts="n.payload",
        many=True,
    ),
]

_PEOPLE = [
    Watched("accounts_user", "'accounts.user_made'", _NOBODY_NAMED, _about("id")),
    Watched(
        "accounts_user",
        "'accounts.password_changed'",
        _NOBODY_NAMED,
        _about("id"),
        when=_differ("password"),
        name="accounts_user_password",
        changes=True,
    ),
    Watched(
        "accounts_user",
        "'accounts.address_changed'",
        _NOBODY_NAMED,
        _about("id"),
        when=_differ("email"),
        name="accounts_user_address",
        changes=True,
    ),
    Watched(
        "accounts_user",
        "'accounts.user_signed_in'",
        "NEW.id::text",
        _about("id"),
        when="NEW.last_login > coalesce(OLD.last_login, '-infinity')",
        name="accounts_user_sign_in",
        changes=True,
    ),
    Watched(
        "accounts_userchange", "'accounts.rights_changed'", _by("actor"), _about("user_id"), at="NEW.at", facts=_facts("before", "after")
    ),
    Watched(
        "accounts_consumerchange",
        "'accounts.consumer_changed'",
        _by("actor"),
        _about("consumer_id"),
        at="NEW.at",
        facts=_facts("subject", "change"),
    ),
    Watched(
        "accounts_identitycheck",
        "'accounts.identity_checked'",
        _NOBODY_NAMED,
        _about("consumer_id", "reference"),
        at="NEW.at",
        facts=_facts("provider", "result"),
    ),
    Watched(
        "accounts_consent",
        "CASE WHEN NEW.given THEN 'accounts.consent_given' ELSE 'accounts.consent_withdrawn' END",
        f"CASE NEW.how WHEN 'operator' THEN {_NOBODY_NAMED} ELSE NEW.consumer_id::text END",
        _about("consumer_id", "reference"),
        at="NEW.at",
        facts=_facts("kind", "version", "how"),
        # What is agreed at a checkout is told with its order.
        when="NEW.how <> 'checkout'",
    ),
    Watched("accounts_look", "'accounts.person_looked_at'", "NEW.user_id::text", _about("consumer_id"), at="NEW.at", facts=_facts("page")),
    Watched("accounts_note", "'accounts.note_written'", "NEW.by_id::text", _about("consumer_id"), at="NEW.at"),
    Watched(
        "accounts_block",
        "'accounts.person_blocked'",
        "NEW.blocked_by_id::text",
        _about("consumer_id"),
        at="NEW.blocked_at",
        facts=_facts("reason"),
    ),
    Watched(
        "accounts_block",
        "'accounts.person_unblocked'",
        "NEW.lifted_by_id::text",
        _about("consumer_id"),
        at="NEW.lifted_at",
        when="OLD.lifted_at IS NULL AND NEW.lifted_at IS NOT NULL",
        name="accounts_block_lifted",
        changes=True,
    ),
    Watched(
        "core_subjectkey",
        "'accounts.key_destroyed'",
        _NOBODY_NAMED,
        "ARRAY[split_part(NEW.subject, ':', 2)]",
        when="OLD.destroyed_at IS NULL AND NEW.destroyed_at IS NOT NULL",
        changes=True,
    ),
    Watched("credit_inquiry", "'credit.bureau_asked'", _NOBODY_NAMED, _about("consumer_id"), at="NEW.asked_at", facts=_facts("provider")),
    Watched(
        "credit_decision",
        "'credit.decided'",
        _NOBODY_NAMED,
        _about("id", "consumer_id", "reference"),
        at="NEW.at",
        facts=_facts("outcome", "amount_minor", "currency", "versions"),
    ),
    Watched(
        "credit_limitchange",
        "'credit.limit_set'",
        _NOBODY_NAMED,
        "ARRAY[NEW.line_id::text, (SELECT consumer_id::text FROM credit_creditline WHERE id = NEW.line_id)]",
        at="NEW.at",
        facts=_facts("before_minor", "after_minor", "reason"),
    ),
]

_MONEY = [
    Watched(
        "checkout_orderreview",
        "'checkout.review_moved'",
        f"coalesce(NEW.approved_by_id::text, NEW.rejected_by_id::text, NEW.prepared_by_id::text, {_NOBODY_NAMED})",
        _about("order_id"),
        at="coalesce(NEW.decided_at, NEW.prepared_at, now())",
        facts=_facts("status", "reason", "version", "recommendation"),
        when=_differ("status", "version"),
        changes=True,
    ),
    Watched(
        "plans_planchange",
        "'plans.plan_changed'",
        _by("actor"),
        _about("plan_id", "reference"),
        at="NEW.at",
        facts=_facts("kind"),
    ),
    Watched(
        "plans_chargeoff",
        "'plans.loss_proposed'",
        _by("proposed_by"),
        _about("id", "plan_id"),
        at="NEW.proposed_at",
        facts=_facts("reason", "principal_minor", "interest_minor"),
    ),
    Watched(
        "plans_chargeoff",
        "'plans.loss_' || NEW.status",
        _by("closed_by"),
        _about("id", "plan_id"),
        at="coalesce(NEW.closed_at, now())",
        when=_differ("status"),
        name="plans_chargeoff_closed",
        changes=True,
    ),
    *(
        Watched(
            f"payments_{movement}",
            f"'payments.{movement}_moved'",
            _NOBODY_NAMED,
            _about("id", "reference"),
            at="coalesce(NEW.settled_at, now())",
            facts=_facts("status", "amount_minor", "currency", "gateway", "failure"),
            when=_differ("status"),
            changes=True,
        )
        for movement in ("refund", "payout")
    ),
    Watched(
        "payments_movementevent",
        "'payments.movement_turned'",
        _NOBODY_NAMED,
        _about("movement_id", "reference"),
        at="NEW.at",
        facts=_facts("kind", "movement_kind", "amount_minor", "currency", "gateway"),
    ),
    Watched(
        "payments_break",
        "'payments.break_opened'",
        _NOBODY_NAMED,
        _about("id", "subject", "reference"),
        at="NEW.opened_at",
        facts=_facts("kind", "amount_minor", "currency"),
    ),
    Watched(
        "payments_break",
        "'payments.break_closed'",
        _by("closed_by"),
        _about("id", "subject", "reference"),
        at="coalesce(NEW.closed_at, now())",
        facts=_facts("kind"),
        when=_differ("status"),
        name="payments_break_closed",
        changes=True,
    ),
    Watched(
        "payments_transfer",
        "'payments.transfer_wanted'",
        _by("wanted_by"),
        _about("id", "refund_id"),
        at="NEW.created_at",
    ),
    Watched(
        "payments_transfer",
        "'payments.transfer_moved'",
        f"CASE NEW.status WHEN 'sent' THEN {_by('sent_by')} ELSE {_by('closed_by')} END",
        _about("id", "refund_id"),
        at="coalesce(NEW.closed_at, NEW.sent_at, now())",
        facts=_facts("status"),
        when=_differ("status"),
        name="payments_transfer_moved",
        changes=True,
    ),
    Watched(
        "payments_paymentmethod",
        "'payments.method_added'",
        _NOBODY_NAMED,
        _about("id", "consumer_id"),
        at="NEW.created_at",
        facts=_facts("kind", "gateway"),
    ),
    Watched(
        "payments_paymentmethod",
        "'payments.method_removed'",
        _NOBODY_NAMED,
        _about("id", "consumer_id"),
        at="coalesce(NEW.removed_at, now())",
        when="OLD.removed_at IS NULL AND NEW.removed_at IS NOT NULL",
        name="payments_paymentmethod_removed",
        changes=True,
    ),
]

_CONTROLS = [
    Watched(
        "controls_proposal",
        "'controls.proposal_' || NEW.status",
        "CASE WHEN NEW.status = 'approved' THEN NEW.decided_by ELSE NEW.ended_by END",
        "ARRAY[NEW.id::text, NEW.subject]",
        at="coalesce(NEW.ended_at, NEW.decided_at, now())",
        facts=_facts("kind", "starts_on", "outcome"),
        when=_differ("status"),
        changes=True,
    ),
    *(
        Watched(
            "controls_assignment",
            "'controls.task_given'",
            _by("given_by"),
            _about("subject", "person"),
            at="NEW.taken_at",
            facts=_facts("kind", "until"),
            when=_differ("person", "given_by") if changes else "",
            name="controls_assignment_handed" if changes else "",
            changes=changes,
        )
        for changes in (False, True)
    ),
    Watched(
        "controls_absence",
        "'controls.absence_noted'",
        _by("person"),
        _about("id", "person", "stand_in"),
        at="NEW.made_at",
        facts=_facts("starts_on", "ends_on"),
    ),
    Watched(
        "controls_absence",
        "'controls.absence_ended'",
        _by("person"),
        _about("id", "person", "stand_in"),
        at="NEW.ended_at",
        when=_differ("ended_at"),
        name="controls_absence_ended",
        changes=True,
    ),
    Watched(
        "accounts_classchange",
        "'accounts.class_changed'",
        _by("actor"),
        _about("consumer_id"),
        at="NEW.at",
        facts=_facts("axis", "before", "value", "pinned", "rule", "version"),
    ),
    *(
        Watched(
            "accounts_customerclass",
            "'accounts.class_made'" if not changes else "'accounts.class_renamed'",
            _by("changed_by"),
            "ARRAY[NEW.axis || ':' || NEW.code]",
            facts=_facts("titles"),
            name="accounts_customerclass_renamed" if changes else "",
            changes=changes,
        )
        for changes in (False, True)
    ),
    Watched(
        "controls_route",
        "'controls.proposals_routed'",
        _by("made_by"),
        _about("kind"),
        at="NEW.made_at",
        facts=_facts("people", "roles"),
    ),
    Watched(
        "controls_settingchange",
        "'controls.setting_changed'",
        _by("actor"),
        _about("name"),
        at="NEW.at",
        facts=_facts("value", "before"),
    ),
    Watched(
        "controls_ruleversion",
        "'controls.rules_drafted'",
        _by("made_by"),
        "ARRAY[NEW.id::text, NEW.kind::text]",
        at="NEW.made_at",
        facts=_facts("kind", "number"),
    ),
    Watched(
        "controls_ruleversion",
        "'controls.rules_moved'",
        f"CASE WHEN NEW.status = 'live' THEN {_by('began_by')} ELSE {_NOBODY_NAMED} END",
        "ARRAY[NEW.id::text, NEW.kind::text]",
        at="coalesce(NEW.ended_at, NEW.began_at, NEW.observed_at, now())",
        facts=_facts("kind", "number", "status"),
        when=_differ("status"),
        name="controls_ruleversion_moved",
        changes=True,
    ),
    # What went on is told by its order; what did not has no other trace.
    Watched(
        "fraud_assessment",
        "'fraud.purchase_stopped'",
        _NOBODY_NAMED,
        _about("subject"),
        at="NEW.at",
        facts=_facts("verdict", "version"),
        when="NEW.verdict IN ('step_up', 'block')",
    ),
    # Read by the money laundering desk's auditors alone (`operations.audit`): all acts of this name.
    Watched(
        "fraud_launderingalert",
        "'fraud.laundering_alert_raised'",
        _NOBODY_NAMED,
        _about("id", "consumer_id"),
        at="NEW.raised_at",
        facts=_facts("rule", "version"),
    ),
    Watched(
        "fraud_launderingalert",
        "'fraud.laundering_alert_' || NEW.status",
        "NEW.decided_by_id::text",
        _about("id", "consumer_id"),
        at="NEW.decided_at",
        when=_differ("status"),
        name="fraud_launderingalert_decided",
        changes=True,
    ),
    Watched(
        "fraud_label",
        "CASE WHEN NEW.is_fraud THEN 'fraud.labeled_fraud' ELSE 'fraud.labeled_honest' END",
        _by("actor"),
        _about("id", "consumer_id", "order"),
        at="NEW.at",
        facts=_facts("source", "merchant"),
    ),
    Watched("fraud_launderinglook", "'fraud.laundering_looked_at'", "NEW.user_id::text", _about("alert_id"), at="NEW.at"),
    Watched(
        "learning_modelversion",
        "'learning.model_made'",
        _by("made_by"),
        "ARRAY[NEW.id::text, NEW.name::text]",
        at="NEW.made_at",
        facts=_facts("family", "name", "version"),
    ),
    Watched(
        "learning_rolechange",
        "'learning.model_role_changed'",
        "coalesce(nullif(NEW.approved_by, ''), NEW.proposed_by)",
        "ARRAY[NEW.id::text]",
        at="NEW.at",
        facts=_facts("family", "role", "share"),
    ),
    Watched(
        "brands_brandchange",
        "'brands.brand_changed'",
        _by("actor"),
        _about("brand_id"),
        at="NEW.at",
        facts="jsonb_build_object('fields', (SELECT jsonb_agg(k ORDER BY k) FROM jsonb_object_keys(NEW.after) k))",
    ),
    Watched(
        "merchants_accountchange",
        "'merchants.account_changed'",
        _by("actor"),
        _about("merchant_id", "subject"),
        at="NEW.at",
        facts=_facts("kind"),
    ),
    *(
        Watched(
            "markets_marketsetting",
            "'markets.setting_changed'",
            _NOBODY_NAMED,
            "ARRAY[NEW.market_id::text, NEW.key::text]",
            facts=_facts("key", "value", "valid_from", "valid_to"),
            when="OLD.* IS DISTINCT FROM NEW.*" if changes else "",
            name="markets_marketsetting_ended" if changes else "",
            changes=changes,
        )
        for changes in (False, True)
    ),
    *(
        Watched(
            "plans_product",
            "'plans.offer_changed'",
            _NOBODY_NAMED,
            "ARRAY[NEW.market_id::text, NEW.code::text]",
            facts=_facts("version", "active", "offered_since", "offered_until", "rate_bps"),
            when="OLD.* IS DISTINCT FROM NEW.*" if changes else "",
            name="plans_product_changed" if changes else "",
            changes=changes,
        )
        for changes in (False, True)
    ),
    *(
        Watched(
            "core_provideraccount",
            "'core.provider_account_changed'",
            _by("changed_by"),
            _about("code"),
            at="NEW.changed_at",
            facts=_facts("provider", "active", "priority", "market", "brand"),
            when=_differ("values", "active", "priority", "capabilities", "market", "brand") if changes else "",
            name="core_provideraccount_changed" if changes else "",
            changes=changes,
        )
        for changes in (False, True)
    ),
    *(
        Watched(
            "webhooks_endpoint",
            "'webhooks.endpoint_changed'",
            _by("changed_by"),
            _about("id", "merchant_id"),
            at="coalesce(NEW.changed_at, NEW.created_at)",
            facts="jsonb_build_object('removed', NEW.removed_at IS NOT NULL, 'disabled', NEW.disabled_at IS NOT NULL)",
            when=_differ("url", "events", "secrets", "disabled_at", "removed_at") if changes else "",
            name="webhooks_endpoint_changed" if changes else "",
            changes=changes,
        )
        for changes in (False, True)
    ),
    Watched(
        "webhooks_delivery",
        "'webhooks.event_resent'",
        _by("resent_by"),
        _about("id", "endpoint_id", "event_id"),
        at="coalesce(NEW.resent_at, now())",
        when="NEW.resent_at IS NOT NULL AND OLD.resent_at IS DISTINCT FROM NEW.resent_at",
        changes=True,
    ),
    Watched(
        "django_admin_log",
        "'operations.form_saved'",
        "NEW.user_id::text",
        "ARRAY[NEW.object_id]",
        at="NEW.action_time",
        facts=(
            "jsonb_build_object('flag', NEW.action_flag, 'model', (SELECT model FROM django_content_type WHERE id = NEW.content_type_id))"
        ),
    ),
]

AUDITED: list[Watched] = [*_EVENTS, *_PEOPLE, *_MONEY, *_CONTROLS]
