"""The merchant portal: the shop's figures, its orders in every state, refunds, settlements, and what its engineers need."""

# ruff: noqa: INP001  (scripts, no package)
import time
from typing import Any

from stage import Stage, scene

LAMP = 22_900
OVER_THE_LIMIT = 120_000
DEAF = "http://127.0.0.1:9/webhooks"
"""An address where nobody listens."""


def goods(stage: Stage) -> dict[str, str]:
    """Return the ids of orders in each state, made once in a demo."""

    def buy(number: int, amount: int, *, ship: bool = False, **how: Any) -> dict[str, Any]:
        return stage.buy(amount, stage.fresh_email(), "pay_in_4", ship=ship, merchant_reference=str(number), **how)

    def make() -> dict[str, str]:
        orders = {
            "back": buy(10_477, 15_250, ship=True, goods="Fold desk lamp, two"),
            "open": buy(10_478, 8_600, goods="Pebble night light"),
            "partly": buy(10_479, 15_250, goods="Fold desk lamp, two"),
            "gone": buy(10_480, 8_900, goods="Pebble night light"),
            "held": buy(10_481, OVER_THE_LIMIT, goods="Polaris chandelier"),
            "sold": buy(10_482, LAMP, ship=True),
        }
        ids = {name: str(order["id"]) for name, order in orders.items()}
        stage.api("POST", f"/orders/{ids['partly']}/captures", {"amount": 7_600})
        stage.api("POST", f"/orders/{ids['back']}/refunds", {"amount": 4_000, "reason": "The shade arrived broken"})
        stage.api("POST", f"/orders/{ids['gone']}/void")
        return ids

    made: dict[str, str] = stage.once("merchant goods", make)
    return made


def at(stage: Stage, path: str) -> None:
    """Open a page of the portal as the lamp shop's owner."""
    stage.sign_in_merchant()
    stage.open(f"/merchant/{path}")


def at_order(stage: Stage, state: str, step: str = "") -> None:
    """Open the page of an order in a state, or a step on it."""
    order = goods(stage)[state]
    at(stage, f"orders/{order}{step}")


def first_link(stage: Stage, part: str) -> str:
    """Return the address of the first link in the page that leads to a part of the portal."""
    return str(stage.page.locator(f"main a[href*='{part}']").first.get_attribute("href"))


@scene("merchant", dark=True)
def sign_in(stage: Stage) -> None:
    """Signing in to the portal."""
    stage.open("/merchant/sign-in")


@scene("merchant")
def sign_in_wrong(stage: Stage) -> None:
    """E-mail and password do not match."""
    stage.open("/merchant/sign-in")
    stage.fill(username="owner@nordlys.example", password="not-the-password")  # noqa: S106  (it is wrong on purpose)
    stage.press("Sign in")
    stage.page.get_by_text("do not match").wait_for()


@scene("merchant", dark=True, first=True)
def overview(stage: Stage) -> None:
    """Sales, approval, the next payout and the latest orders."""
    at(stage, "")


@scene("merchant", first=True)
def overview_danish(stage: Stage) -> None:
    """The same for a shop in Denmark."""
    stage.sign_in_merchant(1)
    stage.open("/merchant/")


@scene("merchant", dark=True)
def orders(stage: Stage) -> None:
    """All orders, the latest first."""
    goods(stage)
    at(stage, "orders")


@scene("merchant")
def orders_selected(stage: Stage) -> None:
    """Orders to capture, two of them selected."""
    goods(stage)
    at(stage, "orders?status=to_capture")
    boxes = stage.page.locator("main input[type=checkbox]")
    boxes.nth(0).check()
    boxes.nth(1).check()


@scene("merchant")
def orders_no_match(stage: Stage) -> None:
    """A search that finds nothing."""
    at(stage, "orders?q=20-4711&from=2026-11-01")


@scene("merchant", dark=True)
def order_authorized(stage: Stage) -> None:
    """An order that waits to be sent."""
    at_order(stage, "open")


@scene("merchant")
def order_partly_captured(stage: Stage) -> None:
    """An order of which a part has shipped."""
    at_order(stage, "partly")


@scene("merchant")
def order_captured(stage: Stage) -> None:
    """An order that has shipped."""
    at_order(stage, "sold")


@scene("merchant", dark=True)
def order_refunded(stage: Stage) -> None:
    """An order of which a part was refunded."""
    at_order(stage, "back")


@scene("merchant")
def order_in_review(stage: Stage) -> None:
    """An order that two operators look at."""
    at_order(stage, "held")


@scene("merchant")
def order_voided(stage: Stage) -> None:
    """An order that was voided."""
    at_order(stage, "gone")


@scene("merchant")
def capture(stage: Stage) -> None:
    """Capturing what ships."""
    at_order(stage, "open", "/capture")


@scene("merchant")
def capture_too_much(stage: Stage) -> None:
    """More than what is left cannot be captured."""
    at_order(stage, "open", "/capture")
    stage.fill(amount="500")
    stage.press("Capture")


@scene("merchant")
def void(stage: Stage) -> None:
    """Asking before an order is voided."""
    at_order(stage, "open", "/void")


@scene("merchant")
def refund(stage: Stage) -> None:
    """Choosing how much goes back."""
    at_order(stage, "sold", "/refund")


@scene("merchant", dark=True)
def refund_preview(stage: Stage) -> None:
    """The plan before and after a refund."""
    at_order(stage, "sold", "/refund")
    stage.fill(amount="80.00", reason="The shade arrived broken")
    stage.press("Show what changes")


