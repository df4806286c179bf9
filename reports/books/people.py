"""Amounts that consumers owe, are owed, and may still spend."""

from collections.abc import Iterator

from checkout.states import ORDER_OPEN
from core.db import stream
from core.ids import public_id
from core.states import words
from ledger.queries import SORTED_AS_KEYS, stream_balances
from payments.outside import OUTSIDE
from payments.states import MOVEMENT_MAY_STAY, TRANSFER_PAYS, MovementStatus
from plans.states import INSTALLMENT_OPEN, ChargeOffStatus, FeeStatus, PlanStatus
from reports.books.check import Check, Sums, Totals, compare
from reports.exposures import beyond_limits

_OPEN_INSTALLMENTS = f"""
    SELECT p.id, p.currency, sum(i.principal_minor + i.interest_minor - i.paid_principal_minor - i.paid_interest_minor)
    FROM plans_installment i JOIN plans_plan p ON p.id = i.plan_id
    WHERE i.status IN ({words(INSTALLMENT_OPEN)}) AND p.status <> '{PlanStatus.CHARGED_OFF}' GROUP BY p.id ORDER BY p.id"""  # noqa: S608
_PAID_APART = """
    SELECT p.id, i.number, i.paid_principal_minor, i.paid_interest_minor, coalesce(a.principal, 0), coalesce(a.interest, 0)
    FROM plans_installment i JOIN plans_plan p ON p.id = i.plan_id
    LEFT JOIN (SELECT installment_id, sum(principal_minor - undone_principal_minor) principal,
            sum(interest_minor - undone_interest_minor) interest FROM plans_allocation GROUP BY 1) a
        ON a.installment_id = i.id
    WHERE i.paid_principal_minor <> coalesce(a.principal, 0) OR i.paid_interest_minor <> coalesce(a.interest, 0)"""


def check_receivables() -> Check:
    """Check, plan by plan, that the receivable in the ledger is the sum of the open installments; 0 for plans that are given up."""
    check = Check("Receivable = open installments, plan by plan")
    opened: Sums = ((public_id("pln", plan), currency, int(total)) for plan, currency, total in stream(_OPEN_INSTALLMENTS))
    compare(check, stream_balances("receivable"), opened, "plan")
    check.blame(
        f"plan {public_id('pln', plan)}: installment {number} says {principal}+{interest} paid, its charges {by_principal}+{by_interest}"
        for plan, number, principal, interest, by_principal, by_interest in stream(_PAID_APART)
    )
    return check


_FEES_PAID = """
    SELECT i.plan_id, p.currency, sum(m.amount_minor - m.undone_minor - m.returned_minor)
    FROM plans_feepayment m JOIN plans_fee f ON f.id = m.fee_id JOIN plans_installment i ON i.id = f.installment_id
        JOIN plans_plan p ON p.id = i.plan_id
    GROUP BY 1, 2 ORDER BY 1"""
_FEES_APART = f"""
    SELECT i.plan_id, i.number, i.fees_minor, i.paid_fees_minor, coalesce(f.charged, 0), coalesce(f.paid, 0), coalesce(f.by_charges, 0)
    FROM plans_installment i LEFT JOIN (
        SELECT f.installment_id, sum(f.amount_minor) FILTER (WHERE f.status = '{FeeStatus.CHARGED}') AS charged, sum(f.paid_minor) AS paid,
            sum((SELECT sum(m.amount_minor - m.undone_minor - m.returned_minor) FROM plans_feepayment m
                WHERE m.fee_id = f.id)) AS by_charges
        FROM plans_fee f GROUP BY 1) f ON f.installment_id = i.id
    WHERE (i.fees_minor, i.paid_fees_minor, i.paid_fees_minor)
        IS DISTINCT FROM (coalesce(f.charged, 0), coalesce(f.paid, 0), coalesce(f.by_charges, 0))"""  # noqa: S608


