"""Open banking by Plaid's HTTP API of 2020-09-14, by the contract in `docs/gateways/plaid.md`; the sandbox world speaks it too."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.conf import settings

from core.modes import require_sandbox
from core.providers import Account
from core.remote import Remote
from credit.banking.sorting import Movement
from credit.banking.words import Category
from credit.gateways.banks import (
    MOST_PAGES,
    MOST_READ,
    ConsentNeeded,
    NotConnected,
    NotReady,
    Statement,
    TooOften,
    Visit,
    minor_of,
    told_by,
)
from credit.gateways.base import SourceRefused, SourceUnavailable

VERSION = "2020-09-14"
DAYS = 365
PAGE = 500
CODES: dict[str, type[SourceUnavailable]] = {
    "ITEM_LOGIN_REQUIRED": ConsentNeeded,
    "ACCESS_NOT_GRANTED": ConsentNeeded,
    "USER_PERMISSION_REVOKED": ConsentNeeded,
    "ITEM_NOT_FOUND": ConsentNeeded,
    "PRODUCT_NOT_READY": NotReady,
    "RATE_LIMIT_EXCEEDED": TooOften,
}
MOVED = "TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION"
GONE = frozenset({"ITEM_NOT_FOUND", "INVALID_ACCESS_TOKEN"})
TRIES = 3
"""How often all pages are read anew because the movements changed meanwhile."""
BOUNCE = "BANK_FEES_INSUFFICIENT_FUNDS"
COMPLETE = "HISTORICAL_UPDATE_COMPLETE"
TOLD = {
    "INCOME_WAGES": Category.SALARY,
    "INCOME_RETIREMENT_PENSION": Category.BENEFITS,
    "INCOME_UNEMPLOYMENT": Category.BENEFITS,
    "RENT_AND_UTILITIES_RENT": Category.HOUSING,
    "LOAN_PAYMENTS_MORTGAGE_PAYMENT": Category.HOUSING,
    "LOAN_PAYMENTS_CAR_PAYMENT": Category.LENDERS,
    "LOAN_PAYMENTS_PERSONAL_LOAN_PAYMENT": Category.LENDERS,
    "LOAN_PAYMENTS_STUDENT_LOAN_PAYMENT": Category.LENDERS,
    "LOAN_PAYMENTS_OTHER_PAYMENT": Category.LENDERS,
    "TRANSFER_IN_CASH_ADVANCES_AND_LOANS": Category.LENDERS,
    "TRANSFER_IN_ACCOUNT_TRANSFER": Category.TRANSFER,
    "TRANSFER_IN_SAVINGS": Category.TRANSFER,
    "TRANSFER_OUT_ACCOUNT_TRANSFER": Category.TRANSFER,
    "TRANSFER_OUT_SAVINGS": Category.TRANSFER,
    "ENTERTAINMENT_CASINOS_AND_GAMBLING": Category.GAMBLING,
}
"""Plaid's detailed categories that are one of ours; all others, the medical ones and donations too, are dropped as they are read."""
OWN = "depository"


