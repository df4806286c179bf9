-- The whole due run as sets, one statement for each that the product sends a chunk, over all that is due at once: the same rows with
-- the same columns, the same locks, triggers and indexes, and the same two commits. Keys are made by the database; plans' public ids,
-- which the product calculates, stand ready in bench_name; what the product reads to ask its gateways, and sends back, stays inside.

BEGIN;
CREATE TEMPORARY TABLE due ON COMMIT PRESERVE ROWS AS
WITH due AS MATERIALIZED (
    SELECT i.id, i.next_attempt_at, i.number, i.attempts, p.id AS plan_id, p.currency, p.consumer_id, p.payment_method_id,
        i.principal_minor + i.interest_minor - i.paid_principal_minor - i.paid_interest_minor AS open_minor
    FROM plans_installment i JOIN plans_plan p ON p.id = i.plan_id
    WHERE i.status IN ('scheduled', 'partially_paid', 'overdue') AND i.charge_id IS NULL
        AND i.next_attempt_at <= :at::timestamptz
        AND i.due_date <= (:at::timestamptz AT TIME ZONE p.time_zone)::date
        AND p.status = 'active'
    ORDER BY i.next_attempt_at, i.id FOR NO KEY UPDATE OF i, p SKIP LOCKED)
SELECT due.id, uuidv7() AS charge, due.open_minor, due.plan_id, due.currency, due.consumer_id, m.id AS method_id, m.gateway, m.token,
    a.id AS authorization_id, a.gateway_ref, w.ids AS carried, coalesce(w.minor, 0) AS carried_minor
FROM due JOIN payments_paymentmethod m ON m.id = due.payment_method_id
LEFT JOIN checkout_order o ON due.number = 1 AND o.plan_id = due.plan_id
LEFT JOIN payments_authorization a ON a.id = o.authorization_id AND a.payment_method_id = m.id AND a.status = 'succeeded'
    AND a.used_at IS NULL AND a.released_at IS NULL AND a.release_wanted_at IS NULL AND a.amount_minor >= due.open_minor
LEFT JOIN LATERAL (
    SELECT array_agg(c.id::text) AS ids, sum(c.principal_minor + c.interest_minor - c.paid_principal_minor - c.paid_interest_minor) AS minor
    FROM plans_installment c WHERE c.plan_id = due.plan_id AND c.carried_at IS NOT NULL
        AND c.status IN ('scheduled', 'partially_paid', 'overdue') AND c.charge_id IS NULL) w ON true
WHERE m.removed_at IS NULL AND m.blocked_at IS NULL
ORDER BY due.next_attempt_at, due.id;
ANALYZE due;
INSERT INTO payments_charge (id, gateway, payment_method_id, authorization_id, reference, amount_minor, currency, actor,
    status, gateway_ref, failure, action_url, tries, refunded_minor, created_at, claimed_until)
SELECT due.charge, due.gateway, due.method_id, due.authorization_id, name.plan, due.open_minor, due.currency, '',
    'pending', '', '', '', 0, 0, :at::timestamptz, now() + interval '60 seconds'
FROM due JOIN bench_name name ON name.plan_id = due.plan_id;
UPDATE plans_installment i SET charge_id = due.charge FROM due WHERE i.id = due.id;
COMMIT;

BEGIN;
CREATE TEMPORARY TABLE answered ON COMMIT PRESERVE ROWS AS
WITH held AS (
    SELECT m.id FROM payments_charge m JOIN due ON due.charge = m.id WHERE m.status IN ('pending', 'unknown') ORDER BY m.id FOR UPDATE OF m),
written AS (
    UPDATE payments_charge m SET status = 'succeeded', failure = '', tries = m.tries + 1,
        gateway_ref = 'ch_chg_' || right(replace(m.id::text, '-', ''), 26), settled_at = :at::timestamptz, claimed_until = NULL
    FROM held WHERE m.id = held.id RETURNING m.id)
