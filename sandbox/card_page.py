"""The hosted card page: the only place where a card number is typed. Works without JavaScript."""

import re
from sqlite3 import Row

from sandbox import setups
from sandbox.cards import ASK_FIRST, BRAND_NAMES, FIELD_ERRORS, Card, card_from
from sandbox.message import Answer, Request, redirect
from sandbox.page import Safe, fill, missing, page
from sandbox.texts import remembered, say, speak_to
from sandbox.world import Route, World

# Chromium also applies form-action to redirects after a form, and those lead through the platform to any shop.
FORM_ACTION = "'self' http: https:"
LOST_LINK = "This card page does not exist. Go back to the shop and try again. Nothing was charged."


def show(world: World, request: Request) -> Answer:
    """The empty form, the confirmation, or the result of the setup."""
    row = _found(world, request)
    if row is None:
        return missing(LOST_LINK)
    if row["status"] in ("succeeded", "canceled"):
        return _over(world, row)
    if row["status"] == "requires_action":
        return redirect(f"/gateway/cards/{row['id']}/confirm")
    return _form(row, {}, [])


def submit(world: World, request: Request) -> Answer:
    """Take the card: redirect back with the result, go to the confirmation, or show the form again with its errors."""
    row = _found(world, request)
    if row is None:
        return missing(LOST_LINK)
    if row["status"] in ("succeeded", "canceled") or setups.is_check(row):
        return redirect(setups.return_address(world, row))
    form = request.form()
    card = _card(form, world.clock.now_ms())
    if isinstance(card, list):
        return _form(row, form, card, status=422)
    if card.behavior.startswith("page:") or setups.side_of(world, row).refuses(card):
        return _declined(world, row, say("Your card was declined. Nothing was charged. Try another card."))
    if card.behavior in ASK_FIRST:
        setups.ask_to_confirm(world, row, card)
        return redirect(f"/gateway/cards/{row['id']}/confirm")
    return _finished(world, row, card)


def confirm(world: World, request: Request) -> Answer:
    """The bank's page that asks the person to confirm."""
    row = _found(world, request)
    if row is None:
        return missing(LOST_LINK)
    if row["status"] != "requires_action":
        return redirect(f"/gateway/cards/{row['id']}")
    card = setups.pending_card(row)
    named = {"brand": BRAND_NAMES[card.brand], "last4": card.last4}
    text = say("Your bank wants to know that it is you who saves $brand ending in $last4.", **named)
    if setups.is_check(row):
        text = say("Your bank wants to know that it is you who uses $brand ending in $last4.", **named)
    return question(f"/gateway/cards/{row['id']}/confirm", text, say("Nothing is charged now."))


def decide(world: World, request: Request) -> Answer:
    """The answer to the bank's page."""
    row = _found(world, request)
    if row is None:
        return missing(LOST_LINK)
    if row["status"] != "requires_action":
        return redirect(f"/gateway/cards/{row['id']}")
    if request.form().get("answer") == "yes":
        return _finished(world, row, setups.pending_card(row))
    if setups.is_check(row):
        return cancel(world, request)
    setups.reopen(world, row)
    banner = say("Your bank could not confirm that it is you. Nothing was charged. Try again or use another card.")
    return _declined(world, row, banner)


def cancel(world: World, request: Request) -> Answer:
    """Leave without a card."""
    row = _found(world, request)
    if row is None:
        return missing(LOST_LINK)
    if row["status"] in ("open", "requires_action"):
        setups.cancel(world, row)
    return redirect(setups.return_address(world, setups.current(world, row["id"])))


def _finished(world: World, row: Row, card: Card) -> Answer:
    setups.finish(world, row, card)
    return redirect(setups.return_address(world, setups.current(world, row["id"])))


def _found(world: World, request: Request) -> Row | None:
    return visit(world, request, "card")


def visit(world: World, request: Request, kind: str) -> Row | None:
    """The setup of a page for a `card` or an `account`, or None; sets the language of the answer to the setup's."""
    row = setups.find(world, request.params["id"])
    if row is None or row["kind"] != kind:
        return None
    speak_to(request, row["locale"])
    return row


def _declined(world: World, row: Row, banner: str) -> Answer:
    """Ask for another card, or redirect back if too many were declined."""
    if setups.decline(world, row):
        return redirect(setups.return_address(world, setups.current(world, row["id"])))
    return _form(row, {}, [], status=402, banner=banner)


def _card(form: dict[str, str], now_ms: int) -> Card | list[str]:
    expiry = re.fullmatch(r"\s*(\d{1,2})\s*[/.\- ]?\s*(?:20)?(\d{2})\s*", form.get("expiry", ""), re.ASCII)
    month, year = (int(expiry[1]), 2000 + int(expiry[2])) if expiry else (0, 0)
    return card_from(form.get("number", ""), month, year, form.get("cvc", "").strip(), form.get("postal_code", "").strip(), now_ms)


def _form(row: Row, form: dict[str, str], wrong: list[str], *, status: int = 200, banner: str = "") -> Answer:
    """The form with its values (never the security code) and an error beside each wrong field."""
    values: dict[str, object] = {name: form.get(name, "") for name in ("number", "expiry", "postal_code")}
    for name, (_, message) in FIELD_ERRORS.items():
        error = f'<p class="error" id="{name}-error">{say(message)}</p>' if name in wrong else ""
        values[f"{name}_error"] = Safe(error)
        values[f"{name}_state"] = Safe(f' aria-invalid="true" aria-describedby="{name}-error"') if name in wrong else Safe("")
    values["banner"] = fill("banner", text=banner) if banner else Safe("")
    body = fill("card", merchant=row["merchant_name"] or say("the shop"), address=f"/gateway/cards/{row['id']}", **values)
    title = say("Check your card" if wrong or banner else "Add a card")
    answer = page(title, body, status=status, layout="card_layout", form_action=FORM_ACTION)
    answer.headers = (*answer.headers, remembered())
    return answer


def question(address: str, text: str, note: str) -> Answer:
    """A bank's page that asks its customer a question; the form posts the answer to `address`."""
    body = fill("confirm", address=address, text=text, note=note)
    return page(say("Confirm it is you"), body, layout="card_layout", form_action=FORM_ACTION)


def _over(world: World, row: Row) -> Answer:
    done = row["status"] == "succeeded"
    heading = say("Your card is saved" if done else "No card was saved")
    text = say("Nothing was charged. You can go back now." if done else "You left this page without giving a card. Nothing was charged.")
    if setups.is_check(row):
        heading = say("Your card is confirmed" if done else "Your card was not confirmed")
        text = say("Nothing was charged. You can go back now.")
    button = fill("go_back", address=setups.return_address(world, row))
    return page(heading, fill("over", heading=heading, text=text, action=button), layout="card_layout", form_action=FORM_ACTION)


ROUTES: list[Route] = [
    ("GET", "/gateway/cards/{id}", show),
    ("POST", "/gateway/cards/{id}", submit),
    ("GET", "/gateway/cards/{id}/confirm", confirm),
    ("POST", "/gateway/cards/{id}/confirm", decide),
    ("POST", "/gateway/cards/{id}/cancel", cancel),
]
