"""Customers and payment methods."""

import json
import re
import time
from typing import Any

from sandbox.cards import ASK_FIRST, DECLINES, Card, card_from
from sandbox.message import Answer, Refused

from . import accounts, objects
from .protocol import Call, Thing, error_answer, flag, integer, invalid, missing, only, required, visible

# Stripe's names for test cards, and the numbers that they stand for.
NAMED = {
    "pm_card_visa": "4242424242424242",
    "pm_card_visa_debit": "4000056655665556",
    "pm_card_mastercard": "5555555555554444",
    "pm_card_amex": "378282246310005",
    "pm_card_discover": "6011111111111117",
    "pm_card_us": "4242424242424242",
    "pm_card_dk": "4000002080000001",
    "pm_card_chargeDeclined": "4000000000000002",
    "pm_card_visa_chargeDeclined": "4000000000000002",
    "pm_card_chargeDeclinedInsufficientFunds": "4000000000009995",
    "pm_card_visa_chargeDeclinedInsufficientFunds": "4000000000009995",
    "pm_card_chargeDeclinedLostCard": "4000000000009987",
    "pm_card_visa_chargeDeclinedLostCard": "4000000000009987",
    "pm_card_chargeDeclinedStolenCard": "4000000000009979",
    "pm_card_visa_chargeDeclinedStolenCard": "4000000000009979",
    "pm_card_chargeDeclinedExpiredCard": "4000000000000069",
    "pm_card_chargeDeclinedIncorrectCvc": "4000000000000127",
    "pm_card_chargeDeclinedProcessingError": "4000000000000119",
    "pm_card_chargeCustomerFail": "4000000000000341",
    "pm_card_authenticationRequired": "4000002760003184",
    "pm_card_authenticationRequiredOnSetup": "4000002500003155",
    "pm_card_authenticationRequiredSetupForOffSession": "4000003800000446",
    "pm_card_threeDSecure2Required": "4000002760003184",
}
TOKENS = {
    "tok_visa": "pm_card_visa",
    "tok_mastercard": "pm_card_mastercard",
    "tok_amex": "pm_card_amex",
    "tok_chargeDeclined": "pm_card_chargeDeclined",
    "tok_chargeDeclinedInsufficientFunds": "pm_card_chargeDeclinedInsufficientFunds",
    "tok_chargeCustomerFail": "pm_card_chargeCustomerFail",
}
# Cards that Stripe refuses to attach; 4000000000000341 attaches and fails later.
ATTACHES_AND_FAILS = "0341"
CUSTOMER_PARAMS = "email name description phone metadata address shipping payment_method invoice_settings preferred_locales"


def create_customer(call: Call) -> Thing | Answer:
    """Create a customer."""
    only(call.params, CUSTOMER_PARAMS)
    given = call.params
    own = objects.chosen(call, "email name description phone address shipping preferred_locales")
    customer = objects.new(call, "customer", "cus", **own, metadata=objects.metadata_of(call))
    objects.keep(call.world, customer, owner=given.get("email"))
    if "payment_method" in given:
        attached = attach_to(call, given["payment_method"], customer["id"])
        if isinstance(attached, Answer):
            return attached
    objects.tell(call.world, "customer.created", customer)
    return customer


def update_customer(call: Call) -> Thing:
    """Change a customer."""
    only(call.params, CUSTOMER_PARAMS)
    customer = objects.get(call.world, call.id, "customer")
    changes = {
        name: value or None
        for name, value in call.params.items()
        if name in ("email", "name", "description", "phone", "address", "shipping")
    }
    settings = {**customer["invoice_settings"], **call.params.get("invoice_settings", {})}
    customer.update(changes, metadata=objects.metadata_of(call, customer["metadata"]), invoice_settings=settings)
    objects.save(call.world, customer, owner=customer["email"])
    objects.tell(call.world, "customer.updated", customer)
    return customer


def get_customer(call: Call) -> Thing:
    """Show a customer."""
    return objects.get(call.world, call.id, "customer")


def delete_customer(call: Call) -> Thing:
    """Delete a customer; its payments stay."""
    customer = objects.get(call.world, call.id, "customer")
    call.world.store.run("DELETE FROM stripe_objects WHERE id = ?", [call.id])
    objects.tell(call.world, "customer.deleted", customer)
    return {"id": call.id, "object": "customer", "deleted": True}


def list_customers(call: Call) -> Thing:
    """List customers, also by e-mail."""
    return objects.page(call, "customer", "/v1/customers", owner=call.params.get("email"))


_BY_METADATA = re.compile(r"""metadata\[['"](\w+)['"]\]\s*:\s*['"]([^'"]*)['"]""")


def search_customers(call: Call) -> Thing:
    """Search customers by one entry of their metadata: `metadata['consumer']:'con_1'`."""
    only(call.params, "query limit page")
    wanted = _BY_METADATA.fullmatch(str(required(call.params, "query")).strip())
    if wanted is None:
        invalid("This sandbox searches by one entry of metadata only.", param="query")
    sql = "SELECT body FROM stripe_objects WHERE kind = 'customer' AND json_extract(body, '$.metadata.' || ?) = ? ORDER BY seq LIMIT 100"
    data = [visible(json.loads(row["body"])) for row in call.world.store.all(sql, *wanted.groups())]
    return {"object": "search_result", "data": data, "has_more": False, "next_page": None, "url": "/v1/customers/search"}


