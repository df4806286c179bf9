"""Charges, holds, refunds and disputes, with the balance transactions behind them."""

from sandbox.money import amount_text
from sandbox.personas import opens_dispute

from . import objects
from .protocol import Call, Thing, integer, invalid, only, required, visible

FEE_BPS, FEE_FIXED = 290, 30
COPIED = (
    "amount currency customer description metadata receipt_email shipping statement_descriptor statement_descriptor_suffix transfer_group"
)
ANSWER_S = 9 * 24 * 3600
DISPUTE_FEE = 1_500
"""Stripe's fee for a dispute, kept whatever the result."""


def balance_transaction(call: Call, kind: str, amount: int, currency: str, source: str, fee: int = 0) -> str:
    """Record a movement of the balance and return its id."""
    movement = {
        "amount": amount,
        "currency": currency,
        "fee": fee,
        "net": amount - fee,
        "source": source,
        "type": kind,
        "reporting_category": kind,
    }
    transaction = objects.new(call, "balance_transaction", "txn", **movement, available_on=call.now_s())
    return str(objects.keep(call.world, transaction, owner=kind, parent=source)["id"])


def _charge(call: Call, intent: Thing, method: Thing) -> Thing:
    own = {name: intent[name] for name in COPIED.split()}
    charge = objects.new(call, "charge", "ch", **own, payment_intent=intent["id"], payment_method=method["id"])
    if "card" not in method:
        details = {method["type"]: method[method["type"]], "type": method["type"]}
        return {**charge, "billing_details": method["billing_details"], "payment_method_details": details}
    card = {
        name: method["card"][name]
        for name in ("brand", "checks", "country", "exp_month", "exp_year", "fingerprint", "funding", "last4", "wallet")
    }
    details = {"card": {**card, "network": card["brand"], "three_d_secure": None}, "type": "card"}
    return {**charge, "billing_details": method["billing_details"], "payment_method_details": details}


def good_charge(call: Call, intent: Thing, method: Thing, *, captured: bool) -> Thing:
    """Record a charge that succeeded, captured or only held."""
    charge = _charge(call, intent, method)
    if captured:
        _collect(call, charge, charge["amount"])
    objects.keep(call.world, charge, owner=intent["customer"], parent=intent["id"])
    objects.tell(call.world, "charge.succeeded", charge)
    return charge


def pending_charge(call: Call, intent: Thing, method: Thing) -> Thing:
    """Record a debit of a bank account that is under way."""
    charge = _charge(call, intent, method)
    charge.update(status="pending", paid=False)
    objects.keep(call.world, charge, owner=intent["customer"], parent=intent["id"])
    objects.tell(call.world, "charge.pending", charge)
    return charge


def end_charge(call: Call, public_id: str, failure: str = "", message: str = "") -> Thing:
    """Record the end of a debit: collected, or failed with the bank's code."""
    charge = objects.get(call.world, public_id, "charge")
    if failure:
        charge.update(status="failed", failure_code=failure, failure_message=message)
    else:
        charge.update(status="succeeded", paid=True)
        _collect(call, charge, charge["amount"])
    objects.save(call.world, charge)
    objects.tell(call.world, "charge.failed" if failure else "charge.succeeded", charge)
    return charge


def failed_charge(call: Call, intent: Thing, method: Thing, code: str, decline_code: str, message: str) -> Thing:
    """Record a charge that the bank refused."""
    charge = _charge(call, intent, method)
    refusal = {
        "network_status": "declined_by_network",
        "reason": decline_code,
        "type": "issuer_declined",
        "seller_message": "The bank did not return any further details with this decline.",
    }
    charge.update(status="failed", paid=False, failure_code=code, failure_message=message)
    charge["outcome"].update(refusal)
    objects.keep(call.world, charge, owner=intent["customer"], parent=intent["id"])
    objects.tell(call.world, "charge.failed", charge)
    return charge


def _collect(call: Call, charge: Thing, amount: int) -> None:
    fee = amount * FEE_BPS // 10_000 + FEE_FIXED
    transaction = balance_transaction(call, "charge", amount, charge["currency"], charge["id"], fee)
    charge.update(captured=True, amount_captured=amount, balance_transaction=transaction)


