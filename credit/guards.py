"""Database triggers that protect limits, inquiries to data sources, and reviews, whoever writes them.

The database cannot know what a source answered. But it enforces that an inquiry is recorded before its answer, that an answer never
changes, and that only a referred decision is reviewed.
"""

import pgtrigger

from core.evidence import at_end, settled

_REFUSE = "RAISE EXCEPTION '% % was never asked so', TG_TABLE_NAME, NEW.id USING ERRCODE = 'check_violation';"
OF_THE_PERSON = """EXISTS (
        SELECT 1 FROM accounts_consumer mine, accounts_consumer asked WHERE mine.id = d.consumer_id AND asked.id = i.consumer_id
            AND coalesce(mine.person_id, mine.id) = coalesce(asked.person_id, asked.id) AND mine.brand_id = asked.brand_id)"""
"""SQL: the inquiry `i` was about an account of the person and the brand of the decision `d`."""
_REFERRED = f"""
    PERFORM 1 FROM credit_decision d WHERE d.id = NEW.decision_id AND d.at = NEW.created_at AND d.reasons ? 'manual_review';
    IF NOT FOUND OR NEW.resolved_at IS NOT NULL OR NEW.outcome <> '' OR NEW.resolved_by <> '' THEN
        {_REFUSE}
    END IF;
    RETURN NEW;"""
# The decision's own inquiry, about an account of the same person, which has a report and the source's own reference.
_ASKED = f"""
    PERFORM 1 FROM credit_decision d JOIN credit_inquiry i ON i.id = d.inquiry_id
    WHERE d.id = NEW.decision_id AND {OF_THE_PERSON} AND i.currency = d.currency AND i.answered_at IS NOT NULL
        AND i.provider_ref <> '' AND i.provider_ref = d.provider_ref AND i.provider = d.versions ->> 'source';
    IF NOT FOUND OR NEW.outcome NOT IN ('approve', 'decline') OR NEW.resolved_at IS NULL OR NEW.resolved_at < NEW.created_at THEN
        {_REFUSE}
    END IF;
    RETURN NEW;"""

# Checked at the end of the transaction, on the rows as they are then.
_LIMIT_IS_TOLD = """
    PERFORM 1 FROM credit_creditline l WHERE l.id = {line} AND l.limit_minor IS DISTINCT FROM (
        SELECT c.after_minor FROM credit_limitchange c WHERE c.line_id = l.id ORDER BY c.number DESC, c.id DESC LIMIT 1);
    IF FOUND THEN
        RAISE EXCEPTION 'the newest change of line % does not tell its limit', {line} USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;"""
# Locks the line, so that no change is written while another transaction changes its limit.
_ONE_BY_ONE = "PERFORM 1 FROM credit_creditline l WHERE l.id = NEW.line_id FOR NO KEY UPDATE;"


def _refusing(name: str, operation: pgtrigger.core.Operation, condition: str) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(name=name, when=pgtrigger.Before, operation=operation, condition=pgtrigger.Condition(condition), func=_REFUSE)


ANSWER = ("cost_minor", "cost_currency", "took_ms")
"""What is stored of an answer besides what it says."""
INQUIRY = [
    _refusing(
        "asked_first",
        pgtrigger.Insert,
        "NEW.answered_at IS NOT NULL OR NEW.provider_ref <> '' OR NEW.review <> '' OR NEW.data <> '{}'::jsonb",
    ),
    _refusing("answered_after", pgtrigger.Update, "NEW.answered_at < NEW.asked_at OR (NEW.answered_at IS NULL AND NEW.review <> '')"),
    settled("answered_once", "OLD.answered_at IS NOT NULL", fixed=["provider_ref", "data", "answered_at", *ANSWER]),
    settled("reviewed_once", "OLD.review <> ''", fixed=["review"]),
]
"""An inquiry is recorded before it is sent, answered once, and reviewed once."""
REFERRAL = [
    pgtrigger.Trigger(name="was_referred", when=pgtrigger.Before, operation=pgtrigger.Insert, func=_REFERRED),
    pgtrigger.Trigger(
        name="was_asked",
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        condition=pgtrigger.Condition("NEW.resolved_by = 'source'"),
        func=_ASKED,
    ),
    _refusing(
        "open_is_open",
        pgtrigger.Update,
        "((NEW.resolved_at IS NULL) <> (NEW.resolved_by = '') OR (NEW.outcome <> '' AND NEW.resolved_by = ''))",
    ),
    settled("resolved_once", "OLD.resolved_at IS NOT NULL"),
]
"""A referral needs a referred decision, is open at first, and is resolved once."""
_OF_THE_LINE = _LIMIT_IS_TOLD.replace("{line}", "NEW.id")
LIMIT = [
    at_end("limit_begins_told", pgtrigger.Insert, _OF_THE_LINE),
    at_end("limit_is_told", pgtrigger.UpdateOf("limit_minor"), _OF_THE_LINE, pgtrigger.AnyChange("limit_minor")),
]
LIMIT_CHANGE = [at_end("tells_the_limit", pgtrigger.Insert, _ONE_BY_ONE + _LIMIT_IS_TOLD.replace("{line}", "NEW.line_id"))]
"""At the end of each transaction, a limit equals the amount in its newest change."""
