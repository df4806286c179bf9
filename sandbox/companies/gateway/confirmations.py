"""The bank's question about a charge (3-D Secure); the charge succeeds if the person confirms."""

from sandbox.card_page import question
from sandbox.message import Answer, Request, redirect
from sandbox.money import amount_text
from sandbox.page import fill, missing, page
from sandbox.texts import number, say
from sandbox.world import World

from . import charges, records


def ask(world: World, request: Request) -> Answer:
    """The bank's question about a charge that requires confirmation."""
    row = records.found(world, "charges", "ch", request.params["id"])
    if row is None or row["status"] != "requires_action":
        return missing("There is nothing to confirm here.")
    if row["confirmed"]:
        return _over("Confirmed", "Thank you. The payment went through. You can close this page.")
    address = f"/gateway/confirm/{records.charge_id(world, row)}"
    amount = number(amount_text(row["amount"], row["currency"]))
    text = say("Your bank wants to know that it is you who pays $amount.", amount=amount)
    return question(address, text, say("Reference $reference.", reference=row["reference"]))


def decide(world: World, request: Request) -> Answer:
    """The answer about a charge; the charge succeeds if the person confirms."""
    row = records.found(world, "charges", "ch", request.params["id"])
    if row is None or row["status"] != "requires_action":
        return missing("There is nothing to confirm here.")
    if request.form().get("answer") != "yes":
        return _over("Not confirmed", "The payment was not confirmed. Nothing was charged. You can close this page.")
    if not row["confirmed"]:
        world.store.run("UPDATE charges SET confirmed = 1 WHERE seq = ?", [row["seq"]])
        confirmed = records.found(world, "charges", "ch", request.params["id"])
        method = world.store.one("SELECT customer_email FROM payment_methods WHERE token = ?", row["payment_method"])
        assert confirmed is not None
        assert method is not None
        charges.tell_success(world, confirmed, method["customer_email"])
    return redirect(request.path)


def _over(heading: str, text: str) -> Answer:
    return page(say(heading), fill("over", heading=say(heading), text=say(text), action=""), layout="card_layout")
