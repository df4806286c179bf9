"""One bank behind two providers of open banking, over real HTTP: it speaks Plaid's protocol and Tink's, and can be told to misbehave."""

import json
import threading
from collections.abc import Callable
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

PLAID_SECRET, TINK_SECRET = "plaid-secret", "tink-secret"
Line = tuple[date, int, str]


def a_life(until: date) -> list[Line]:
    """Half a year of salary, rent and one gambling evening, in minor units, the oldest first."""
    days = [until - timedelta(days=back) for back in range(200, 0, -1)]
    found = [(day, 300_000, "GLOBEX LTD SALARY") for day in days if day.day == 25]
    found += [(day, -90_000, "RENT") for day in days if day.day == 2]
    return sorted([*found, (days[-3], -4_050, "BET365")])


class Bank(ThreadingHTTPServer):
    """The server: `lines` are what it tells of every account, `answers` replace the next answers of a path, `asked` keeps each request."""

    daemon_threads = True

    def __init__(self, until: date) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.lines, self.balance, self.agrees, self.currency = a_life(until), 123_456, True, "GBP"
        self.answers: dict[str, list[tuple[int, Any]]] = {}
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.open: set[str] = set()
        self.page = 5
        threading.Thread(target=self.serve_forever, args=[0.02], daemon=True).start()

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def close(self) -> None:
        """Stop."""
        self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: Bank

    def do_GET(self) -> None:
        self._handle({name: values[-1] for name, values in parse_qs(urlsplit(self.path).query).items()})

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers["Content-Length"] or 0)).decode()
        is_json = "json" in (self.headers["Content-Type"] or "")
        self._handle(json.loads(raw) if is_json else {name: values[-1] for name, values in parse_qs(raw).items()})

    def _handle(self, body: dict[str, Any]) -> None:
        path = urlsplit(self.path).path
        self.server.asked.append((path, body))
        waiting = self.server.answers.get(path)
        if waiting:
            self._send(*waiting.pop(0))
        elif path in TINK:
            self._send(*self._tink(path, body))
        else:
            self._send(*self._plaid(path, body))

    def _plaid(self, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        if (self.headers["PLAID-CLIENT-ID"], self.headers["PLAID-SECRET"], self.headers["Plaid-Version"]) != (
            "me",
            PLAID_SECRET,
            "2020-09-14",
        ):
            return plaid_error("INVALID_API_KEYS")
        token = body.get("access_token")
        if token is not None and token not in self.server.open:
            return plaid_error("ITEM_NOT_FOUND")
        return PLAID[path](self.server, body)

    def _tink(self, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        token = (self.headers["Authorization"] or "").removeprefix("Bearer ")
        return TINK[path](self.server, body, token)

    def _send(self, status: int, body: Any) -> None:
        text = b"" if status == 204 else body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: Any) -> None:
        """Log nothing."""


def plaid_error(code: str, status: int = 400) -> tuple[int, dict[str, Any]]:
    """Return an error in Plaid's form."""
    return status, {"error_type": "ITEM_ERROR", "error_code": code, "error_message": "no", "request_id": "r"}


def _link(bank: Bank, body: dict[str, Any]) -> tuple[int, Any]:
    assert (bool(body["hosted_link"]["completion_redirect_uri"] and body["user"]["client_user_id"]), body["products"]) == (
        True,
        ["transactions"],
    )
    return 200, {"link_token": "link-1", "hosted_link_url": "https://secure.plaid.example/hl/1", "request_id": "r"}


def _linked(bank: Bank, body: dict[str, Any]) -> tuple[int, Any]:
    added = [{"public_token": "public-1"}] if bank.agrees else []
    return 200, {"link_token": body["link_token"], "link_sessions": [{"results": {"item_add_results": added} if added else None}]}


def _exchange(bank: Bank, body: dict[str, Any]) -> tuple[int, Any]:
    if body["public_token"] != "public-1":
        return plaid_error("INVALID_PUBLIC_TOKEN")
    bank.open.add("access-1")
    return 200, {"access_token": "access-1", "item_id": "item-1"}


def _plaid_accounts(bank: Bank, body: dict[str, Any]) -> tuple[int, Any]:
    def account(name: str, kind: str, currency: str) -> dict[str, Any]:
        return {"account_id": name, "type": kind, "balances": {"current": bank.balance / 100, "iso_currency_code": currency}}

    return 200, {
        "accounts": [account("a", "depository", bank.currency), account("b", "credit", bank.currency), account("c", "depository", "JPY")]
    }


def plaid_line(number: int, line: Line, currency: str = "GBP", account: str = "a", **more: Any) -> dict[str, Any]:
    """Return a movement in Plaid's form."""
    day, minor, text = line
    told = {"name": text, "original_description": text, "pending": False, "merchant_name": None, "iso_currency_code": currency}
    return {"transaction_id": f"t{number}", "account_id": account, "date": day.isoformat(), "amount": -minor / 100, **told, **more}


def _sync(bank: Bank, body: dict[str, Any]) -> tuple[int, Any]:
    after = int(body.get("cursor") or 0)
    chosen = bank.lines[after : after + bank.page]
    more = after + len(chosen) < len(bank.lines)
    told = {"modified": [], "removed": [], "has_more": more, "next_cursor": str(after + len(chosen))}
    return 200, {
        "added": [plaid_line(after + n, one) for n, one in enumerate(chosen)],
        "transactions_update_status": "HISTORICAL_UPDATE_COMPLETE",
    } | told


def _remove(bank: Bank, body: dict[str, Any]) -> tuple[int, Any]:
    bank.open.discard(body["access_token"])
    return 200, {"request_id": "r"}


PLAID: dict[str, Callable[[Bank, dict[str, Any]], tuple[int, Any]]] = {
    "/link/token/create": _link,
    "/link/token/get": _linked,
    "/item/public_token/exchange": _exchange,
    "/item/remove": _remove,
    "/accounts/balance/get": _plaid_accounts,
    "/transactions/sync": _sync,
    "/institutions/get": lambda _bank, _body: (200, {"institutions": [], "total": 0}),
}


def _token(bank: Bank, body: dict[str, Any], _token: str) -> tuple[int, Any]:
    if (body["client_id"], body["client_secret"]) != ("me", TINK_SECRET):
        return 401, {"errorCode": "oauth.invalid_client"}
    if body["grant_type"] == "client_credentials":
        return 200, {"access_token": f"client:{body['scope']}", "expires_in": 1800}
    return 200, {"access_token": body["code"].replace("code:", "user:"), "expires_in": 7200}


def _create(bank: Bank, body: dict[str, Any], token: str) -> tuple[int, Any]:
    assert token.startswith("client:user:create")
    if body["external_user_id"] in bank.open:
        return 409, {"errorCode": "user.already_exists"}
    bank.open.add(body["external_user_id"])
    return 200, {"user_id": "u1", "external_user_id": body["external_user_id"]}


def _grant(bank: Bank, body: dict[str, Any], token: str) -> tuple[int, Any]:
    assert token.startswith("client:")
    assert "authorization:grant" in token
    if body["external_user_id"] not in bank.open:
        return 404, {"errorCode": "oauth.user_not_found"}
    return 200, {"code": f"code:{body['external_user_id']}"}


def _credentials(bank: Bank, _body: dict[str, Any], token: str) -> tuple[int, Any]:
    assert token.startswith("user:")
    return 200, {"credentials": [{"id": "c1", "status": "UPDATED"}] if bank.agrees else []}


def tink_amount(minor: int, currency: str = "GBP") -> dict[str, Any]:
    """Return an amount in Tink's form."""
    return {"value": {"unscaledValue": str(minor), "scale": "2"}, "currencyCode": currency}


def _tink_accounts(bank: Bank, body: dict[str, Any], token: str) -> tuple[int, Any]:
    assert token.startswith("user:")
    kinds = [("a", "CHECKING", bank.currency), ("b", "CREDIT_CARD", bank.currency), ("c", "SAVINGS", "JPY")]
    told = [{"id": name, "type": kind, "balances": {"booked": {"amount": tink_amount(bank.balance, money)}}} for name, kind, money in kinds]
    return 200, {"accounts": told[1:] if body.get("pageToken") else told[:1], "nextPageToken": "" if body.get("pageToken") else "2"}


def tink_line(line: Line, account: str = "a", **more: Any) -> dict[str, Any]:
    """Return a movement in Tink's form."""
    day, minor, text = line
    told = {"descriptions": {"original": text, "display": text}, "dates": {"booked": day.isoformat()}, "status": "BOOKED"}
    return {"id": text, "accountId": account, "amount": tink_amount(minor), **told, **more}


def _tink_lines(bank: Bank, body: dict[str, Any], token: str) -> tuple[int, Any]:
    assert token.startswith("user:")
    known = [one for one in bank.lines if one[0].isoformat() >= body["bookedDateGte"]]
    after = int(body.get("pageToken") or 0)
    chosen = known[after : after + bank.page]
    more = after + len(chosen) < len(known)
    return 200, {"transactions": [tink_line(one) for one in chosen], "nextPageToken": str(after + len(chosen)) if more else ""}


def _delete(bank: Bank, _body: dict[str, Any], token: str) -> tuple[int, Any]:
    bank.open.discard(token.removeprefix("user:"))
    return 204, b""


TINK: dict[str, Callable[[Bank, dict[str, Any], str], tuple[int, Any]]] = {
    "/api/v1/oauth/token": _token,
    "/api/v1/user/create": _create,
    "/api/v1/user/delete": _delete,
    "/api/v1/oauth/authorization-grant": _grant,
    "/api/v1/oauth/authorization-grant/delegate": _grant,
    "/api/v1/credentials/list": _credentials,
    "/data/v2/accounts": _tink_accounts,
    "/data/v2/transactions": _tink_lines,
}
