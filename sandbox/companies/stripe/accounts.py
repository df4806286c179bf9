"""Bank accounts as payment methods, with the mandates that their owners give."""

from typing import Any

from sandbox.accounts import Account, account_from

from . import objects
from .protocol import Call, Thing, invalid, required

TYPES = ("us_bank_account", "sepa_debit", "bacs_debit")
_NUMBERS = {
    "us_bank_account": ("account_number", "routing_number"),
    "sepa_debit": ("iban", ""),
    "bacs_debit": ("account_number", "sort_code"),
}
CURRENCIES = {"us_bank_account": "usd", "sepa_debit": "eur", "bacs_debit": "gbp"}


def create(call: Call, kind: str) -> Thing:
    """Create a payment method from the number of an account."""
    given = required(call.params, kind)
    if not isinstance(given, dict):
        invalid("Invalid object", param=kind)
    billing = call.params.get("billing_details")
    if not isinstance(billing, dict) or not billing.get("name"):
        invalid("Missing required param: billing_details[name].", param="billing_details[name]", code="parameter_missing")
    number, bank = _NUMBERS[kind]
    account = account_from(kind, str(required(given, number)), str(required(given, bank)) if bank else "")
    if isinstance(account, list):
        wrong = number if account[0] == "number" else bank
        invalid(f"Invalid {wrong}.", param=f"{kind}[{wrong}]", code="invalid_bank_account_iban" if wrong == "iban" else f"{wrong}_invalid")
    return objects.keep(call.world, method_from(call, account, billing))


def method_from(call: Call, account: Account, billing: dict[str, Any]) -> Thing:
    """A payment method object for an account; `_behavior` is what the test account does."""
    method = objects.new(call, "payment_method", "pm", type=account.scheme, _behavior=account.behavior)
    del method["card"]
    method["billing_details"].update(billing)
    method[account.scheme] = {"fingerprint": f"sandbox{account.last4}", "last4": account.last4, **_details(account)}
    return method


def _details(account: Account) -> dict[str, Any]:
    if account.scheme == "us_bank_account":
        own = {
            "account_holder_type": "individual",
            "account_type": "checking",
            "bank_name": "STRIPE TEST BANK",
            "financial_connections_account": None,
        }
        return {**own, "networks": {"preferred": "ach", "supported": ["ach"]}, "routing_number": account.sort, "status_details": {}}
    if account.scheme == "bacs_debit":
        return {"sort_code": account.sort}
    return {
        "bank_code": "37040044",
        "branch_code": "",
        "country": account.country,
        "generated_from": {"charge": None, "setup_attempt": None},
    }


def is_account(method: Thing) -> bool:
    """Whether a payment method is a bank account."""
    return method["type"] in TYPES


def new_mandate(call: Call, method: Thing, acceptance: Any) -> str:
    """Record the permission to debit an account, and return its id."""
    kind = method["type"]
    details: dict[str, Any] = {"type": kind, kind: {}}
    mandate = objects.new(call, "mandate", "mandate", payment_method=method["id"], customer_acceptance=acceptance)
    reference = mandate["id"][-16:].upper()
    if kind != "us_bank_account":
        details[kind] = {"reference": reference, "url": f"https://payments.stripe.com/sepa/mandate/{reference}"}
    mandate["payment_method_details"] = details
    return str(objects.keep(call.world, mandate)["id"])


def get_mandate(call: Call) -> Thing:
    """Show a mandate."""
    return objects.get(call.world, call.id, "mandate")
