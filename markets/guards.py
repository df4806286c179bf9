"""Database triggers on dated rows: the application may not write a row for a past day.

The owner of the tables may: `migrate` and `install`, which run as the owner, write the first rows of a new market.
"""

import pgtrigger

_NOT_THE_OWNER = "NOT pg_has_role(current_user, (SELECT c.relowner FROM pg_catalog.pg_class c WHERE c.oid = TG_RELID), 'USAGE')"


def _in_time(passed: str) -> pgtrigger.Trigger:
    """Return the trigger that refuses a row whose day has `passed` (SQL); it fires after inserts, so existing rows may be loaded again."""
    return pgtrigger.Trigger(
        name="in_time",
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        func=f"""
    IF {passed} AND {_NOT_THE_OWNER} THEN
        RAISE EXCEPTION '% is for a day that has passed', TG_TABLE_NAME USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;""",
    )


SETTING = _in_time("NEW.valid_from < (SELECT (now() AT TIME ZONE m.time_zone)::date FROM markets_market m WHERE m.code = NEW.market_id)")
"""A legal parameter must begin today, in the market's time zone, or later."""
RATE = _in_time(
    "NEW.date < (now() AT TIME ZONE 'UTC')::date"
    " AND EXISTS (SELECT 1 FROM markets_exchangerate r WHERE r.currency = NEW.currency AND r.id <> NEW.id)"
)
"""A rate must be for today or later, unless it is the first of its currency."""
