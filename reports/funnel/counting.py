"""How the funnel is counted, in SQL, from the ways of single checkouts.

Parameters: `at`, the `first` moment that is read, the first `day` that is written (in the market's time zone), and `order`, the pages.
"""

# ruff: noqa: S608  (the words put into these statements are our own)

from reports.funnel.rules import EDGES

_CLASSES = ", ".join(f"count(*) FILTER (WHERE spent = {number})" for number in range(len(EDGES) + 1))
_EDGES = ", ".join(str(second * 1000) for second in EDGES)
COUNT = f"""
    WITH ways AS (
        SELECT j.checkout_id, j.merchant_id, j.device, j.opening, (j.began_at AT TIME ZONE k.time_zone)::date AS day, j.errors,
            CASE WHEN o.id IS NULL OR j.steps ? 'done' THEN j.steps
                ELSE j.steps || jsonb_build_object('done', greatest(extract(epoch FROM o.created_at - j.began_at) * 1000, 0)::bigint) END
                AS steps
        FROM checkout_journey j JOIN merchants_merchant m ON m.id = j.merchant_id JOIN markets_market k ON k.code = m.market_id
        LEFT JOIN checkout_order o ON o.checkout_id = j.checkout_id
        WHERE j.began_at >= %(first)s
    ), shown AS (
        SELECT w.day, w.merchant_id, w.device, w.opening, s.key AS step,
            lead(s.value::bigint) OVER way - s.value::bigint AS ms, row_number() OVER way AS number, count(*) OVER whole AS pages
        FROM ways w, jsonb_each_text(w.steps) s
        WHERE w.day >= %(day)s
        WINDOW way AS (PARTITION BY w.checkout_id ORDER BY s.value::bigint, array_position(%(order)s::text[], s.key)),
            whole AS (PARTITION BY w.checkout_id)
    ), classed AS (
        SELECT day, merchant_id, device, opening, step, number = pages AS is_last,
            width_bucket(ms, ARRAY[{_EDGES}]::bigint[]) AS spent
        FROM shown
    ), wrong AS (
        SELECT day, merchant_id, device, opening, step, jsonb_object_agg(code, n) AS errors FROM (
            SELECT w.day, w.merchant_id, w.device, w.opening, split_part(e.key, '.', 1) AS step,
                substr(e.key, strpos(e.key, '.') + 1) AS code, sum(e.value::bigint) AS n
            FROM ways w, jsonb_each_text(w.errors) e WHERE w.day >= %(day)s GROUP BY 1, 2, 3, 4, 5, 6) f
        GROUP BY 1, 2, 3, 4, 5
    )
    INSERT INTO reports_funnelday (day, merchant_id, device, opening, step, reached, stopped, spent, errors, counted_at)
    SELECT c.day, c.merchant_id, c.device, c.opening, c.step, count(*), count(*) FILTER (WHERE is_last AND c.step <> 'done'),
        ARRAY[{_CLASSES}], coalesce((array_agg(w.errors))[1], '{{}}'::jsonb), %(at)s
    FROM classed c LEFT JOIN wrong w USING (day, merchant_id, device, opening, step)
    GROUP BY 1, 2, 3, 4, 5"""