def check_late_fees() -> Check:
    """Check, plan by plan, that the fees in the ledger are what charges paid of them, and that installments ask for the charged ones."""
    check = Check("Fees of who pays late = paid, plan by plan")
    ledger: Sums = ((owner, currency, -minor) for owner, currency, minor in stream_balances("late_fees") if minor)
    paid: Sums = ((public_id("pln", plan), currency, int(total)) for plan, currency, total in stream(_FEES_PAID) if total)
    compare(check, ledger, paid, "plan")
    check.blame(
        f"plan {public_id('pln', plan)}: installment {number} asks fees of {asked} and says {said} paid, its fees {charged} and {by_fees},"
        f" their payments {by_charges}"
        for plan, number, asked, said, charged, by_fees, by_charges in stream(_FEES_APART)
    )
    return check


_DEPOSITS = """
    SELECT d.plan_id, p.currency, sum(m.amount_minor - m.used_minor - m.returned_minor - m.undone_minor)
    FROM plans_depositpayment m JOIN plans_deposit d ON d.id = m.deposit_id JOIN plans_plan p ON p.id = d.plan_id
    GROUP BY 1, 2 ORDER BY 1"""
_DEPOSITS_APART = """
    SELECT d.plan_id, d.paid_minor, coalesce(m.paid, 0) FROM plans_deposit d LEFT JOIN (
        SELECT deposit_id, sum(amount_minor - undone_minor) AS paid FROM plans_depositpayment GROUP BY 1) m ON m.deposit_id = d.id
    WHERE d.paid_minor <> coalesce(m.paid, 0)"""


def check_deposits() -> Check:
    """Check, plan by plan, that the deposits in the ledger are what charges paid of them and no capture used or gave back."""
    check = Check("Deposits = paid, and neither used nor given back, plan by plan")
    ledger: Sums = ((owner, currency, -minor) for owner, currency, minor in stream_balances("deposits") if minor)
    held: Sums = ((public_id("pln", plan), currency, int(total)) for plan, currency, total in stream(_DEPOSITS) if total)
    compare(check, ledger, held, "plan")
    check.blame(
        f"plan {public_id('pln', plan)}: its deposit says {said} paid, its payments {paid}" for plan, said, paid in stream(_DEPOSITS_APART)
    )
    return check


# A plan may be given up again after all of it was paid; the newest charge-off is the one in force.
_GIVEN_UP = f"""
    SELECT c.id, p.currency, sum(i.principal_minor - i.paid_principal_minor)
    FROM plans_chargeoff c JOIN plans_plan p ON p.id = c.plan_id JOIN plans_installment i ON i.plan_id = p.id
    WHERE c.status = '{ChargeOffStatus.CONFIRMED}' AND p.status = '{PlanStatus.CHARGED_OFF}' AND NOT EXISTS (
        SELECT 1 FROM plans_chargeoff n WHERE n.plan_id = c.plan_id AND n.status = c.status AND n.id > c.id)
    GROUP BY c.id, p.currency ORDER BY c.id"""  # noqa: S608  (words of our own)
_BESIDES_IT = f"""
    SELECT p.id FROM plans_plan p WHERE p.status = '{PlanStatus.CHARGED_OFF}'
        AND NOT EXISTS (SELECT 1 FROM plans_chargeoff c WHERE c.plan_id = p.id AND c.status = '{ChargeOffStatus.CONFIRMED}')"""  # noqa: S608


_FORGIVEN = """
    SELECT f.id, p.currency, f.principal_minor - coalesce((SELECT sum(r.value::bigint) FROM jsonb_each_text(f.returned) r), 0)
    FROM plans_forgiven f JOIN plans_plan p ON p.id = f.plan_id WHERE f.undone_at IS NULL ORDER BY f.id"""


def check_forgiven() -> Check:
    """Check, settlement by settlement, that the loss in the ledger is the principal that was let go, less shops' refunds of it."""
    check = Check("Let go = principal that fell away, settlement by settlement")
    ledger: Sums = (line for line in stream_balances("bad_debt") if line[2] and line[0].startswith("fgv_"))
    lost: Sums = ((public_id("fgv", one), currency, int(total)) for one, currency, total in stream(_FORGIVEN) if total)
    compare(check, ledger, lost, "settlement")
    return check


