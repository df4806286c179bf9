"""The pretended bank's page: the person chooses whose account it is, and allows reading it. Works without JavaScript."""

import secrets
from sqlite3 import Row

from sandbox import bank_page
from sandbox.message import Answer, Request, redirect
from sandbox.page import missing
from sandbox.texts import speak_to
from sandbox.world import Route, World


def show(world: World, request: Request) -> Answer:
    """The question, or where to go when it was answered."""
    row = _found(world, request)
    if row is None:
        return missing("This page does not exist. Nothing was read.")
    if row["done"]:
        return redirect(row["return_url"])
    return bank_page.ask(asker=row["shown_name"], address=f"/bank/{row['link_token']}")


def submit(world: World, request: Request) -> Answer:
    """Take the answer, and lead back."""
    row = _found(world, request)
    if row is None:
        return missing("This page does not exist. Nothing was read.")
    if not row["done"]:
        token, life = None, bank_page.life_in(request)
        if life:
            token = f"public-sandbox-{secrets.token_hex(16)}"
            sql = "INSERT INTO bank_items (item, public_token, country, life, at) VALUES (?, ?, ?, ?, ?)"
            world.store.run(sql, [f"item_{secrets.token_hex(8)}", token, row["country"], life, world.clock.now_ms()])
        world.store.run("UPDATE bank_links SET done = 1, public_token = ? WHERE link_token = ?", [token, row["link_token"]])
    return bank_page.led_back(request, row["return_url"])


def _found(world: World, request: Request) -> Row | None:
    row = world.store.one("SELECT * FROM bank_links WHERE link_token = ?", request.params["token"])
    speak_to(request, row["language"] if row else None)
    return row


ROUTES: list[Route] = [("GET", "/bank/{token}", show), ("POST", "/bank/{token}", submit)]
