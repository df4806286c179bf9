"""Database triggers on a shop's terms: for every writer, the newest change in the shop's history must have the same terms."""

import pgtrigger

from core.evidence import at_end

TERMS = ("fee_bps", "fee_fixed_minor", "refund_fees", "payout_destination", "postpone_fixed_minor", "postpone_bps", "postpone_most")
# Checked at the end of the transaction, on the rows as they are then.
_TOLD = f"""
    SELECT to_jsonb(m) INTO shop FROM merchants_merchant m WHERE m.id = {{shop}} FOR NO KEY UPDATE;
    FOREACH term IN ARRAY ARRAY{list(TERMS)!r} LOOP
        CONTINUE WHEN {{untouched}};
        SELECT c.detail -> 'after' -> term INTO told FROM merchants_accountchange c
        WHERE c.merchant_id = {{shop}} AND c.detail -> 'after' ? term ORDER BY c.number DESC, c.id DESC LIMIT 1;
        IF told IS DISTINCT FROM shop -> term THEN
            RAISE EXCEPTION 'no change of shop % tells its %', {{shop}}, term USING ERRCODE = 'check_violation';
        END IF;
    END LOOP;
    RETURN NULL;"""  # noqa: S608  (a statement of our own)


def _told(
    name: str, operation: pgtrigger.core.Operation, condition: pgtrigger.Condition, *, shop: str, untouched: str
) -> pgtrigger.Trigger:
    func = _TOLD.replace("{shop}", shop).replace("{untouched}", untouched)
    return at_end(name, operation, func, condition, declare=[("shop", "jsonb"), ("told", "jsonb"), ("term", "text")])


MERCHANT = [
    _told(
        "terms_are_told",
        pgtrigger.UpdateOf(*TERMS),
        pgtrigger.AnyChange(*TERMS),
        shop="NEW.id",
        untouched="to_jsonb(OLD) -> term = to_jsonb(NEW) -> term",
    ),
]
ACCOUNT_CHANGE = [
    _told(
        "tells_the_terms",
        pgtrigger.Insert,
        pgtrigger.Condition("NEW.detail ? 'after'"),
        shop="NEW.merchant_id",
        untouched="NOT coalesce(NEW.detail -> 'after' ? term, false)",
    ),
]
"""Fees and payout account must equal the newest change in the history, which nobody can delete or write in advance."""
