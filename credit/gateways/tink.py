"""Open banking by Tink's HTTP API (OAuth v1, data v2), by the contract in `docs/gateways/tink.md`."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from core.providers import Account
from core.remote import Remote
from credit.banking.sorting import Movement
from credit.banking.words import Category
from credit.gateways.banks import MOST_READ, ConsentNeeded, NotConnected, Statement, Visit, minor_of, told_by
from credit.gateways.base import SourceUnavailable

PAGE = 100
TINK_LINK = "df05e4b379934cd09963197cc855bfe9"
"""The client id of Tink Link itself, which gets a person's grant; the same for every customer of Tink."""
LINK_SCOPES = "authorization:read,authorization:grant,credentials:refresh,credentials:read,credentials:write,providers:read,user:read"
READ_SCOPES = "accounts:read,balances:read,transactions:read,credentials:read,identity:read"
LOCALES = {"en": "en_US", "da": "da_DK", "sv": "sv_SE", "de": "de_DE"}
OWN = frozenset({"CHECKING", "SAVINGS"})
ENDED = frozenset({"AUTHENTICATION_ERROR", "SESSION_EXPIRED"})
GONE = 404
TOLD = {
    "income:salary": Category.SALARY,
    "income:pension": Category.BENEFITS,
    "income:benefits": Category.BENEFITS,
    "expenses:home.rent": Category.HOUSING,
    "expenses:home.mortgage": Category.HOUSING,
    "transfers:": Category.TRANSFER,
}
"""The beginnings of Tink's categories that are one of ours; all others are dropped as they are read."""