SELECT id, uuidv7() AS entry FROM written;
ANALYZE answered;
CREATE TEMPORARY TABLE paid ON COMMIT PRESERVE ROWS AS
WITH locked AS MATERIALIZED (
    SELECT p.id FROM plans_plan p WHERE p.id IN (SELECT i.plan_id FROM plans_installment i JOIN answered a ON a.id = i.charge_id)
    ORDER BY p.id FOR UPDATE),
claimed AS (
    SELECT i.id, i.charge_id, i.plan_id, i.number, i.due_date, count(*) OVER (PARTITION BY i.charge_id) AS shared,
        i.principal_minor - i.paid_principal_minor AS principal, i.interest_minor - i.paid_interest_minor AS interest
    FROM plans_installment i JOIN answered a ON a.id = i.charge_id JOIN locked ON locked.id = i.plan_id
    WHERE i.status IN ('scheduled', 'partially_paid', 'overdue')),
exact AS (
    SELECT u.*, c.gateway, p.reference, p.consumer_id, p.currency
    FROM claimed u JOIN payments_charge c ON c.id = u.charge_id JOIN plans_plan p ON p.id = u.plan_id
    JOIN plans_product r ON r.id = p.product_id
    WHERE u.shared = 1 AND c.status = 'succeeded' AND c.amount_minor = u.principal + u.interest AND p.status = 'active'
        AND (r.rate_bps = 0 OR u.due_date <= (c.created_at AT TIME ZONE p.time_zone)::date)),
settled AS (
    UPDATE plans_installment i SET status = 'paid', paid_at = :at::timestamptz, charge_id = NULL, next_attempt_at = NULL,
        last_failure = '', paid_principal_minor = i.principal_minor, paid_interest_minor = i.interest_minor
    FROM exact WHERE i.id = exact.id),
allocated AS (
    INSERT INTO plans_allocation (installment_id, charge_id, principal_minor, interest_minor, refunded_minor, at)
    SELECT id, charge_id, principal, interest, 0, :at::timestamptz FROM exact)
SELECT exact.*, answered.entry, name.plan, 'chg_' || right(replace(exact.charge_id::text, '-', ''), 26) AS charge
FROM exact JOIN answered ON answered.id = exact.charge_id JOIN bench_name name ON name.plan_id = exact.plan_id;
ANALYZE paid;
UPDATE plans_plan p SET status = 'completed' FROM paid
WHERE p.id = paid.plan_id AND p.status = 'active' AND NOT EXISTS (
    SELECT 1 FROM plans_installment i WHERE i.plan_id = p.id AND i.status IN ('scheduled', 'partially_paid', 'overdue'));
WITH freed AS (
    SELECT line.id, wanted.amount
    FROM credit_creditline AS line
    JOIN (SELECT consumer_id, currency, sum(principal)::bigint AS amount FROM paid GROUP BY 1, 2) AS wanted
      ON line.consumer_id = wanted.consumer_id AND line.currency = wanted.currency
    ORDER BY line.id FOR UPDATE OF line)
UPDATE credit_creditline AS line SET used_minor = line.used_minor - freed.amount FROM freed WHERE line.id = freed.id;
INSERT INTO core_outboxevent (name, payload, at, relayed, actor, source)
SELECT 'plans.installments_paid', jsonb_build_object('plan', plan, 'reference', reference, 'installments', jsonb_build_array(number),
    'amount_minor', principal + interest, 'currency', currency, 'charge', charge), :at::timestamptz, false, 'timer:bench', ''
FROM paid;
INSERT INTO ledger_entry (id, kind, source, at) SELECT entry, 'charge', charge, :at::timestamptz FROM paid;
INSERT INTO ledger_line (entry_id, account_id, currency, amount_minor)
SELECT paid.entry, (SELECT a.id FROM ledger_account a WHERE a.kind = side.kind AND a.owner = side.owner AND a.currency = paid.currency),
    paid.currency, side.minor
FROM paid CROSS JOIN LATERAL (VALUES ('cash', gateway, principal + interest), ('receivable', plan, -principal - interest),
    ('unearned_interest', plan, interest), ('interest_income', '', -interest)) AS side (kind, owner, minor)
WHERE side.minor <> 0;
COMMIT;
