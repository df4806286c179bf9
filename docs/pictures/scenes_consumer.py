"""The consumer portal: signing in, nothing yet, payments under way, a payment that failed, one that is late, everything paid."""

# ruff: noqa: INP001  (scripts, no package)
from typing import Any

from scenes_checkout import begin, buy, identify
from stage import Stage, scene

FUNDLESS = "4000000000009995"


def cast(stage: Stage) -> dict[str, Any]:
    """Return the people of these scenes; the first call in a demo simulates 31 days and moves its clock."""

    def make() -> dict[str, Any]:
        late, failed, active = (stage.fresh_email(persona) for persona in ("approve", "approve+card_fails_2nd", "approve"))
        late_order = stage.buy(14_900, late, "pay_in_30", goods="Fold wall light", card=FUNDLESS)
        stage.forward(17)
        failed_order = stage.buy(22_900, failed, "pay_in_4")
        orders = live_actively(stage, active)
        stage.forward(14)
        return {
            "late": late,
            "late_order": late_order["id"],
            "failed": failed,
            "failed_order": failed_order["id"],
            "active": active,
        } | orders

    made: dict[str, Any] = stage.once("cast", make)
    return made


def live_actively(stage: Stage, email: str) -> dict[str, Any]:
    """Buy three lamps; one of them is partly refunded."""
    arc = buy(stage, email, 22_900)
    halo = buy(stage, email, 34_900, "monthly_6", known=True, goods="Halo pendant")
    pebble = buy(stage, email, 8_900, known=True, goods="Pebble table lamp")
    for order, amount in ((arc, 22_900), (halo, 34_900), (pebble, 8_900)):
        stage.api("POST", f"/orders/{order['id']}/captures", {"amount": amount})
    stage.api("POST", f"/orders/{pebble['id']}/refunds", {"amount": 2_000, "reason": "Arrived with a scratch"})
    return {"arc": arc["id"], "halo": halo["id"], "pebble": pebble["id"]}


def become(stage: Stage, who: str) -> dict[str, Any]:
    """Sign one of the cast in; return the cast."""
    people = cast(stage)
    stage.sign_in_consumer(people[who])
    return people


def newcomer(stage: Stage) -> str:
    """Return the e-mail address of somebody who began a checkout and bought nothing."""

    def make() -> str:
        email = stage.fresh_email()
        begin(stage, email)
        identify(stage)
        stage.context.clear_cookies()
        return email

    email: str = stage.once("newcomer", make)
    return email


def owner_of_much(stage: Stage) -> str:
    """Return a consumer of the demo's own history."""
    email: str = stage.demo["consumers"][0]["email"]
    return email


# Before signing in


@scene("consumer")
def deposit(stage: Stage) -> None:
    """A purchase with a deposit that its card holds until the shop ships."""
    stage.sign_in_consumer("nils+approve@people.example")
    stage.open("/purchases")
    stage.page.locator("a[href*=ord_]").first.click()


@scene("consumer", dark=True)
def landing(stage: Stage) -> None:
    """The front page."""
    stage.open("/")


@scene("consumer")
def sign_in(stage: Stage) -> None:
    """Signing in: a one-time code, no password."""
    stage.open("/sign-in")


@scene("consumer")
def sign_in_error(stage: Stage) -> None:
    """Neither an e-mail nor a number."""
    stage.open("/sign-in")
    stage.fill(contact="anna.people.example")
    stage.press("Send me a code")


@scene("consumer")
def sign_in_code(stage: Stage) -> None:
    """The code."""
    stage.open("/sign-in")
    stage.fill(contact=owner_of_much(stage))
    stage.press("Send me a code")


@scene("consumer")
def sign_in_code_error(stage: Stage) -> None:
    """A wrong code."""
    stage.open("/sign-in")
    stage.fill(contact=stage.demo["consumers"][1]["email"])
    stage.press("Send me a code")
    stage.page.get_by_label("Code", exact=True).fill("999999")
    stage.press("Sign in")


@scene("consumer")
def sign_in_unknown(stage: Stage) -> None:
    """Nobody has bought anything with this address."""
    stage.open("/sign-in")
    stage.fill(contact=stage.fresh_email(name="nobody"))
    stage.press("Send me a code")
    stage.type_code()


# Nothing yet


@scene("consumer")
def home_empty(stage: Stage) -> None:
    """Home before the first purchase."""
    stage.sign_in_consumer(newcomer(stage))
    stage.open("/home")


@scene("consumer")
def purchases_empty(stage: Stage) -> None:
    """No purchases."""
    stage.sign_in_consumer(newcomer(stage))
    stage.open("/purchases")


@scene("consumer")
def payments_empty(stage: Stage) -> None:
    """No payments and no card."""
    stage.sign_in_consumer(newcomer(stage))
    stage.open("/payments")


@scene("consumer")
def limit_empty(stage: Stage) -> None:
    """No limit."""
    stage.sign_in_consumer(newcomer(stage))
    stage.open("/limit")


@scene("consumer")
def inbox_empty(stage: Stage) -> None:
    """No messages."""
    stage.sign_in_consumer(newcomer(stage))
    stage.open("/inbox")