@scene("merchant")
def refunds(stage: Stage) -> None:
    """All refunds."""
    goods(stage)
    at(stage, "refunds")


@scene("merchant", dark=True)
def settlements(stage: Stage) -> None:
    """A statement for every day."""
    at(stage, "settlements")


@scene("merchant", dark=True)
def settlement(stage: Stage) -> None:
    """A statement: each line to its order, and how it adds up."""
    at(stage, "settlements")
    paid = stage.page.locator("main tr", has_text="Paid out").filter(has=stage.page.locator("a")).first
    stage.open(str(paid.locator("a").get_attribute("href")))


@scene("merchant", dark=True)
def keys(stage: Stage) -> None:
    """API keys in use, and a form for another."""
    at(stage, "keys")


@scene("merchant")
def key_shown_once(stage: Stage) -> None:
    """A new key, shown this once."""
    at(stage, "keys")
    stage.fill(name="Warehouse")
    stage.press("Make the key")


@scene("merchant")
def key_revoke(stage: Stage) -> None:
    """Asking before a key is revoked."""
    at(stage, "keys")
    stage.open(first_link(stage, "/revoke"))


@scene("merchant")
def keys_revoked(stage: Stage) -> None:
    """A key that was revoked."""
    at(stage, "keys")
    stage.fill(name="Old till")
    stage.press("Make the key")
    stage.open("/merchant/keys")
    stage.page.get_by_role("row", name="Old till").get_by_role("link", name="Revoke").first.click()
    stage.page.locator("main form button").first.click()
    stage.page.wait_for_load_state("networkidle")
    stage.page.locator("details.more summary").click()


def deaf_endpoint(stage: Stage) -> str:
    """Return the path of an endpoint that does not answer, with one event on its way to it; made once in a demo."""

    def make() -> str:
        at(stage, "webhooks/new")
        stage.fill(url=DEAF)
        stage.press("Add the endpoint")
        path = str(stage.page.locator("main .card .btn").last.get_attribute("href"))
        stage.buy(LAMP, stage.fresh_email(), "pay_in_4", ship=False)
        wait_for_try(stage, path)
        return path

    stage.sign_in_merchant()
    made: str = stage.once("merchant deaf endpoint", make)
    return made


def wait_for_try(stage: Stage, path: str) -> None:
    """Wait until the first delivery of an endpoint was tried."""
    for _ in range(40):
        stage.open(path)
        tried: Any = stage.page.locator("td[data-label=Tries]").first
        if tried.count() and tried.inner_text().strip() != "0":
            return
        time.sleep(0.5)


@scene("merchant")
def webhooks(stage: Stage) -> None:
    """Endpoints that take events."""
    deaf_endpoint(stage)
    at(stage, "webhooks")


@scene("merchant")
def webhook_new(stage: Stage) -> None:
    """Adding an endpoint."""
    at(stage, "webhooks/new")


@scene("merchant")
def webhook_wrong_address(stage: Stage) -> None:
    """An address that cannot take events."""
    at(stage, "webhooks/new")
    stage.fill(url="shop.example/webhooks")
    stage.press("Add the endpoint")


@scene("merchant")
def webhook_secret(stage: Stage) -> None:
    """A signing secret, shown this once."""
    path = deaf_endpoint(stage)
    stage.open(f"{path}/secret")
    stage.page.locator("main form button").first.click()
    stage.page.wait_for_load_state("networkidle")


@scene("merchant", dark=True)
def webhook_deliveries(stage: Stage) -> None:
    """What was sent to an endpoint that works."""
    goods(stage)
    at(stage, "webhooks")
    stage.page.get_by_role("link", name="/nordlys/webhooks").first.click()
    stage.page.wait_for_load_state("networkidle")


@scene("merchant")
def webhook_failing(stage: Stage) -> None:
    """An endpoint that does not answer."""
    stage.open(deaf_endpoint(stage))


@scene("merchant", dark=True)
def delivery_failing(stage: Stage) -> None:
    """A delivery with its tries, and what was sent."""
    stage.open(deaf_endpoint(stage))
    stage.open(first_link(stage, "/deliveries/"))


@scene("merchant")
def events(stage: Stage) -> None:
    """All that happened, numbered without gaps."""
    goods(stage)
    at(stage, "events")


@scene("merchant")
def team(stage: Stage) -> None:
    """The team, and a form to invite somebody."""

    def make() -> bool:
        at(stage, "team")
        stage.fill(name="Mira Solberg", email="mira@nordlys.example")
        stage.page.get_by_text("Finance:").click()
        stage.press("Invite")
        return True

    stage.sign_in_merchant()
    stage.once("merchant team", make)
    at(stage, "team")


@scene("merchant", dark=True)
def look(stage: Stage) -> None:
    """How checkout looks, with a preview."""
    at(stage, "look")


@scene("merchant")
def look_contrast(stage: Stage) -> None:
    """A color too light for white letters is shown darker."""
    at(stage, "look")
    with stage.page.expect_response("**/look/preview*"):
        stage.fill(brand_color="#ffc400")
    stage.page.get_by_text("We show your color darker.").wait_for()


@scene("merchant")
def order_unknown(stage: Stage) -> None:
    """An order that this shop does not have."""
    at(stage, "orders/ord_nosuchorder")


@scene("merchant")
def page_unknown(stage: Stage) -> None:
    """A page that does not exist."""
    at(stage, "nothing-here")
