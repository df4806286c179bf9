"""Setup intents, and checkout sessions in setup mode."""

from sandbox.cards import ASK_FIRST, DECLINES
from sandbox.message import Answer, json_answer
from sandbox.setups import address_of, close_subject, open_setup

from . import accounts, objects, people
from .protocol import Call, Thing, error_answer, flag, invalid, new_id, only, required, visible

CREATE_PARAMS = (
    "customer payment_method payment_method_types confirm usage metadata description automatic_payment_methods return_url on_behalf_of "
    "payment_method_options use_stripe_sdk mandate_data single_use flow_directions attach_to_self"
)
SESSION_PARAMS = (
    "mode customer customer_email success_url cancel_url currency payment_method_types metadata setup_intent_data client_reference_id "
    "locale ui_mode return_url customer_creation expires_at"
)
OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")
SESSION_S = 24 * 3600


def create(call: Call) -> Thing | Answer:
    """Create a setup intent, and confirm it if asked to."""
    only(call.params, CREATE_PARAMS)
    given = call.params
    if given.get("customer"):
        objects.get(call.world, given["customer"], "customer", param="customer")
    intent = new_intent(call, given.get("customer"))
    method = people.method_for(call, given["payment_method"]) if given.get("payment_method") else None
    if method:
        intent.update(payment_method=method["id"], status="requires_confirmation")
    objects.keep(call.world, intent, owner=given.get("customer"))
    objects.tell(call.world, "setup_intent.created", intent)
    return _confirm(call, intent, method) if flag(given, "confirm") else intent


def new_intent(call: Call, customer: str | None) -> Thing:
    """A setup intent that waits for a payment method."""
    own = objects.chosen(call, "description payment_method_types usage")
    intent = objects.new(call, "setup_intent", "seti", **own, customer=customer, metadata=objects.metadata_of(call))
    intent["client_secret"] = f"{intent['id']}_secret_{new_id('x')[3:]}"
    return intent


def confirm(call: Call) -> Thing | Answer:
    """Confirm a setup intent."""
    only(call.params, "payment_method return_url mandate_data use_stripe_sdk client_secret payment_method_options")
    intent = objects.get(call.world, call.id, "setup_intent")
    if intent["status"] not in OPEN:
        message = f"You cannot confirm this SetupIntent because it has a status of {intent['status']}."
        invalid(message, code="setup_intent_unexpected_state", setup_intent=visible(intent))
    chosen = call.params.get("payment_method") or intent["payment_method"]
    return _confirm(call, intent, people.method_for(call, chosen) if chosen else None)


def _confirm(call: Call, intent: Thing, method: Thing | None) -> Thing | Answer:
    if method is None:
        invalid("You must provide a payment method to confirm this SetupIntent.", param="payment_method", code="parameter_missing")
    if method["customer"] not in (None, intent["customer"]):
        invalid(f"The customer does not have a payment method with the ID {method['id']}.", param="payment_method")
    intent["payment_method"] = method["id"]
    if accounts.is_account(method):
        acceptance = call.params.get("mandate_data", {}).get("customer_acceptance")
        if not acceptance:
            message = "You must provide `mandate_data[customer_acceptance]` to set this PaymentMethod up."
            invalid(message, param="mandate_data", code="parameter_missing")
        intent["mandate"] = accounts.new_mandate(call, method, acceptance)
        return complete(call, intent, method)
    if people.setup_decline(method):
        return _refuse(call, intent, method)
    options = call.params.get("payment_method_options") or {}
    if method["_behavior"] in ASK_FIRST or options.get("card", {}).get("request_three_d_secure") == "any":
        return_url = call.params.get("return_url")
        address = call.world.url(f"/stripe/confirm/{intent['id']}")
        redirect = {"type": "redirect_to_url", "redirect_to_url": {"return_url": return_url, "url": address}}
        sdk = {"type": "use_stripe_sdk", "use_stripe_sdk": {"type": "three_d_secure_redirect", "stripe_js": address}}
        intent.update(status="requires_action", next_action=redirect if return_url else sdk)
        objects.save(call.world, intent)
        objects.tell(call.world, "setup_intent.requires_action", intent)
        return intent
    return complete(call, intent, method)


def _refuse(call: Call, intent: Thing, method: Thing) -> Answer:
    code, message = DECLINES[method["_behavior"]]
    shown = visible(method)
    problem = {"code": code, "decline_code": method["_behavior"], "message": message, "payment_method": shown, "type": "card_error"}
    intent.update(status="requires_payment_method", payment_method=None, last_setup_error=problem)
    objects.save(call.world, intent)
    objects.tell(call.world, "setup_intent.setup_failed", intent)
    extra = {"code": code, "decline_code": method["_behavior"], "payment_method": shown, "setup_intent": visible(intent)}
    return error_answer(402, "card_error", message, **extra)


