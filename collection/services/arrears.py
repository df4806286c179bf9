"""Steps of the close of day: how late each plan is, and how many plans went from which bucket of days past due to which."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime

from collection.arrears import BUCKET_OF, CREDIT, DAYS, LATE
from core.arrays import plain_array
from core.db import rows
from plans.rules.arrears import CURRENT
from plans.states import PlanStatus

_ROLLED = "INSERT INTO collection_rolledday AS d (day, market, brand, product, currency, source, target, plans, late_minor)"
_ADDED = """ON CONFLICT (market, day, brand, product, currency, source, target)
    DO UPDATE SET plans = d.plans + excluded.plans, late_minor = d.late_minor + excluded.late_minor"""
# A plan that is stopped stays in the bucket that it had. A plan whose person moved may come twice for a day: it stays as it was noted.
# What had been noted ends before the new row is made, since a plan has one row that has not ended.
_NOTED = f"""
    WITH late AS (
        SELECT i.plan_id, i.number, {DAYS} AS days, {CREDIT} AS minor
        FROM plans_installment i JOIN plans_plan p ON p.id = i.plan_id
        WHERE i.plan_id = ANY(%(plans)s::uuid[]) AND {LATE}),
    now AS (
        SELECT plan_id, {BUCKET_OF.format("max(days)")} AS bucket, jsonb_object_agg(number, {BUCKET_OF.format("days")}) AS buckets,
            sum(minor)::bigint AS minor
        FROM late GROUP BY plan_id),
    moved AS MATERIALIZED (
        SELECT p.id AS plan_id, p.product_id, p.consumer_id, p.currency, now.bucket, now.buckets,
            was.bucket AS before, coalesce(now.minor, was.late_minor) AS minor,
            now.buckets IS DISTINCT FROM was.buckets AS changed
        FROM plans_plan p LEFT JOIN now ON now.plan_id = p.id
        LEFT JOIN LATERAL (
            SELECT a.since, a.until FROM collection_arrears a WHERE a.plan_id = p.id ORDER BY a.since DESC LIMIT 1) last ON true
        LEFT JOIN collection_arrears was ON was.plan_id = p.id AND was.until IS NULL
        WHERE p.id = ANY(%(plans)s::uuid[]) AND (now.plan_id IS NOT NULL OR was.id IS NOT NULL)
            AND (p.stopped_at IS NULL OR now.plan_id IS NULL)
            AND (last.since IS NULL OR last.since < %(day)s) AND (last.until IS NULL OR last.until <= %(day)s)),
    ended AS (
        UPDATE collection_arrears a SET until = %(day)s FROM moved
        WHERE a.plan_id = moved.plan_id AND a.until IS NULL AND moved.changed RETURNING a.id),
    made AS (
        INSERT INTO collection_arrears (plan_id, since, bucket, buckets, late_minor)
        SELECT plan_id, %(day)s, bucket, buckets, minor FROM moved
        WHERE changed AND bucket IS NOT NULL AND (SELECT count(*) FROM ended) >= 0),
    rolled AS (
        {_ROLLED}
        SELECT %(day)s, r.market_id, c.brand_id, r.code, m.currency, coalesce(m.before, '{CURRENT}'), coalesce(m.bucket, '{CURRENT}'),
            count(*), sum(m.minor)
        FROM moved m JOIN plans_product r ON r.id = m.product_id JOIN accounts_consumer c ON c.id = m.consumer_id
        GROUP BY 2, 3, 4, 5, 6, 7 ORDER BY 2, 3, 4, 5, 6, 7 {_ADDED})
    SELECT count(*) FROM moved WHERE changed"""  # noqa: S608  (words of our own)
_CURRENT = f"""
    WITH counted AS (
        SELECT r.market_id, c.brand_id, r.code, p.currency, count(*) AS plans
        FROM plans_plan p JOIN plans_product r ON r.id = p.product_id JOIN accounts_consumer c ON c.id = p.consumer_id
        WHERE p.time_zone = %(zone)s AND p.status = '{PlanStatus.ACTIVE}'
            AND NOT EXISTS (SELECT 1 FROM collection_arrears a WHERE a.plan_id = p.id AND (a.until IS NULL OR a.until = %(day)s))
        GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4),
    rolled AS (
        {_ROLLED}
        SELECT %(day)s, market_id, brand_id, code, currency, '{CURRENT}', '{CURRENT}', plans, 0 FROM counted {_ADDED})
    SELECT coalesce(sum(plans), 0)::int FROM counted"""  # noqa: S608  (words of our own)


def note_arrears(*, plan_ids: Sequence[uuid.UUID], day: date, at: datetime) -> int:
    """Note the buckets of locked plans as of a closed day where they changed, and count all moves; return how many plans changed."""
    found: int = rows(_NOTED, {"plans": plain_array(plan_ids), "day": day})[0][0]
    return found


def count_current(*, zone: str, day: date, at: datetime) -> int:
    """Count a zone's plans that were current before and after a closed day; return how many."""
    found: int = rows(_CURRENT, {"zone": zone, "day": day})[0][0]
    return found
