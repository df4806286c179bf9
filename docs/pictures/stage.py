"""The environment of scenes: a browser, a running demo, and shared steps (signing in, opening a checkout, calling the API)."""

import json
import time
import urllib.request
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

# ruff: noqa: INP001  (scripts, no package)
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

# Relative to the present year, so that the card is never expired and the child is always a child.
YEAR = datetime.now(UTC).year
CARD = {"Card number": "4242 4242 4242 4242", "Expires": f"12 / {(YEAR + 4) % 100:02d}", "Security code": "123", "Postal code": "97205"}
CODE = "111111"
PATIENCE_MS = 20_000
DESK_WIDTH = 1280
HEIGHTS = {390: 844, 768: 1024, DESK_WIDTH: 860}


@dataclass(frozen=True, slots=True)
class Scene:
    """A page in a state: how to get there, the caption of its picture, and how the picture is taken."""

    group: str
    name: str
    caption: str
    play: Callable[["Stage"], None]
    dark: bool = False
    full: bool = True
    turn: int = 0


SCENES: list[Scene] = []
"""All scenes, in order of definition."""


def scene(
    group: str, *, dark: bool = False, full: bool = True, first: bool = False, last: bool = False
) -> Callable[[Callable[["Stage"], None]], None]:
    """Make a function a scene of a group: its name names the picture, its docstring's first line is the caption.

    `dark` takes it in dark mode too; `full` grows the window to the whole page, else the picture is one window high;
    `last` plays it after the others, because it moves the demo's clock; `first` before them, because it shows the demo as it starts.
    """

    def add(play: Callable[["Stage"], None]) -> None:
        name = play.__name__.strip("_").replace("_", "-")
        caption = (play.__doc__ or name).strip().splitlines()[0].rstrip(".")
        SCENES.append(Scene(group, name, caption, play, dark, full, turn=last - first))

    return add


