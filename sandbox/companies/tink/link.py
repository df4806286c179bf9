"""Tink Link: the page on which a person connects the pretended bank, and the way back."""

from sqlite3 import Row
from urllib.parse import urlencode, urlsplit

from sandbox import bank_page
from sandbox.agencies import opened
from sandbox.message import Answer, Request
from sandbox.page import missing
from sandbox.texts import speak_to
from sandbox.world import Route, World

from .api import LINK

PATH = "/tink/link/1.0/transactions/connect-accounts"
ASKER = "Tink"


def show(world: World, request: Request) -> Answer:
    """The question; the address carries the code of the user, and where they go afterwards."""
    query = request.query
    speak_to(request, query.get("locale"))
    if _user(world, query) is None:
        return missing("This page does not exist. Nothing was read.")
    return bank_page.ask(asker=ASKER, address=f"{PATH}?{urlencode(query)}")


def submit(world: World, request: Request) -> Answer:
    """Take the answer, and lead back: with the bank's credentials, or with the word that the person left."""
    query = request.query
    speak_to(request, query.get("locale"))
    user = _user(world, query)
    if user is None:
        return missing("This page does not exist. Nothing was read.")
    life = bank_page.life_in(request)
    if life:
        world.store.run("UPDATE tink_users SET life = ? WHERE external_id = ?", [life, user["external_id"]])
    told = {"credentialsId": f"cred_{user['external_id'][:8]}"} if life else {"error": "USER_CANCELLED"}
    back = query["redirect_uri"]
    return bank_page.led_back(request, f"{back}{'&' if '?' in back else '?'}{urlencode({'state': query.get('state', ''), **told})}")


def _user(world: World, query: dict[str, str]) -> Row | None:
    """The user for whom the page was opened; None for a code that is none, or without an address to go back to."""
    known = opened(world, LINK, query.get("authorization_code", ""))
    if known is None or urlsplit(query.get("redirect_uri", "")).scheme not in {"http", "https"}:
        return None
    return world.store.one("SELECT * FROM tink_users WHERE external_id = ?", known[1])


ROUTES: list[Route] = [("GET", PATH, show), ("POST", PATH, submit)]
