"""Stripe's objects and errors, converted to the answers of the contract."""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import stripe
from django.conf import settings

from payments.errors import CardRefused, CustomerGone, GatewayUnavailable
from payments.gateways.base import (
    AUTHENTICATION,
    UNKNOWN,
    BankAccount,
    Card,
    CardCheck,
    CheckState,
    Outcome,
    Reported,
    ReportedCharge,
    Status,
)

log = logging.getLogger("bnpl.gateway")
Reader = Callable[[Any], Outcome]
_INTENT: dict[str, Status] = {
    "succeeded": Status.SUCCEEDED,
    "requires_capture": Status.SUCCEEDED,
    "processing": Status.UNDER_WAY,
    "requires_payment_method": Status.FAILED,
    "requires_confirmation": Status.FAILED,
    "requires_action": Status.FAILED,
    "canceled": Status.FAILED,
}


def must(call: Callable[[], Any]) -> Any:
    """Return the result of a call; CardRefused, CustomerGone, GatewayUnavailable."""
    try:
        return call()
    except stripe.CardError as error:
        raise CardRefused(error.user_message or "Your card was declined.", failure=decline_of(error)) from None
    except stripe.StripeError as error:
        if error.code == "resource_missing" and getattr(error, "param", "") == "customer":
            raise CustomerGone("The card service does not know you any more. Try again in a moment.") from None
        log.warning("no answer: %s", type(error).__name__)
        raise GatewayUnavailable("The card service does not answer. Try again in a moment.") from None


def ask(call: Callable[[], Any]) -> Outcome:
    """Make a call and return its outcome; anything that is neither done nor clearly refused is unknown."""
    try:
        answer = call()
    except stripe.CardError as error:
        intent = getattr(error.error, "payment_intent", None)
        return Outcome(Status.FAILED, str(intent.id) if intent else "", decline_of(error))
    except stripe.InvalidRequestError as error:
        if isinstance(error, stripe.IdempotencyError):
            return UNKNOWN
        missing = error.code == "resource_missing" and error.param in {"customer", "payment_method"}
        return Outcome(Status.FAILED, failure="payment_method_unknown" if missing else (error.code or "invalid_request"))
    except stripe.StripeError as error:
        log.warning("no answer: %s", type(error).__name__)
        return UNKNOWN
    return read_thing(answer)


def find_by_key(pages: Callable[[], Any], key: str, read: Reader | None = None) -> Outcome | None:
    """Return the outcome of the object with our key in its metadata; None if the list has none."""
    try:
        for thing in pages().auto_paging_iter():
            if key in metadata_of(thing).values():
                return (read or read_thing)(thing)
    except stripe.StripeError:
        return UNKNOWN
    return None


def read_thing(thing: Any) -> Outcome:
    """Return the outcome of a payment intent, a refund or a transfer."""
    return read_intent(thing) if thing.object == "payment_intent" else read_other(thing)


def read_hold(intent: Any) -> Outcome:
    """Return the outcome of a hold; later charges from it do not matter."""
    return replace(read_intent(intent), amount_minor=intent.amount)


def read_intent(intent: Any) -> Outcome:
    """Return the outcome of a payment intent; one of a card that is being processed counts as unanswered, since that takes only seconds."""
    status = _INTENT.get(intent.status, Status.UNKNOWN)
    if status == Status.UNDER_WAY and "card" in intent.payment_method_types:
        return replace(UNKNOWN, ref=intent.id)
    if status != Status.FAILED:
        # A hold still has its whole amount; of a charge, the received amount counts.
        moved = intent.amount_received if intent.status == "succeeded" else intent.amount
        return Outcome(status, intent.id, amount_minor=moved, currency=intent.currency.upper())
    if intent.status == "requires_action":
        action = getattr(intent.next_action, "redirect_to_url", None)
        return Outcome(Status.FAILED, intent.id, AUTHENTICATION, action.url if action else "")
    problem = intent.last_payment_error
    failure = (getattr(problem, "decline_code", None) or getattr(problem, "code", None)) if problem else None
    return Outcome(Status.FAILED, intent.id, str(failure or intent.status))


def status_of(thing: Any) -> Status:
    """Return the status of a refund or a transfer; a transfer has none of its own: it is made, or it was reversed."""
    if thing.object == "transfer":
        return Status.FAILED if thing.reversed else Status.SUCCEEDED
    known = {"succeeded": Status.SUCCEEDED, "pending": Status.UNKNOWN, "requires_action": Status.UNKNOWN}
    return known.get(thing.status, Status.FAILED)


def moved_of(thing: Any) -> int:
    """Return the amount of a refund or a transfer, less the reversed part of a transfer."""
    taken_back = thing.amount_reversed if thing.object == "transfer" and not thing.reversed else 0
    return int(thing.amount) - int(taken_back)