class Plaid:
    """One account with Plaid."""

    def __init__(self, account: Account, remote: Callable[[], Remote]) -> None:
        self.name, self._remote = account.code, remote
        self._shown = account.values.get("shown_name") or "kvart"

    def health(self) -> None:
        """Ask for one institution; SourceUnavailable."""
        self._ask("/institutions/get", {"count": 1, "offset": 0, "country_codes": ["US"]})

    def begin(self, *, person: str, market: str, language: str, back: str, state: str) -> Visit:
        """Begin a visit to Plaid's own page (Hosted Link); SourceUnavailable."""
        body = {
            "client_name": self._shown,
            "user": {"client_user_id": person},
            "products": ["transactions"],
            "optional_products": ["identity"],
            "country_codes": [market],
            "language": language,
            "transactions": {"days_requested": DAYS},
            "account_filters": {OWN: {"account_subtypes": ["checking", "savings"]}},
            "hosted_link": {"completion_redirect_uri": f"{back}?{urlencode({'state': state})}"},
        }
        return told_by(lambda: _visit(self._post("/link/token/create", body)), CODES, "error_code")

    def finish(self, *, handle: str) -> str:
        """Return the access token of what the person connected; NotConnected, SourceUnavailable."""
        sessions = self._ask("/link/token/get", {"link_token": handle}).get("link_sessions") or []
        token = told_by(lambda: _public_token(sessions), CODES, "error_code")
        if not token:
            raise NotConnected("no bank was connected")
        return told_by(
            lambda: _text(self._post("/item/public_token/exchange", {"public_token": token})["access_token"]), CODES, "error_code"
        )

    def read(self, access: str, *, currency: str, since: date) -> Statement:
        """Return the movements of a person's accounts; they are read from the start, since none are kept. SourceUnavailable."""
        answer = self._ask("/accounts/balance/get", {"access_token": access})
        balances = told_by(lambda: _balances(answer["accounts"], currency), CODES, "error_code")
        for _ in range(TRIES):
            try:
                found = self._pages(access)
            except SourceRefused as error:
                if str(error) != MOVED:
                    raise
            else:
                movements = told_by(partial(_movements, found, balances, currency, since), CODES, "error_code")
                return Statement(movements, balances, *self._held(access, balances))
        raise NotReady("the movements change while they are read")

    def _held(self, access: str, balances: Mapping[str, int]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the holders' names and the lasting marks of some accounts; none where the bank or our contract tells none."""
        try:
            answer = self._ask("/identity/get", {"access_token": access})
            return told_by(lambda: _holders(answer["accounts"], balances), CODES, "error_code")
        except SourceUnavailable:
            return (), ()

    def balance(self, access: str, *, currency: str) -> int | None:
        """Return what the fullest of a person's own accounts has to spend, None without one; SourceUnavailable."""
        answer = self._ask("/accounts/balance/get", {"access_token": access})
        return told_by(lambda: max(_balances(answer["accounts"], currency, "available").values(), default=None), CODES, "error_code")

    def end(self, access: str) -> None:
        """Remove the item, after which its access token opens nothing; SourceUnavailable."""
        try:
            self._ask("/item/remove", {"access_token": access})
        except (ConsentNeeded, SourceRefused) as error:
            if str(error) not in GONE:
                raise

    def _pages(self, access: str) -> list[dict[str, Any]]:
        """Return all movements as they are now, by the cursor from page to page."""
        found: dict[str, dict[str, Any]] = {}
        cursor = ""
        for _ in range(MOST_PAGES):
            body = {"access_token": access, "count": PAGE, "options": {"include_original_description": True}} | (
                {"cursor": cursor} if cursor else {}
            )
            page = self._ask("/transactions/sync", body)
            told_by(partial(_take, page, found), CODES, "error_code")
            if not page.get("has_more"):
                if page.get("transactions_update_status", COMPLETE) != COMPLETE:
                    raise NotReady("the bank's movements are still fetched")
                return list(found.values())
            cursor = page.get("next_cursor") or ""
            if not cursor or len(found) > MOST_READ:
                break
        raise SourceUnavailable("more pages than an account has")

    def _ask(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        return told_by(lambda: self._post(path, body), CODES, "error_code")

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        return self._remote().post(path, body)


def of_account(account: Account) -> Plaid:
    """Return the adapter of an account with Plaid."""
    values = account.values
    headers = {"PLAID-CLIENT-ID": values["client_id"], "PLAID-SECRET": values["secret"], "Plaid-Version": VERSION}
    remote = Remote(values["url"], "", account=account.code, headers=headers)
    return Plaid(account, lambda: remote)


def of_sandbox(account: Account) -> Plaid:
    """Return the sandbox world's banks, which speak Plaid's protocol."""
    require_sandbox()
    headers = {"PLAID-CLIENT-ID": "sandbox", "PLAID-SECRET": settings.SANDBOX_KEY, "Plaid-Version": VERSION}
    remote = Remote(f"{settings.SANDBOX_URL}/plaid", "", account=account.code, headers=headers)
    return Plaid(account, lambda: remote)


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError("no text")
    return value


def _visit(answer: dict[str, Any]) -> Visit:
    url = _text(answer["hosted_link_url"])
    if not url.startswith(("https://", "http://")):
        raise ValueError("no address")
    return Visit(url, _text(answer["link_token"]))


def _public_token(sessions: list[dict[str, Any]]) -> str:
    """Return the public token of the newest session in which an item was added; empty if none was."""
    for session in reversed(sessions):
        for result in reversed((session.get("results") or {}).get("item_add_results") or []):
            return _text(result["public_token"])
    return ""


def _balances(accounts: list[dict[str, Any]], currency: str, name: str = "current") -> dict[str, int]:
    """Return the balances of a person's own accounts in a currency: no credit cards and loans.

    With `available`, what can be spent, where the bank says so.
    """
    own = [one for one in accounts if one["type"] == OWN and one["balances"]["iso_currency_code"] == currency]
    return {_text(one["account_id"]): _minor(_told(one["balances"], name), currency) for one in own}


def _holders(accounts: list[dict[str, Any]], balances: Mapping[str, int]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    own = [one for one in accounts if one["account_id"] in balances]
    names = [_text(name) for one in own for owner in one.get("owners") or () for name in owner.get("names") or ()]
    return tuple(names), tuple(_text(one["persistent_account_id"]) for one in own if one.get("persistent_account_id"))


def _told(balances: dict[str, Any], name: str) -> Any:
    value = balances.get(name)
    return balances["current"] if value is None else value


def _take(page: dict[str, Any], found: dict[str, dict[str, Any]]) -> None:
    """Take a page's changes."""
    for one in (*page["added"], *page["modified"]):
        found[_text(one["transaction_id"])] = one
    for one in page["removed"]:
        found.pop(_text(one["transaction_id"]), None)


def _movements(found: list[dict[str, Any]], balances: dict[str, int], currency: str, since: date) -> tuple[Movement, ...]:
    chosen = (one for one in found if one["account_id"] in balances and not one["pending"] and one["iso_currency_code"] == currency)
    movements = (_movement(one, currency) for one in chosen)
    return tuple(one for one in movements if one.on >= since)


def _movement(one: dict[str, Any], currency: str) -> Movement:
    """Return a movement; Plaid's amounts are above zero for money that went out."""
    category = one.get("personal_finance_category") or {}
    return Movement(
        account=one["account_id"],
        on=date.fromisoformat(one["date"]),
        minor=-_minor(one["amount"], currency),
        text=str(one.get("original_description") or one.get("name") or ""),
        other=str(one.get("merchant_name") or ""),
        told=TOLD.get(str(category.get("detailed"))),
        is_bounce=category.get("detailed") == BOUNCE,
    )


def _minor(value: Any, currency: str) -> int:
    if type(value) not in {int, float}:
        raise TypeError("no amount")
    return minor_of(Decimal(str(value)), currency)
