-- %(plans)s plans: %(shop)s has six tenths of them and %(person)s a hundredth, everybody else's are spread over shops and people.
-- Keys are UUIDv7 in the order of the rows, a year long, so that pages are laid out as in a book that grew.

CREATE FUNCTION pg_temp.key(kind int, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
    SELECT (lpad(to_hex(1760000000000 + n * 300000), 12, '0') || '7' || lpad(to_hex(kind), 3, '0') || '8000' || lpad(to_hex(n), 12, '0'))::uuid $$;
CREATE FUNCTION pg_temp.letters(prefix text, bits bit(130)) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT prefix || '_' || string_agg(substr('abcdefghijklmnopqrstuvwxyz234567', 1 + substring(bits FROM 1 + 5 * i FOR 5)::bit(5)::int, 1), '' ORDER BY i)
    FROM generate_series(0, 25) i $$;
CREATE FUNCTION pg_temp.public_id(prefix text, key uuid) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT pg_temp.letters(prefix, (('x' || replace(key::text, '-', ''))::bit(128) || B'00')::bit(130)) $$;
SET session_replication_role = replica;  -- no triggers and no foreign keys while rows are poured in

INSERT INTO merchants_merchant (id, name, legal_name, slug, currency, category, support_email, brand_color, checkout_text, fee_bps,
    fee_fixed_minor, refund_fees, auto_extend, authorization_days, payout_destination, origins, active, created_at, market_id)
SELECT pg_temp.key(1, n), 'Shop ' || n, 'Shop ' || n || ' Inc.', 'shop-' || n, 'USD', 'home', 'shop' || n || '@example.com', '#1f5f8b', '',
    400, 0, true, false, 28, 'US-shop-' || n, '[]', true, now() - interval '400 days', 'US'
FROM generate_series(1, 60 + %(plans)s / 200) n;

INSERT INTO accounts_user (password, is_superuser, id, email, name, is_staff, is_active, created_at)
SELECT '!', false, pg_temp.key(2, n), 'member' || n || '@shops.example', 'Member ' || n, n %% 50 = 0, true, now() - interval '400 days'
FROM generate_series(1, 150 + %(plans)s / 100) n;

INSERT INTO accounts_consumer (id, locale, time_zone, email, email_hash, phone, name, birth_date, address, identity, created_at, market_id)
SELECT pg_temp.key(3, n), p.locale, p.time_zone, '', md5('consumer' || n), '', '', '', '', 'verified', p.created_at, 'US'
FROM accounts_consumer p, generate_series(1, %(plans)s / 3) n WHERE p.id = %(person)s;

INSERT INTO payments_paymentmethod (id, gateway, token, shown, position, created_at, consumer_id)
SELECT pg_temp.key(4, n), 'sandbox', 'pm_bench' || n, '{"brand": "visa", "last4": "4242", "exp_month": 12, "exp_year": 2030}', 0, now() - interval '380 days',
    CASE WHEN n = 0 THEN %(person)s::uuid ELSE pg_temp.key(3, n) END
FROM generate_series(0, %(plans)s / 3) n;

INSERT INTO credit_creditline (id, currency, limit_minor, order_limit_minor, used_minor, decided_at, consumer_id)
SELECT pg_temp.key(5, n), 'USD', 150000, 100000, 20000, now() - interval '10 days',
    CASE WHEN n = 0 THEN %(person)s::uuid ELSE pg_temp.key(3, n) END
FROM generate_series(0, %(plans)s / 3) n;

INSERT INTO credit_limitchange (id, before_minor, after_minor, reason, at, line_id)
SELECT pg_temp.key(6, n), 140000 + n, 140001 + n, 'first_decision', now() - interval '300 days', pg_temp.key(5, CASE WHEN n < 60 THEN 0 ELSE n END)
FROM generate_series(0, 60 + %(plans)s / 3) n;

-- One row a plan, with all that the others follow from; public ids are true ones where pages read them. Of what somebody has bought, ten plans are open, however many there are.
SET work_mem = '256MB';
CREATE TEMP TABLE spread AS
SELECT n, %(start)s::timestamptz + n * (interval '360 days' / %(plans)s) AS at,
    CASE WHEN n %% 10 < 6 THEN %(shop)s::uuid ELSE pg_temp.key(1, 1 + (n * 7919) %% (60 + %(plans)s / 200)) END AS merchant,
    CASE WHEN n %% 100 = 5 OR n > %(plans)s - 10 OR n <= 60 THEN 0 ELSE 1 + (n * 104729) %% (%(plans)s / 3) END AS person,
    CASE
        WHEN n %% 100 = 5 OR n <= 60 THEN 'captured' WHEN n > %(plans)s - 10 THEN 'authorized' WHEN (n * 31) %% 100 < 66 THEN 'captured'
        WHEN (n * 31) %% 100 < 74 THEN 'authorized' WHEN (n * 31) %% 100 < 76 THEN 'partially_captured' WHEN (n * 31) %% 100 < 82 THEN 'pending_review'
        WHEN (n * 31) %% 100 < 88 THEN 'voided' WHEN (n * 31) %% 100 < 94 THEN 'expired' ELSE 'rejected' END AS status,
    10000 + (n * 37) %% 50000 AS amount, (n * 13) %% 10 = 0 AS refunded
FROM generate_series(1, %(plans)s::bigint) n;
ALTER TABLE spread ADD consumer uuid, ADD method uuid, ADD captured bigint, ADD order_ref text, ADD plan_ref text;
UPDATE spread SET
    order_ref = CASE person WHEN 0 THEN pg_temp.public_id('ord', pg_temp.key(13, n)) ELSE 'ord_' || lpad(n::text, 26, 'a') END,
    plan_ref = CASE person WHEN 0 THEN pg_temp.public_id('pln', pg_temp.key(12, n)) ELSE 'pln_' || lpad(n::text, 26, 'a') END,
    consumer = CASE WHEN person = 0 THEN %(person)s::uuid ELSE pg_temp.key(3, person) END, method = pg_temp.key(4, person),
    captured = CASE status WHEN 'captured' THEN amount WHEN 'partially_captured' THEN amount / 2 ELSE 0 END;

ANALYZE spread;

INSERT INTO checkout_checkout (id, amount_minor, currency, merchant_reference, items, items_sealed, customer, urls, capture, metadata,
    metadata_sealed, status, product_code,
    reached, expires_at, created_at, consumer_id, decision_id, merchant_id)
SELECT pg_temp.key(10, n), amount, 'USD', '#' || lpad(n::text, 6, '0'), '[]', '', '', '{}', 'manual', '{}', '', 'completed', 'pay_in_4', 'approved', at + interval '2 days', at,
    consumer, pg_temp.key(11, n), merchant
FROM spread;

INSERT INTO credit_decision (id, reference, currency, amount_minor, outcome, limit_minor, order_limit_minor, score, reasons, inputs, versions,
    provider_ref, at, consumer_id)
SELECT pg_temp.key(11, n), 'chk_' || n, 'USD', amount, CASE n %% 10 WHEN 0 THEN 'refer' WHEN 1 THEN 'decline' ELSE 'approve' END, 150000, 100000, 700, '[]', '{}', '{}', '',
    at, consumer
FROM spread;

INSERT INTO plans_plan (id, reference, currency, principal_minor, apr_bps, time_zone, agreed, agreement, agreement_sealed, status, created_at, consumer_id,
    payment_method_id, product_id)
SELECT pg_temp.key(12, n), order_ref, 'USD', amount, 0, 'America/New_York',
    '{"apr_bps": 0, "total_minor": 100, "installments": [{"number": 1, "due_date": "2026-11-22", "interest_minor": 0, "principal_minor": 100}]}', '{}', '',
    CASE WHEN status IN ('authorized', 'pending_review') THEN 'pending' WHEN status = 'partially_captured' THEN 'active'
         WHEN captured > 0 THEN CASE WHEN n > %(plans)s * 9 / 10 AND person <> 0 THEN 'active' ELSE 'completed' END ELSE 'canceled' END,
    at, consumer, method, (SELECT id FROM plans_product WHERE market_id = 'US' AND code = 'pay_in_4' AND active)
FROM spread;

INSERT INTO checkout_order (id, merchant_reference, currency, amount_minor, captured_minor, refunded_minor, released_minor, fee_minor,
    fee_refunded_minor, status, capture, authorized_at, expires_at, created_at, checkout_id, consumer_id, decision_id, merchant_id, plan_id)
SELECT pg_temp.key(13, n), '#' || lpad(n::text, 6, '0'), 'USD', amount, captured, CASE WHEN refunded THEN captured / 10 ELSE 0 END, 0, captured / 25, 0, status, 'manual', at,
    CASE WHEN status IN ('pending_review', 'authorized', 'partially_captured') THEN now() + interval '20 days' END, at, pg_temp.key(10, n), consumer,
    pg_temp.key(11, n), merchant, pg_temp.key(12, n)
FROM spread;

INSERT INTO plans_installment (id, number, part, start_date, due_date, principal_minor, interest_minor, paid_principal_minor, paid_interest_minor,
    refunded_minor, status, attempts, last_failure, paid_at, next_attempt_at, plan_id)
SELECT pg_temp.key(14, s.n * 4 + i), i + 1, 1, s.at::date, (s.at + i * interval '14 days')::date, s.captured / 4, 0,
    CASE WHEN p.status = 'completed' THEN s.captured / 4 ELSE 0 END, 0, 0,
    CASE WHEN p.status = 'completed' THEN 'paid' ELSE 'scheduled' END, 0, '', CASE WHEN p.status = 'completed' THEN s.at + i * interval '14 days' END,
    CASE WHEN p.status <> 'completed' THEN s.at + i * interval '14 days' END, p.id
FROM spread s JOIN plans_plan p ON p.id = pg_temp.key(12, s.n), generate_series(0, 3) i WHERE s.captured > 0;

INSERT INTO payments_charge (id, gateway, reference, amount_minor, currency, status, gateway_ref, failure, tries, created_at, settled_at,
    refunded_minor, actor, action_url, payment_method_id)
SELECT pg_temp.key(15, n), 'sandbox', plan_ref, captured / 4, 'USD', 'succeeded', 'ch_bench' || n, '', 1, at, at,
    0, '', '', method
FROM spread WHERE captured > 0;

INSERT INTO payments_refund (id, gateway, reference, amount_minor, currency, status, gateway_ref, failure, tries, created_at, settled_at, charge_id)
SELECT pg_temp.key(16, n), 'sandbox', plan_ref, captured / 10, 'USD', 'succeeded', 're_bench' || n, '', 1, at, at,
    pg_temp.key(15, n)
FROM spread WHERE captured > 0 AND refunded;

INSERT INTO payments_payout (id, gateway, reference, amount_minor, currency, status, gateway_ref, failure, tries, created_at, settled_at, owner, destination)
SELECT pg_temp.key(25, n), 'sandbox', 'set_' || n, amount, 'USD', 'succeeded', 'po_bench' || n, '', 1, at, at, 'mer_bench', 'US' FROM spread WHERE n %% 5 = 0;

INSERT INTO plans_allocation (charge_id, principal_minor, interest_minor, refunded_minor, at, installment_id)
SELECT pg_temp.key(15, n), captured / 4, 0, 0, at, pg_temp.key(14, n * 4) FROM spread WHERE captured > 0;

INSERT INTO checkout_capture (id, part, amount_minor, refunded_minor, fee_minor, actor, at, order_id)
SELECT pg_temp.key(17, n), 1, captured, 0, captured / 25, 'bench', at, pg_temp.key(13, n) FROM spread WHERE captured > 0;

INSERT INTO checkout_refund (id, merchant_id, amount_minor, reason, reason_sealed, fee_minor, outcome, actor, at, capture_id, order_id)
SELECT pg_temp.key(18, n), merchant, captured / 10, 'Returned', '', 0, '{"back": [], "canceled_minor": 100}', 'bench', at, NULL, pg_temp.key(13, n) FROM spread WHERE captured > 0 AND refunded;

INSERT INTO checkout_orderreview (id, reason, rule, causes, status, prepared_by_id, prepared_at, prepared_note, recommendation, source_review, decision_reason, version, urgency, created_at, decided_at, approved_by_id, rejected_by_id, merchant_id, currency, amount_minor, held_by, order_id)
SELECT pg_temp.key(19, n), 'order_limit', 'over the limit', '[{"reason": "order_limit", "rule": "over the limit"}]', CASE status WHEN 'pending_review' THEN 'waiting' WHEN 'rejected' THEN 'rejected' ELSE 'approved' END,
    CASE WHEN status <> 'pending_review' THEN pg_temp.key(2, 51) END, CASE WHEN status <> 'pending_review' THEN at END, '', '', '', '', 0, 0, at, CASE WHEN status <> 'pending_review' THEN at END, CASE WHEN status NOT IN ('pending_review', 'rejected') THEN pg_temp.key(2, 50) END,
    CASE WHEN status = 'rejected' THEN pg_temp.key(2, 100) END, merchant, 'USD', amount, ARRAY['order_limit'], pg_temp.key(13, n)
FROM spread WHERE status IN ('pending_review', 'rejected', 'expired');

-- Statements: every day of the year; what the large shop sold stands in the newest but one, and sixty lines in the one before.
INSERT INTO merchants_settlement (id, date, currency, opening_minor, sales_minor, returns_minor, fees_minor, fee_refunds_minor, bounced_minor,
    payout_minor, closing_minor, item_count, created_at, merchant_id)
SELECT pg_temp.key(20, d * 100 + m), %(start)s::date + d, 'USD', 0, 1000, 0, 40, 0, 0, 960, 0, 0, %(start)s::timestamptz + d * interval '1 day',
    CASE WHEN m = 0 THEN %(shop)s::uuid ELSE pg_temp.key(1, m) END
FROM generate_series(0, 359) d, generate_series(0, 9) m;

INSERT INTO merchants_settlementitem (id, kind, source, order_ref, merchant_reference, gross_minor, fee_minor, at, merchant_id, settlement_id)
SELECT pg_temp.key(21, n), 'capture', 'cap_' || lpad(n::text, 6, '0'), order_ref, '#' || lpad(n::text, 6, '0'), captured,
    captured / 25, at, merchant,
    CASE WHEN n > %(plans)s * 399 / 400 THEN NULL WHEN n <= 400 THEN pg_temp.key(20, 35700) ELSE pg_temp.key(20, 35800) END
FROM spread WHERE captured > 0 AND merchant = %(shop)s;

INSERT INTO webhooks_merchantevent (id, sequence, type, source, data, created_at, merchant_id)
SELECT pg_temp.key(22, n), row_number() OVER (ORDER BY n), 'order.authorized', 'order.authorized:' || n,
    jsonb_build_object('order_id', order_ref, 'status', status, 'amount', amount), at, merchant
FROM spread WHERE merchant = %(shop)s;
INSERT INTO webhooks_eventcounter (merchant_id, last) SELECT %(shop)s, count(*) FROM webhooks_merchantevent;

INSERT INTO webhooks_delivery (id, status, tries, next_at, resent_by, created_at, endpoint_id, event_id)
SELECT pg_temp.key(23, n), CASE WHEN n %% 50 = 1 THEN 'failed' ELSE 'delivered' END, 1, at, '', at, %(endpoint)s, pg_temp.key(22, n)
FROM spread WHERE merchant = %(shop)s;

INSERT INTO webhooks_attempt (status_code, error, answer, duration_ms, at, delivery_id)
SELECT 200, '', 'ok', 12, at, pg_temp.key(23, n) FROM spread WHERE merchant = %(shop)s;

INSERT INTO notifications_message (id, channel, kind, context, facts, dedupe, status, tries, not_before, next_at, error, read_at, sent_at, at, consumer_id)
SELECT pg_temp.key(24, n), 'inbox', 'payment_received', jsonb_build_object('plan', plan_ref, 'order',
    order_ref, 'numbers', '[1]'::jsonb, 'currency', 'USD', 'merchant', pg_temp.public_id('mer', %(shop)s::uuid), 'amount_minor', captured / 4),
    '', 'bench:' || n, 'sent', 1, at, at, '', CASE WHEN n %% 3 = 0 THEN at END, at, at, consumer
FROM spread WHERE captured > 0;

INSERT INTO reports_merchantday (date, opened, identified, approved, declined, completed, sales_minor, captured_minor, refunded_minor, refunds, finished, merchant_id)
SELECT at::date, count(*), count(*), count(*), 0, count(*), sum(amount), sum(captured), 0, 0, 0, merchant FROM spread GROUP BY 1, merchant;
INSERT INTO reports_productday (date, product_code, orders, sales_minor, merchant_id)
SELECT at::date, 'pay_in_4', count(*), sum(amount), merchant FROM spread GROUP BY 1, merchant;

INSERT INTO ledger_account (id, kind, owner, currency)
SELECT pg_temp.key(30, n), 'receivable', plan_ref, 'USD' FROM spread
UNION ALL SELECT pg_temp.key(30, 0), 'merchant_payable', pg_temp.public_id('mer', %(shop)s::uuid), 'USD';
INSERT INTO ledger_entry (id, kind, source, at)
SELECT pg_temp.key(31, n), 'capture', 'cap_' || lpad(n::text, 6, '0'), at FROM spread;
INSERT INTO ledger_line (currency, amount_minor, account_id, entry_id)
SELECT 'USD', CASE side WHEN 0 THEN amount ELSE -amount END, pg_temp.key(30, n * (1 - side)), pg_temp.key(31, n) FROM spread, generate_series(0, 1) side;

SET session_replication_role = DEFAULT;
RESET work_mem;
