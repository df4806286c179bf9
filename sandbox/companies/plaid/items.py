"""Plaid's API of 2020-09-14: link tokens with Hosted Link, items, balances, movements by cursor."""

import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from sqlite3 import Row
from typing import Any

from sandbox.bank_lives import HOLDERS, troubled
from sandbox.message import Answer, Refused, Request, json_answer
from sandbox.world import World

from . import shapes

MOST = 500
Handler = Callable[[World, Request], Answer]


def error(status: int, kind: str, code: str, message: str) -> Refused:
    """An error in Plaid's form."""
    body = {"error_type": kind, "error_code": code, "error_message": message, "display_message": None, "request_id": secrets.token_hex(8)}
    return Refused(json_answer(body, status))


def create_link(world: World, request: Request) -> Answer:
    """Make a link token, and the address of the bank's page for it."""
    body = _body(world, request)
    hosted = body.get("hosted_link")
    back = hosted.get("completion_redirect_uri") if isinstance(hosted, dict) else None
    countries = body.get("country_codes")
    if not isinstance(back, str) or not back.startswith(("http://", "https://")) or not isinstance(countries, list) or not countries:
        raise error(400, "INVALID_REQUEST", "MISSING_FIELDS", "hosted_link.completion_redirect_uri and country_codes are needed")
    token = f"link-sandbox-{secrets.token_hex(16)}"
    sql = "INSERT INTO bank_links (link_token, country, language, shown_name, return_url, at) VALUES (?, ?, ?, ?, ?, ?)"
    told = [str(countries[0]), str(body.get("language", "en")), str(body.get("client_name", ""))[:30], back]
    world.store.run(sql, [token, *told, world.clock.now_ms()])
    return _answer({"link_token": token, "hosted_link_url": world.url(f"/bank/{token}"), "expiration": None})


def show_link(world: World, request: Request) -> Answer:
    """Tell what a person did on the bank's page."""
    row = world.store.one("SELECT * FROM bank_links WHERE link_token = ?", str(_body(world, request).get("link_token")))
    if row is None:
        raise error(400, "INVALID_INPUT", "INVALID_LINK_TOKEN", "there is no such link token")
    added = [{"public_token": row["public_token"], "accounts": [], "institution": None}] if row["public_token"] else []
    sessions = [{"link_session_id": row["link_token"][-8:], "results": {"item_add_results": added}}] if row["done"] else []
    return _answer({"link_token": row["link_token"], "link_sessions": sessions})


def exchange(world: World, request: Request) -> Answer:
    """Give the access token for a public token, once."""
    token = str(_body(world, request).get("public_token"))
    access = f"access-sandbox-{secrets.token_hex(16)}"
    sql = "UPDATE bank_items SET access_token = ?, public_token = NULL WHERE public_token = ? RETURNING item"
    row = world.store.one(sql, access, token)
    if row is None:
        raise error(400, "INVALID_INPUT", "INVALID_PUBLIC_TOKEN", "there is no such public token")
    return _answer({"access_token": access, "item_id": row["item"]})


def balance(world: World, request: Request) -> Answer:
    """Tell the accounts with their balances."""
    item = _item(world, _body(world, request))
    return _answer({"accounts": [shapes.account_of(item["country"], item["life"])], "item": {"item_id": item["item"]}})


def identity(world: World, request: Request) -> Answer:
    """Tell the accounts with their holders' names, where the bank knows one."""
    item = _item(world, _body(world, request))
    account = shapes.account_of(item["country"], item["life"])
    names = [HOLDERS[item["life"]]] if item["life"] in HOLDERS else []
    owners = [{"names": names, "emails": [], "phone_numbers": [], "addresses": []}]
    return _answer({"accounts": [account | {"owners": owners}], "item": {"item_id": item["item"]}})


def sync(world: World, request: Request) -> Answer:
    """Tell the movements after a cursor."""
    body = _body(world, request)
    item = _item(world, body)
    today = datetime.fromtimestamp(world.clock.now_ms() / 1000, UTC).date()
    found = shapes.movements(item["life"], item["country"], today)
    cursor, count = str(body.get("cursor") or "0"), body.get("count", 100)
    if not cursor.isdigit() or type(count) is not int or not 0 < count <= MOST:
        raise error(400, "INVALID_REQUEST", "INVALID_FIELD", "cursor or count is none")
    after = int(cursor[:9])
    page = found[after : after + count]
    told = {"next_cursor": str(after + len(page)), "has_more": after + len(page) < len(found)}
    state = {"transactions_update_status": "HISTORICAL_UPDATE_COMPLETE", "accounts": [shapes.account_of(item["country"], item["life"])]}
    return troubled(item["life"], _answer({"added": page, "modified": [], "removed": [], **told, **state}))


def remove(world: World, request: Request) -> Answer:
    """Forget an item: its access token opens nothing any more."""
    item = _item(world, _body(world, request))
    world.store.run("DELETE FROM bank_items WHERE item = ?", [item["item"]])
    return _answer({})


def institutions(world: World, request: Request) -> Answer:
    """The one bank that there is."""
    _body(world, request)
    return _answer({"institutions": [{"institution_id": "ins_1", "name": "Test bank", "products": ["transactions"]}], "total": 1})


def _body(world: World, request: Request) -> dict[str, Any]:
    if not world.is_key(request.headers.get("plaid-secret", "")):
        raise error(400, "INVALID_INPUT", "INVALID_API_KEYS", "invalid client_id or secret provided")
    return request.json()


def _item(world: World, body: dict[str, Any]) -> Row:
    row = world.store.one("SELECT * FROM bank_items WHERE access_token = ?", str(body.get("access_token")))
    if row is None:
        raise error(400, "ITEM_ERROR", "ITEM_NOT_FOUND", "the item was removed, or never was")
    return row


def _answer(body: dict[str, Any]) -> Answer:
    return json_answer(body | {"request_id": secrets.token_hex(8)})


ROUTES: list[tuple[str, str, Handler]] = [
    ("POST", "/plaid/link/token/create", create_link),
    ("POST", "/plaid/link/token/get", show_link),
    ("POST", "/plaid/item/public_token/exchange", exchange),
    ("POST", "/plaid/item/remove", remove),
    ("POST", "/plaid/accounts/balance/get", balance),
    ("POST", "/plaid/identity/get", identity),
    ("POST", "/plaid/transactions/sync", sync),
    ("POST", "/plaid/institutions/get", institutions),
]
