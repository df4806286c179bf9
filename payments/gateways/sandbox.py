"""The sandbox world's gateway for cards and debits, over HTTP with kept-alive connections. `sandbox/README.md` describes its protocol."""

import logging
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, NoReturn
from urllib.parse import urlencode

import requests
from django.conf import settings
from requests.adapters import HTTPAdapter
from standardwebhooks import Webhook, WebhookVerificationError

from core.errors import Invalid, Malformed, Unauthenticated
from core.provider_calls import measured
from core.providers import Account
from payments.errors import CardRefused, GatewayUnavailable
from payments.gateways.base import (
    ALWAYS,
    AUTHENTICATION,
    TOO_SMALL,
    UNKNOWN,
    AuthorizationRequest,
    BankAccount,
    Card,
    CardCheck,
    ChargeRequest,
    CheckState,
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
    Status,
    Verdict,
    require_secret,
)
from payments.gateways.minimums import smallest_on_cards

log = logging.getLogger("bnpl.gateway")
CONNECT_S, READ_S, LOOK_UP_S = 3.0, 10.0, 5.0
REPORT_PAGE = 1000
_STATUS: dict[str, Status] = {
    "held": Status.SUCCEEDED,
    "captured": Status.SUCCEEDED,
    "released": Status.SUCCEEDED,
    "lapsed": Status.SUCCEEDED,
    "succeeded": Status.SUCCEEDED,
    "paid": Status.SUCCEEDED,
    "pending": Status.UNDER_WAY,
    "failed": Status.FAILED,
    "requires_action": Status.FAILED,
}
_ABOUT = ("charge", "refund", "payout")
_VERDICT = {"won": Verdict.WON, "lost": Verdict.LOST}
_GOOD = {"succeeded", "paid"}