@scene("consumer")
def help(stage: Stage) -> None:  # noqa: A001  (the page's name)
    """Help."""
    stage.sign_in_consumer(newcomer(stage))
    stage.open("/help#tight")
    stage.page.locator("#tight summary").click()


# Purchases that wait


@scene("consumer")
def home_held(stage: Stage) -> None:
    """A person looks at the purchase first."""
    email = stage.fresh_email()
    stage.buy(118_000, email, "pay_in_4", ship=False, goods="Polaris chandelier")
    stage.sign_in_consumer(email)
    stage.open("/home")


@scene("consumer")
def purchase_waiting(stage: Stage) -> None:
    """The shop has not sent it."""
    email = stage.fresh_email()
    order = stage.buy(22_900, email, "pay_in_4", ship=False)
    stage.sign_in_consumer(email)
    stage.open(f"/purchases/{order['id']}")


# Payments under way


@scene("consumer", dark=True, last=True)
def home(stage: Stage) -> None:
    """Home: what is owed next, and what can be spent."""
    become(stage, "active")
    stage.open("/home")


@scene("consumer", last=True)
def purchases(stage: Stage) -> None:
    """Purchases."""
    become(stage, "active")
    stage.open("/purchases")


@scene("consumer", last=True)
def purchases_done(stage: Stage) -> None:
    """None that is done yet."""
    become(stage, "active")
    stage.open("/purchases?state=done")


@scene("consumer", dark=True, last=True)
def purchase(stage: Stage) -> None:
    """A purchase: every payment, by which card, what changed and why."""
    people = become(stage, "active")
    stage.open(f"/purchases/{people['arc']}")


@scene("consumer", last=True)
def purchase_refunded(stage: Stage) -> None:
    """A purchase with a part refunded."""
    people = become(stage, "active")
    stage.open(f"/purchases/{people['pebble']}")


@scene("consumer", last=True)
def purchase_monthly(stage: Stage) -> None:
    """A purchase in six months."""
    people = become(stage, "active")
    stage.open(f"/purchases/{people['halo']}")


@scene("consumer", last=True)
def pay(stage: Stage) -> None:
    """Paying now: the next payment or everything."""
    people = become(stage, "active")
    stage.open(f"/purchases/{people['arc']}/pay")


@scene("consumer", last=True)
def pay_early(stage: Stage) -> None:
    """Paying everything early saves the interest."""
    people = become(stage, "active")
    stage.open(f"/purchases/{people['halo']}/pay")
    stage.page.locator("input[name=scope]").last.check(force=True)


@scene("consumer", last=True)
def change_card(stage: Stage) -> None:
    """Another card for a plan."""
    people = become(stage, "active")
    stage.open(f"/purchases/{people['arc']}/card")


@scene("consumer", last=True)
def agreement(stage: Stage) -> None:
    """The agreement, as it was signed."""
    people = become(stage, "active")
    stage.open(f"/purchases/{people['arc']}/agreement")


@scene("consumer", dark=True, last=True)
def payments(stage: Stage) -> None:
    """Payments to come and paid, and cards."""
    become(stage, "active")
    stage.open("/payments")


@scene("consumer", last=True)
def limit(stage: Stage) -> None:
    """The limit and how it moved."""
    become(stage, "active")
    stage.open("/limit")


@scene("consumer", last=True)
def inbox(stage: Stage) -> None:
    """The inbox."""
    become(stage, "active")
    stage.open("/inbox")


@scene("consumer", last=True)
def profile(stage: Stage) -> None:
    """Who you are, and what you agreed to."""
    become(stage, "active")
    stage.open("/profile")


@scene("consumer", full=False, last=True)
def menu(stage: Stage) -> None:
    """The account's menu."""
    become(stage, "active")
    stage.open("/home")
    stage.page.locator(".app-bar summary").click()


# Trouble


@scene("consumer", last=True)
def home_failed(stage: Stage) -> None:
    """A payment failed today."""
    become(stage, "failed")
    stage.open("/home")


@scene("consumer", last=True)
def purchase_failed(stage: Stage) -> None:
    """What failed, why, and when it is tried again."""
    people = become(stage, "failed")
    stage.open(f"/purchases/{people['failed_order']}")


@scene("consumer", dark=True, last=True)
def home_late(stage: Stage) -> None:
    """A payment is late."""
    become(stage, "late")
    stage.open("/home")


@scene("consumer", last=True)
def purchase_late(stage: Stage) -> None:
    """A purchase that is late."""
    people = become(stage, "late")
    stage.open(f"/purchases/{people['late_order']}")


@scene("consumer", last=True)
def payment_failed(stage: Stage) -> None:
    """Paying with a card that is refused: nothing was charged, and what to do."""
    people = become(stage, "late")
    stage.open(f"/purchases/{people['late_order']}/pay")
    stage.page.locator("#pay-form button[type=submit]").click()
    stage.page.wait_for_load_state("networkidle")


@scene("consumer", last=True)
def payment_done(stage: Stage) -> None:
    """Paid."""
    people = become(stage, "active")
    stage.open(f"/purchases/{people['halo']}/pay")
    stage.page.locator("#pay-form button[type=submit]").click()
    stage.page.wait_for_load_state("networkidle")
