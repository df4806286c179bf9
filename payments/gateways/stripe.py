"""Stripe, by its own SDK. `base_addresses` may point to the sandbox world, which speaks the same protocol.

A token here is "customer/payment method": an off-session payment needs both. Stripe forgets idempotency keys after a day or more, so
each object carries our key in its metadata, and look-ups go by that.
"""

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Literal

import stripe
from django.conf import settings

from core.clock import wall
from core.errors import Malformed, Unauthenticated
from core.provider_calls import note
from core.providers import Account
from payments.errors import CardRefused, CustomerGone, GatewayUnavailable
from payments.gateways.base import (
    ALWAYS,
    AUTHENTICATION,
    UNKNOWN,
    AuthorizationRequest,
    Card,
    ChargeRequest,
    Gateway,
    Notice,
    Outcome,
    Payer,
    PayoutRequest,
    Period,
    RefundRequest,
    Reported,
    ReportedCharge,
    ReportedDispute,
    Setup,
    Status,
    require_secret,
)
from payments.gateways.minimums import smallest_on_cards

log = logging.getLogger("bnpl.gateway")
Reader = Callable[[Any], Outcome]
TIMEOUT_S = 10
SERVER_ERROR = 500
SAME_TIME_TRIES = 3
"""Who makes the same customer at the same time as somebody else is told to come again, and then gets theirs."""
PAGE = 100
_INTENT: dict[str, Status] = {
    "succeeded": "succeeded",
    "requires_capture": "succeeded",
    "requires_payment_method": "failed",
    "requires_confirmation": "failed",
    "requires_action": "failed",
    "canceled": "failed",
}
# A warning asks only, and takes nothing; one that is closed has come to nothing.
_DISPUTE: dict[str, Literal["won", "lost"]] = {"won": "won", "warning_closed": "won", "prevented": "won", "lost": "lost"}
_EVENTS: dict[str, tuple[str, bool]] = {
    "payment_intent.succeeded": ("charge", True),
    "payment_intent.payment_failed": ("charge", False),
    "refund.updated": ("refund", True),
    "refund.failed": ("refund", False),
    "transfer.created": ("payout", True),
    "transfer.reversed": ("payout", False),
    "setup_intent.setup_failed": ("setup", False),
    "charge.dispute.created": ("dispute", False),
    "charge.dispute.updated": ("dispute", False),
    "charge.dispute.funds_withdrawn": ("dispute", False),
    "charge.dispute.funds_reinstated": ("dispute", False),
    "charge.dispute.closed": ("dispute", False),
}


class _Measured(stripe.RequestsClient):
    """Sends the SDK's requests, and counts how they went."""

    def __init__(self, account: str) -> None:
        super().__init__(timeout=TIMEOUT_S)
        self._account = account

    def request(self, method: str, url: str, headers: Any, post_data: Any = None, **more: Any) -> tuple[Any, int, Any]:
        """Send one request; an answer of 5xx has failed as one that never came."""
        began = time.monotonic()
        error = ""
        try:
            answer: tuple[Any, int, Any] = super().request(method, url, headers, post_data, **more)
            error = str(answer[1]) if answer[1] >= SERVER_ERROR else ""
        except Exception as raised:
            error = type(raised).__name__
            raise
        finally:
            note(self._account, ms=(time.monotonic() - began) * 1000, error=error)
        return answer