def check_losses() -> Check:
    """Check, charge-off by charge-off, that the loss in the ledger is the open principal of its plan."""
    check = Check("Given up = open principal of plans given up, charge-off by charge-off")
    ledger: Sums = (line for line in stream_balances("bad_debt") if line[2] and line[0].startswith("cof_"))
    opened: Sums = ((public_id("cof", one), currency, int(total)) for one, currency, total in stream(_GIVEN_UP) if total)
    compare(check, ledger, opened, "charge-off")
    check.blame(f"plan {public_id('pln', plan)}: is given up without a charge-off" for (plan,) in stream(_BESIDES_IT))
    return check


_SOLD = """
    SELECT s.id, s.currency, coalesce(p.total, 0) - coalesce(m.total, 0)
    FROM plans_debtsale s
    LEFT JOIN (
        SELECT sale_id, sum(price_minor - passed_minor - return_minor) total FROM plans_soldplan WHERE sold_at IS NOT NULL GROUP BY 1) p
        ON p.sale_id = s.id
    LEFT JOIN (SELECT sale_id, sum(amount_minor) total FROM plans_buyerpayment GROUP BY 1) m ON m.sale_id = s.id
    WHERE s.sold_at IS NOT NULL ORDER BY s.id"""
_SOLD_APART = f"""
    SELECT p.id FROM plans_plan p WHERE p.sold_at IS NOT NULL AND p.status NOT IN ('{PlanStatus.CHARGED_OFF}', '{PlanStatus.COMPLETED}')"""  # noqa: S608


def check_sales() -> Check:
    """Check, sale by sale, that what the buyer owes in the ledger is the prices, less what was passed on, returned and paid."""
    check = Check("Owed by buyers = prices of sold debts less what came, went back and was paid, sale by sale")
    ledger: Sums = (line for line in stream_balances("debt_buyers") if line[2])
    owed: Sums = ((public_id("dsl", sale), currency, int(total)) for sale, currency, total in stream(_SOLD) if total)
    compare(check, ledger, owed, "sale")
    check.blame(f"plan {public_id('pln', plan)}: is sold, and not given up" for (plan,) in stream(_SOLD_APART))
    return check


_RECEIPTS = f"""
    SELECT c.id, r.id, c.currency, c.amount_minor, c.gateway, c.gateway_ref, r.bank_reference, c.reference, r.plan_id,
        c.status = '{MovementStatus.REVERSED}', r.undone_at IS NOT NULL
    FROM (SELECT * FROM payments_charge WHERE gateway = '{OUTSIDE}' OR id IN (SELECT charge_id FROM plans_receipt)) c
    LEFT JOIN plans_receipt r ON r.charge_id = c.id
    WHERE r.id IS NOT NULL OR NOT EXISTS (SELECT 1 FROM plans_agencypayment a WHERE a.charge_id = c.id) ORDER BY c.id"""  # noqa: S608  (a word of our own)


def check_receipts() -> Check:
    """Check that each charge of money at our bank has its receipt and each receipt its charge: the same plan, reference and end."""
    check, totals = Check("Money that people sent = receipts, each its charge"), Totals()
    check.blame(_receipts_apart(totals))
    check.examined, check.figures = totals.count, totals.text()
    return check


def _receipts_apart(totals: Totals) -> Iterator[str]:
    for charge, receipt, currency, minor, gateway, ref, bank_reference, reference, plan, back, undone in stream(_RECEIPTS):
        totals.add(currency, int(minor))
        name = f"charge {public_id('chg', charge)}: {minor} {currency}"
        if receipt is None:
            yield f"{name} came to our bank, no receipt names it"
        elif gateway != OUTSIDE:
            yield f"{name} was taken at {gateway}, receipt {public_id('rcp', receipt)} says it came to our bank"
        elif (ref, reference) != (bank_reference, public_id("pln", plan)):
            yield f"{name} is {ref} for {reference}, its receipt says {bank_reference} for {public_id('pln', plan)}"
        elif back != undone:
            yield f"{name} is {'' if back else 'not '}taken back, its receipt is {'' if undone else 'not '}undone"


