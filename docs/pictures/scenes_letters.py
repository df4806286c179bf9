"""The sandbox world and its mailbox: each kind of letter, as text and HTML; the phone; and the API's reference."""

# ruff: noqa: INP001  (scripts, no package)
import json
import urllib.parse
import urllib.request
from typing import Any

from scenes_checkout import reach_plans
from scenes_consumer import cast
from scenes_merchant import goods
from scenes_operator import decided, held, prepared
from stage import Stage, scene

PAGE = 100
SENT_MS = 8_000


def letter(stage: Stage, *words: str, to: str = "") -> dict[str, Any]:
    """Return the latest letter whose subject has all these words; LookupError if there is none."""
    cursor = ""
    while True:
        query = {"limit": str(PAGE)} | ({"to": to} if to else {}) | ({"cursor": cursor} if cursor else {})
        with urllib.request.urlopen(f"{stage.sandbox_url}/mailbox/api/messages?{urllib.parse.urlencode(query)}") as answer:  # noqa: S310
            page = json.load(answer)
        for message in page["data"]:
            if all(word in message["subject"] for word in words):
                return dict(message)
        cursor = page["next_cursor"] or ""
        if not cursor:
            raise LookupError(f"no letter about {words}")


def read(stage: Stage, *words: str, to: str = "") -> None:
    """Open the latest letter about something, alone."""
    stage.open(f"{stage.sandbox_url}/mailbox/{letter(stage, *words, to=to)['id']}/html")


@scene("letters")
def order_authorized(stage: Stage) -> None:
    """What is paid and when."""
    goods(stage)
    read(stage, "your 4 payments", "$")


@scene("letters")
def order_authorized_danish(stage: Stage) -> None:
    """The same in Danish amounts and dates."""
    read(stage, "kr.", "your 4 payments")


@scene("letters")
def order_held(stage: Stage) -> None:
    """A person looks at the order."""
    goods(stage)
    read(stage, "we are looking at your order")


@scene("letters")
def order_approved(stage: Stage) -> None:
    """Approved after two people looked at it."""
    decided(stage, "approved", approve=True)
    read(stage, "is approved")


@scene("letters")
def order_rejected(stage: Stage) -> None:
    """Not approved, and what then."""
    decided(stage, "rejected", approve=False)
    read(stage, "could not approve")


@scene("letters")
def application_refused(stage: Stage) -> None:
    """No, with the reasons, the rights, and the notice to keep."""
    email = stage.fresh_email("decline")
    reach_plans(stage, email)
    stage.page.wait_for_timeout(SENT_MS)
    read(stage, "cannot offer you a plan", to=email)


@scene("letters")
def order_refunded(stage: Stage) -> None:
    """Money back from a shop."""
    goods(stage)
    read(stage, "refunded")


@scene("letters")
def payment_upcoming(stage: Stage) -> None:
    """A payment is coming up."""
    read(stage, "$", "your payment to")


@scene("letters", last=True)
def payment_failed(stage: Stage) -> None:
    """A payment did not go through, and when it is tried again."""
    read(stage, "was not paid", to=cast(stage)["failed"])


@scene("letters", last=True)
def payment_late(stage: Stage) -> None:
    """A payment is late."""
    read(stage, "was due on", to=cast(stage)["late"])


@scene("letters")
def plan_completed(stage: Stage) -> None:
    """Everything is paid."""
    read(stage, "everything is paid")


@scene("letters")
def hold_opened(stage: Stage) -> None:
    """To operators: an order waits for two people."""
    held(stage, "waiting")
    read(stage, "waits for two people", "$")


@scene("letters")
def hold_prepared(stage: Stage) -> None:
    """To operators: an order is ready for a decision."""
    prepared(stage, "prepared")
    read(stage, "is ready for your decision")


@scene("letters")
def hold_decided(stage: Stage) -> None:
    """To operators: what was decided."""
    decided(stage, "approved", approve=True)
    read(stage, "was approved")


@scene("letters")
def member_invited(stage: Stage) -> None:
    """To somebody who is invited to a shop's team."""
    invite(stage)
    read(stage, "invited to the team")


def invite(stage: Stage) -> None:
    """Have somebody invited."""
    stage.sign_in_merchant()
    stage.open("/merchant/team")
    if not stage.page.get_by_text("mira@nordlys.example").count():
        stage.fill(name="Mira Solberg", email="mira@nordlys.example")
        stage.page.get_by_text("Finance:").click()
        stage.press("Invite")


@scene("sandbox", dark=True)
def guide(stage: Stage) -> None:
    """The world outside: clock, cards, people."""
    stage.open(f"{stage.sandbox_url}/")


@scene("sandbox", dark=True, full=False)
def mailbox(stage: Stage) -> None:
    """Every e-mail lands here."""
    stage.open(f"{stage.sandbox_url}/mailbox/")


@scene("sandbox", full=False)
def message(stage: Stage) -> None:
    """An e-mail in the mailbox."""
    goods(stage)
    stage.open(f"{stage.sandbox_url}/mailbox/{letter(stage, 'your 4 payments', '$')['id']}")


@scene("sandbox", full=False)
def message_text(stage: Stage) -> None:
    """The same as text."""
    goods(stage)
    stage.open(f"{stage.sandbox_url}/mailbox/{letter(stage, 'your 4 payments', '$')['id']}")
    stage.page.locator("iframe").evaluate("frame => frame.remove()")
    stage.page.get_by_text("Text version").click()


@scene("sandbox")
def mailbox_empty(stage: Stage) -> None:
    """No e-mail to an address."""
    stage.open(f"{stage.sandbox_url}/mailbox/?to=nobody@people.example")


@scene("sandbox")
def phone(stage: Stage) -> None:
    """Every SMS lands here, one-time codes too."""
    stage.open("/sign-in")
    stage.fill(contact="+1 503 555 0142")
    stage.press("Send me a code")
    stage.open(f"{stage.sandbox_url}/phone/")


@scene("developers", dark=True, full=False)
def api_reference(stage: Stage) -> None:
    """The API's reference begins with three steps."""
    stage.open("/api/docs/")


@scene("developers", dark=True, full=False)
def api_call(stage: Stage) -> None:
    """A call, its fields, and what to send and get."""
    stage.open("/api/docs/")
    stage.page.evaluate("document.querySelectorAll('.guide, #list-checkouts').forEach(part => part.remove())")