class StripeGateway(Gateway):
    """Cards by SetupIntents and off-session PaymentIntents; merchants are paid by transfers to connected accounts."""

    def __init__(self, account: Account) -> None:
        self._webhook_secret = account.values["webhook_secret"]
        client = stripe.StripeClient(
            account.values["secret_key"],
            base_addresses={"api": account.values["api_base"]},
            max_network_retries=0,
            http_client=_Measured(account.code),
        )
        self._api: Any = client.v1

    def health(self) -> None:
        _must(self._api.balance.retrieve)

    # Cards

    def keep_customer(self, payer: Payer) -> str:
        return str(_must(lambda: self._keep_customer(payer)))

    def _keep_customer(self, payer: Payer) -> str:
        """Return the person's customer: the one we know, else the one that has their reference, else a new one.

        A key is bound to what was sent with it, so that a new customer is made of what never changes; the search, which may be a minute
        behind, finds it when Stripe has forgotten the key.
        """
        if payer.customer:
            try:
                return str(self._api.customers.update(payer.customer, {"email": payer.email}).id)
            except stripe.InvalidRequestError as error:
                if error.code != "resource_missing":
                    raise
        found = self._api.customers.search({"query": f"metadata['consumer']:'{payer.reference}'", "limit": 1}).data
        key = "-".join(filter(None, ["customer", payer.reference, payer.customer]))
        known = found[0] if found else self._new_customer(payer, key)
        if known.email != payer.email:
            known = self._api.customers.update(known.id, {"email": payer.email})
        return str(known.id)

    def _new_customer(self, payer: Payer, key: str) -> Any:
        options = {"idempotency_key": key, "max_network_retries": SAME_TIME_TRIES}
        return self._api.customers.create({"metadata": {"consumer": payer.reference}}, options)

    def start_card_setup(self, payer: Payer, *, return_url: str, currency: str) -> Setup:
        joint = "&" if "?" in return_url else "?"
        session = _must(
            lambda: self._api.checkout.sessions.create(
                {
                    "mode": "setup",
                    "customer": payer.customer,
                    "currency": currency.lower(),
                    "success_url": f"{return_url}{joint}setup={{CHECKOUT_SESSION_ID}}&status=succeeded",
                    "cancel_url": f"{return_url}{joint}status=canceled",
                }
            )
        )
        return Setup(session.id, session.url)

    def read_card_setup(self, ref: str) -> Setup:
        session = _must(lambda: self._api.checkout.sessions.retrieve(ref, {"expand": ["setup_intent.payment_method"]}))
        intent = session.setup_intent
        method = intent.payment_method if intent and intent.status == "succeeded" else None
        return Setup(ref, session.url or "", _card(session.customer, method) if method else None)

    def add_card(self, payer: Payer, number: str) -> Card:
        def keep() -> Card:
            year = wall().year + 4
            method = self._api.payment_methods.create(
                {"type": "card", "card": {"number": number, "exp_month": 12, "exp_year": year, "cvc": "123"}}
            )
            given = {"customer": payer.customer, "payment_method": method.id, "confirm": True, "usage": "off_session"}
            self._api.setup_intents.create(given)
            return _card(payer.customer, method)

        return _must(keep)  # type: ignore[no-any-return]

    def remove_card(self, token: str) -> None:
        try:
            self._api.payment_methods.detach(token.partition("/")[2])
        except stripe.StripeError as error:
            log.warning("a card was not detached: %s", type(error).__name__)

    # Holds

    def smallest(self, currency: str) -> int:
        return smallest_on_cards(currency)

    def authorize(self, request: AuthorizationRequest) -> Outcome:
        intent = {**_intent(request), "capture_method": "manual", "setup_future_usage": "off_session"}
        return _ask(lambda: self._api.payment_intents.create(intent, {"idempotency_key": request.key}))

    def find_authorization(self, request: AuthorizationRequest) -> Outcome | None:
        return self._find_intent(request, _read_hold)

    def release(self, ref: str) -> Outcome:
        outcome = _ask(lambda: self._api.payment_intents.cancel(ref))
        # Canceled, lapsed or captured (which lets the rest go) before: nothing is held any more.
        return Outcome("succeeded", ref) if outcome.status != "unknown" else outcome

    # Charges, refunds, payouts

    def charge(self, request: ChargeRequest) -> Outcome:
        if request.authorization_ref:
            given = {"amount_to_capture": request.amount_minor, "metadata": {"charge": request.key}}
            drawn = _ask(lambda: self._api.payment_intents.capture(request.authorization_ref, given, {"idempotency_key": request.key}))
            if drawn.failure not in {"payment_intent_unexpected_state", "amount_too_large"}:
                return drawn
        return _ask(lambda: self._api.payment_intents.create(_intent(request), {"idempotency_key": f"{request.key}-new"}))

    def find_charge(self, request: ChargeRequest) -> Outcome | None:
        if request.authorization_ref:
            try:
                intent = self._api.payment_intents.retrieve(request.authorization_ref)
            except stripe.StripeError:
                return UNKNOWN
            if _metadata(intent).get("charge") == request.key:
                return _read_intent(intent)
        return self._find_intent(request)

    def refund(self, request: RefundRequest) -> Outcome:
        given = {"payment_intent": request.charge_ref, "amount": request.amount_minor, "metadata": {"key": request.key}}
        return _ask(lambda: self._api.refunds.create(given, {"idempotency_key": request.key}))

    def find_refund(self, request: RefundRequest) -> Outcome | None:
        return _find(lambda: self._api.refunds.list({"payment_intent": request.charge_ref, "limit": PAGE}), request.key)

    def pay_out(self, request: PayoutRequest) -> Outcome:
        given = {
            "amount": request.amount_minor,
            "currency": request.currency.lower(),
            "destination": request.destination,
            "transfer_group": request.reference,
            "metadata": {"key": request.key},
        }
        return _ask(lambda: self._api.transfers.create(given, {"idempotency_key": request.key}))

    def find_payout(self, request: PayoutRequest) -> Outcome | None:
        return _find(lambda: self._api.transfers.list({"transfer_group": request.reference, "limit": PAGE}), request.key)

    def _find_intent(self, request: AuthorizationRequest | ChargeRequest, read: Reader | None = None) -> Outcome | None:
        customer = request.token.partition("/")[0]
        return _find(lambda: self._api.payment_intents.list({"customer": customer, "limit": PAGE}), request.key, read)

    # Report and events

    def find_dispute(self, ref: str) -> ReportedDispute | None:
        dispute = _must(lambda: self._find_dispute(ref))
        if dispute is None:
            return None
        return ReportedDispute(
            ref=dispute.id,
            key=_key(dispute.payment_intent) if dispute.payment_intent else "",
            amount_minor=dispute.amount,
            currency=dispute.currency.upper(),
            reason=dispute.reason,
            status=_DISPUTE.get(dispute.status, "open"),
            **_money_of(dispute),
        )

    def _find_dispute(self, ref: str) -> Any:
        try:
            return self._api.disputes.retrieve(ref, {"expand": ["payment_intent"]})
        except stripe.InvalidRequestError as error:
            if error.code != "resource_missing":
                raise
            return None

    def report_charges(self, *, reference: str = "", period: Period = ALWAYS) -> Iterator[ReportedCharge]:
        for intent in self._report(self._api.payment_intents, period, expand=["data.latest_charge"]):
            report = _report(intent)
            if report is not None and reference in ("", report.reference):
                disputed = intent.latest_charge and intent.latest_charge.disputed
                yield replace(report, **self._disputed(intent.id, report.currency)) if disputed else report

    def _disputed(self, intent: str, currency: str) -> dict[str, Any]:
        """Return what of a payment is withdrawn for its disputes, and what was taken for them in its currency."""
        found = _must(lambda: self._api.disputes.list({"payment_intent": intent, "limit": PAGE}))
        moneys = [_money_of(dispute) for dispute in _must(lambda: list(found.auto_paging_iter()))]
        return {
            "withdrawn_minor": sum(money["withdrawn_minor"] for money in moneys),
            "fee_minor": sum(money["fee_minor"] for money in moneys if money["fee_currency"] == currency),
        }

    def report_refunds(self, *, period: Period = ALWAYS) -> Iterator[Reported]:
        return (_reported(refund) for refund in self._report(self._api.refunds, period))

    def report_payouts(self, *, period: Period = ALWAYS) -> Iterator[Reported]:
        return (_reported(transfer) for transfer in self._report(self._api.transfers, period))

    def _report(self, things: Any, period: Period, **more: Any) -> Iterator[Any]:
        """Yield what a list has of a period, a page at a time."""
        created = {
            **({"gte": int(period.since.timestamp())} if period.since else {}),
            **({"lt": int(period.until.timestamp())} if period.until else {}),
        }
        asked = {"limit": PAGE, **more, **({"created": created} if created else {})}
        found = iter(_must(lambda: things.list(asked)).auto_paging_iter())
        while (thing := _must(lambda: next(found, None))) is not None:
            yield thing

    def verify_event(self, headers: Mapping[str, str], body: bytes) -> Notice:
        signature = {name.lower(): value for name, value in headers.items()}.get("stripe-signature", "")
        secret = require_secret(self._webhook_secret)
        try:
            event = stripe.Webhook.construct_event(body, signature, secret)
        except stripe.SignatureVerificationError:
            raise Unauthenticated("The event's signature is not valid.", code="payments.signature_invalid") from None
        except (AttributeError, TypeError, ValueError, RecursionError):
            # The library takes for granted that it is an object.
            raise Malformed("The event is not JSON.", code="payments.event_unreadable") from None
        try:
            about, good = _EVENTS.get(event.type, ("other", False))
            thing = event.data.object
            good = good and getattr(thing, "status", "") != "failed"
            key = str(getattr(thing, "customer", None) or "") if about == "setup" else str(_key(thing))
            return Notice(str(event.id), str(event.type), str(getattr(thing, "id", "")), about, key, good)  # type: ignore[arg-type]
        except (AttributeError, KeyError, TypeError):
            raise Malformed("The event has no type or object.", code="payments.event_unreadable") from None


