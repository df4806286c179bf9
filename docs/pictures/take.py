"""Takes the pictures of the documentation from a running demo: `make pictures`, with `manage.py demo` in another terminal.

A person who never bought before buys a lamp; then the owner of the shop and an operator look at what they see.
"""

import json
import os
import shutil
import sys
import time
from pathlib import Path
from typing import Any

# ruff: noqa: INP001  (a script, no package)
from playwright.sync_api import Page, ViewportSize, sync_playwright

HERE = Path(__file__).resolve().parent
VAR = (HERE.parent.parent / os.environ.get("BNPL_VAR", "var")).resolve()
PHONE: ViewportSize = {"width": 390, "height": 844}
DESK: ViewportSize = {"width": 1280, "height": 860}
CARD = {"Card number": "4242 4242 4242 4242", "Expires": "12 / 30", "Security code": "123", "Postal code": "97205"}


def keep(page: Page, name: str) -> None:
    """Keep what the browser shows as a picture."""
    page.wait_for_load_state("networkidle")
    page.screenshot(path=HERE / f"{name}.png")
    print(f"docs/pictures/{name}.png")


def press(page: Page, name: str) -> None:
    """Press a button by its words."""
    page.get_by_role("button", name=name, exact=True).click()


def take_code(page: Page, email: str) -> None:
    """Sign in with the code that the sandbox always takes."""
    page.get_by_label("E-mail or mobile number").fill(email)
    press(page, "Send me a code")
    page.get_by_label("Code", exact=True).fill("111111")
    press(page, "Sign in")


def into_the_shop(page: Page, shop: str) -> None:
    """Show the shop, put a lamp into the basket and go to pay."""
    page.goto(f"{shop}/nordlys/")
    keep(page, "shop")
    page.goto(f"{shop}/nordlys/products/arc")
    page.get_by_role("button", name="See the dates").click()
    keep(page, "widget")
    page.keyboard.press("Escape")
    press(page, "Add to basket")
    page.get_by_role("link", name="Go to checkout").click()
    page.get_by_role("link", name="Fill in as").click()


def show_purchase(page: Page, demo: dict[str, Any]) -> None:
    """Buy a lamp as somebody new, from the shop's front to its confirmation."""
    into_the_shop(page, demo["shop_url"])
    page.get_by_label("E-mail").fill(f"anna{int(time.time())}+approve@people.example")
    press(page, "Pay in installments")
    page.set_viewport_size(PHONE)
    press(page, "Send me a code")
    page.get_by_label("Code", exact=True).fill("111111")
    press(page, "Continue")
    page.get_by_label("Date of birth").fill("1990-05-31")
    press(page, "See my plans")
    page.get_by_role("heading", name="How do you want to pay?").wait_for()
    keep(page, "checkout")
    press(page, "Continue with 4 payments")
    press(page, "Add a card")
    for label, value in CARD.items():
        page.get_by_label(label, exact=True).fill(value)
    press(page, "Save card")
    press(page, "Agree and pay $57.25 when it ships")
    page.get_by_text("by webhook").wait_for()
    page.set_viewport_size(DESK)
    keep(page, "confirmation")


def show_consumer(page: Page, demo: dict[str, Any]) -> None:
    """Show the home of somebody who has bought before."""
    page.goto(f"{demo['base_url']}/sign-in")
    take_code(page, demo["consumers"][0]["email"])
    page.goto(f"{demo['base_url']}/home")
    keep(page, "consumer")


def show_merchant(page: Page, demo: dict[str, Any]) -> None:
    """Show the overview of the lamp shop."""
    base, owner = demo["base_url"], demo["merchants"][0]["login"]
    page.goto(f"{base}/merchant/sign-in")
    page.get_by_label("E-mail").fill(owner["email"])
    page.get_by_label("Password").fill(owner["password"])
    press(page, "Sign in")
    page.goto(f"{base}/merchant/")
    keep(page, "merchant")


def show_operator(page: Page, demo: dict[str, Any]) -> None:
    """Show the work list."""
    operator = demo["operators"][0]
    page.goto(demo["admin_url"])
    page.locator("[name=username]").fill(operator["email"])
    page.locator("[name=password]").fill(operator["password"])
    page.locator("form [type=submit]").click()
    keep(page, "operator")


def main() -> int:
    """Take every picture; return the exit code."""
    manifest = VAR / "demo.json"
    if not manifest.exists():
        print(f"There is no {manifest}: start the demo first (python3 manage.py demo).")
        return 1
    demo = json.loads(manifest.read_text())
    with sync_playwright() as machine:
        browser = machine.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"])
        for show in (show_purchase, show_consumer, show_merchant, show_operator):
            context = browser.new_context(viewport=DESK, locale="en-US", color_scheme="light")
            context.set_default_timeout(20_000)
            show(context.new_page(), demo)
            context.close()
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