class Stage:
    """One browser window on a running demo. `page` is Playwright's; every scene gets a fresh one."""

    def __init__(self, browser: Browser, demo: dict[str, Any], memory: Path) -> None:
        self.browser = browser
        self.demo = demo
        self.base_url: str = demo["base_url"]
        self.shop_url: str = demo["shop_url"]
        self.sandbox_url: str = demo["sandbox_url"]
        self.memory = memory
        self.cookies: dict[str, list[Any]] = {}
        self.faults: list[str] = []
        self.page: Page
        self.context: BrowserContext
        self._count = 0

    def enter(self) -> None:
        """Open a fresh window: nobody is signed in."""
        self.context = self.browser.new_context(
            viewport={"width": DESK_WIDTH, "height": HEIGHTS[DESK_WIDTH]},
            locale="en-US",
            timezone_id="America/New_York",
            color_scheme="light",
            reduced_motion="reduce",
            device_scale_factor=1,
        )
        self.context.set_default_timeout(PATIENCE_MS)
        self.page = self.context.new_page()
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))

    def _hear(self, message: ConsoleMessage) -> None:
        """Record an error; an answer of 4xx or 5xx to the page itself does not count, since error pages are scenes too."""
        if message.type == "error" and message.location.get("url") != self.page.url:
            self.faults.append(message.text)

    def leave(self) -> None:
        """Close the window."""
        self.context.close()

    # What a person does

    def open(self, path: str) -> None:
        """Go to a path of the platform, or to a URL, and wait until the page has loaded."""
        self.page.goto(path if "://" in path else f"{self.base_url}{path}")
        self.page.wait_for_load_state("networkidle")

    def press(self, name: str) -> None:
        """Press a button by its exact text and wait for the next page."""
        self.page.get_by_role("button", name=name, exact=True).first.click()
        self.page.wait_for_load_state("networkidle")

    def fill(self, **fields: str) -> None:
        """Fill fields by their `name` attribute."""
        for name, value in fields.items():
            self.page.locator(f"[name={name}]:not([type=hidden])").first.fill(value)

    def type_code(self) -> None:
        """Enter the one-time code that the sandbox always takes; the form sends itself with its last digit."""
        with self.page.expect_navigation():
            self.page.get_by_label("Code", exact=True).fill(CODE)
        self.page.wait_for_load_state("networkidle")

    def give_card(self, number: str = CARD["Card number"], *, save: bool = True) -> None:
        """Fill in the card page of the sandbox's gateway, and save."""
        for label, value in (CARD | {"Card number": number}).items():
            self.page.get_by_label(label, exact=True).fill(value)
        if save:
            self.press("Save card")

    # Signing in

    def sign_in_consumer(self, email: str) -> None:
        """Sign a consumer in; later scenes of the run reuse the session."""
        if not self._recall(f"consumer {email}"):
            self.open("/sign-in")
            self.fill(contact=email)
            self.press("Send me a code")
            self.type_code()
            self.page.wait_for_url("**/home")
            self._remember(f"consumer {email}")

    def sign_in_merchant(self, shop: int = 0) -> None:
        """Sign the owner of a shop in."""
        owner = self.demo["merchants"][shop]["login"]
        if not self._recall(f"merchant {shop}"):
            self.open("/merchant/sign-in")
            self.page.get_by_label("E-mail").fill(owner["email"])
            self.page.get_by_label("Password").fill(owner["password"])
            self.press("Sign in")
            self._remember(f"merchant {shop}")

    def sign_in_operator(self, number: int = 0) -> None:
        """Sign an operator in: 0 and 1 approve orders, 2 is the administrator."""
        operator = self.demo["operators"][number]
        if not self._recall(f"operator {number}"):
            self.open("/admin/login/")
            self.fill(username=operator["email"], password=operator["password"])
            self.page.locator("form [type=submit]").first.click()
            self.page.wait_for_load_state("networkidle")
            self._remember(f"operator {number}")

    def _recall(self, who: str) -> bool:
        self.context.add_cookies(self.cookies.get(who, []))
        return who in self.cookies

    def _remember(self, who: str) -> None:
        self.cookies[who] = self.context.cookies()

    # What a shop's server does

    def api(self, method: str, path: str, body: dict[str, Any] | None = None, *, shop: int = 0) -> dict[str, Any]:
        """Call the API with a shop's secret key: `stage.api("POST", "/orders/ord_1/captures", {...})`; HTTPError for a refusal."""
        headers = {"Authorization": f"Bearer {self.demo['merchants'][shop]['secret_key']}", "Content-Type": "application/json"}
        if method == "POST":
            headers["Idempotency-Key"] = f"picture-{time.time_ns()}"
        data = json.dumps(body or {}).encode() if method != "GET" else None
        request = urllib.request.Request(f"{self.base_url}/api/v1{path}", data=data, headers=headers, method=method)  # noqa: S310
        with urllib.request.urlopen(request, timeout=180) as response:  # noqa: S310  (the demo's own address)
            answer: dict[str, Any] = json.load(response)
        return answer

    def open_checkout(self, amount: int, email: str, *, shop: int = 0, goods: str = "Arc desk lamp", **draft: Any) -> dict[str, Any]:
        """Open a checkout as the shop's server does; its `url` is the hosted page."""
        slug = ("nordlys", "trailhead")[shop]
        body = {
            "amount": amount,
            "currency": self.demo["merchants"][shop]["currency"],
            "merchant_reference": self.unique("N-" if shop == 0 else "T-"),
            "items": [{"name": goods, "quantity": 1, "unit_amount": amount, "amount": amount}],
            "urls": {"confirmation": f"{self.shop_url}/{slug}/orders", "cancel": f"{self.shop_url}/{slug}/basket"},
            "customer": person(shop, email),
        }
        return self.api("POST", "/checkouts", body | draft, shop=shop)

    def buy(self, amount: int, email: str, product: str, *, shop: int = 0, ship: bool = True, **how: Any) -> dict[str, Any]:
        """Buy without a browser and, with `ship`, capture all of it; return the order."""
        card = how.pop("card", CARD["Card number"])
        checkout = self.open_checkout(amount, email, shop=shop, **how)
        done = self.api(
            "POST", f"/sandbox/checkouts/{checkout['id']}/complete", {"email": email, "product": product, "card": card}, shop=shop
        )
        order: dict[str, Any] = done["order"]
        if ship:
            self.api("POST", f"/orders/{order['id']}/captures", {"amount": amount}, shop=shop)
        return order

    def forward(self, days: int) -> None:
        """Move the demo's clock."""
        self.api("POST", "/sandbox/clock", {"forward_days": days})

    # Stored values

    def unique(self, prefix: str) -> str:
        """Return a reference that is not used in this demo yet."""
        self._count += 1
        return f"{prefix}{int(time.time() * 10) % 10**7}{self._count}"

    def fresh_email(self, persona: str = "approve", name: str = "anna") -> str:
        """Return an e-mail address of a person who never bought anything."""
        return f"{name}.{self.unique('')}+{persona}@people.example"

    def once(self, key: str, make: Callable[[], Any]) -> Any:
        """Return the stored result for a key in this demo, or call `make` the first time; stored in `pictures.json` beside `demo.json`."""
        made = json.loads(self.memory.read_text()) if self.memory.exists() else {}
        keys = self.demo["merchants"][0]["publishable_key"]
        if made.get("demo") != keys:
            made = {"demo": keys}
        if key not in made:
            made[key] = make()
            self.memory.write_text(json.dumps(made, indent=1))
        return made[key]


PEOPLE: list[dict[str, Any]] = [
    {
        "name": "Anna Lindholm",
        "address": {"line1": "{} Larch Street", "postal_code": "97205", "city": "Portland", "region": "OR", "country": "US"},
    },
    {"name": "Freja Holm", "address": {"line1": "Strandvejen {}", "postal_code": "8000", "city": "Aarhus C", "country": "DK"}},
]


def person(shop: int, email: str) -> dict[str, Any]:
    """Return the customer of a shop with an e-mail address. Each has a home of their own, or all would be one person with one limit."""
    told = PEOPLE[shop]
    house = 1 + zlib.crc32(email.encode()) % 9_999
    return told | {"email": email, "address": told["address"] | {"line1": told["address"]["line1"].format(house)}}


def born(email: str) -> str:
    """Return the birth date of the person with an e-mail address: people with one name who share it count as one person with one limit."""
    return str(date(1960, 1, 1) + timedelta(days=zlib.crc32(email.encode()) % 14_000))


def chosen(groups: list[str], names: list[str]) -> Iterator[Scene]:
    """Yield the requested scenes, or all; those that move the clock come last."""
    for scene_ in sorted(SCENES, key=lambda one: one.turn):
        if (not groups or scene_.group in groups) and (not names or scene_.name in names or f"{scene_.group}/{scene_.name}" in names):
            yield scene_