class SandboxGateway(Gateway, Pulls):
    """The gateway of the sandbox world."""

    refunds_elsewhere = True

    def __init__(self, account: Account) -> None:
        self._account = account.code
        self._base = f"{settings.SANDBOX_URL}/gateway/v1"
        self._session = requests.Session()
        # Otherwise requests would read the environment's proxies and .netrc at every call.
        self._session.trust_env = False
        # The threads of one worker may do several runs at once.
        size = settings.CALLS_IN_FLIGHT * 4
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, HTTPAdapter(pool_connections=4, pool_maxsize=size, max_retries=0))
        self._session.headers["Authorization"] = f"Bearer {settings.SANDBOX_KEY}"

    def health(self) -> None:
        self._must("GET", "/charges?limit=1")

    # Cards

    def keep_customer(self, payer: Payer) -> str:
        return ""

    def start_card_setup(self, payer: Payer, *, return_url: str, currency: str) -> Setup:
        return _setup(self._open_page("card", payer, return_url, currency))

    def _open_page(self, kind: str, payer: Payer, return_url: str, currency: str) -> dict[str, Any]:
        body = {
            "kind": kind,
            "customer_email": payer.email,
            "customer_reference": payer.reference,
            "return_url": return_url,
            "currency": currency,
            "merchant_name": payer.brand,
            "locale": payer.language,
        }
        return self._must("POST", "/setups", body)

    def read_card_setup(self, ref: str) -> Setup:
        return _setup(self._must("GET", f"/setups/{ref}"))

    def start_card_check(self, token: str, *, return_url: str) -> CardCheck:
        return _check(self._must("POST", "/card_checks", {"payment_method": token, "return_url": return_url}))

    def read_card_check(self, ref: str) -> CardCheck:
        return _check(self._must("GET", f"/setups/{ref}"))

    def add_card(self, payer: Payer, number: str) -> Card:
        body = {"number": number, "customer_email": payer.email, "customer_reference": payer.reference}
        return _card(self._must("POST", "/payment_methods", body))

    def remove_card(self, token: str) -> None:
        self._send("DELETE", f"/payment_methods/{token}")

    # Bank accounts

    def start_mandate(self, payer: Payer, *, return_url: str, currency: str) -> MandateSetup:
        return _mandate(self._open_page("account", payer, return_url, currency))

    def read_mandate(self, ref: str) -> MandateSetup:
        return _mandate(self._must("GET", f"/setups/{ref}"))

    def add_account(self, payer: Payer, number: str, *, currency: str) -> BankAccount:
        body = {"number": number, "currency": currency, "customer_email": payer.email, "customer_reference": payer.reference}
        return _account(self._must("POST", "/bank_accounts", body))

    def remove_account(self, token: str) -> None:
        status, answer = self._send("DELETE", f"/bank_accounts/{token}")
        if status not in (200, 404):
            _refuse(status, answer)

    def pull(self, request: ChargeRequest) -> Outcome:
        return self.charge(request)

    def find_pull(self, request: ChargeRequest) -> Outcome | None:
        return self.find_charge(request)

    # Holds

    def smallest(self, currency: str) -> int:
        return smallest_on_cards(currency)

    def authorize(self, request: AuthorizationRequest) -> Outcome:
        body = {
            "amount": request.amount_minor,
            "currency": request.currency,
            "payment_method": request.token,
            "reference": request.reference,
            "description": request.speaker.statement,
        }
        return self._ask("/authorizations", request.key, body)

    def find_authorization(self, request: AuthorizationRequest) -> Outcome | None:
        return self._find("/authorizations", request.key)

    def release(self, ref: str) -> Outcome:
        status, body = self._send("POST", f"/authorizations/{ref}/release")
        if status == 200 or (status == 409 and _code(body) == "authorization_captured"):
            return Outcome(Status.SUCCEEDED, ref)
        return _unanswered(status, body)

    # Charges, refunds, payouts

    def charge(self, request: ChargeRequest) -> Outcome:
        body = {
            "amount": request.amount_minor,
            "currency": request.currency,
            "payment_method": request.token,
            "reference": request.reference,
            "description": request.speaker.statement,
        }
        if request.authorization_ref:
            status, answer = self._send("POST", "/charges", {**body, "authorization": request.authorization_ref}, key=request.key)
            if not (status == 409 and _code(answer).startswith("authorization_")):
                return _outcome(status, answer)
        return self._ask("/charges", request.key, body)

    def find_charge(self, request: ChargeRequest) -> Outcome | None:
        return self._find("/charges", request.key)

    def refund(self, request: RefundRequest) -> Outcome:
        body = {"charge": request.charge_ref, "amount": request.amount_minor, "reference": request.reference}
        if request.token:
            body["payment_method"] = request.token
        return self._ask("/refunds", request.key, body)

    def find_refund(self, request: RefundRequest) -> Outcome | None:
        return self._find("/refunds", request.key)

    def pay_out(self, request: PayoutRequest) -> Outcome:
        body = {
            "amount": request.amount_minor,
            "currency": request.currency,
            "destination": request.destination,
            "reference": request.reference,
        }
        return self._ask("/payouts", request.key, body)

    def find_payout(self, request: PayoutRequest) -> Outcome | None:
        return self._find("/payouts", request.key)

    # Report and events

    def find_dispute(self, ref: str) -> ReportedDispute | None:
        status, row = self._send("GET", f"/disputes/{ref}")
        if status == 404:
            return None
        if status != 200:
            _refuse(status, row)
        charge = self._must("GET", f"/charges/{row['charge']}")
        return ReportedDispute(
            ref=row["id"],
            key=charge["idempotency_key"],
            amount_minor=row["amount"],
            currency=row["currency"],
            reason=row["reason"],
            status=_VERDICT.get(row["status"], Verdict.OPEN),
            withdrawn_minor=row["withdrawn"],
            fee_minor=row["fee"],
        )

    def report_charges(self, *, reference: str = "", period: Period = ALWAYS) -> Iterator[ReportedCharge]:
        for row in self._report("/charges", period, reference=reference):
            yield ReportedCharge(**_reported(row), refunded_minor=row["refunded"], withdrawn_minor=row["withdrawn"], fee_minor=row["fee"])

    def report_refunds(self, *, period: Period = ALWAYS) -> Iterator[Reported]:
        return (Reported(**_reported(row)) for row in self._report("/refunds", period))

    def report_payouts(self, *, period: Period = ALWAYS) -> Iterator[Reported]:
        return (Reported(**_reported(row)) for row in self._report("/payouts", period))

    def _report(self, path: str, period: Period, **filters: str) -> Iterator[dict[str, Any]]:
        asked = {
            **{name: value for name, value in filters.items() if value},
            **({"since": period.since.isoformat()} if period.since else {}),
            **({"until": period.until.isoformat()} if period.until else {}),
            "limit": str(REPORT_PAGE),
        }
        cursor: str | None = ""
        while cursor is not None:
            page = self._must("GET", f"{path}?{urlencode({**asked, 'cursor': cursor})}")
            yield from page["data"]
            cursor = page["next_cursor"]

    def verify_event(self, headers: Mapping[str, str], body: bytes) -> Notice:
        secret = require_secret(settings.SANDBOX_EVENTS_SECRET)
        try:
            event = Webhook(secret).verify(body.decode(), {name.lower(): value for name, value in headers.items()})
        except WebhookVerificationError:
            raise Unauthenticated("The event's signature is not valid.", code="payments.signature_invalid") from None
        except (ValueError, RecursionError):
            raise Malformed("The event is not JSON.", code="payments.event_unreadable") from None
        try:
            return _notice({name.lower(): value for name, value in headers.items()}["webhook-id"], event)
        except (AttributeError, KeyError, TypeError):
            raise Malformed("The event has no type or object.", code="payments.event_unreadable") from None

    def report_events(self, *, since: datetime, page: str = "") -> EventPage:
        asked = {"stream": "gateway", "since": since.isoformat(), "limit": str(REPORT_PAGE), "cursor": page}
        found = self._must("GET", f"/events?{urlencode(asked)}")
        events = (ReportedEvent(_notice(row["id"], row), datetime.fromisoformat(row["timestamp"])) for row in found["data"])
        return EventPage(tuple(events), found["next_cursor"] or "")

    # The wire

    def _send(self, method: str, path: str, body: dict[str, Any] | None = None, *, key: str = "") -> tuple[int, dict[str, Any]]:
        """Send one request; status 0 if there was no answer or an unreadable one."""
        headers = {"Idempotency-Key": key} if key else None
        timeout = (CONNECT_S, LOOK_UP_S if method == "GET" else READ_S)
        try:
            with measured(self._account) as call:
                answer = self._session.request(method, self._base + path, json=body, headers=headers, timeout=timeout)
                call.answered(answer.status_code)
                if answer.status_code >= 500:
                    answer.raise_for_status()
                return answer.status_code, answer.json()
        except (requests.RequestException, ValueError) as error:
            log.warning("no answer: %s %s: %s", method, path.partition("?")[0], type(error).__name__)
            return 0, {}

    def _ask(self, path: str, key: str, body: dict[str, Any]) -> Outcome:
        return _outcome(*self._send("POST", path, body, key=key))

    def _find(self, path: str, key: str) -> Outcome | None:
        status, body = self._send("GET", f"{path}?idempotency_key={key}")
        if status != 200:
            return UNKNOWN
        return _read(body["data"][0]) if body["data"] else None

    def _must(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        status, answer = self._send(method, path, body)
        if status not in (200, 201):
            _refuse(status, answer)
        return answer


def _notice(event_id: str, event: dict[str, Any]) -> Notice:
    """Return the contents of an event, whether sent or listed."""
    kind, data = str(event["type"]), event["data"]
    about, _, what = kind.partition(".")
    if about == "dispute":
        return Notice(event_id=event_id, kind=kind, reference=str(data["id"]), about="dispute")
    if about == "setup":
        declined = str(data.get("decline", ""))
        return Notice(event_id, kind, reference=str(data["id"]), about="setup", good=what != "failed", declined=declined)
    known = about in _ABOUT
    return Notice(
        event_id=event_id,
        kind=kind,
        reference=str(data["id"]),
        about=about if known else "other",  # type: ignore[arg-type]
        key=str(data["idempotency_key"]) if known else "",
        good=what in _GOOD,
    )


def _refuse(status: int, answer: dict[str, Any]) -> NoReturn:
    error = answer.get("error", {})
    message = str(error.get("message", "Your card was declined."))
    if status == 402:
        raise CardRefused(message, failure=str(error.get("decline_code") or error.get("code")))
    if status == 400:
        raise Invalid(message, code="payments.card_invalid", fields={str(error.get("field", "card")): message})
    raise GatewayUnavailable("The card service does not answer. Try again in a moment.")


def _code(body: dict[str, Any]) -> str:
    error = body.get("error")
    return str(error.get("code", "")) if isinstance(error, dict) else ""


def _outcome(status: int, body: dict[str, Any]) -> Outcome:
    """Return the meaning of an answer: 201 done, 402 refused, 400 impossible, 409 for an impossible refund; otherwise unknown."""
    if status in (201, 402) and "id" in body:
        return _read(body)
    error = body.get("error")
    if status == 400 and isinstance(error, dict):
        field = {"payment_method": "payment_method_unknown"}.get(str(error.get("field")), "invalid_request")
        return Outcome(Status.FAILED, failure=TOO_SMALL if _code(body) == TOO_SMALL else field)
    if status == 409 and _code(body) in {"refund_exceeds_charge", "charge_not_refundable"}:
        return Outcome(Status.FAILED, failure=_code(body))
    return _unanswered(status, body)


def _unanswered(status: int, body: dict[str, Any]) -> Outcome:
    if 400 <= status < 500:
        log.error("the gateway cannot take our request: %s %s", status, _code(body))
    return UNKNOWN


def _read(row: dict[str, Any]) -> Outcome:
    failure = row.get("failure") or {}
    code = str(failure.get("decline_code") or failure.get("code") or "")
    if row["status"] == "requires_action":
        return Outcome(Status.FAILED, row["id"], AUTHENTICATION, str(row.get("action_url") or ""))
    amount = row.get("amount")
    return Outcome(
        _STATUS.get(row["status"], Status.UNKNOWN),
        row["id"],
        code,
        amount_minor=amount if type(amount) is int else None,
        currency=str(row.get("currency") or ""),
        fee_minor=row.get("fee") or 0,
    )


def _reported(row: dict[str, Any]) -> dict[str, Any]:
    """Return the fields that all lines of a report share."""
    return {
        "ref": row["id"],
        "key": row["idempotency_key"],
        "reference": row["reference"],
        "amount_minor": row["amount"],
        "currency": row["currency"],
        "status": _STATUS[row["status"]],
        "at": datetime.fromisoformat(row["at"]),
    }


def _card(row: dict[str, Any]) -> Card:
    return Card(row["token"], row["brand"], row["last4"], row["exp_month"], row["exp_year"], row["fingerprint"] or "")


def _setup(row: dict[str, Any]) -> Setup:
    card = _card(row["payment_method"]) if row["status"] == "succeeded" else None
    return Setup(row["id"], row["url"], card, tuple(row["declines"]))


def _check(row: dict[str, Any]) -> CardCheck:
    state = {"succeeded": CheckState.CONFIRMED, "canceled": CheckState.REFUSED}.get(row["status"], CheckState.OPEN)
    return CardCheck(row["id"], state, row["url"] if state is CheckState.OPEN else "")


def _account(row: dict[str, Any]) -> BankAccount:
    return BankAccount(row["token"], row["bank"], row["last4"], row["mandate"], row["scheme"])


def _mandate(row: dict[str, Any]) -> MandateSetup:
    return MandateSetup(row["id"], row["url"], _account(row["bank_account"]) if row["status"] == "succeeded" else None)


def follow_clock(*, offset: timedelta) -> None:
    """Tell the sandbox world how far the product's clock is ahead of the wall's."""
    answer = requests.post(
        f"{settings.SANDBOX_URL}/control/clock",
        json={"offset_seconds": int(offset.total_seconds())},
        headers={"Authorization": f"Bearer {settings.SANDBOX_KEY}"},
        timeout=(CONNECT_S, READ_S),
    )
    answer.raise_for_status()