# A failed or returned refund is owed until it is sent again; then the refund that replaces it is owed. One that was paid in another way
# is owed again if that payment came back.
_OWED = f"""
    SELECT r.reference, r.currency, sum(r.amount_minor) FROM payments_refund r
    WHERE r.status <> '{MovementStatus.SUCCEEDED}' AND NOT EXISTS (SELECT 1 FROM payments_refund again WHERE again.replaces_id = r.id)
        AND coalesce((
            SELECT e.kind FROM payments_movementevent e
            WHERE e.movement_id = r.id AND e.movement_kind = 'refund' AND e.kind IN ('covered', 'owed')
            ORDER BY e.id DESC LIMIT 1), '') <> 'covered'
        AND NOT EXISTS (SELECT 1 FROM payments_transfer t WHERE t.refund_id = r.id AND t.status IN ({words(TRANSFER_PAYS)}))
    GROUP BY r.reference, r.currency ORDER BY {SORTED_AS_KEYS.format("r.reference")}, r.currency"""  # noqa: S608  (a constant)
# A refund that its gateway made twice does not reduce the charge twice: the second one is a loss (`paid_twice`).
_REFUNDED_APART = f"""
    SELECT c.id, c.refunded_minor, coalesce(r.total, 0)
    FROM payments_charge c
    LEFT JOIN (
        SELECT charge_id, sum(amount_minor) total FROM payments_refund f
        WHERE status IN ({words(MOVEMENT_MAY_STAY)}) AND NOT EXISTS (
            SELECT 1 FROM payments_movementevent e WHERE e.movement_id = f.id AND e.movement_kind = 'refund' AND e.kind IN ('twice', 'made')
            HAVING bool_or(e.kind = 'twice') AND NOT bool_or(e.kind = 'made'))
        GROUP BY 1) r ON r.charge_id = c.id
    WHERE c.refunded_minor <> coalesce(r.total, 0)"""  # noqa: S608


def check_owed_to_cards() -> Check:
    """Check, plan by plan, that the ledger's debt to cards is the sum of the refunds that have not arrived."""
    check = Check("Owed to cards = refunds that have not arrived, plan by plan")
    ledger: Sums = ((owner, currency, -minor) for owner, currency, minor in stream_balances("refunds_payable"))
    owed: Sums = ((reference, currency, int(total)) for reference, currency, total in stream(_OWED))
    compare(check, ledger, owed, "plan")
    check.blame(
        f"charge {public_id('chg', charge)}: says {said} of it went back, its refunds {refunds}"
        for charge, said, refunds in stream(_REFUNDED_APART)
    )
    return check


_LIMITS = f"""
    SELECT l.consumer_id, l.currency, l.used_minor, l.limit_minor + l.beyond_minor, coalesce(o.total, 0) + coalesce(p.total, 0)
    FROM credit_creditline l
    LEFT JOIN (
        SELECT consumer_id, currency, sum(amount_minor - captured_minor - released_minor - deposit_minor) total FROM checkout_order
        WHERE status IN ({words(ORDER_OPEN)}) GROUP BY 1, 2) o USING (consumer_id, currency)
    LEFT JOIN (
        SELECT p.consumer_id, p.currency, sum(i.principal_minor - i.paid_principal_minor) total
        FROM plans_installment i JOIN plans_plan p ON p.id = i.plan_id
        WHERE i.status IN ({words(INSTALLMENT_OPEN)}) GROUP BY 1, 2) p USING (consumer_id, currency)"""  # noqa: S608


def check_limits() -> Check:
    """Check, consumer by consumer, that the used limit is the open exposure and within the limit, also for all limits of a person."""
    check, totals = Check("Used limit = open exposure, and within the limit, consumer by consumer"), Totals()

    def apart() -> Iterator[str]:
        for consumer, currency, used, limit, exposure in stream(_LIMITS):
            totals.add(currency, int(used))
            if used != exposure or used > limit:
                yield f"consumer {public_id('con', consumer)}: {used} {currency} in use, {exposure} open, limit {limit}"

    check.blame(apart())
    check.examined, check.figures = totals.count, totals.text()
    check.blame(beyond_limits())
    return check
