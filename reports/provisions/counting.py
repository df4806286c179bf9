"""How open money at a month's end is counted, in SQL.

Parameters: the first days of the `month` and of the one `before`, the month's last `day`, moments `since` and `until`; keys of `plans` or
charge-offs (`keys`) with their `minors`; the `bounds` of buckets and the `days` of markets' stages as JSON.
"""

# ruff: noqa: S608  (the words put into these statements are our own)

from plans.rules.arrears import CURRENT
from plans.states import ChargeOffStatus

_SEGMENT = "r.market_id, c.brand_id, r.code, p.currency"
_OF_PLAN = "JOIN plans_product r ON r.id = p.product_id JOIN accounts_consumer c ON c.id = p.consumer_id"
_GIVEN_UP = f"x.status = '{ChargeOffStatus.CONFIRMED}' AND x.closed_at >= %(since)s AND x.closed_at < %(until)s"

# Days are those of the oldest late payment as it is due now, within the bucket in which the plan was when the day was closed.
NOTE = f"""
    INSERT INTO reports_provisionplan (month, plan_id, bucket, stage, exposure_minor)
    SELECT %(month)s, o.plan_id, b.bucket, CASE WHEN l.days >= d.third THEN 3 WHEN l.days > d.over THEN 2 ELSE 1 END, o.minor
    FROM unnest(%(plans)s::uuid[], %(minors)s::bigint[]) AS o (plan_id, minor)
    JOIN plans_plan p ON p.id = o.plan_id JOIN plans_product r ON r.id = p.product_id
    JOIN jsonb_to_recordset(%(days)s::jsonb) AS d (market text, "over" int, third int) ON d.market = r.market_id
    LEFT JOIN collection_arrears a ON a.plan_id = o.plan_id AND a.since <= %(day)s AND (a.until IS NULL OR a.until > %(day)s)
    JOIN jsonb_to_recordset(%(bounds)s::jsonb) AS b (bucket text, least int, most int) ON b.bucket = coalesce(a.bucket, '{CURRENT}')
    CROSS JOIN LATERAL (
        SELECT least(b.most, greatest(b.least, max(%(day)s - i.due_date - i.paused_days))) AS days
        FROM jsonb_each_text(a.buckets) n JOIN plans_installment i ON i.plan_id = a.plan_id AND i.number = n.key::int
        WHERE n.value = a.bucket) l"""
FLOWS = f"""
    WITH was AS (SELECT * FROM reports_provisionplan WHERE month = %(before)s),
    now AS (SELECT * FROM reports_provisionplan WHERE month = %(month)s),
    gone AS (SELECT x.plan_id, sum(x.principal_minor) AS minor FROM plans_chargeoff x WHERE {_GIVEN_UP} GROUP BY 1)
    SELECT {_SEGMENT}, was.bucket, was.stage, now.bucket, now.stage, gone.minor IS NOT NULL AND now.id IS NULL,
        count(*), sum(f.opened), sum(f.lost), sum(least(f.opened - f.lost, f.closed)), sum(f.closed)
    FROM was FULL JOIN now USING (plan_id) LEFT JOIN gone USING (plan_id)
    CROSS JOIN LATERAL (
        SELECT coalesce(was.exposure_minor, 0) AS opened, coalesce(now.exposure_minor, 0) AS closed,
            least(coalesce(was.exposure_minor, 0), coalesce(gone.minor, 0)) AS lost) f
    JOIN plans_plan p ON p.id = plan_id {_OF_PLAN}
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9"""
GIVEN_UP = f"""
    SELECT {_SEGMENT}, count(*), sum(x.principal_minor)
    FROM plans_chargeoff x JOIN plans_plan p ON p.id = x.plan_id {_OF_PLAN} WHERE {_GIVEN_UP} GROUP BY 1, 2, 3, 4"""
LEFT = f"""
    SELECT {_SEGMENT}, sum(o.minor)
    FROM unnest(%(keys)s::uuid[], %(minors)s::bigint[]) AS o (id, minor) JOIN plans_chargeoff x ON x.id = o.id
    JOIN plans_plan p ON p.id = x.plan_id {_OF_PLAN} WHERE {_GIVEN_UP} GROUP BY 1, 2, 3, 4"""
