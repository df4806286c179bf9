"""What the audit log records about acts on people and their data."""

from bnpl.audited.words import NOBODY_NAMED, actor_of, differ, facts_of, objects_of
from controls.audit.triggers import Watched

PEOPLE = [
    Watched("accounts_user", "'accounts.user_made'", NOBODY_NAMED, objects_of("id")),
    Watched(
        "accounts_user",
        "'accounts.password_changed'",
        NOBODY_NAMED,
        objects_of("id"),
        when=differ("password"),
        name="accounts_user_password",
        changes=True,
    ),
    Watched(
        "accounts_user",
        "'accounts.address_changed'",
        NOBODY_NAMED,
        objects_of("id"),
        when=differ("email"),
        name="accounts_user_address",
        changes=True,
    ),
    Watched(
        "accounts_user",
        "'accounts.user_signed_in'",
        "NEW.id::text",
        objects_of("id"),
        when="NEW.last_login > coalesce(OLD.last_login, '-infinity')",
        name="accounts_user_sign_in",
        changes=True,
    ),
    Watched(
        "accounts_userchange",
        "'accounts.rights_changed'",
        actor_of("actor"),
        objects_of("user_id"),
        at="NEW.at",
        facts=facts_of("before", "after"),
    ),
    Watched(
        "accounts_consumerchange",
        "'accounts.consumer_changed'",
        actor_of("actor"),
        objects_of("consumer_id"),
        at="NEW.at",
        facts=facts_of("subject", "change"),
    ),
    Watched(
        "accounts_identitycheck",
        "'accounts.identity_checked'",
        NOBODY_NAMED,
        objects_of("consumer_id", "reference"),
        at="NEW.at",
        facts=facts_of("provider", "result"),
    ),
    Watched(
        "accounts_consent",
        "CASE WHEN NEW.given THEN 'accounts.consent_given' ELSE 'accounts.consent_withdrawn' END",
        f"CASE NEW.how WHEN 'operator' THEN {NOBODY_NAMED} ELSE NEW.consumer_id::text END",
        objects_of("consumer_id", "reference"),
        at="NEW.at",
        facts=facts_of("kind", "version", "how"),
        # Consent at a checkout is recorded with its order.
        when="NEW.how <> 'checkout'",
    ),
    Watched(
        "accounts_look", "'accounts.person_looked_at'", "NEW.user_id::text", objects_of("consumer_id"), at="NEW.at", facts=facts_of("page")
    ),
    Watched("accounts_note", "'accounts.note_written'", "NEW.by_id::text", objects_of("consumer_id"), at="NEW.at"),
    Watched(
        "accounts_block",
        "'accounts.person_blocked'",
        "NEW.blocked_by_id::text",
        objects_of("consumer_id"),
        at="NEW.blocked_at",
        facts=facts_of("reason"),
    ),
    Watched(
        "accounts_block",
        "'accounts.person_unblocked'",
        "NEW.lifted_by_id::text",
        objects_of("consumer_id"),
        at="NEW.lifted_at",
        when="OLD.lifted_at IS NULL AND NEW.lifted_at IS NOT NULL",
        name="accounts_block_lifted",
        changes=True,
    ),
    Watched(
        "core_subjectkey",
        "'accounts.key_destroyed'",
        NOBODY_NAMED,
        "ARRAY[split_part(NEW.subject, ':', 2)]",
        when="OLD.destroyed_at IS NULL AND NEW.destroyed_at IS NOT NULL",
        changes=True,
    ),
    Watched(
        "credit_inquiry", "'credit.bureau_asked'", NOBODY_NAMED, objects_of("consumer_id"), at="NEW.asked_at", facts=facts_of("provider")
    ),
    Watched(
        "credit_bankaccess",
        "'credit.bank_visited'",
        "NEW.consumer_id::text",
        objects_of("id", "consumer_id"),
        at="NEW.started_at",
        facts=facts_of("provider"),
    ),
    Watched("credit_declaration", "'credit.figures_declared'", NOBODY_NAMED, objects_of("id", "consumer_id", "reference"), at="NEW.at"),
    Watched(
        "credit_decision",
        "'credit.decided'",
        NOBODY_NAMED,
        objects_of("id", "consumer_id", "reference"),
        at="NEW.at",
        facts=facts_of("outcome", "amount_minor", "currency", "versions"),
    ),
    Watched(
        "credit_limitchange",
        "'credit.limit_set'",
        NOBODY_NAMED,
        "ARRAY[NEW.line_id::text, (SELECT consumer_id::text FROM credit_creditline WHERE id = NEW.line_id)]",
        at="NEW.at",
        facts=facts_of("before_minor", "after_minor", "reason"),
    ),
    Watched(
        "credit_creditline",
        # One trigger for both: each costs every purchase, which changes the line too.
        "CASE WHEN NEW.own_minor IS DISTINCT FROM OLD.own_minor THEN 'credit.own_limit_set' ELSE 'credit.order_limit_set' END",
        NOBODY_NAMED,
        objects_of("id", "consumer_id"),
        facts=facts_of("currency", "order_by_hand_minor", "order_by_hand_until", "own_minor"),
        when=differ("order_by_hand_minor", "order_by_hand_until", "own_minor"),
        changes=True,
    ),
]