def _intent(request: AuthorizationRequest | ChargeRequest) -> dict[str, Any]:
    """Return a payment that is confirmed at once; where its person is present, the bank may ask them to confirm."""
    customer, _, method = request.token.partition("/")
    present = isinstance(request, AuthorizationRequest) or request.on_session
    intent = {
        "amount": request.amount_minor,
        "currency": request.currency.lower(),
        "customer": customer,
        "payment_method": method,
        "payment_method_types": ["card"],
        "confirm": True,
        "metadata": {"key": request.key, "reference": request.reference},
    }
    if isinstance(request, ChargeRequest) and present:
        return {**intent, "return_url": settings.BASE_URL}
    return {**intent, "error_on_requires_action": True} if present else {**intent, "off_session": True}


def _must(call: Callable[[], Any]) -> Any:
    try:
        return call()
    except stripe.CardError as error:
        raise CardRefused(error.user_message or "Your card was declined.", failure=_decline(error)) from None
    except stripe.StripeError as error:
        if error.code == "resource_missing" and getattr(error, "param", "") == "customer":
            raise CustomerGone("The card service does not know you any more. Try again in a moment.") from None
        log.warning("no answer: %s", type(error).__name__)
        raise GatewayUnavailable("The card service does not answer. Try again in a moment.") from None