def capture_charge(call: Call, public_id: str, amount: int) -> None:
    """Capture a held charge; the part not captured counts as refunded, as in Stripe."""
    charge = objects.get(call.world, public_id, "charge")
    _collect(call, charge, amount)
    charge["amount_refunded"] = charge["amount"] - amount
    objects.save(call.world, charge)
    objects.tell(call.world, "charge.captured", charge)


def release_charge(call: Call, public_id: str) -> None:
    """Release a held charge."""
    charge = objects.get(call.world, public_id, "charge")
    charge.update(refunded=True, amount_refunded=charge["amount"])
    objects.save(call.world, charge)
    objects.tell(call.world, "charge.refunded", charge)


def dispute_first(call: Call, charge: Thing) -> None:
    """Dispute the first successful charge of a `+dispute` customer."""
    customer = objects.find(call.world, charge["customer"], "customer") if charge["customer"] else None
    email = ((customer or {}).get("email") or "").lower()
    if not charge["captured"] or not opens_dispute(call.world, email):
        return
    dispute_charge(call, charge)


def dispute_charge(call: Call, charge: Thing, reason: str | None = None, amount: int | None = None) -> Thing:
    """Open a dispute of a charge, or of a part of it: the amount leaves the balance until it is decided; the fee is never returned."""
    copied = {name: charge[name] for name in ("currency", "payment_intent")} | {"amount": amount or charge["amount"]}
    details = {"due_by": call.now_s() + ANSWER_S, "has_evidence": False, "past_due": False, "submission_count": 0}
    dispute = objects.new(call, "dispute", "dp", **copied, charge=charge["id"], reason=reason, evidence_details=details)
    _move_disputed(call, dispute, -dispute["amount"], DISPUTE_FEE)
    charge.update(disputed=True, dispute=dispute["id"])
    objects.save(call.world, charge)
    objects.keep(call.world, dispute, parent=charge["payment_intent"])
    for kind in ("charge.dispute.created", "charge.dispute.funds_withdrawn"):
        objects.tell(call.world, kind, dispute)
    return dispute


def _move_disputed(call: Call, dispute: Thing, amount: int, fee: int = 0) -> None:
    """Move a disputed amount out of the balance or back; the dispute contains its balance transactions in full, as Stripe's does."""
    transaction = balance_transaction(call, "adjustment", amount, dispute["currency"], dispute["id"], fee)
    dispute["balance_transactions"].append(objects.get(call.world, transaction, "balance_transaction"))


def get_charge(call: Call) -> Thing:
    """Show a charge."""
    return objects.get(call.world, call.id, "charge")


def list_charges(call: Call) -> Thing:
    """List charges, all or those of one customer or intent."""
    return objects.page(call, "charge", "/v1/charges", owner=call.params.get("customer"), parent=call.params.get("payment_intent"))


