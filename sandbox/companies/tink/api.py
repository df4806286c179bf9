"""Tink's API: OAuth and users v1, credentials, accounts and movements of data v2."""

import secrets
from collections.abc import Callable
from sqlite3 import Row
from typing import Any

from sandbox import bank_lives
from sandbox.agencies import issue, opened, today
from sandbox.message import Answer, Refused, Request, json_answer
from sandbox.world import World

NAME, LINK = "tink", "tink-link"
CODE_S, TOKEN_S, MOST = 600, 7_200, 100
ACCOUNT = "acc_tink_everyday"
CATEGORIES = {
    "INCOME_WAGES": "income:salary.other",
    "INCOME_RETIREMENT_PENSION": "income:pension.other",
    "RENT_AND_UTILITIES_RENT": "expenses:home.rent",
    "TRANSFER_OUT_SAVINGS": "transfers:savings.other",
    "FOOD_AND_DRINK_GROCERIES": "expenses:food.groceries",
}
GAMBLING, GAMBLING_CODE = "ENTERTAINMENT_CASINOS_AND_GAMBLING", "7995"
Handler = Callable[[World, Request], Answer]


def error(status: int, code: str, message: str) -> Refused:
    """An error in Tink's form."""
    return Refused(json_answer({"errorCode": code, "errorMessage": message}, status))


def token(world: World, request: Request) -> Answer:
    """A token of the client for a scope, or of a user for a code; the client's secret is the sandbox's key."""
    form = request.form()
    if not form.get("client_id") or not world.is_key(form.get("client_secret")):
        raise error(401, "oauth.invalid_client", "Client authentication failed")
    scope, subject = form.get("scope", ""), ""
    if form.get("grant_type") == "authorization_code":
        known = opened(world, f"{NAME}-code", form.get("code", ""))
        if known is None:
            raise error(400, "oauth.invalid_grant", "The code is none, or was used")
        world.store.run("DELETE FROM access_tokens WHERE token = ?", [form["code"]])
        scope, subject = known
    elif form.get("grant_type") != "client_credentials":
        raise error(400, "oauth.unsupported_grant_type", "No such grant")
    made = issue(world, NAME, scope=scope, subject=subject, seconds=TOKEN_S)
    return json_answer({"access_token": made, "token_type": "bearer", "expires_in": TOKEN_S, "scope": scope})


def create_user(world: World, request: Request) -> Answer:
    """Make a user by the client's own mark; 409 for one that there is."""
    _allowed(world, request, "user:create")
    body = request.json()
    mark, market = body.get("external_user_id"), body.get("market")
    if not isinstance(mark, str) or not mark or not isinstance(market, str):
        raise error(400, "request.invalid", "external_user_id and market are needed")
    if _user(world, mark):
        raise error(409, "user.user_with_external_user_id_already_exists", "There is such a user")
    sql = "INSERT INTO tink_users (external_id, market, locale, at) VALUES (?, ?, ?, ?)"
    world.store.run(sql, [mark, market, str(body.get("locale") or "en_US"), world.clock.now_ms()])
    return json_answer({"user_id": secrets.token_hex(16), "external_user_id": mark})


def delegate(world: World, request: Request) -> Answer:
    """A code with which Tink Link may act for a user."""
    return _code(world, request, LINK)


def grant(world: World, request: Request) -> Answer:
    """A code for a token of a user's data."""
    return _code(world, request, f"{NAME}-code")


def credentials(world: World, request: Request) -> Answer:
    """The banks that a user connected."""
    user = _reader(world, request, "credentials:read")
    known = [{"id": f"cred_{user['external_id'][:8]}", "providerName": "test-bank", "status": "UPDATED"}]
    return json_answer({"credentials": known if user["life"] else []})


def accounts(world: World, request: Request) -> Answer:
    """A user's accounts with their balances."""
    user = _reader(world, request, "accounts:read")
    country = user["market"]
    units = bank_lives.balance_of(country, user["life"])
    account = {
        "id": ACCOUNT,
        "name": "Everyday account",
        "type": "CHECKING",
        "balances": {"booked": {"amount": _amount(units, country)}, "available": {"amount": _amount(units, country)}},
    }
    return json_answer({"accounts": [account] if user["life"] else [], "nextPageToken": ""})


