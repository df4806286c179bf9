"""What the audit log records about acts on controls, staff, shops and the installation."""

from bnpl.audited.words import NOBODY_NAMED, actor_of, differ, facts_of, objects_of
from controls.audit.triggers import Watched
from controls.states import ProposalStatus, RuleStatus

CONTROLS = [
    Watched(
        "controls_proposal",
        "'controls.proposal_' || NEW.status",
        f"CASE WHEN NEW.status = '{ProposalStatus.APPROVED}' THEN NEW.decided_by ELSE NEW.ended_by END",
        "ARRAY[NEW.id::text, NEW.subject]",
        at="coalesce(NEW.ended_at, NEW.decided_at, now())",
        facts=facts_of("kind", "starts_on", "outcome"),
        when=differ("status"),
        changes=True,
    ),
    *(
        Watched(
            "controls_assignment",
            "'controls.task_given'",
            actor_of("given_by"),
            objects_of("subject", "person"),
            at="NEW.taken_at",
            facts=facts_of("kind", "until"),
            when=differ("person", "given_by") if changes else "",
            name="controls_assignment_handed" if changes else "",
            changes=changes,
        )
        for changes in (False, True)
    ),
    Watched(
        "controls_absence",
        "'controls.absence_noted'",
        actor_of("person"),
        objects_of("id", "person", "stand_in"),
        at="NEW.made_at",
        facts=facts_of("starts_on", "ends_on"),
    ),
    Watched(
        "controls_absence",
        "'controls.absence_ended'",
        actor_of("person"),
        objects_of("id", "person", "stand_in"),
        at="NEW.ended_at",
        when=differ("ended_at"),
        name="controls_absence_ended",
        changes=True,
    ),
    Watched(
        "accounts_classchange",
        "'accounts.class_changed'",
        actor_of("actor"),
        objects_of("consumer_id"),
        at="NEW.at",
        facts=facts_of("axis", "before", "value", "pinned", "rule", "version"),
    ),
    *(
        Watched(
            "accounts_customerclass",
            "'accounts.class_made'" if not changes else "'accounts.class_renamed'",
            actor_of("changed_by"),
            "ARRAY[NEW.axis || ':' || NEW.code]",
            facts=facts_of("titles"),
            name="accounts_customerclass_renamed" if changes else "",
            changes=changes,
        )
        for changes in (False, True)
    ),
    Watched(
        "controls_route",
        "'controls.proposals_routed'",
        actor_of("made_by"),
        objects_of("kind"),
        at="NEW.made_at",
        facts=facts_of("people", "roles"),
    ),
    Watched(
        "controls_settingchange",
        "'controls.setting_changed'",
        actor_of("actor"),
        objects_of("name"),
        at="NEW.at",
        facts=facts_of("value", "before"),
    ),
    Watched(
        "controls_ruleversion",
        "'controls.rules_drafted'",
        actor_of("made_by"),
        "ARRAY[NEW.id::text, NEW.kind::text]",
        at="NEW.made_at",
        facts=facts_of("kind", "number"),
    ),
    Watched(
        "controls_ruleversion",
        "'controls.rules_moved'",
        f"CASE WHEN NEW.status = '{RuleStatus.LIVE}' THEN {actor_of('began_by')} ELSE {NOBODY_NAMED} END",
        "ARRAY[NEW.id::text, NEW.kind::text]",
        at="coalesce(NEW.ended_at, NEW.began_at, NEW.observed_at, now())",
        facts=facts_of("kind", "number", "status"),
        when=differ("status"),
        name="controls_ruleversion_moved",
        changes=True,
    ),
    # Only assessments that stopped the purchase: an allowed one is recorded with its order.
    Watched(
        "fraud_assessment",
        "'fraud.purchase_stopped'",
        NOBODY_NAMED,
        objects_of("subject"),
        at="NEW.at",
        facts=facts_of("verdict", "version"),
        when="NEW.verdict IN ('step_up', 'confirm', 'block')",
    ),
    # Acts with this prefix can be read only by the money laundering desk's auditors (`operations.audit`).
    Watched(
        "fraud_launderingalert",
        "'fraud.laundering_alert_raised'",
        NOBODY_NAMED,
        objects_of("id", "consumer_id"),
        at="NEW.raised_at",
        facts=facts_of("rule", "version"),
    ),
    Watched(
        "fraud_launderingalert",
        "'fraud.laundering_alert_' || NEW.status",
        "NEW.decided_by_id::text",
        objects_of("id", "consumer_id"),
        at="NEW.decided_at",
        when=differ("status"),
        name="fraud_launderingalert_decided",
        changes=True,
    ),
    Watched(
        "fraud_label",
        "CASE WHEN NEW.is_fraud THEN 'fraud.labeled_fraud' ELSE 'fraud.labeled_honest' END",
        actor_of("actor"),
        objects_of("id", "consumer_id", "order"),
        at="NEW.at",
        facts=facts_of("source", "merchant"),
    ),
    Watched(
        "fraud_label",
        "'fraud.label_ended'",
        actor_of("ended_by"),
        objects_of("id", "consumer_id", "order"),
        at="NEW.ended_at",
        when=differ("ended_at"),
        name="fraud_label_ended",
        changes=True,
    ),
    Watched(
        "fraud_listentry",
        "'fraud.listed_' || NEW.listed",
        actor_of("added_by"),
        objects_of("id", "consumer_id"),
        at="NEW.at",
        facts=facts_of("kind", "until"),
    ),
    Watched(
        "fraud_listentry",
        "'fraud.list_entry_ended'",
        actor_of("ended_by"),
        objects_of("id", "consumer_id"),
        at="NEW.ended_at",
        facts=facts_of("listed", "kind"),
        when=differ("ended_at"),
        name="fraud_listentry_ended",
        changes=True,
    ),
    Watched(
        "fraud_launderingreport",
        "'fraud.laundering_report_made'",
        "NEW.made_by_id::text",
        objects_of("id", "alert_id"),
        at="NEW.made_at",
        facts=facts_of("number"),
    ),
    Watched(
        "fraud_launderingreport",
        "'fraud.laundering_report_filed'",
        "NEW.filed_by_id::text",
        objects_of("id", "alert_id"),
        at="NEW.filed_at",
        facts=facts_of("number", "filed_on"),
        when=differ("filed_at"),
        name="fraud_launderingreport_filed",
        changes=True,
    ),
    Watched("fraud_launderinglook", "'fraud.laundering_looked_at'", "NEW.user_id::text", objects_of("alert_id"), at="NEW.at"),
    Watched(
        "learning_modelversion",
        "'learning.model_made'",
        actor_of("made_by"),
        "ARRAY[NEW.id::text, NEW.name::text]",
        at="NEW.made_at",
        facts=facts_of("family", "name", "version"),
    ),
    Watched(
        "learning_rolechange",
        "'learning.model_role_changed'",
        "coalesce(nullif(NEW.approved_by, ''), NEW.proposed_by)",
        "ARRAY[NEW.id::text]",
        at="NEW.at",
        facts=facts_of("family", "role", "share"),
    ),
    Watched(
        "brands_brandchange",
        "'brands.brand_changed'",
        actor_of("actor"),
        objects_of("brand_id"),
        at="NEW.at",
        facts="jsonb_build_object('fields', (SELECT jsonb_agg(k ORDER BY k) FROM jsonb_object_keys(NEW.after) k))",
    ),
    Watched(
        "merchants_accountchange",
        "'merchants.account_changed'",
        actor_of("actor"),
        objects_of("merchant_id", "subject"),
        at="NEW.at",
        facts=facts_of("kind"),
    ),
    *(
        Watched(
            "markets_marketsetting",
            "'markets.setting_changed'",
            NOBODY_NAMED,
            "ARRAY[NEW.market_id::text, NEW.key::text]",
            facts=facts_of("key", "value", "valid_from", "valid_to"),
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
            NOBODY_NAMED,
            "ARRAY[NEW.market_id::text, NEW.code::text]",
            facts=facts_of("version", "active", "offered_since", "offered_until", "rate_bps"),
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
            actor_of("changed_by"),
            objects_of("code"),
            at="NEW.changed_at",
            facts=facts_of("provider", "active", "priority", "market", "brand"),
            when=differ("values", "active", "priority", "capabilities", "market", "brand") if changes else "",
            name="core_provideraccount_changed" if changes else "",
            changes=changes,
        )
        for changes in (False, True)
    ),
    *(
        Watched(
            "webhooks_endpoint",
            "'webhooks.endpoint_changed'",
            actor_of("changed_by"),
            objects_of("id", "merchant_id"),
            at="coalesce(NEW.changed_at, NEW.created_at)",
            facts="jsonb_build_object('removed', NEW.removed_at IS NOT NULL, 'disabled', NEW.disabled_at IS NOT NULL)",
            when=differ("url", "events", "secrets", "disabled_at", "removed_at") if changes else "",
            name="webhooks_endpoint_changed" if changes else "",
            changes=changes,
        )
        for changes in (False, True)
    ),
    Watched(
        "webhooks_delivery",
        "'webhooks.event_resent'",
        actor_of("resent_by"),
        objects_of("id", "endpoint_id", "event_id"),
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
