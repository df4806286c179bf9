"""What agencies that collect for us owe us, and each payment that they reported with its charge."""

from collections.abc import Iterator

from core.db import stream
from core.ids import public_id
from ledger.queries import SORTED_AS_KEYS, stream_balances
from payments.outside import OUTSIDE
from payments.states import MovementStatus
from reports.books.check import Check, Sums, Totals, beside, compare

_COLLECTED = f"""
    SELECT a.agency, c.currency, sum(c.amount_minor) FROM plans_agencypayment a JOIN payments_charge c ON c.id = a.charge_id
    WHERE a.undone_at IS NULL GROUP BY 1, 2 ORDER BY {SORTED_AS_KEYS.format("a.agency")}, 2"""  # noqa: S608  (a constant)
_SENT = """
    SELECT r.agency_id, m.currency, sum(r.amount_minor + r.kept_minor) FROM collection_remittance r
    JOIN collection_agency a ON a.id = r.agency_id JOIN markets_market m ON m.code = a.market_id
    WHERE r.entered_at IS NOT NULL AND r.amount_minor > 0 GROUP BY 1, 2 ORDER BY 1, 2"""
_SHARES = """
    SELECT a.id, m.currency, coalesce(c.total, 0) - coalesce(r.total, 0)
    FROM collection_agency a JOIN markets_market m ON m.code = a.market_id
    LEFT JOIN (SELECT agency_id, sum(commission_minor) total FROM collection_commission GROUP BY 1) c ON c.agency_id = a.id
    LEFT JOIN (
        SELECT agency_id, sum(kept_minor + greatest(-amount_minor, 0)) total FROM collection_remittance WHERE entered_at IS NOT NULL
        GROUP BY 1) r ON r.agency_id = a.id
    ORDER BY a.id"""
_SHARES_APART = """
    SELECT charge_id, max(rate_bps), sum(base_minor), sum(commission_minor) FROM collection_commission GROUP BY 1
    HAVING sum(commission_minor) <> (sum(base_minor) * max(rate_bps) * 2 + 10000)::bigint / 20000 OR min(rate_bps) <> max(rate_bps)"""


def check_agencies() -> Check:
    """Check, agency by agency, that what it owes in the ledger is what it reported less what it sent and kept."""
    check = Check("Owed by agencies = payments that they reported less what they sent and kept, agency by agency")
    ledger: Sums = (line for line in stream_balances("agency_receivable") if line[2])
    collected: Sums = ((agency, currency, int(total)) for agency, currency, total in stream(_COLLECTED))
    sent: Sums = ((public_id("agy", agency), currency, int(total)) for agency, currency, total in stream(_SENT))
    owed: Sums = ((agency, currency, came - went) for agency, currency, came, went in beside(collected, sent) if came != went)
    compare(check, ledger, owed, "agency")
    return check


def check_shares() -> Check:
    """Check, agency by agency, that its share in the ledger is what payments gave it less what it kept or got, each rounded as a whole."""
    check = Check("Shares owed to agencies = of payments, less kept and paid, agency by agency")
    ledger: Sums = ((owner, currency, -minor) for owner, currency, minor in stream_balances("agency_payable") if minor)
    owed: Sums = ((public_id("agy", agency), currency, int(total)) for agency, currency, total in stream(_SHARES) if total)
    compare(check, ledger, owed, "agency")
    check.blame(
        f"charge {public_id('chg', charge)}: its agency has {minor} of {base}, at {rate} basis points"
        for charge, rate, base, minor in stream(_SHARES_APART)
    )
    return check


_PAYMENTS = f"""
    SELECT a.id, c.currency, c.amount_minor, c.gateway, c.gateway_ref, a.reference, c.reference, a.plan_id,
        c.status = '{MovementStatus.REVERSED}', a.undone_at IS NOT NULL
    FROM plans_agencypayment a JOIN payments_charge c ON c.id = a.charge_id ORDER BY a.id"""  # noqa: S608  (a word of our own)


def check_agency_payments() -> Check:
    """Check that each payment that an agency reported is its charge: the same plan, reference and end."""
    check, totals = Check("Payments to agencies = charges, each its own"), Totals()
    check.blame(_apart(totals))
    check.examined, check.figures = totals.count, totals.text()
    return check


def _apart(totals: Totals) -> Iterator[str]:
    for payment, currency, minor, gateway, ref, told, reference, plan, back, undone in stream(_PAYMENTS):
        totals.add(currency, int(minor))
        name = f"payment {public_id('agp', payment)}: {minor} {currency}"
        if gateway != OUTSIDE:
            yield f"{name} was paid to an agency, its charge was taken at {gateway}"
        elif (ref, reference) != (told, public_id("pln", plan)):
            yield f"{name} is {told} for {public_id('pln', plan)}, its charge says {ref} for {reference}"
        elif back != undone:
            yield f"{name} is {'' if undone else 'not '}given back, its charge is {'' if back else 'not '}taken back"