def _ask(call: Callable[[], Any]) -> Outcome:
    """Ask, and return what the answer means; what is neither done nor clearly refused is unknown."""
    try:
        answer = call()
    except stripe.CardError as error:
        intent = getattr(error.error, "payment_intent", None)
        return Outcome("failed", str(intent.id) if intent else "", _decline(error))
    except stripe.InvalidRequestError as error:
        if isinstance(error, stripe.IdempotencyError):
            return UNKNOWN
        missing = error.code == "resource_missing" and error.param in {"customer", "payment_method"}
        return Outcome("failed", failure="payment_method_unknown" if missing else (error.code or "invalid_request"))
    except stripe.StripeError as error:
        log.warning("no answer: %s", type(error).__name__)
        return UNKNOWN
    return _read(answer)


def _find(pages: Callable[[], Any], key: str, read: Reader | None = None) -> Outcome | None:
    try:
        for thing in pages().auto_paging_iter():
            if key in _metadata(thing).values():
                return (read or _read)(thing)
    except stripe.StripeError:
        return UNKNOWN
    return None


def _read(thing: Any) -> Outcome:
    return _read_intent(thing) if thing.object == "payment_intent" else _read_other(thing)


def _read_hold(intent: Any) -> Outcome:
    """Return what a hold came to; what was drawn from it since does not matter."""
    return replace(_read_intent(intent), amount_minor=intent.amount)


