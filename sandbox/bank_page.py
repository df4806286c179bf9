"""The pretended bank's page: the person chooses whose account it is, and allows reading it. Works without JavaScript."""

from sandbox.bank_lives import LIVES
from sandbox.card_page import FORM_ACTION
from sandbox.message import Answer, Request, json_answer, redirect
from sandbox.page import Safe, fill, page
from sandbox.texts import say


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
        "another": say("A monthly salary, in somebody else's name"),
        "none": say("No regular income"),
        "slow": say("A salary, at a bank that answers too late"),
        "failing": say("A salary, at a bank that fails"),
    }


def ask(*, asker: str, address: str) -> Answer:
    """The question: whose account it is, and whether `asker` may read it; the form is sent to `address`."""
    lines = [
        fill("bank_choice", value=life, label=told, checked=Safe(" checked" if life == "salary" else ""))
        for life, told in choices().items()
    ]
    body = fill(
        "bank",
        heading=say("Allow access to your account"),
        lead=say("$asker wants to read the balance and the movements of your account.", asker=asker),
        address=address,
        bank=say("Test bank"),
        told=say("In real life your bank would let you sign in here. Choose what the account shows."),
        choices=Safe("\n".join(lines)),
        yes=say("Allow"),
        no=say("Do not allow"),
    )
    return page(say("Allow access to your account"), body, layout="card_layout", form_action=FORM_ACTION)


def life_in(request: Request) -> str:
    """The life that was chosen, empty for who does not allow it; as a form, or without a browser as JSON."""
    form = request.json() if _is_json(request) else request.form()
    life = str(form.get("life", ""))
    return life if form.get("answer") == "yes" and life in LIVES else ""


def led_back(request: Request, address: str) -> Answer:
    """Lead a browser back to who asked; tell the address to who answered without one."""
    return json_answer({"return_url": address}) if _is_json(request) else redirect(address)


def _is_json(request: Request) -> bool:
    return request.headers.get("content-type", "").startswith("application/json")
