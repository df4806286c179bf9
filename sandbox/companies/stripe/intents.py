"""Payment intents: create, confirm, capture, cancel."""

from typing import Any

from sandbox.cards import DECLINES, is_over
from sandbox.message import Answer, json_answer
from sandbox.minimums import smallest
from sandbox.money import amount_text
from sandbox.personas import count_charge

from . import accounts, debits, money, objects, people
from .protocol import Call, Thing, error_answer, flag, integer, invalid, new_id, only, required, visible

HOLD_S = 7 * 24 * 3600
CREATE_PARAMS = (
    "amount currency customer payment_method confirm off_session capture_method metadata description transfer_group transfer_data "
    "automatic_payment_methods payment_method_types payment_method_options setup_future_usage statement_descriptor "
    "statement_descriptor_suffix receipt_email error_on_requires_action return_url mandate confirmation_method on_behalf_of "
    "application_fee_amount shipping use_stripe_sdk"
)
CONFIRM_PARAMS = (
    "payment_method off_session return_url mandate error_on_requires_action capture_method setup_future_usage receipt_email "
    "payment_method_options use_stripe_sdk client_secret shipping payment_method_types"
)
TAKEN_OVER = (
    "capture_method confirmation_method customer description payment_method_types receipt_email setup_future_usage shipping "
    "statement_descriptor statement_descriptor_suffix transfer_data transfer_group on_behalf_of"
)
OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")


def create(call: Call) -> Thing | Answer:
    """Create an intent, and confirm it if asked to."""
    only(call.params, CREATE_PARAMS)
    given = call.params
    if given.get("customer"):
        objects.get(call.world, given["customer"], "customer", param="customer")
    if flag(given, "off_session") and not flag(given, "confirm"):
        invalid("You can only set off_session when confirm is true.", param="off_session")
    intent = _new(call)
    method = people.method_for(call, given["payment_method"]) if given.get("payment_method") else None
    if method:
        intent.update(payment_method=method["id"], status="requires_confirmation")
    objects.keep(call.world, intent, owner=given.get("customer"))
    objects.tell(call.world, "payment_intent.created", intent)
    return _confirm(call, intent, method) if flag(given, "confirm") else intent


def _new(call: Call) -> Thing:
    given = call.params
    amount, currency = integer(given, "amount"), str(required(given, "currency")).lower()
    if len(currency) != 3 or not currency.isalpha():
        invalid(f"Invalid currency: {currency}.", param="currency")
    if amount < smallest(currency):
        invalid(f"Amount must be at least {amount_text(smallest(currency), currency)}.", param="amount", code="amount_too_small")
    own = objects.chosen(call, TAKEN_OVER)
    intent = objects.new(call, "payment_intent", "pi", amount=amount, currency=currency, **own, metadata=objects.metadata_of(call))
    intent["client_secret"] = f"{intent['id']}_secret_{new_id('x')[3:]}"
    if "payment_method_types" in given:
        intent["automatic_payment_methods"] = None
    return intent


def confirm(call: Call) -> Thing | Answer:
    """Confirm an intent."""
    only(call.params, CONFIRM_PARAMS)
    intent = load(call)
    if intent["status"] not in OPEN:
        _unexpected(intent, "confirm")
    chosen = call.params.get("payment_method") or intent["payment_method"]
    if not chosen:
        message = (
            "You cannot confirm this PaymentIntent because it's missing a payment method. Update the PaymentIntent with a payment method."
        )
        invalid(message, code="payment_intent_unexpected_state", payment_intent=visible(intent))
    return _confirm(call, intent, people.method_for(call, chosen))


def _confirm(call: Call, intent: Thing, method: Thing | None) -> Thing | Answer:
    if method is None:
        invalid("You must provide a payment method to confirm this PaymentIntent.", param="payment_method", code="parameter_missing")
    _check_owner(intent, method)
    if accounts.is_account(method):
        return debits.begin(call, intent, method)
    intent["payment_method"] = method["id"]
    return_url = call.params.get("return_url")
    failure = _failure(call, intent, method)
    if failure == "authentication_required" and not people.is_off_session(call) and not flag(call.params, "error_on_requires_action"):
        address = call.world.url(f"/stripe/confirm/{intent['id']}")
        redirect = {"type": "redirect_to_url", "redirect_to_url": {"return_url": return_url, "url": address}}
        sdk = {
            "type": "use_stripe_sdk",
            "use_stripe_sdk": {"type": "three_d_secure_redirect", "stripe_js": address, "source": new_id("src")},
        }
        intent.update(status="requires_action", next_action=redirect if return_url else sdk)
        objects.save(call.world, intent)
        objects.tell(call.world, "payment_intent.requires_action", intent)
        return intent
    return decline(call, intent, method, failure) if failure else pay(call, intent, method)


