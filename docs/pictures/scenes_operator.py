"""The back office: the work list, a held order from preparing to the decision of a second person, and what operators look up."""

# ruff: noqa: INP001  (scripts, no package)
import re

from stage import Stage, scene

OLIVIA, OSCAR, ADMIN = 0, 1, 2
FOUND = "Three purchases paid on time, the address is the one of the parcel. The amount fits the income."
GOOD = "Income and address are confirmed, and she has paid on time before."
BAD = "The address belongs to a parcel shop, and the telephone number was used by somebody else."


def held(stage: Stage, name: str) -> str:
    """Return the path of a held order of a person who has bought before; made once in a demo, one for each name."""

    def make() -> str:
        email = stage.fresh_email()
        stage.buy(12_900, email, "pay_in_4", goods="Fold desk lamp")
        order = stage.buy(115_000, email, "pay_in_4", ship=False, goods="Polaris chandelier")
        stage.open("/admin/")
        stage.open(f"/admin/checkout/orderreview/?q={order['merchant_reference']}")
        return str(stage.page.locator("#result_list a[href*='/change/']").first.get_attribute("href"))

    stage.sign_in_operator(OLIVIA)
    made: str = stage.once(f"held {name}", make)
    return made


def become(stage: Stage, number: int) -> None:
    """Let another operator sit down."""
    stage.context.clear_cookies()
    stage.sign_in_operator(number)


def prepared(stage: Stage, name: str, recommendation: str = "approve", note: str = FOUND) -> str:
    """Return the path of a held order that Olivia prepared."""
    path = held(stage, name)

    def make() -> bool:
        stage.open(path)
        stage.page.locator(f"input[name=recommendation][value={recommendation}]").check()
        stage.fill(note=note)
        stage.press("Save recommendation")
        return True

    stage.once(f"prepared {name}", make)
    return path


def decided(stage: Stage, name: str, *, approve: bool) -> str:
    """Return the path of a held order that Oscar decided on."""
    path = prepared(stage, name, "approve" if approve else "reject", FOUND if approve else BAD)

    def make() -> bool:
        become(stage, OSCAR)
        stage.open(path)
        ask(stage, GOOD if approve else BAD, "Approve…" if approve else "Reject…")
        stage.page.locator("button[name=confirmed]").click()
        stage.page.wait_for_load_state("networkidle")
        return True

    stage.once(f"decided {name}", make)
    become(stage, OSCAR)
    return path


def ask(stage: Stage, reason: str, button: str) -> None:
    """Give a reason and press a decision; what comes asks once more."""
    stage.fill(reason=reason)
    stage.press(button)


@scene("operator", dark=True)
def sign_in(stage: Stage) -> None:
    """Signing in to the back office."""
    stage.open("/admin/login/?next=/admin/")


@scene("operator", dark=True)
def work_list(stage: Stage) -> None:
    """What waits for a person, first."""
    held(stage, "waiting")
    prepared(stage, "prepared")
    become(stage, OSCAR)
    stage.open("/admin/")


@scene("operator", dark=True)
def held_order(stage: Stage) -> None:
    """A held order: the reason, the person's history, linked orders and both signatures."""
    stage.open(held(stage, "waiting"))


@scene("operator")
def prepare(stage: Stage) -> None:
    """The first person says what they found."""
    stage.open(held(stage, "waiting"))
    stage.page.locator("input[name=recommendation][value=approve]").check()
    stage.fill(note=FOUND)


@scene("operator")
def own_preparation(stage: Stage) -> None:
    """Who prepared an order cannot decide on it."""
    stage.open(prepared(stage, "prepared"))


@scene("operator", dark=True)
def decide(stage: Stage) -> None:
    """A second person sees the recommendation and decides."""
    path = prepared(stage, "prepared")
    become(stage, OSCAR)
    stage.open(path)
    stage.fill(reason=GOOD)


@scene("operator")
def confirm(stage: Stage) -> None:
    """Asking once more before an order is approved."""
    path = prepared(stage, "prepared")
    become(stage, OSCAR)
    stage.open(path)
    ask(stage, GOOD, "Approve…")


@scene("operator")
def confirm_rejection(stage: Stage) -> None:
    """Asking once more before an order is rejected."""
    path = prepared(stage, "prepared")
    become(stage, OSCAR)
    stage.open(path)
    ask(stage, BAD, "Reject…")


@scene("operator")
def approved(stage: Stage) -> None:
    """An order that two people approved."""
    stage.open(decided(stage, "approved", approve=True))


@scene("operator")
def rejected(stage: Stage) -> None:
    """An order that was rejected, with the reason."""
    stage.open(decided(stage, "rejected", approve=False))


@scene("operator")
def held_orders(stage: Stage) -> None:
    """All held orders, who approved or rejected them and when."""
    decided(stage, "approved", approve=True)
    decided(stage, "rejected", approve=False)
    stage.open("/admin/checkout/orderreview/")


@scene("operator", full=False)
def filters(stage: Stage) -> None:
    """Held orders by who decided, when and why."""
    decided(stage, "approved", approve=True)
    stage.open("/admin/checkout/orderreview/")
    stage.page.locator("#main a", has_text="Filters").first.click()
    stage.page.wait_for_timeout(400)


@scene("operator")
def search(stage: Stage) -> None:
    """A search by a word of the reason."""
    decided(stage, "rejected", approve=False)
    stage.open("/admin/checkout/orderreview/?q=parcel")


@scene("operator", dark=True)
def orders(stage: Stage) -> None:
    """Orders of all shops."""
    become(stage, OLIVIA)
    stage.open("/admin/checkout/order/")


@scene("operator")
def order(stage: Stage) -> None:
    """An order to look at, not to change."""
    become(stage, OLIVIA)
    stage.open("/admin/checkout/order/")
    stage.open(str(stage.page.locator("#result_list a[href*='/change/']").first.get_attribute("href")))


@scene("operator")
def ledger(stage: Stage) -> None:
    """The books: every movement."""
    become(stage, OLIVIA)
    stage.open("/admin/ledger/entry/")


@scene("operator")
def ledger_entry(stage: Stage) -> None:
    """A movement with its lines, to look at only."""
    become(stage, OLIVIA)
    stage.open("/admin/ledger/entry/?kind__exact=capture")
    stage.open(str(stage.page.locator("#result_list a[href*='/change/']").first.get_attribute("href")))


@scene("operator")
def settlements(stage: Stage) -> None:
    """Statements of all shops."""
    become(stage, OLIVIA)
    stage.open("/admin/merchants/settlement/")


@scene("operator")
def providers(stage: Stage) -> None:
    """Who is asked outside, and how that goes."""
    become(stage, ADMIN)
    stage.open("/admin/core/provideraccount/")


@scene("operator")
def undelivered(stage: Stage) -> None:
    """Everything was told to every part of the platform."""
    become(stage, OLIVIA)
    stage.open("/admin/core/delivery/")


@scene("operator")
def user(stage: Stage) -> None:
    """A form in the theme: an operator."""
    become(stage, ADMIN)
    stage.open("/admin/accounts/user/")
    stage.page.get_by_role("link", name=re.compile("olivia@")).click()
    stage.page.wait_for_load_state("networkidle")


@scene("operator")
def nothing_found(stage: Stage) -> None:
    """A search that finds nothing."""
    become(stage, OLIVIA)
    stage.open("/admin/checkout/order/?q=no-such-order")
