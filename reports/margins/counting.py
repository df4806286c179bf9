"""How margins are counted, in SQL: what sales earned and cost, and what was paid for knowing people, also those who bought nothing.

Parameters: `at`, its `day`, the `first` moment that counts, `fees` of gateways (`payments.gateways.terms.fees_of`), and `rates` between the
minor units of currencies.
"""

# ruff: noqa: S608  (the words put into these statements are our own)

from credit.rules.grades import GRADES_1
from plans.states import PlanStatus

_BY_POINTS = "CASE " + " ".join(f"WHEN d.score >= {lowest} THEN '{grade}'" for lowest, grade, _share in GRADES_1) + " ELSE '' END"
_GRADE = f"coalesce(d.versions ->> 'grade', {_BY_POINTS})"
"""The grade of a decision; those from before grades were stored had theirs by their points."""
_PPM = "(d.inputs #>> ARRAY['risk', 'said', d.inputs #>> '{risk,decides}', 'ppm'])::numeric"
"""The probability of a bad end that decided, in millionths; NULL where the points did."""
_IN_TIME = f"CASE WHEN p.status <> '{PlanStatus.CHARGED_OFF}' THEN i.owed - i.late ELSE 0 END"
_CLASSES = "coalesce(h.classes, c.classes, '{}'::jsonb) - 'pinned'"
"""The classes of a person, which their first account has."""
_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"


def _key_of(text: str) -> str:
    """Return SQL for the key in a checkout's public id (`core.ids`), 26 letters of 5 bits; NULL for a text that is none."""
    number = f"(strpos('{_LETTERS}', substr(right({text}, 26), n, 1)) - 1)::bit(5)::text"
    bits = f"(SELECT string_agg({number}, '' ORDER BY n) FROM generate_series(1, 26) n)"
    digits = "(SELECT string_agg(to_hex(substr(y.bits, 4 * n + 1, 4)::bit(4)::int), '' ORDER BY n) FROM generate_series(0, 31) n)"
    return f"(SELECT {digits}::uuid FROM (SELECT {bits} AS bits) y WHERE {text} ~ '^chk_[a-z2-7]{{26}}$')"


_SALES = f"""
    SELECT date_trunc('month', o.created_at AT TIME ZONE 'UTC')::date AS month, o.currency, m.market_id, r.code AS product,
        {_GRADE} AS grade, {_CLASSES} AS classes, o.merchant_id, 1 AS plans, o.captured_minor - o.refunded_minor - i.deposit AS financed,
        o.fee_minor - o.fee_refunded_minor + l.paid AS fees, i.interest + s.interest AS interest, i.money_days,
        CASE WHEN p.status <> '{PlanStatus.CHARGED_OFF}' THEN i.owed ELSE 0 END AS open,
        CASE WHEN p.status <> '{PlanStatus.CHARGED_OFF}' THEN i.late ELSE 0 END AS late,
        CASE WHEN p.status = '{PlanStatus.CHARGED_OFF}' THEN i.owed ELSE 0 END AS lost,
        0::numeric AS sources, 0::numeric AS banks, g.fee AS gateways,
        CASE WHEN {_PPM} IS NULL THEN 0 ELSE {_IN_TIME} END AS rated, coalesce({_IN_TIME} * {_PPM} / 1000000, 0) AS defaults
    FROM checkout_order o JOIN merchants_merchant m ON m.id = o.merchant_id JOIN plans_plan p ON p.id = o.plan_id
    JOIN plans_product r ON r.id = p.product_id JOIN credit_decision d ON d.id = o.decision_id
    JOIN accounts_consumer c ON c.id = o.consumer_id LEFT JOIN accounts_consumer h ON h.id = c.person_id
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(i.paid_principal_minor - i.refunded_minor)
                FILTER (WHERE p.deposit_minor > 0 AND i.due_date = i.start_date), 0) AS deposit,
            coalesce(sum(i.paid_interest_minor), 0) AS interest, coalesce(sum(i.principal_minor - i.paid_principal_minor), 0) AS owed,
            coalesce(sum(i.principal_minor - i.paid_principal_minor) FILTER (WHERE i.due_date < %(day)s), 0) AS late,
            coalesce(sum(i.principal_minor * greatest(
                least((i.paid_at AT TIME ZONE 'UTC')::date, %(day)s) - i.start_date, 0)), 0) AS money_days
        FROM plans_installment i WHERE i.plan_id = p.id) i
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(s.paid_minor - s.returned_minor), 0) AS interest
        FROM checkout_capture c JOIN checkout_shopinterest s ON s.capture_id = c.id WHERE c.order_id = o.id AND r.shop_rate_bps > 0) s
    CROSS JOIN LATERAL (SELECT coalesce(sum(l.fee_minor), 0) AS paid FROM checkout_postponement l WHERE l.order_id = o.id) l
    CROSS JOIN LATERAL (
        SELECT coalesce(sum((a.principal_minor + a.interest_minor) * (f.bps / 10000 + (f.fixed + e.fee) / t.amount_minor)), 0) AS fee
        FROM plans_installment i JOIN plans_allocation a ON a.installment_id = i.id JOIN payments_charge t ON t.id = a.charge_id
        JOIN payments_paymentmethod w ON w.id = t.payment_method_id
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(f.bps), 0) AS bps, coalesce(sum(f.fixed), 0) AS fixed
            FROM jsonb_to_recordset(%(fees)s) AS f (gateway text, currency text, is_debit boolean, bps numeric, fixed numeric)
            WHERE f.gateway = t.gateway AND f.currency = t.currency AND f.is_debit = (w.kind = 'bank_debit')) f
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(CASE e.kind WHEN 'fee' THEN e.amount_minor ELSE -e.amount_minor END), 0) AS fee
            FROM payments_movementevent e
            WHERE e.movement_id = t.id AND e.movement_kind = 'charge' AND e.kind IN ('fee', 'fee_returned') AND e.currency = t.currency) e
        WHERE i.plan_id = p.id) g
    WHERE o.created_at >= %(first)s AND o.created_at <= %(at)s AND o.captured_minor > 0"""
