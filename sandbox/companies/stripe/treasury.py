"""The platform's own account: balance, its transactions, transfers to connected accounts, payouts."""

from . import objects
from .money import balance_transaction
from .protocol import Call, Thing, integer, invalid, new_id, only, required

DAY_S = 24 * 3600


def balance(call: Call) -> Thing:
    """The balance by currency, from its movements."""
    sql = (
        "SELECT json_extract(body, '$.currency') AS currency, sum(json_extract(body, '$.net')) AS net FROM stripe_objects "
        "WHERE kind = 'balance_transaction' GROUP BY 1 ORDER BY 1"
    )
    rows = call.world.store.all(sql)
    available = [{"amount": row["net"], "currency": row["currency"], "source_types": {"card": row["net"]}} for row in rows]
    pending = [{"amount": 0, "currency": row["currency"], "source_types": {"card": 0}} for row in rows]
    return {"object": "balance", "available": available, "livemode": False, "pending": pending}


def get_transaction(call: Call) -> Thing:
    """Show a transaction of the balance."""
    return objects.get(call.world, call.id, "balance_transaction")


def list_transactions(call: Call) -> Thing:
    """Stripe's own report: the transactions of the balance, all or of one type or source."""
    url = "/v1/balance_transactions"
    return objects.page(call, "balance_transaction", url, owner=call.params.get("type"), parent=call.params.get("source"))


def create_account(call: Call) -> Thing:
    """Create a connected account that may receive transfers at once."""
    own = objects.chosen(call, "business_profile business_type country default_currency email type")
    account = objects.new(call, "account", "acct", **own, metadata=objects.metadata_of(call))
    return objects.keep(call.world, account)


def get_account(call: Call) -> Thing:
    """Show a connected account."""
    return objects.get(call.world, call.id, "account")


def create_transfer(call: Call) -> Thing:
    """Move money to a connected account."""
    only(call.params, "amount currency destination description metadata source_transaction source_type transfer_group")
    amount, currency = integer(call.params, "amount"), str(required(call.params, "currency")).lower()
    destination = str(required(call.params, "destination"))
    if not destination.startswith("acct_"):
        invalid(f"No such destination: '{destination}'", param="destination", code="resource_missing")
    own = objects.chosen(call, "description source_transaction transfer_group")
    transfer = objects.new(
        call, "transfer", "tr", amount=amount, currency=currency, destination=destination, **own, metadata=objects.metadata_of(call)
    )
    public_id = transfer["id"]
    transfer["reversals"] = {
        "object": "list",
        "data": [],
        "has_more": False,
        "total_count": 0,
        "url": f"/v1/transfers/{public_id}/reversals",
    }
    transfer["balance_transaction"] = balance_transaction(call, "transfer", -amount, currency, public_id)
    transfer["destination_payment"] = new_id("py")
    objects.keep(call.world, transfer, owner=destination, parent=call.params.get("transfer_group"))
    objects.tell(call.world, "transfer.created", transfer)
    return transfer


def get_transfer(call: Call) -> Thing:
    """Show a transfer."""
    return objects.get(call.world, call.id, "transfer")


def list_transfers(call: Call) -> Thing:
    """List transfers, all or by destination or group."""
    return objects.page(call, "transfer", "/v1/transfers", owner=call.params.get("destination"), parent=call.params.get("transfer_group"))


def reverse_transfer(call: Call) -> Thing:
    """Reverse a transfer in part or whole."""
    only(call.params, "amount description metadata refund_application_fee")
    transfer = objects.get(call.world, call.id, "transfer")
    left = transfer["amount"] - transfer["amount_reversed"]
    amount = integer(call.params, "amount") if "amount" in call.params else left
    if amount > left or not left:
        invalid(f"The reversal amount ({amount}) is greater than what is left of the transfer ({left}).", param="amount")
    copied = {"currency": transfer["currency"], "transfer": transfer["id"]}
    reversal = objects.new(call, "transfer_reversal", "trr", amount=amount, **copied, metadata=objects.metadata_of(call))
    reversal["balance_transaction"] = balance_transaction(call, "transfer_refund", amount, transfer["currency"], reversal["id"])
    reversal["destination_payment_refund"] = new_id("pyr")
    objects.keep(call.world, reversal, owner=transfer["id"])
    transfer["amount_reversed"] += amount
    transfer["reversed"] = transfer["amount_reversed"] == transfer["amount"]
    transfer["reversals"]["data"].insert(0, reversal)
    transfer["reversals"]["total_count"] += 1
    objects.save(call.world, transfer)
    objects.tell(call.world, "transfer.reversed", transfer)
    return reversal


def create_payout(call: Call) -> Thing:
    """Pay out to a bank account; a destination that ends in `_fails` has a closed account."""
    only(call.params, "amount currency description destination metadata method source_type statement_descriptor")
    amount, currency = integer(call.params, "amount"), str(required(call.params, "currency")).lower()
    destination = call.params.get("destination", "ba_sandbox")
    own = {
        **objects.chosen(call, "description method statement_descriptor"),
        "amount": amount,
        "currency": currency,
        "destination": destination,
    }
    payout = objects.new(call, "payout", "po", **own, arrival_date=call.now_s() + DAY_S, metadata=objects.metadata_of(call))
    failed = destination.endswith("_fails")
    payout["balance_transaction"] = balance_transaction(call, "payout", 0 if failed else -amount, currency, payout["id"])
    objects.keep(call.world, payout, owner=destination)
    objects.tell(call.world, "payout.created", payout)
    failure = {"status": "failed", "failure_code": "account_closed", "failure_message": "The bank account has been closed."}
    settled = {**payout, **(failure if failed else {"status": "paid"})}
    objects.save(call.world, settled)
    objects.tell(call.world, f"payout.{settled['status']}", settled)
    return payout


def get_payout(call: Call) -> Thing:
    """Show a payout."""
    return objects.get(call.world, call.id, "payout")


def list_payouts(call: Call) -> Thing:
    """List payouts."""
    return objects.page(call, "payout", "/v1/payouts", owner=call.params.get("destination"))