def transactions(world: World, request: Request) -> Answer:
    """A user's booked movements from a day on, by pages."""
    user, query = _reader(world, request, "transactions:read"), request.query
    since, size, after = query.get("bookedDateGte", ""), query.get("pageSize", "10"), query.get("pageToken", "0")
    if not size.isdigit() or not 0 < int(size[:4]) <= MOST or not after.isdigit():
        raise error(400, "request.invalid", "pageSize or pageToken is none")
    lived = bank_lives.movements(user["life"], today(world)) if user["life"] else []
    found = [_movement(number, day, line, user["market"]) for number, (day, line) in enumerate(lived) if day.isoformat() >= since]
    begin, end = int(after[:9]), int(after[:9]) + int(size)
    told = {"transactions": found[begin:end], "nextPageToken": str(end) if end < len(found) else ""}
    return bank_lives.troubled(user["life"], json_answer(told))


def identities(world: World, request: Request) -> Answer:
    """Tell the names by which the bank knows a user, where it knows one."""
    user = _reader(world, request, "identity:read")
    held = bank_lives.HOLDERS.get(user["life"] or "")
    return json_answer({"identities": [{"name": held}] if held else []})


def delete_user(world: World, request: Request) -> Answer:
    """Forget a user, with every consent and token."""
    user = _reader(world, request, "user:delete")
    world.store.run("DELETE FROM tink_users WHERE external_id = ?", [user["external_id"]])
    world.store.run("DELETE FROM access_tokens WHERE subject = ?", [user["external_id"]])
    return Answer(204)


def _movement(number: int, day: Any, line: bank_lives.Line, country: str) -> dict[str, Any]:
    found = {
        "id": f"tink_{day:%Y%m%d}_{number}",
        "accountId": ACCOUNT,
        "amount": _amount(line.units * bank_lives.factor_of(country), country),
        "descriptions": {"original": line.text, "display": line.text.title()},
        "dates": {"booked": day.isoformat(), "value": day.isoformat()},
        "categories": {"pfm": {"id": CATEGORIES.get(line.category, "expenses:misc.other" if line.units < 0 else "income:other.other")}},
        "status": "BOOKED",
    }
    return found | ({"merchantInformation": {"merchantCategoryCode": GAMBLING_CODE}} if line.category == GAMBLING else {})


def _amount(units: int, country: str) -> dict[str, Any]:
    return {"value": {"unscaledValue": str(units * 100), "scale": "2"}, "currencyCode": bank_lives.currency_of(country)}


def _code(world: World, request: Request, kind: str) -> Answer:
    _allowed(world, request, "authorization:grant")
    form = request.form()
    mark = form.get("external_user_id", "")
    if _user(world, mark) is None:
        raise error(404, "oauth.user_not_found", "There is no such user")
    return json_answer({"code": issue(world, kind, scope=form.get("scope", ""), subject=mark, seconds=CODE_S)})


def _allowed(world: World, request: Request, scope: str) -> str:
    """The subject of a token with a scope, empty for the client itself; 401 without a token, 403 without the scope."""
    known = opened(world, NAME, request.headers.get("authorization", "").removeprefix("Bearer "))
    if known is None:
        raise error(401, "oauth.unauthorized", "The token is none, or not valid any more")
    if scope not in known[0].split(","):
        raise error(403, "oauth.insufficient_scope", f"{scope} is needed")
    return known[1]


def _reader(world: World, request: Request, scope: str) -> Row:
    """The user of a token."""
    user = _user(world, _allowed(world, request, scope))
    if user is None:
        raise error(404, "oauth.user_not_found", "There is no such user")
    return user


def _user(world: World, mark: str) -> Row | None:
    return world.store.one("SELECT * FROM tink_users WHERE external_id = ?", mark)


ROUTES: list[tuple[str, str, Handler]] = [
    ("POST", "/tink/api/v1/oauth/token", token),
    ("POST", "/tink/api/v1/user/create", create_user),
    ("POST", "/tink/api/v1/user/delete", delete_user),
    ("POST", "/tink/api/v1/oauth/authorization-grant", grant),
    ("POST", "/tink/api/v1/oauth/authorization-grant/delegate", delegate),
    ("GET", "/tink/api/v1/credentials/list", credentials),
    ("GET", "/tink/data/v2/accounts", accounts),
    ("GET", "/tink/data/v2/transactions", transactions),
    ("GET", "/tink/data/v2/identities", identities),
]