def _check_owner(intent: Thing, method: Thing) -> None:
    owner = method["customer"]
    if owner and not intent["customer"]:
        message = (
            f"The provided PaymentMethod belongs to Customer {owner}. "
            "Please include the Customer in the `customer` parameter on the PaymentIntent."
        )
        invalid(message, param="payment_method")
    if owner and owner != intent["customer"]:
        invalid(f"The customer does not have a payment method with the ID {method['id']}.", param="payment_method")
    if method["_used"] and not owner:
        message = (
            "The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, shared with a connected "
            "account without Customer attachment, or was detached from a Customer. It may not be used again."
        )
        invalid(message, param="payment_method")


def _failure(call: Call, intent: Thing, method: Thing) -> str | None:
    """Why this confirmation fails (a decline code), or None."""
    if is_over(method["card"]["exp_month"], method["card"]["exp_year"], call.world.clock.now_ms()):
        return "expired_card"
    behavior: str = method["_behavior"]
    if behavior == "confirm_once":
        return None if method["_set_up"] else "authentication_required"
    if behavior != "ok":
        return behavior
    customer = objects.find(call.world, intent["customer"], "customer") if intent["customer"] else None
    email = (customer or {}).get("email") or ""
    return "insufficient_funds" if "+" in email and count_charge(call.world, email.lower()) == 2 else None


def decline(call: Call, intent: Thing, method: Thing, decline_code: str) -> Answer:
    """Record a failed charge and answer with the card error."""
    code, message = DECLINES[decline_code]
    if decline_code == "authentication_required":
        message = "Your card was declined. This transaction requires authentication."
    charge = money.failed_charge(call, intent, method, code, decline_code, message)
    shown = visible(method)
    problem: dict[str, Any] = {
        "charge": charge["id"],
        "code": code,
        "decline_code": decline_code,
        "doc_url": f"https://stripe.com/docs/error-codes/{code.replace('_', '-')}",
        "message": message,
        "payment_method": shown,
        "type": "card_error",
    }
    intent.update(
        status="requires_payment_method", payment_method=None, last_payment_error=problem, latest_charge=charge["id"], next_action=None
    )
    objects.save(call.world, intent)
    objects.tell(call.world, "payment_intent.payment_failed", intent)
    extra = {"code": code, "decline_code": decline_code, "charge": charge["id"], "payment_method": shown, "payment_intent": visible(intent)}
    return error_answer(402, "card_error", message, **extra)


def pay(call: Call, intent: Thing, method: Thing) -> Thing:
    """Record a successful charge or hold."""
    held = intent["capture_method"] == "manual"
    charge = money.good_charge(call, intent, method, captured=not held)
    if intent["setup_future_usage"] and intent["customer"] and not method["customer"]:
        method["customer"] = intent["customer"]
        objects.save(call.world, method, owner=intent["customer"])
    elif not method["customer"]:
        method["_used"] = True
    method["_set_up"] = method["_set_up"] or intent["setup_future_usage"] == "off_session"
    objects.save(call.world, method)
    intent.update(payment_method=method["id"], latest_charge=charge["id"], last_payment_error=None, next_action=None)
    if held:
        intent.update(status="requires_capture", amount_capturable=intent["amount"], _held_at=call.now_s())
    else:
        intent.update(status="succeeded", amount_received=intent["amount"])
    objects.save(call.world, intent)
    objects.tell(call.world, "payment_intent.amount_capturable_updated" if held else "payment_intent.succeeded", intent)
    money.dispute_first(call, charge)
    return intent


def load(call: Call) -> Thing:
    """The intent of the path; a hold expires after seven days of sandbox time."""
    intent = objects.get(call.world, call.id, "payment_intent")
    if intent["status"] == "requires_capture" and call.now_s() - intent["_held_at"] >= HOLD_S:
        intent.update(status="canceled", cancellation_reason="automatic", canceled_at=intent["_held_at"] + HOLD_S, amount_capturable=0)
    return intent


