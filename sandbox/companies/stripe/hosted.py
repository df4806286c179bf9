"""The pages of Stripe's protocol: the hosted card page and the bank's page for confirming (3-D Secure)."""

from sqlite3 import Row
from urllib.parse import urlencode

from sandbox.accounts import Account
from sandbox.card_page import question
from sandbox.cards import ASK_FIRST, Card
from sandbox.message import Answer, Request, redirect
from sandbox.page import fill, missing, page
from sandbox.setups import target_of
from sandbox.texts import say
from sandbox.world import CardPage, World

from . import accounts, intents, objects, people, setup
from .protocol import Call, Thing


def _refuses(card: Card) -> bool:
    """Whether Stripe would refuse to set up this card."""
    return card.behavior not in ASK_FIRST and card.behavior != "ok" and card.last4 != people.ATTACHES_AND_FAILS


def _keep(world: World, row: Row, card: Card) -> str:
    """Complete the setup intent and the checkout session of a hosted page."""
    call = Call(world, {}, {})
    intent = objects.get(world, row["subject"], "setup_intent")
    method = objects.keep(world, people.method_from(call, card, {"email": row["customer_email"]}))
    return _complete(call, row, intent, method)


def keep_account(world: World, row: Row, account: Account) -> str:
    """Complete the setup intent and the checkout session of a hosted page for a bank account, with its mandate."""
    call = Call(world, {}, {})
    intent = objects.get(world, row["subject"], "setup_intent")
    billing = {"email": row["customer_email"], "name": "Test Person"}
    method = objects.keep(world, accounts.method_from(call, account, billing))
    intent["mandate"] = accounts.new_mandate(call, method, {"type": "online", "accepted_at": call.now_s()})
    return _complete(call, row, intent, method)


def _complete(call: Call, row: Row, intent: Thing, method: Thing) -> str:
    world = call.world
    setup.complete(call, intent, method)
    session = objects.get(world, row["customer_reference"], "checkout.session")
    session.update(status="complete", customer_details={"email": row["customer_email"]}, url=None)
    objects.save(world, session)
    objects.tell(world, "checkout.session.completed", session)
    return str(method["id"])


def _declined(world: World, row: Row, _name: str) -> None:
    """Send the event of a declined card on a hosted page."""
    objects.tell(world, "setup_intent.setup_failed", objects.get(world, row["subject"], "setup_intent"))


def ask(world: World, request: Request) -> Answer:
    """The bank's page for confirming an intent."""
    intent = _waiting(world, request)
    if intent is None:
        return missing("There is nothing to confirm here. It may have been confirmed already.")
    text = say("Your bank wants to know that it is you who uses this card.")
    return question(request.path, text, say("Nothing is charged before you confirm."))


def decide(world: World, request: Request) -> Answer:
    """The answer to the bank's page; redirects to the return URL if there is one."""
    intent = _waiting(world, request)
    if intent is None:
        return missing("There is nothing to confirm here. It may have been confirmed already.")
    target = (intent["next_action"].get("redirect_to_url") or {}).get("return_url")
    room = intents if intent["object"] == "payment_intent" else setup
    says_yes = request.form().get("answer") == "yes"
    decided = room.authenticated if says_yes else room.not_authenticated
    decided(Call(world, {}, {}), intent)
    if target:
        query = urlencode(
            {
                intent["object"]: intent["id"],
                f"{intent['object']}_client_secret": intent["client_secret"],
                "redirect_status": "succeeded" if says_yes else "failed",
            }
        )
        return redirect(f"{target}{'&' if '?' in target else '?'}{query}")
    heading = say("Confirmed" if says_yes else "Not confirmed")
    return page(heading, fill("over", heading=heading, text=say("You can close this page."), action=""), layout="card_layout")


def _waiting(world: World, request: Request) -> Thing | None:
    intent = objects.find(world, request.params["id"])
    return intent if intent and intent.get("status") == "requires_action" else None


CARD_PAGE = CardPage(refuses=_refuses, keep=_keep, declined=_declined, address=target_of)