def _read_intent(intent: Any) -> Outcome:
    status = _INTENT.get(intent.status, "unknown")
    if status != "failed":
        # What is held is still all of it; what was drawn is what was received.
        moved = intent.amount_received if intent.status == "succeeded" else intent.amount
        return Outcome(status, intent.id, amount_minor=moved, currency=intent.currency.upper())
    if intent.status == "requires_action":
        action = getattr(intent.next_action, "redirect_to_url", None)
        return Outcome("failed", intent.id, AUTHENTICATION, action.url if action else "")
    problem = intent.last_payment_error
    failure = (getattr(problem, "decline_code", None) or getattr(problem, "code", None)) if problem else None
    return Outcome("failed", intent.id, str(failure or intent.status))


def _status_of(thing: Any) -> Status:
    """Return how a refund or a transfer stands; a transfer has no status: it is made, or it was taken back."""
    if thing.object == "transfer":
        return "failed" if thing.reversed else "succeeded"
    known: dict[str, Status] = {"succeeded": "succeeded", "pending": "unknown", "requires_action": "unknown"}
    return known.get(thing.status, "failed")


def _moved(thing: Any) -> int:
    """Return what a refund or a transfer moved, less what was taken back of a transfer."""
    taken_back = thing.amount_reversed if thing.object == "transfer" and not thing.reversed else 0
    return int(thing.amount) - int(taken_back)


def _read_other(thing: Any) -> Outcome:
    """Return what a refund or a transfer came to."""
    status = _status_of(thing)
    failure = str(getattr(thing, "failure_reason", "") or ("reversed" if thing.object == "transfer" else "")) if status == "failed" else ""
    return Outcome(status, thing.id, failure, amount_minor=_moved(thing), currency=thing.currency.upper())


def _reported(thing: Any) -> Reported:
    """Return a refund or a transfer as its line of a report."""
    return Reported(
        ref=thing.id,
        key=_metadata(thing).get("key", ""),
        reference=str(getattr(thing, "transfer_group", "") or ""),
        amount_minor=_moved(thing),
        currency=thing.currency.upper(),
        status=_status_of(thing),
        at=datetime.fromtimestamp(thing.created, UTC),
    )


def _money_of(dispute: Any) -> dict[str, Any]:
    """Return what is withdrawn for a dispute and what was taken for it, by its movements of the balance.

    Those are in the balance's currency: what is withdrawn counts in the charge's, all of it or nothing.
    """
    moved = list(getattr(dispute, "balance_transactions", None) or ())
    fees = {one.currency.upper() for one in moved}
    return {
        "withdrawn_minor": dispute.amount if sum(one.amount for one in moved) < 0 else 0,
        "fee_minor": sum(one.fee for one in moved),
        "fee_currency": fees.pop() if len(fees) == 1 else "",
    }


def _report(intent: Any) -> ReportedCharge | None:
    """Return an intent as a charge; None for a hold that nothing was drawn from."""
    metadata, charge = _metadata(intent), intent.latest_charge
    held = intent.capture_method == "manual"
    if held and intent.status != "succeeded":
        return None
    taken = intent.amount_received if intent.status == "succeeded" else intent.amount
    # What was never taken of a hold counts as refunded there.
    refunded = charge.amount_refunded - (charge.amount - charge.amount_captured) if charge and charge.captured else 0
    return ReportedCharge(
        ref=intent.id,
        key=metadata.get("charge" if held else "key", ""),
        reference=metadata.get("reference", ""),
        amount_minor=taken,
        refunded_minor=refunded,
        currency=intent.currency.upper(),
        status=_INTENT.get(intent.status, "unknown"),
        at=datetime.fromtimestamp(intent.created, UTC),
    )


def _decline(error: Any) -> str:
    return str(getattr(error.error, "decline_code", None) or error.code or "card_declined")


def _metadata(thing: Any) -> dict[str, str]:
    metadata = getattr(thing, "metadata", None)
    return dict(metadata.to_dict()) if metadata else {}


def _key(thing: Any) -> str:
    metadata = _metadata(thing)
    return metadata.get("charge") or metadata.get("key") or ""


def _card(customer: Any, method: Any) -> Card:
    owner = customer if isinstance(customer, str) else customer.id
    card = method.card
    return Card(f"{owner}/{method.id}", card.brand, card.last4, card.exp_month, card.exp_year)
