"""The pretended bank's page: the person chooses whose account it is, and allows reading it. Works without JavaScript."""

import secrets
from sqlite3 import Row

from sandbox.card_page import FORM_ACTION
from sandbox.message import Answer, Request, redirect
from sandbox.page import Safe, fill, missing, page
from sandbox.texts import say, speak_to
from sandbox.world import Route, World

from . import lives


def choices() -> dict[str, str]:
    """The lives that can be chosen, as they are called on the page."""
    return {
        "salary": say("A monthly salary"),
        "well_paid": say("A high monthly salary"),
        "weekly": say("Weekly wages"),
        "benefits": say("A pension"),
        "lenders": say("A salary, and other loans"),
        "gambling": say("A salary, and much gambling"),
        "overdrawn": say("A salary, and an overdrawn account"),
        "lost_job": say("A salary that ended"),
        "none": say("No regular income"),
    }


def show(world: World, request: Request) -> Answer:
    """The question, or where to go when it was answered."""
    row = _found(world, request)
    if row is None:
        return missing("This page does not exist. Nothing was read.")
    if row["done"]:
        return redirect(row["return_url"])
    lines = [
        fill("bank_choice", value=life, label=told, checked=Safe(" checked" if life == "salary" else ""))
        for life, told in choices().items()
    ]
    body = fill(
        "bank",
        heading=say("Allow access to your account"),
        lead=say("$asker wants to read the balance and the movements of your account.", asker=row["shown_name"]),
        address=f"/bank/{row['link_token']}",
        bank=say("Test bank"),
        told=say("In real life your bank would let you sign in here. Choose what the account shows."),
        choices=Safe("\n".join(lines)),
        yes=say("Allow"),
        no=say("Do not allow"),
    )
    return page(say("Allow access to your account"), body, layout="card_layout", form_action=FORM_ACTION)


def submit(world: World, request: Request) -> Answer:
    """Take the answer, and lead back."""
    row = _found(world, request)
    if row is None:
        return missing("This page does not exist. Nothing was read.")
    form = request.form()
    life = form.get("life", "")
    if not row["done"]:
        token = None
        if form.get("answer") == "yes" and life in lives.LIVES:
            token = f"public-sandbox-{secrets.token_hex(16)}"
            sql = "INSERT INTO bank_items (item, public_token, country, life, at) VALUES (?, ?, ?, ?, ?)"
            world.store.run(sql, [f"item_{secrets.token_hex(8)}", token, row["country"], life, world.clock.now_ms()])
        world.store.run("UPDATE bank_links SET done = 1, public_token = ? WHERE link_token = ?", [token, row["link_token"]])
    return redirect(row["return_url"])


def _found(world: World, request: Request) -> Row | None:
    row = world.store.one("SELECT * FROM bank_links WHERE link_token = ?", request.params["token"])
    speak_to(request, row["language"] if row else None)
    return row


ROUTES: list[Route] = [("GET", "/bank/{token}", show), ("POST", "/bank/{token}", submit)]
