"""A whole purchase, the consumer's portal and the shop's work by the keyboard alone: every stop is seen, nothing is a trap."""

import pytest

from checkout.models import Capture, Order, Refund
from core import clock
from payments.models import PaymentMethod
from tests.browser.test_walk_portals import bought, consumer_session, keep, user_session  # noqa: F401  (fixtures)
from tests.dates import CARD_ENDS
from tests.shop.conftest import customer, street  # noqa: F401  (fixtures)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
MOST_STOPS = 60
# What has the focus, and whether somebody who sees the page knows it.
FOCUS = """() => {
  let at = document.activeElement;
  while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
  if (!at || at === document.body) return null;
  const marked = (node) => [null, "::after"].some((part) => { const style = getComputedStyle(node, part);
    return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2) || style.boxShadow !== "none"; });
  const boxes = [...(at.closest("[data-code]")?.querySelectorAll(".code-boxes > *") ?? [])];
  const around = [at, at.parentElement, at.closest(".plan, .choice, label, li, article"), ...boxes].filter(Boolean);
  // The last stop of a date is the browser's own button in it, with the browser's own ring.
  const shown = around.some(marked) || (at.type === "date" && !at.matches(":focus-visible"));
  const { top, bottom } = at.getBoundingClientRect();
  const name = at.getAttribute("aria-label") || at.labels?.[0]?.innerText || at.innerText || at.name || at.tagName;
  return { name, tag: at.tagName, id: at.id, field: at.name || "", shown: shown && bottom > 0 && top < innerHeight };
}"""


class Keys:
    """Somebody who has nothing but a keyboard."""

    def __init__(self, page) -> None:
        self.page = page
        self.unseen: list[str] = []

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)

    def to(self, name: str, *, back: bool = False) -> None:
        """Go on by Tab until something of a name, or a field of a name, has the focus; each stop on the way must be seen."""
        seen = []
        for _ in range(MOST_STOPS):
            self.press("Shift+Tab" if back else "Tab")
            stop = self.page.evaluate(FOCUS)
            if stop is None:
                continue
            seen.append(" ".join(stop["name"].split()))
            if not stop["shown"]:
                self.unseen.append(f"{self.page.url}: {seen[-1]} <{stop['tag']}>")
            rest = seen[-1].removeprefix(name)
            if name in {stop["field"], stop["id"]} or (rest != seen[-1] and not (rest[:1].isalpha() and name[-1:].isalpha())):
                return
        raise AssertionError(f"no way to {name!r} by Tab at {self.page.url}: {seen}")

    def type(self, name: str, text: str) -> None:
        self.to(name)
        self.press("Control+A")
        self.page.keyboard.type(text)

    def go(self, name: str, key: str = "Enter") -> None:
        """Press a button or follow a link, and wait for the page behind it."""
        self.to(name)
        with self.page.expect_navigation():
            self.press(key)
        self.page.wait_for_load_state("networkidle")

    def skip(self) -> None:
        """Take the first stop of a page, which leads past its head."""
        self.to("Skip to")
        self.press("Enter")
        assert self.page.evaluate("location.hash") == "#main"


@pytest.fixture
def keys(page) -> Keys:
    """A keyboard for this test's browser; whatever had the focus unseen fails the test at its end."""
    found = Keys(page)
    yield found
    print(page.url)
    assert not found.unseen, "\n".join(found.unseen)


def main_button(keys: Keys) -> None:
    """Go to the one main button of a step of the checkout and press it."""
    name = keys.page.locator(".checkout-foot .btn").inner_text()
    keys.go(" ".join(name.split()))