class Tink:
    """One account with Tink. What opens a person's accounts is their user with Tink, by our mark, and this account's own secret."""

    def __init__(self, account: Account, remote: Callable[[], Remote]) -> None:
        self.name, self._remote = account.code, remote
        self._values = account.values

    def health(self) -> None:
        """Ask for a token that opens nothing of a person; SourceUnavailable."""
        self._told(lambda: self._client_token("authorization:grant"))

    def begin(self, *, person: str, market: str, language: str, back: str, state: str) -> Visit:
        """Make a user with Tink, and return the address of Tink Link for it; SourceUnavailable."""
        locale = LOCALES.get(language, LOCALES["en"])
        code = self._told(lambda: self._granted_link(person, market, locale))
        query = {
            "client_id": self._values["client_id"],
            "redirect_uri": back,
            "state": state,
            "authorization_code": code,
            "market": market,
            "locale": locale,
        }
        return Visit(f"{self._values['link_url'].rstrip('/')}/1.0/transactions/connect-accounts?{urlencode(query)}", person)

    def finish(self, *, handle: str) -> str:
        """Return the mark of the user, once one of their banks is connected; NotConnected, SourceUnavailable."""
        token = self._told(lambda: self._user_token(handle, READ_SCOPES))
        found = self._told(lambda: self._get("/api/v1/credentials/list", token)["credentials"])
        if not found:
            raise NotConnected("no bank was connected")
        return handle

    def read(self, access: str, *, currency: str, since: date) -> Statement:
        """Return the movements of a person's accounts; SourceUnavailable."""
        token = self._opened(access)
        accounts = self._told(lambda: list(self._pages("/data/v2/accounts", "accounts", token, {})))
        balances = self._told(lambda: _balances(iter(accounts), currency))
        query = {"bookedDateGte": since.isoformat(), "statusIn": "BOOKED"}
        movements = self._told(lambda: _movements(self._pages("/data/v2/transactions", "transactions", token, query), balances, currency))
        return Statement(movements, balances, self._holders(token), self._told(lambda: _marks(accounts, balances)))

    def _holders(self, token: str) -> tuple[str, ...]:
        """Return the names that the person's banks know them by; none where a bank or our contract tells none."""
        try:
            found = self._told(lambda: self._get("/data/v2/identities", token)["identities"])
            return tuple(self._told(lambda: [_text(one["name"]) for one in found if one.get("name")]))
        except SourceUnavailable:
            return ()

    def balance(self, access: str, *, currency: str) -> int | None:
        """Return what the fullest of a person's own accounts has, None without one; SourceUnavailable."""
        token = self._opened(access)
        found = self._told(lambda: _balances(self._pages("/data/v2/accounts", "accounts", token, {}), currency))
        return max(found.values(), default=None)

    def end(self, access: str) -> None:
        """Delete the user with Tink, and with it every consent and all that Tink fetched; SourceUnavailable."""
        try:
            token = self._told(lambda: self._user_token(access, "user:delete"))
        except ConsentNeeded:
            return
        self._told(lambda: self._remote().send("POST", "/api/v1/user/delete", headers=_bearer(token)))

    def _opened(self, access: str) -> str:
        """Return a token for a user's accounts; ConsentNeeded where no bank of theirs shows anything new."""
        token: str = self._told(lambda: self._user_token(access, READ_SCOPES))
        known = self._told(lambda: self._get("/api/v1/credentials/list", token)["credentials"])
        if not known or self._told(lambda: all(one["status"] in ENDED for one in known)):
            raise ConsentNeeded("the bank asks for consent again")
        return token

    def _told(self, call: Callable[[], Any]) -> Any:
        return told_by(call, {}, "errorCode")

    def _granted_link(self, person: str, market: str, locale: str) -> str:
        """Make a user, also where a try before has made it, and return the code with which Tink Link may act for it."""
        token = self._client_token("user:create,authorization:grant")
        body = {"external_user_id": person, "market": market, "locale": locale}
        self._remote().send("POST", "/api/v1/user/create", body=body, headers=_bearer(token), accept=(409,))
        form = {"external_user_id": person, "id_hint": person, "actor_client_id": TINK_LINK, "scope": LINK_SCOPES, "response_type": "code"}
        return _text(
            self._remote().send("POST", "/api/v1/oauth/authorization-grant/delegate", form=form, headers=_bearer(token))[1]["code"]
        )

    def _client_token(self, scope: str) -> str:
        return self._token({"grant_type": "client_credentials", "scope": scope})

    def _user_token(self, person: str, scope: str) -> str:
        """Return a token for a user's data, by a grant that our own secret allows."""
        form = {"external_user_id": person, "scope": scope}
        token = self._client_token("authorization:grant")
        path = "/api/v1/oauth/authorization-grant"
        status, answer = self._remote().send("POST", path, form=form, headers=_bearer(token), accept=(GONE,))
        if status == GONE:
            raise ConsentNeeded("there is no such user any more")
        return self._token({"grant_type": "authorization_code", "code": _text(answer["code"])})

    def _token(self, form: dict[str, str]) -> str:
        keys = {"client_id": self._values["client_id"], "client_secret": self._values["secret"]}
        return _text(self._remote().send("POST", "/api/v1/oauth/token", form=keys | form)[1]["access_token"])

    def _get(self, path: str, token: str, query: dict[str, Any] | None = None) -> dict[str, Any]:
        return self._remote().send("GET", path, params=query, headers=_bearer(token))[1]

    def _pages(self, path: str, name: str, token: str, query: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Yield the objects of all pages."""
        page, count = "", 0
        for _ in range(MOST_READ // PAGE):
            answer = self._get(path, token, query | {"pageSize": PAGE} | ({"pageToken": page} if page else {}))
            yield from answer[name]
            count += len(answer[name])
            page = answer.get("nextPageToken") or ""
            if not page:
                return
        raise ValueError("more pages than an account has")


def of_account(account: Account) -> Tink:
    """Return the adapter of an account with Tink."""
    remote = Remote(account.values["url"], "", account=account.code, headers={"Accept": "application/json"})
    return Tink(account, lambda: remote)


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError("no text")
    return value


def _balances(accounts: Iterator[dict[str, Any]], currency: str) -> dict[str, int]:
    """Return the booked balances of a person's own accounts in a currency."""
    own = [one for one in accounts if one["type"] in OWN and one["balances"]["booked"]["amount"]["currencyCode"] == currency]
    return {_text(one["id"]): _minor(one["balances"]["booked"]["amount"], currency) for one in own}


def _marks(accounts: Sequence[dict[str, Any]], balances: Mapping[str, int]) -> tuple[str, ...]:
    """Return the IBAN, or the bank's number, of some accounts."""
    told = (one.get("identifiers") or {} for one in accounts if one["id"] in balances)
    numbers = ((one.get("iban") or {}).get("iban") or (one.get("financialInstitution") or {}).get("accountNumber") for one in told)
    return tuple(_text(number) for number in numbers if number)


def _movements(found: Iterator[dict[str, Any]], balances: dict[str, int], currency: str) -> tuple[Movement, ...]:
    booked = (one for one in found if one["accountId"] in balances and one["status"] == "BOOKED")
    return tuple(_movement(one, currency) for one in booked if one["amount"]["currencyCode"] == currency)


def _movement(one: dict[str, Any], currency: str) -> Movement:
    minor = _minor(one["amount"], currency)
    sides, told = one.get("counterparties") or {}, str(((one.get("categories") or {}).get("pfm") or {}).get("id") or "")
    other = sides.get("payer" if minor > 0 else "payee") or {}
    return Movement(
        account=one["accountId"],
        on=date.fromisoformat(one["dates"]["booked"]),
        minor=minor,
        text=str(one["descriptions"].get("original") or one["descriptions"].get("display") or ""),
        other=str(other.get("name") or ""),
        told=next((category for begin, category in TOLD.items() if told.startswith(begin)), None),
        merchant_code=str((one.get("merchantInformation") or {}).get("merchantCategoryCode") or ""),
    )


def _minor(amount: dict[str, Any], currency: str) -> int:
    """Return Tink's amount, a whole number and how many of its digits are decimals, in minor units."""
    return minor_of(Decimal(int(amount["value"]["unscaledValue"])).scaleb(-int(amount["value"]["scale"])), currency)
