"""Stripe, through its own SDK. `base_addresses` may point to the sandbox world, which speaks the same protocol.

A token here is "customer/payment method": an off-session payment needs both. Stripe forgets idempotency keys after a day or more, so each
object carries our key in its metadata, and look-ups use that.
"""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import stripe
from django.conf import settings

from core.clock import wall
from core.errors import Malformed, Unauthenticated
from core.provider_calls import measured
from core.providers import Account
from payments.gateways.base import (
    ALWAYS,
    UNKNOWN,
    AuthorizationRequest,
    BankAccount,
    Card,
    CardCheck,
    ChargeRequest,
    EventPage,
    Gateway,
    MandateSetup,
    Notice,
    Outcome,
    Payer,
    PayoutRequest,
    Period,
    Pulls,
    RefundRequest,
    Reported,
    ReportedCharge,
    ReportedDispute,
    ReportedEvent,
    Setup,
    Speaker,
    Status,
    Verdict,
    require_secret,
)
from payments.gateways.minimums import smallest_on_cards
from payments.gateways.schemes import SCHEMES
from payments.gateways.stripe_objects import (
    Reader,
    account_of,
    ask,
    card_of,
    check_of,
    find_by_key,
    key_of,
    metadata_of,
    money_of,
    must,
    read_hold,
    read_intent,
    report_of,
    reported_of,
    test_account,
)

log = logging.getLogger("bnpl.gateway")
TIMEOUT_S = 10
SAME_TIME_TRIES = 3
"""Two processes may create the same customer at once: Stripe tells the second one to try again, and then returns the first one's."""
PAGE = 100
LONGEST_SUFFIX = 10
"""Letters after the account's own short name, which may take 12 of the 22 letters of a card statement (Stripe, "statement descriptors")."""
SHORTEST_STATEMENT = 5
# A warning is only a question, and takes no money; a closed warning had no consequences.
_DISPUTE = {"won": Verdict.WON, "warning_closed": Verdict.WON, "prevented": Verdict.WON, "lost": Verdict.LOST}
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
    """Sends the SDK's requests, and counts their results."""

    def __init__(self, account: str) -> None:
        super().__init__(timeout=TIMEOUT_S)
        self._account = account

    def request(self, method: str, url: str, headers: Any, post_data: Any = None, **more: Any) -> tuple[Any, int, Any]:
        """Send one request; refused keys and errors of the server count as failed calls, like a missing answer."""
        with measured(self._account) as call:
            answer: tuple[Any, int, Any] = super().request(method, url, headers, post_data, **more)
            call.answered(answer[1])
            return answer