"""One row for each captured order, with the share of its charges in the fees of their gateways."""
_ASKED = f"""
    SELECT {_key_of("d.reference")} AS checkout, i.asked_at AS at, c.id AS consumer, c.market_id, i.cost_currency AS currency,
        i.cost_minor::numeric AS sources, 0::numeric AS banks
    FROM credit_inquiry i JOIN accounts_consumer c ON c.id = i.consumer_id
    LEFT JOIN LATERAL (
        SELECT d.reference FROM credit_decision d WHERE d.consumer_id = i.consumer_id AND d.currency = i.currency AND d.at >= i.asked_at
        ORDER BY d.at, d.id LIMIT 1) d ON true
    WHERE i.answered_at >= %(first)s AND i.asked_at <= %(at)s AND i.cost_minor > 0
    UNION ALL
    SELECT {_key_of("b.reference")}, b.at, NULL, b.market, b.cost_currency, 0, b.cost_minor
    FROM credit_bankcall b WHERE b.at >= %(first)s AND b.at <= %(at)s AND b.cost_minor > 0"""
"""Answers of bureaus, registers and banks that cost something, each with the checkout for which it was asked first."""
_COSTS = f"""
    SELECT date_trunc('month', coalesce(o.created_at, a.at) AT TIME ZONE 'UTC')::date, x.currency, coalesce(m.market_id, a.market_id),
        coalesce(r.code, ''), CASE WHEN d.id IS NULL THEN '' ELSE {_GRADE} END, {_CLASSES}, k.merchant_id, 0, 0, 0, 0, 0, 0, 0, 0,
        a.sources * coalesce(f.factor, 0), a.banks * coalesce(f.factor, 0), 0, 0, 0
    FROM ({_ASKED}) a LEFT JOIN checkout_checkout k ON k.id = a.checkout LEFT JOIN merchants_merchant m ON m.id = k.merchant_id
    LEFT JOIN checkout_order o ON o.checkout_id = k.id AND o.captured_minor > 0 AND o.created_at >= %(first)s
    LEFT JOIN plans_plan p ON p.id = o.plan_id LEFT JOIN plans_product r ON r.id = p.product_id
    LEFT JOIN credit_decision d ON d.id = coalesce(o.decision_id, k.decision_id)
    LEFT JOIN accounts_consumer c ON c.id = coalesce(k.consumer_id, a.consumer) LEFT JOIN accounts_consumer h ON h.id = c.person_id
    JOIN markets_market w ON w.code = a.market_id
    CROSS JOIN LATERAL (SELECT coalesce(k.currency, w.currency) AS currency) x
    LEFT JOIN jsonb_to_recordset(%(rates)s) AS f (source text, target text, factor numeric)
        ON f.source = a.currency AND f.target = x.currency"""
"""What knowing people cost, in the currency of their order, or of their market; of checkouts without a captured order too."""
COUNT = f"""
    INSERT INTO reports_margin (month, counted_at, currency, market_id, product, grade, classes, merchant_id, plans, financed_minor,
        fees_minor, interest_minor, money_days, open_minor, late_minor, lost_minor, sources_minor, banks_minor, gateways_minor,
        rated_minor, defaults_minor)
    SELECT month, %(at)s, currency, market_id, product, grade, classes, merchant_id, sum(plans), sum(financed), sum(fees), sum(interest),
        sum(money_days), sum(open), sum(late), sum(lost), round(sum(sources)), round(sum(banks)), round(sum(gateways)),
        sum(rated), round(sum(defaults))
    FROM ({_SALES} UNION ALL {_COSTS}) s
    GROUP BY 1, 3, 4, 5, 6, 7, 8"""
