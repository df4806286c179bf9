"""What the database itself asks of a shop's terms, whoever writes them: that the newest change in the shop's history tells them."""

import pgtrigger

TERMS = ("fee_bps", "fee_fixed_minor", "refund_fees", "payout_destination")
# Asked at the end of the transaction, of the row as it is then.
_TOLD = f"""
    SELECT to_jsonb(m) INTO shop FROM merchants_merchant m WHERE m.id = NEW.id;
    FOREACH term IN ARRAY ARRAY{list(TERMS)!r} LOOP
        CONTINUE WHEN to_jsonb(OLD) -> term = to_jsonb(NEW) -> term;
        SELECT c.detail -> 'after' -> term INTO told FROM merchants_accountchange c
        WHERE c.merchant_id = NEW.id AND c.detail -> 'after' ? term ORDER BY c.id DESC LIMIT 1;
        IF told IS DISTINCT FROM shop -> term THEN
            RAISE EXCEPTION 'no change of shop % tells its %', NEW.id, term USING ERRCODE = 'check_violation';
        END IF;
    END LOOP;
    RETURN NULL;"""  # noqa: S608  (a statement of our own)

MERCHANT = [
    pgtrigger.Trigger(
        name="terms_are_told",
        when=pgtrigger.After,
        operation=pgtrigger.UpdateOf(*TERMS),
        timing=pgtrigger.Deferred,
        condition=pgtrigger.AnyChange(*TERMS),
        declare=[("shop", "jsonb"), ("told", "jsonb"), ("term", "text")],
        func=_TOLD,
    ),
]
"""Fees and where money is paid out change together with a row of the history, which nobody removes."""
