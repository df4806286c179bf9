"""Note which pages of a checkout were reached."""

from datetime import datetime

from checkout.journeys import DEVICES, OPENINGS, STEPS
from checkout.models import Checkout
from core.db import execute

_NOTE = """
    INSERT INTO checkout_journey AS j (checkout_id, merchant_id, device, opening, began_at, step, step_at, steps, errors, again)
    SELECT %(checkout)s, %(merchant)s, %(device)s, %(opening)s, %(at)s, %(step)s, %(at)s, jsonb_build_object(%(step)s::text, 0),
        CASE WHEN %(again)s = '' THEN '{}'::jsonb ELSE jsonb_build_object(%(error)s::text, 1) END, %(again)s
    WHERE NOT EXISTS (
        SELECT 1 FROM checkout_journey k
        WHERE k.checkout_id = %(checkout)s AND k.steps ? %(step)s AND %(again)s IN ('', k.again))
    ON CONFLICT (checkout_id) DO UPDATE SET
        step = CASE WHEN j.steps ? EXCLUDED.step THEN j.step ELSE EXCLUDED.step END,
        step_at = CASE WHEN j.steps ? EXCLUDED.step THEN j.step_at ELSE EXCLUDED.step_at END,
        steps = jsonb_build_object(EXCLUDED.step, greatest(extract(epoch FROM EXCLUDED.step_at - j.began_at) * 1000, 0)::bigint) || j.steps,
        errors = CASE WHEN EXCLUDED.again IN ('', j.again) THEN j.errors
            ELSE j.errors || jsonb_build_object(%(error)s::text, coalesce((j.errors ->> %(error)s)::int, 0) + 1) END,
        again = CASE WHEN EXCLUDED.again = '' THEN j.again ELSE EXCLUDED.again END"""


def note_reached(*, checkout: Checkout, step: str, device: str, opening: str, at: datetime, error: str = "", again: str = "") -> bool:
    """Note that a page of a checkout is shown; return whether anything was new. One statement, which writes only what is new.

    `error` is the code of the form that was refused there, and `again` the mark of that form, both empty if there was none.
    """
    if step not in STEPS or device not in DEVICES or opening not in OPENINGS:
        raise ValueError(f"unknown: {step}, {device} or {opening}")
    told = {"checkout": checkout.pk, "merchant": checkout.merchant_id, "device": device, "opening": opening, "at": at, "step": step}
    return execute(_NOTE, told | {"error": f"{step}.{error or 'other'}"[:60], "again": again[:40]}) > 0