def capture(call: Call) -> Thing:
    """Capture a hold, all or a part; the rest is released."""
    only(
        call.params,
        "amount_to_capture metadata statement_descriptor statement_descriptor_suffix final_capture transfer_data application_fee_amount",
    )
    intent = load(call)
    if intent["status"] != "requires_capture":
        _unexpected(intent, "capture")
    amount = integer(call.params, "amount_to_capture") if "amount_to_capture" in call.params else intent["amount_capturable"]
    if amount > intent["amount_capturable"]:
        message = (
            f"The provided amount_to_capture ({amount}) is greater than the amount that can be captured ({intent['amount_capturable']})."
        )
        invalid(message, param="amount_to_capture", code="amount_too_large")
    money.capture_charge(call, intent["latest_charge"], amount)
    intent.update(status="succeeded", amount_capturable=0, amount_received=amount, metadata=objects.metadata_of(call, intent["metadata"]))
    objects.save(call.world, intent)
    objects.tell(call.world, "payment_intent.succeeded", intent)
    return intent


def cancel(call: Call) -> Thing:
    """Cancel an intent; a hold is released."""
    only(call.params, "cancellation_reason")
    intent = load(call)
    if intent["status"] not in (*OPEN, "requires_capture"):
        _unexpected(intent, "cancel")
    if intent["status"] == "requires_capture":
        money.release_charge(call, intent["latest_charge"])
    reason = call.params.get("cancellation_reason")
    intent.update(status="canceled", canceled_at=call.now_s(), cancellation_reason=reason, amount_capturable=0, next_action=None)
    objects.save(call.world, intent)
    objects.tell(call.world, "payment_intent.canceled", intent)
    return intent


def get(call: Call) -> Thing:
    """Show an intent."""
    return load(call)


def update(call: Call) -> Thing:
    """Change an intent that is not confirmed yet; metadata and description always."""
    only(
        call.params, "amount currency customer description metadata payment_method receipt_email setup_future_usage transfer_group shipping"
    )
    intent = load(call)
    if intent["status"] not in OPEN and set(call.params) & {"amount", "currency", "customer", "payment_method"}:
        _unexpected(intent, "update")
    changes = {name: value for name, value in call.params.items() if name not in ("metadata", "expand", "amount")}
    if "amount" in call.params:
        changes["amount"] = integer(call.params, "amount")
    if "payment_method" in changes:
        changes["payment_method"] = people.method_for(call, changes["payment_method"])["id"]
        changes["status"] = "requires_confirmation"
    intent.update(changes, metadata=objects.metadata_of(call, intent["metadata"]))
    return objects.save(call.world, intent, owner=intent["customer"])


def index(call: Call) -> Thing:
    """List intents, all or those of one customer."""
    return objects.page(call, "payment_intent", "/v1/payment_intents", owner=call.params.get("customer"))


def _unexpected(intent: Thing, verb: str) -> None:
    what = {"succeeded": "it has already succeeded after being previously confirmed"}.get(
        intent["status"], f"it has a status of {intent['status']}"
    )
    message = f"You cannot {verb} this PaymentIntent because {what}."
    if verb in ("cancel", "capture"):
        message = f"You cannot {verb} this PaymentIntent because it has a status of {intent['status']}."
        message = (
            f"This PaymentIntent could not be captured because it has a status of {intent['status']}." if verb == "capture" else message
        )
    invalid(message, code="payment_intent_unexpected_state", payment_intent=visible(intent))


def authenticated(call: Call, intent: Thing) -> Thing:
    """Continue after the person confirmed (3-D Secure)."""
    method = objects.get(call.world, intent["payment_method"], "payment_method")
    return pay(call, intent, method)


def not_authenticated(call: Call, intent: Thing) -> Answer:
    """Fail after the person did not confirm."""
    code, message = (
        "payment_intent_authentication_failure",
        "We are unable to authenticate your payment method. Please choose a different one.",
    )
    problem = {"code": code, "message": message, "type": "invalid_request_error"}
    intent.update(status="requires_payment_method", payment_method=None, next_action=None, last_payment_error=problem)
    objects.save(call.world, intent)
    objects.tell(call.world, "payment_intent.payment_failed", intent)
    return json_answer(visible(intent))