class StripeGateway(Gateway, Pulls):
    """Cards and bank debits by SetupIntents and off-session PaymentIntents; merchants are paid by transfers to connected accounts."""

    def __init__(self, account: Account) -> None:
        self._webhook_secret = account.values["webhook_secret"]
        self._brand = account.brand
        client = stripe.StripeClient(
            account.values["secret_key"],
            base_addresses={"api": account.values["api_base"]},
            max_network_retries=0,
            http_client=_Measured(account.code),
        )
        self._api: Any = client.v1

    def health(self) -> None:
        must(self._api.balance.retrieve)

    # Cards

    def keep_customer(self, payer: Payer) -> str:
        return str(must(lambda: self._keep_customer(payer)))

    def _keep_customer(self, payer: Payer) -> str:
        """Return the person's customer: the one we know, else the one with their reference, else a new one.

        Stripe binds an idempotency key to the values sent with it, so a new customer is made only from values that never change. If Stripe
        has forgotten the key, the search finds the customer, up to a minute late.
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
        session = self._open_page(payer, return_url, currency)
        return Setup(session.id, session.url)

    def _open_page(self, payer: Payer, return_url: str, currency: str, **more: Any) -> Any:
        joint = "&" if "?" in return_url else "?"
        given = {
            "mode": "setup",
            "customer": payer.customer,
            "currency": currency.lower(),
            "locale": payer.language or "auto",
            "success_url": f"{return_url}{joint}setup={{CHECKOUT_SESSION_ID}}&status=succeeded",
            "cancel_url": f"{return_url}{joint}status=canceled",
            **more,
        }
        return must(lambda: self._api.checkout.sessions.create(given))

    def read_card_setup(self, ref: str) -> Setup:
        session = must(lambda: self._api.checkout.sessions.retrieve(ref, {"expand": ["setup_intent.payment_method"]}))
        intent = session.setup_intent
        method = intent.payment_method if intent and intent.status == "succeeded" else None
        return Setup(ref, session.url or "", card_of(session.customer, method) if method else None)

    def start_card_check(self, token: str, *, return_url: str) -> CardCheck:
        customer, _, method = token.partition("/")
        given = {
            "customer": customer,
            "payment_method": method,
            "payment_method_types": ["card"],
            "payment_method_options": {"card": {"request_three_d_secure": "any"}},
            "confirm": True,
            "usage": "off_session",
            "return_url": return_url,
        }
        return check_of(must(lambda: self._api.setup_intents.create(given)))

    def read_card_check(self, ref: str) -> CardCheck:
        return check_of(must(lambda: self._api.setup_intents.retrieve(ref)))

    def add_card(self, payer: Payer, number: str) -> Card:
        def keep() -> Card:
            year = wall().year + 4
            method = self._api.payment_methods.create(
                {"type": "card", "card": {"number": number, "exp_month": 12, "exp_year": year, "cvc": "123"}}
            )
            given = {"customer": payer.customer, "payment_method": method.id, "confirm": True, "usage": "off_session"}
            self._api.setup_intents.create(given)
            return card_of(payer.customer, method)

        return must(keep)  # type: ignore[no-any-return]

    def remove_card(self, token: str) -> None:
        try:
            self._api.payment_methods.detach(token.partition("/")[2])
        except stripe.StripeError as error:
            log.warning("a payment method was not detached: %s", type(error).__name__)

    # Bank accounts

    def start_mandate(self, payer: Payer, *, return_url: str, currency: str) -> MandateSetup:
        session = self._open_page(payer, return_url, currency, payment_method_types=[SCHEMES[currency]])
        return MandateSetup(session.id, session.url)

    def read_mandate(self, ref: str) -> MandateSetup:
        wanted = ["setup_intent.payment_method", "setup_intent.mandate"]
        session = must(lambda: self._api.checkout.sessions.retrieve(ref, {"expand": wanted}))
        intent = session.setup_intent
        done = intent and intent.status == "succeeded"
        return MandateSetup(ref, session.url or "", account_of(session.customer, intent) if done else None)

    def add_account(self, payer: Payer, number: str, *, currency: str) -> BankAccount:
        kind = SCHEMES[currency]

        def keep() -> BankAccount:
            given = {"type": kind, kind: test_account(kind, number), "billing_details": {"name": "Test Person", "email": payer.email}}
            method = self._api.payment_methods.create(given)
            asked = {
                "customer": payer.customer,
                "payment_method": method.id,
                "payment_method_types": [kind],
                "confirm": True,
                "usage": "off_session",
                "mandate_data": {"customer_acceptance": {"type": "offline"}},
                "expand": ["payment_method", "mandate"],
            }
            return account_of(payer.customer, self._api.setup_intents.create(asked))

        return must(keep)  # type: ignore[no-any-return]

    def remove_account(self, token: str) -> None:
        """Detach it, which ends its mandate; one that Stripe does not know or has already detached cannot be debited either."""
        must(lambda: self._detach(token.partition("/")[2]))

    def _detach(self, method: str) -> None:
        try:
            self._api.payment_methods.detach(method)
        except stripe.InvalidRequestError as error:
            if error.param != "payment_method" and error.code != "resource_missing":
                raise

    def pull(self, request: ChargeRequest) -> Outcome:
        given = {**_intent(request), "payment_method_types": [SCHEMES.get(request.currency, "bank_debit")]}
        given.pop("return_url", None)
        if self._names(request.speaker) and len(request.speaker.statement) >= SHORTEST_STATEMENT:
            given["statement_descriptor"] = request.speaker.statement
        return ask(lambda: self._api.payment_intents.create({**given, "off_session": True}, {"idempotency_key": request.key}))

    def find_pull(self, request: ChargeRequest) -> Outcome | None:
        return self._find_intent(request)

    # Holds

    def smallest(self, currency: str) -> int:
        return smallest_on_cards(currency)

    def authorize(self, request: AuthorizationRequest) -> Outcome:
        intent = {**self._card_intent(request), "capture_method": "manual", "setup_future_usage": "off_session"}
        return ask(lambda: self._api.payment_intents.create(intent, {"idempotency_key": request.key}))

    def find_authorization(self, request: AuthorizationRequest) -> Outcome | None:
        return self._find_intent(request, read_hold)

    def release(self, ref: str) -> Outcome:
        outcome = ask(lambda: self._api.payment_intents.cancel(ref))
        # Canceled, lapsed or captured (which releases the rest) earlier: nothing is held any more.
        return Outcome(Status.SUCCEEDED, ref) if outcome.status != Status.UNKNOWN else outcome

    # Charges, refunds, payouts

    def charge(self, request: ChargeRequest) -> Outcome:
        if request.authorization_ref:
            given = {"amount_to_capture": request.amount_minor, "metadata": {"charge": request.key}}
            drawn = ask(lambda: self._api.payment_intents.capture(request.authorization_ref, given, {"idempotency_key": request.key}))
            if drawn.failure not in {"payment_intent_unexpected_state", "amount_too_large"}:
                return drawn
        return ask(lambda: self._api.payment_intents.create(self._card_intent(request), {"idempotency_key": f"{request.key}-new"}))

    def _card_intent(self, request: AuthorizationRequest | ChargeRequest) -> dict[str, Any]:
        """Return the payment of a card; its statement shows the account's own short name, followed by the brand's if that is another."""
        suffix = request.speaker.statement[:LONGEST_SUFFIX].strip() if self._names(request.speaker) else ""
        return {**_intent(request), **({"statement_descriptor_suffix": suffix} if any(map(str.isalpha, suffix)) else {})}

    def _names(self, speaker: Speaker) -> bool:
        """Return whether a statement must name the brand: not for the brand's own account, nor for the first brand, the lender itself."""
        return not self._brand and not speaker.is_first

    def find_charge(self, request: ChargeRequest) -> Outcome | None:
        if request.authorization_ref:
            try:
                intent = self._api.payment_intents.retrieve(request.authorization_ref)
            except stripe.StripeError:
                return UNKNOWN
            if metadata_of(intent).get("charge") == request.key:
                return read_intent(intent)
        return self._find_intent(request)

    def refund(self, request: RefundRequest) -> Outcome:
        given = {"payment_intent": request.charge_ref, "amount": request.amount_minor, "metadata": {"key": request.key}}
        return ask(lambda: self._api.refunds.create(given, {"idempotency_key": request.key}))

    def find_refund(self, request: RefundRequest) -> Outcome | None:
        return find_by_key(lambda: self._api.refunds.list({"payment_intent": request.charge_ref, "limit": PAGE}), request.key)

    def pay_out(self, request: PayoutRequest) -> Outcome:
        given = {
            "amount": request.amount_minor,
            "currency": request.currency.lower(),
            "destination": request.destination,
            "transfer_group": request.reference,
            "metadata": {"key": request.key},
        }
        return ask(lambda: self._api.transfers.create(given, {"idempotency_key": request.key}))

    def find_payout(self, request: PayoutRequest) -> Outcome | None:
        return find_by_key(lambda: self._api.transfers.list({"transfer_group": request.reference, "limit": PAGE}), request.key)

    def _find_intent(self, request: AuthorizationRequest | ChargeRequest, read: Reader | None = None) -> Outcome | None:
        customer = request.token.partition("/")[0]
        return find_by_key(lambda: self._api.payment_intents.list({"customer": customer, "limit": PAGE}), request.key, read)

    # Report and events

    def find_dispute(self, ref: str) -> ReportedDispute | None:
        dispute = must(lambda: self._find_dispute(ref))
        if dispute is None:
            return None
        return ReportedDispute(
            ref=dispute.id,
            key=key_of(dispute.payment_intent) if dispute.payment_intent else "",
            amount_minor=dispute.amount,
            currency=dispute.currency.upper(),
            reason=dispute.reason,
            status=_DISPUTE.get(dispute.status, Verdict.OPEN),
            **money_of(dispute),
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
            report = report_of(intent)
            if report is not None and reference in ("", report.reference):
                disputed = intent.latest_charge and intent.latest_charge.disputed
                yield replace(report, **self._disputed(intent.id, report.currency)) if disputed else report

    def _disputed(self, intent: str, currency: str) -> dict[str, Any]:
        """Return the amount of a payment that is withdrawn for its disputes, and the fees for them, in minor units of its currency."""
        found = must(lambda: self._api.disputes.list({"payment_intent": intent, "limit": PAGE}))
        moneys = [money_of(dispute) for dispute in must(lambda: list(found.auto_paging_iter()))]
        return {
            "withdrawn_minor": sum(money["withdrawn_minor"] for money in moneys),
            "fee_minor": sum(money["fee_minor"] for money in moneys if money["fee_currency"] == currency),
        }

    def report_refunds(self, *, period: Period = ALWAYS) -> Iterator[Reported]:
        return (reported_of(refund) for refund in self._report(self._api.refunds, period))

    def report_payouts(self, *, period: Period = ALWAYS) -> Iterator[Reported]:
        return (reported_of(transfer) for transfer in self._report(self._api.transfers, period))

    def _report(self, things: Any, period: Period, **more: Any) -> Iterator[Any]:
        """Yield a list's objects of a period, read page by page."""
        created = {
            **({"gte": int(period.since.timestamp())} if period.since else {}),
            **({"lt": int(period.until.timestamp())} if period.until else {}),
        }
        asked = {"limit": PAGE, **more, **({"created": created} if created else {})}
        found = iter(must(lambda: things.list(asked)).auto_paging_iter())
        while (thing := must(lambda: next(found, None))) is not None:
            yield thing

    def verify_event(self, headers: Mapping[str, str], body: bytes) -> Notice:
        signature = {name.lower(): value for name, value in headers.items()}.get("stripe-signature", "")
        secret = require_secret(self._webhook_secret)
        try:
            event = stripe.Webhook.construct_event(body, signature, secret)
        except stripe.SignatureVerificationError:
            raise Unauthenticated("The event's signature is not valid.", code="payments.signature_invalid") from None
        except (AttributeError, TypeError, ValueError, RecursionError):
            # The library assumes without a check that it is an object.
            raise Malformed("The event is not JSON.", code="payments.event_unreadable") from None
        try:
            return _notice(event)
        except (AttributeError, KeyError, TypeError):
            raise Malformed("The event has no type or object.", code="payments.event_unreadable") from None

    def report_events(self, *, since: datetime, page: str = "") -> EventPage:
        asked = {"limit": PAGE, "types": list(_EVENTS), "created": {"gte": int(since.timestamp())}}
        found = must(lambda: self._list_events(asked, page))
        events = tuple(ReportedEvent(_notice(event), datetime.fromtimestamp(event.created, UTC)) for event in found.data)
        return EventPage(events, events[-1].notice.event_id if found.has_more else "")

    def _list_events(self, asked: dict[str, Any], page: str) -> Any:
        """Return a page of the events, newest first; Stripe keeps them for 30 days, so the event that names a page may be gone."""
        try:
            return self._api.events.list({**asked, "starting_after": page} if page else asked)
        except stripe.InvalidRequestError as error:
            if not page or error.param != "starting_after":
                raise
            return self._api.events.list(asked)


def _notice(event: Any) -> Notice:
    """Return the contents of an event, whether sent or listed."""
    about, good = _EVENTS.get(event.type, ("other", False))
    thing = event.data.object
    good = good and getattr(thing, "status", "") != "failed"
    key = str(getattr(thing, "customer", None) or "") if about == "setup" else str(key_of(thing))
    return Notice(str(event.id), str(event.type), str(getattr(thing, "id", "")), about, key, good)  # type: ignore[arg-type]


def _intent(request: AuthorizationRequest | ChargeRequest) -> dict[str, Any]:
    """Return a payment that is confirmed at once; if the person is present, the bank may ask them to confirm it."""
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
        return {**intent, "return_url": request.speaker.home or settings.BASE_URL}
    return {**intent, "error_on_requires_action": True} if present else {**intent, "off_session": True}