def test_a_lamp_is_bought_by_keyboard_from_the_shop_to_the_order(page, keys, street):  # noqa: F811
    street.start("web", "shop")
    page.goto(f"{street.url}/nordlys/products/arc")
    page.locator("pay-in-installments").get_by_text("$57.25").first.wait_for()
    keys.skip()
    keys.to("See the dates")
    keys.press("Enter")
    page.get_by_role("dialog").wait_for()
    keys.press("Escape")
    keys.go("Add to basket")
    keys.go("Go to checkout")
    for name, text in (("name", "Anna Lindholm"), ("email", "keys+approve@people.example"), ("line1", "410 Larch Street")):
        keys.type(name, text)
    for name, text in (("postal_code", "97205"), ("city", "Portland"), ("region", "OR")):
        keys.type(name, text)
    keys.go("Pay in installments")
    assert "/checkout/chk_" in page.url
    keys.skip()
    if page.locator("input[name=contact]").count():
        keys.type("contact", "keys+approve@people.example")
    main_button(keys)
    keys.type("code", "111111")
    page.locator("form#details-form").wait_for()
    for field in page.locator("form#details-form input:visible").all():
        name = str(field.get_attribute("name"))
        if name == "birth_date":
            keys.to(name)
            page.keyboard.type("05311990")
        elif not field.input_value():
            keys.type(name, {"name": "Anna Lindholm", "email": "keys+approve@people.example"}.get(name, "410 Larch Street"))
    main_button(keys)
    keys.to("plan")
    keys.press("ArrowDown")
    assert not page.locator(".plan input").first.is_checked()
    keys.press("ArrowUp")
    main_button(keys)
    main_button(keys)
    for name, text in (("number", "4242424242424242"), ("expiry", CARD_ENDS), ("cvc", "123"), ("postal_code", "97205")):
        keys.type(name, text)
    keys.go("Save card")
    main_button(keys)
    page.wait_for_url(f"{street.url}/nordlys/orders/**")
    page.get_by_role("heading", name="Thank you, Anna").wait_for()
    assert (Order.objects.get().status, PaymentMethod.objects.get().last4) == ("authorized", "4242")


def test_the_consumer_pays_moves_about_and_adds_a_card_by_keyboard(page, keys, platform, bought, keep):  # noqa: F811
    keep(consumer_session(bought.consumer))
    page.goto(f"{platform}/home")
    keys.skip()
    page.goto(f"{platform}/purchases/{bought.public_id}/pay")
    keys.to("scope")
    keys.press("ArrowDown")
    keys.go("Pay $")
    page.get_by_role("heading", level=1).wait_for()
    bought.plan.refresh_from_db()
    assert bought.plan.status == "completed"
    for name in ("Purchases", "Payments", "Limit", "Help"):
        page.keyboard.press("Control+Home")
        page.evaluate("document.activeElement.blur()")
        keys.go(name)
        assert page.locator("[aria-current=page]").count()
    page.goto(f"{platform}/payments")
    keys.go("Add a card")
    for name, text in (("number", "5555555555554444"), ("expiry", CARD_ENDS), ("cvc", "123"), ("postal_code", "10001")):
        keys.type(name, text)
    keys.go("Save card")
    page.get_by_text("4444").first.wait_for()
    page.get_by_text("4444").first.wait_for()
    keys.to("Your account")
    keys.press("Enter")
    keys.go("Sign out")


def test_the_shop_captures_and_refunds_by_keyboard(page, keys, platform, buy, merchant, email):
    from accounts.models import User
    from merchants.models import Membership

    owner = User.objects.create_user("owner@nordlys.example", "correct-horse-battery", name="Mia Owner")
    Membership.objects.create(user=owner, merchant=merchant, role="owner", added_at=clock.now())
    order = buy(merchant, 22_900, clock.now(), email=email("+approve"))
    page.set_viewport_size({"width": 1280, "height": 850})
    page.goto(f"{platform}/merchant/sign-in")
    keys.type("username", "owner@nordlys.example")
    keys.type("password", "correct-horse-battery")
    keys.press("Enter")
    page.wait_for_url("**/merchant/")
    keys.skip()
    page.goto(f"{platform}/merchant/")
    keys.go("Orders")
    keys.go(order.merchant_reference)
    keys.go("Capture")
    keys.type("amount", "100")
    keys.go("Capture")
    keys.go("Refund")
    keys.type("amount", "40")
    keys.go("Show what changes")
    keys.go("Refund $40.00")
    assert Capture.objects.get(order=order).refunded_minor == 4_000
    assert Refund.objects.get().amount_minor == 4_000