def create_method(call: Call) -> Thing:
    """Create a payment method from a card number or a test token."""
    only(call.params, f"type card billing_details metadata allow_redisplay customer {' '.join(accounts.TYPES)}")
    kind = required(call.params, "type")
    if kind in accounts.TYPES:
        return accounts.create(call, kind)
    if kind != "card":
        invalid("Only cards and bank debits are known to this sandbox.", param="type")
    given = required(call.params, "card")
    if not isinstance(given, dict):
        invalid("Invalid object", param="card")
    if "token" in given:
        return _named(call, TOKENS.get(given["token"], ""), given["token"])
    year = integer(given, "exp_year")
    card = _card(call, required(given, "number"), integer(given, "exp_month"), year if year > 99 else 2000 + year, given.get("cvc"))
    return _keep_method(call, card, call.params.get("billing_details"))


def _named(call: Call, name: str, wanted: str) -> Thing:
    number = NAMED.get(name)
    if number is None:
        missing("PaymentMethod", wanted, "payment_method")
    return _keep_method(call, _card(call, number, 12, time.gmtime(call.now_s()).tm_year + 4, None), None)


def _card(call: Call, number: str, month: int, year: int, cvc: str | None) -> Card:
    usual_cvc = "1234" if number.startswith(("34", "37")) else "123"
    card = card_from(number, month, year, cvc or usual_cvc, None, call.world.clock.now_ms())
    if isinstance(card, list):
        code, message = {
            "number": ("incorrect_number", "Your card number is incorrect."),
            "expiry": ("invalid_expiry_year", "Your card's expiration year is invalid."),
        }.get(card[0], ("invalid_cvc", "Your card's security code is invalid."))
        raise Refused(error_answer(402, "card_error", message, code=code, param=card[0]))
    return card


def _keep_method(call: Call, card: Card, billing: Any) -> Thing:
    return objects.keep(call.world, method_from(call, card, billing))


def method_from(call: Call, card: Card, billing: Any) -> Thing:
    """A payment method object for a card; `_behavior` is what the test card does."""
    method = objects.new(call, "payment_method", "pm", _behavior=card.behavior.removeprefix("page:"))
    method["billing_details"].update(billing if isinstance(billing, dict) else {})
    own = {"brand": card.brand, "display_brand": card.brand, "last4": card.last4, "exp_month": card.exp_month, "exp_year": card.exp_year}
    method["card"].update(own, fingerprint=card.fingerprint, networks={"available": [card.brand], "preferred": None})
    return method


def method_for(call: Call, public_id: Any, *, param: str = "payment_method") -> Thing:
    """The payment method of a parameter; each use of Stripe's name for a test card makes a new one."""
    if isinstance(public_id, str) and public_id in NAMED:
        return _named(call, public_id, public_id)
    return objects.get(call.world, public_id, "payment_method", param=param)


def get_method(call: Call) -> Thing:
    """Show a payment method."""
    return method_for(call, call.id, param="id")


def update_method(call: Call) -> Thing:
    """Change a payment method."""
    only(call.params, "billing_details metadata card allow_redisplay")
    method = objects.get(call.world, call.id, "payment_method")
    method["billing_details"].update(call.params.get("billing_details", {}))
    method["metadata"] = objects.metadata_of(call, method["metadata"])
    return objects.save(call.world, method)


def attach_method(call: Call) -> Thing | Answer:
    """Attach a payment method to a customer; cards that decline are refused here, as Stripe does."""
    only(call.params, "customer")
    return attach_to(call, call.id, required(call.params, "customer"))


def attach_to(call: Call, public_id: str, customer_id: str) -> Thing | Answer:
    """Attach a method; returns the object, or the card error."""
    objects.get(call.world, customer_id, "customer", param="customer")
    method = method_for(call, public_id)
    if method["customer"] not in (None, customer_id):
        message = "The payment method you provided has already been attached to a customer."
        invalid(message, param="payment_method", code="payment_method_unexpected_state")
    if method["_used"]:
        invalid(
            "This PaymentMethod was previously used without being attached to a Customer. It may not be used again.", param="payment_method"
        )
    refusal = setup_decline(method)
    if refusal:
        return refusal
    method["customer"] = customer_id
    objects.save(call.world, method, owner=customer_id)
    objects.tell(call.world, "payment_method.attached", method)
    return method


def setup_decline(method: Thing) -> Answer | None:
    """The card error of a card that cannot be attached or set up."""
    behavior = method["_behavior"]
    if accounts.is_account(method) or behavior in ASK_FIRST or behavior == "ok" or method["card"]["last4"] == ATTACHES_AND_FAILS:
        return None
    code, message = DECLINES[behavior]
    return error_answer(402, "card_error", message, code=code, decline_code=behavior)


def detach_method(call: Call) -> Thing:
    """Detach a payment method; it cannot be used again."""
    method = objects.get(call.world, call.id, "payment_method")
    if method["customer"] is None:
        invalid("The payment method you provided is not attached to a customer so detachment is impossible.", param="payment_method")
    method.update(customer=None, _used=True)
    objects.disown(call.world, method)
    objects.tell(call.world, "payment_method.detached", method)
    return method


def list_methods(call: Call) -> Thing:
    """List the payment methods of a customer."""
    customer = call.path.get("id") or required(call.params, "customer")
    objects.get(call.world, customer, "customer", param="id" if "id" in call.path else "customer")
    url = f"/v1/customers/{customer}/payment_methods" if "id" in call.path else "/v1/payment_methods"
    return objects.page(call, "payment_method", url, owner=customer)


def is_off_session(call: Call) -> bool:
    """Whether the customer is absent (off session)."""
    return flag(call.params, "off_session")