def complete(call: Call, intent: Thing, method: Thing) -> Thing:
    """Set the method up for later and attach it to the intent's customer."""
    method["_set_up"] = True
    attaches = bool(intent["customer"]) and not method["customer"]
    if attaches:
        method["customer"] = intent["customer"]
    objects.save(call.world, method, owner=method["customer"])
    intent.update(status="succeeded", payment_method=method["id"], next_action=None, last_setup_error=None)
    objects.save(call.world, intent)
    if attaches:
        objects.tell(call.world, "payment_method.attached", method)
    objects.tell(call.world, "setup_intent.succeeded", intent)
    return intent


def authenticated(call: Call, intent: Thing) -> Thing:
    """Continue after the person confirmed (3-D Secure)."""
    return complete(call, intent, objects.get(call.world, intent["payment_method"], "payment_method"))


def not_authenticated(call: Call, intent: Thing) -> Answer:
    """Fail after the person did not confirm."""
    code, message = (
        "setup_intent_authentication_failure",
        "We are unable to authenticate your payment method. Please choose a different one.",
    )
    problem = {"code": code, "message": message, "type": "invalid_request_error"}
    intent.update(status="requires_payment_method", payment_method=None, next_action=None, last_setup_error=problem)
    objects.save(call.world, intent)
    objects.tell(call.world, "setup_intent.setup_failed", intent)
    return json_answer(visible(intent))


def get(call: Call) -> Thing:
    """Show a setup intent."""
    return objects.get(call.world, call.id, "setup_intent")


def cancel(call: Call) -> Thing:
    """Cancel a setup intent."""
    only(call.params, "cancellation_reason")
    intent = objects.get(call.world, call.id, "setup_intent")
    if intent["status"] not in OPEN:
        invalid(f"You cannot cancel this SetupIntent because it has a status of {intent['status']}.", code="setup_intent_unexpected_state")
    intent.update(status="canceled", cancellation_reason=call.params.get("cancellation_reason"), next_action=None)
    objects.save(call.world, intent)
    objects.tell(call.world, "setup_intent.canceled", intent)
    return intent


def index(call: Call) -> Thing:
    """List setup intents, all or those of one customer."""
    return objects.page(call, "setup_intent", "/v1/setup_intents", owner=call.params.get("customer"))


def create_session(call: Call) -> Thing:
    """Open a checkout session in setup mode; its address is the hosted page for a card, or for a bank account of its type."""
    only(call.params, SESSION_PARAMS)
    given = call.params
    if required(given, "mode") != "setup":
        invalid("This sandbox knows checkout sessions in setup mode only.", param="mode")
    success_url = str(required(given, "success_url"))
    customer = objects.get(call.world, given["customer"], "customer", param="customer") if given.get("customer") else None
    intent = new_intent(call, given.get("customer"))
    intent["metadata"] = (given.get("setup_intent_data") or {}).get("metadata", {})
    objects.keep(call.world, intent, owner=given.get("customer"))
    own = objects.chosen(call, "cancel_url client_reference_id currency customer customer_email locale payment_method_types")
    session = objects.new(call, "checkout.session", "cs_test", **own, success_url=success_url, metadata=objects.metadata_of(call))
    session.update(setup_intent=intent["id"], expires_at=call.now_s() + SESSION_S)
    email = (customer or {}).get("email") or given.get("customer_email") or "unknown@sandbox.example"
    page = open_setup(
        call.world,
        "stripe",
        email=email.lower(),
        reference=session["id"],
        return_url=success_url.replace("{CHECKOUT_SESSION_ID}", session["id"]),
        currency=str(given.get("currency", "usd")).upper(),
        cancel_url=given.get("cancel_url"),
        subject=intent["id"],
        kind=_kind(session),
        locale=given.get("locale"),
    )
    session["url"] = address_of(call.world, page)
    return objects.keep(call.world, session, owner=given.get("customer"), parent=intent["id"])


def _kind(session: Thing) -> str:
    """The hosted page for the types of a session."""
    types = session["payment_method_types"]
    if types != ["card"] and (len(types) != 1 or types[0] not in accounts.TYPES):
        invalid("This sandbox knows sessions for one type: card or a bank debit.", param="payment_method_types")
    kind = types[0]
    if kind != "card" and session["currency"] != accounts.CURRENCIES[kind]:
        invalid(f"The currency provided is invalid for {kind}.", param="currency", code="invalid_currency")
    return "card" if kind == "card" else "account"


def get_session(call: Call) -> Thing:
    """Show a checkout session."""
    return objects.get(call.world, call.id, "checkout.session")


def expire_session(call: Call) -> Thing:
    """Close a checkout session that nobody finished."""
    session = objects.get(call.world, call.id, "checkout.session")
    if session["status"] != "open":
        invalid(
            f'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of `{session["status"]}`.'
        )
    session.update(status="expired", url=None)
    objects.save(call.world, session)
    close_subject(call.world, "stripe", session["setup_intent"])
    objects.tell(call.world, "checkout.session.expired", session)
    return session


def list_sessions(call: Call) -> Thing:
    """List checkout sessions."""
    return objects.page(
        call, "checkout.session", "/v1/checkout/sessions", owner=call.params.get("customer"), parent=call.params.get("setup_intent")
    )