def create_refund(call: Call) -> Thing:
    """Refund a charge in part or whole, never above what is left."""
    only(call.params, "charge payment_intent amount metadata reason refund_application_fee reverse_transfer instructions_email currency")
    charge = _refundable(call)
    left = charge["amount_captured"] - _refunded(charge)
    amount = integer(call.params, "amount") if "amount" in call.params else left
    if left <= 0:
        invalid(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded", param="charge")
    if amount > left:
        much, most = amount_text(amount, charge["currency"]), amount_text(left, charge["currency"])
        text = f"Refund amount ({much}) is greater than unrefunded amount on charge ({most})"
        invalid(text, param="amount", code="amount_too_large")
    refund = _new_refund(call, charge, amount)
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    objects.save(call.world, charge)
    for kind, thing in (("charge.refunded", charge), ("refund.created", refund)):
        objects.tell(call.world, kind, thing)
    return refund


def _refunded(charge: Thing) -> int:
    """The amount refunded to the card, without the part of a hold that was never captured."""
    return int(charge["amount_refunded"]) - (int(charge["amount"]) - int(charge["amount_captured"]))


def _refundable(call: Call) -> Thing:
    public_id, param = call.params.get("charge"), "charge"
    if not public_id:
        param = "payment_intent"
        intent = objects.get(call.world, required(call.params, "payment_intent"), "payment_intent", param=param)
        public_id = intent["latest_charge"]
        if intent["status"] != "succeeded":
            invalid(
                f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund.",
                param=param,
                payment_intent=visible(intent),
            )
    charge = objects.get(call.world, public_id, "charge", param=param)
    if charge["status"] != "succeeded" or not charge["captured"]:
        invalid(f"Charge {charge['id']} cannot be refunded.", code="charge_not_refundable", param="charge")
    if charge["disputed"]:
        invalid(f"Charge {charge['id']} has been charged back; cannot issue a refund.", code="charge_disputed", param="charge")
    return charge


def _new_refund(call: Call, charge: Thing, amount: int) -> Thing:
    copied = {"charge": charge["id"], "currency": charge["currency"], "payment_intent": charge["payment_intent"]}
    refund = objects.new(
        call, "refund", "re", amount=amount, **copied, **objects.chosen(call, "reason"), metadata=objects.metadata_of(call)
    )
    refund["balance_transaction"] = balance_transaction(call, "refund", -amount, charge["currency"], refund["id"])
    return objects.keep(call.world, refund, owner=charge["id"], parent=charge["payment_intent"])


def get_refund(call: Call) -> Thing:
    """Show a refund."""
    return objects.get(call.world, call.id, "refund")


def list_refunds(call: Call) -> Thing:
    """List refunds, all or those of one charge or intent."""
    return objects.page(call, "refund", "/v1/refunds", owner=call.params.get("charge"), parent=call.params.get("payment_intent"))


def get_dispute(call: Call) -> Thing:
    """Show a dispute."""
    return objects.get(call.world, call.id, "dispute")


def list_disputes(call: Call) -> Thing:
    """List disputes."""
    return objects.page(call, "dispute", "/v1/disputes", parent=call.params.get("payment_intent"))


def update_dispute(call: Call) -> Thing:
    """Add evidence to a dispute."""
    only(call.params, "evidence metadata submit")
    dispute = objects.get(call.world, call.id, "dispute")
    if dispute["status"] in ("won", "lost"):
        invalid("This dispute is already closed.")
    dispute["evidence"].update(call.params.get("evidence", {}))
    dispute.update(metadata=objects.metadata_of(call, dispute["metadata"]))
    if call.params.get("submit", "true").lower() == "true":
        outcome = {"winning_evidence": "won", "losing_evidence": "lost"}.get(
            dispute["evidence"].get("uncategorized_text", ""), "under_review"
        )
        if outcome != "under_review":
            objects.save(call.world, dispute)
            return decide_dispute(call, dispute, outcome)
        dispute.update(status=outcome)
    objects.save(call.world, dispute)
    objects.tell(call.world, "charge.dispute.updated", dispute)
    return dispute


def close_dispute(call: Call) -> Thing:
    """Accept a dispute as lost."""
    return decide_dispute(call, objects.get(call.world, call.id, "dispute"), "lost")


def decide_dispute(call: Call, dispute: Thing, outcome: str) -> Thing:
    """Close a dispute as `won` or `lost`, or reverse an earlier decision; a won amount returns to the balance."""
    if dispute["status"] == outcome:
        invalid("This dispute is already closed.")
    moved = dispute["amount"] if outcome == "won" else -dispute["amount"] if dispute["status"] == "won" else 0
    dispute.update(status=outcome)
    if moved:
        _move_disputed(call, dispute, moved)
    objects.save(call.world, dispute)
    objects.tell(call.world, "charge.dispute.closed", dispute)
    if moved:
        objects.tell(call.world, f"charge.dispute.funds_{'reinstated' if moved > 0 else 'withdrawn'}", dispute)
    return dispute


def fail_refund(call: Call, refund: Thing, reason: str) -> Thing:
    """Let the card's bank return a refund, days later: its amount is in the balance again."""
    if refund["status"] != "succeeded":
        invalid(f"This refund is {refund['status']}.")
    charge = objects.get(call.world, refund["charge"], "charge")
    charge["amount_refunded"] -= refund["amount"]
    charge["refunded"] = False
    objects.save(call.world, charge)
    back = balance_transaction(call, "refund_failure", refund["amount"], refund["currency"], refund["id"])
    refund.update(status="failed", failure_reason=reason, failure_balance_transaction=back)
    objects.save(call.world, refund)
    for kind in ("charge.refund.updated", "refund.failed"):
        objects.tell(call.world, kind, refund)
    return refund