def read_other(thing: Any) -> Outcome:
    """Return the outcome of a refund or a transfer."""
    status = status_of(thing)
    said = getattr(thing, "failure_reason", "") or ("reversed" if thing.object == "transfer" else "")
    failure = str(said) if status == Status.FAILED else ""
    return Outcome(status, thing.id, failure, amount_minor=moved_of(thing), currency=thing.currency.upper())


def reported_of(thing: Any) -> Reported:
    """Return a refund or a transfer as a line of a report."""
    return Reported(
        ref=thing.id,
        key=metadata_of(thing).get("key", ""),
        reference=str(getattr(thing, "transfer_group", "") or ""),
        amount_minor=moved_of(thing),
        currency=thing.currency.upper(),
        status=status_of(thing),
        at=datetime.fromtimestamp(thing.created, UTC),
    )


def money_of(dispute: Any) -> dict[str, Any]:
    """Return the amount withdrawn for a dispute and the fee for it, by its balance transactions.

    Balance transactions are in the balance's currency, which may differ from the charge's: the withdrawn amount is therefore the whole
    disputed amount or zero.
    """
    moved = list(getattr(dispute, "balance_transactions", None) or ())
    fees = {one.currency.upper() for one in moved}
    return {
        "withdrawn_minor": dispute.amount if sum(one.amount for one in moved) < 0 else 0,
        "fee_minor": sum(one.fee for one in moved),
        "fee_currency": fees.pop() if len(fees) == 1 else "",
    }


def report_of(intent: Any) -> ReportedCharge | None:
    """Return an intent as a charge; None for a hold from which nothing was charged."""
    metadata, charge = metadata_of(intent), intent.latest_charge
    held = intent.capture_method == "manual"
    if held and intent.status != "succeeded":
        return None
    taken = intent.amount_received if intent.status == "succeeded" else intent.amount
    # Stripe counts the part of a hold that was never captured as refunded.
    refunded = charge.amount_refunded - (charge.amount - charge.amount_captured) if charge and charge.captured else 0
    return ReportedCharge(
        ref=intent.id,
        key=metadata.get("charge" if held else "key", ""),
        reference=metadata.get("reference", ""),
        amount_minor=taken,
        refunded_minor=refunded,
        currency=intent.currency.upper(),
        status=_INTENT.get(intent.status, Status.UNKNOWN),
        at=datetime.fromtimestamp(intent.created, UTC),
    )


def decline_of(error: Any) -> str:
    """Return the decline code of an error, or its own code."""
    return str(getattr(error.error, "decline_code", None) or error.code or "card_declined")


def metadata_of(thing: Any) -> dict[str, str]:
    """Return the metadata of an object; empty where it has none."""
    metadata = getattr(thing, "metadata", None)
    return dict(metadata.to_dict()) if metadata else {}


def key_of(thing: Any) -> str:
    """Return our idempotency key for an object."""
    metadata = metadata_of(thing)
    return metadata.get("charge") or metadata.get("key") or ""


def card_of(customer: Any, method: Any) -> Card:
    """Return a payment method as a card of a customer.

    In a sandbox, cards of Stripe's test mode have no fingerprint: Stripe publishes their numbers, and everybody pays with them.
    """
    owner = customer if isinstance(customer, str) else customer.id
    card, is_everybodys = method.card, settings.SANDBOX and not method.livemode
    named = "" if is_everybodys else card.fingerprint or ""
    return Card(f"{owner}/{method.id}", card.brand, card.last4, card.exp_month, card.exp_year, named)


_CHECK = {"succeeded": CheckState.CONFIRMED, "requires_action": CheckState.OPEN, "processing": CheckState.OPEN}


def check_of(intent: Any) -> CardCheck:
    """Return a setup intent that asks a bank; a bank that did not confirm leaves it without a payment method, and nobody to ask."""
    state = _CHECK.get(intent.status, CheckState.REFUSED)
    action = intent.next_action if state is CheckState.OPEN else None
    page = getattr(action, "redirect_to_url", None)
    return CardCheck(intent.id, state, page.url if page else "")


def account_of(customer: Any, intent: Any) -> BankAccount:
    """Return the bank account of a setup intent that succeeded, with its mandate."""
    method, mandate = intent.payment_method, intent.mandate
    kind = method.type
    details = getattr(method, kind)
    # SEPA names no bank: the country is shown instead, as in the IBAN.
    bank = {"us_bank_account": "bank_name", "sepa_debit": "country", "bacs_debit": "sort_code"}[kind]
    owner = customer if isinstance(customer, str) else customer.id
    reference = getattr(getattr(mandate.payment_method_details, kind, None), "reference", None) or mandate.id
    return BankAccount(f"{owner}/{method.id}", str(getattr(details, bank) or ""), details.last4, reference, kind)


def test_account(kind: str, number: str) -> dict[str, str]:
    """Return Stripe's values for a test account; the bank is Stripe's own test bank."""
    return {
        "us_bank_account": {"account_holder_type": "individual", "account_number": number, "routing_number": "110000000"},
        "sepa_debit": {"iban": number},
        "bacs_debit": {"account_number": number, "sort_code": "108800"},
    }[kind]
