"""Hosted checkout: every step for new and returning consumers, and every outcome."""

# ruff: noqa: INP001  (scripts, no package)
from typing import Any

from stage import YEAR, Stage, born, scene

ARC = 22_900
FUNDLESS = "4000 0000 0000 9995"
DECLINED_AT_ONCE = "4000 0000 0000 0002"


def begin(stage: Stage, email: str, amount: int = ARC, **draft: object) -> str:
    """Open a checkout and its page; return its URL."""
    url: str = stage.open_checkout(amount, email, **draft)["url"]  # type: ignore[arg-type]
    stage.open(url)
    return url


def identify(stage: Stage) -> None:
    """Have a code sent and enter it."""
    stage.press("Send me a code")
    stage.type_code()


def reach_plans(stage: Stage, email: str, amount: int = ARC, **draft: object) -> str:
    """Go on to the decision about a new consumer."""
    url = begin(stage, email, amount, **draft)
    identify(stage)
    stage.fill(birth_date=born(email))
    stage.press("See my plans")
    return url


def reach_payment(stage: Stage, email: str, amount: int = ARC, plan: str = "pay_in_4", **draft: object) -> None:
    """Go on to the last step."""
    reach_plans(stage, email, amount, **draft)
    choose(stage, plan)
    go_on(stage)


def choose(stage: Stage, plan: str) -> None:
    """Choose a plan."""
    stage.page.locator(f"input[name=plan][value={plan}]").check(force=True)


def go_on(stage: Stage) -> None:
    """Press the main button."""
    stage.page.locator(".checkout-foot .btn").first.click()
    stage.page.wait_for_load_state("networkidle")


def add_card(stage: Stage, number: str = "4242 4242 4242 4242") -> None:
    """Go to the card page, enter a card and come back."""
    stage.press("Add a card")
    stage.give_card(number)


def buy(stage: Stage, email: str, amount: int, plan: str = "pay_in_4", *, known: bool = False, **draft: object) -> dict[str, Any]:
    """Buy in the browser, as a new or known consumer; return the order. Nobody is signed in afterwards."""
    if known:
        begin(stage, email, amount, **draft)
        identify(stage)
        choose(stage, plan)
        go_on(stage)
    else:
        reach_payment(stage, email, amount, plan, **draft)
        add_card(stage)
    go_on(stage)
    stage.context.clear_cookies()
    order: dict[str, Any] = stage.api("GET", "/orders?limit=1")["data"][0]
    return order


def reach_counter_offer(stage: Stage, goods: str = "Halo chandelier") -> None:
    """Go on to the refusal of somebody who has bought before, of a purchase that their limit is too small for."""
    begin(stage, bought(stage), 189_900, goods=goods)
    identify(stage)


def bought(stage: Stage) -> str:
    """Return the e-mail address of somebody who has bought before and has a card."""

    def make() -> str:
        email = stage.fresh_email()
        buy(stage, email, 8_900, goods="Pebble table lamp")
        return email

    email: str = stage.once("returning", make)
    return email


@scene("checkout", dark=True)
def contact(stage: Stage) -> None:
    """The shop told the e-mail: one tap."""
    begin(stage, stage.fresh_email())


@scene("checkout")
def contact_other(stage: Stage) -> None:
    """Another e-mail or number."""
    stage.open(begin(stage, stage.fresh_email()) + "?other=1")


@scene("checkout")
def contact_error(stage: Stage) -> None:
    """Neither an e-mail nor a number."""
    stage.open(begin(stage, stage.fresh_email()) + "?other=1")
    stage.fill(contact="anna.people.example")
    stage.press("Send me a code")


@scene("checkout")
def contact_trailhead(stage: Stage) -> None:
    """The other shop, in its color and currency."""
    begin(stage, stage.fresh_email(name="freja"), 89_900, shop=1, goods="Ridge 38 rucksack")


@scene("checkout", dark=True)
def code(stage: Stage) -> None:
    """The one-time code."""
    begin(stage, stage.fresh_email())
    stage.press("Send me a code")


@scene("checkout")
def code_error(stage: Stage) -> None:
    """A wrong code."""
    begin(stage, stage.fresh_email())
    stage.press("Send me a code")
    stage.page.get_by_label("Code", exact=True).fill("999999")
    stage.press("Continue")


@scene("checkout", dark=True)
def details(stage: Stage) -> None:
    """Only what is missing."""
    begin(stage, stage.fresh_email(), customer={"email": stage.fresh_email()})
    identify(stage)


@scene("checkout")
def details_error(stage: Stage) -> None:
    """Something missing, something impossible."""
    begin(stage, stage.fresh_email(), customer={"email": stage.fresh_email()})
    identify(stage)
    stage.fill(name="Anna Lindholm", birth_date=f"{YEAR - 10}-05-31", line1="410 Larch Street")
    stage.press("See my plans")


@scene("checkout", dark=True)
def plan(stage: Stage) -> None:
    """Every date and the total, before anything is agreed."""
    reach_plans(stage, stage.fresh_email())


@scene("checkout")
def plan_later(stage: Stage) -> None:
    """The second plan open."""
    reach_plans(stage, stage.fresh_email())
    choose(stage, "pay_in_30")


@scene("checkout")
def plan_monthly(stage: Stage) -> None:
    """A monthly plan open, with its interest."""
    reach_plans(stage, stage.fresh_email())
    choose(stage, "monthly_6")


@scene("checkout")
def plan_year(stage: Stage) -> None:
    """Twelve months for a larger purchase."""
    reach_plans(stage, stage.fresh_email(), 69_800, goods="Two Halo pendants")
    choose(stage, "monthly_12")


@scene("checkout")
def plan_trailhead(stage: Stage) -> None:
    """The plans in kroner."""
    reach_plans(stage, stage.fresh_email(name="freja"), 89_900, shop=1, goods="Ridge 38 rucksack")


@scene("checkout", dark=True)
def pay(stage: Stage) -> None:
    """What is agreed to; the card comes next."""
    reach_payment(stage, stage.fresh_email())


@scene("checkout")
def card_page(stage: Stage) -> None:
    """The card page of the sandbox's processor."""
    reach_payment(stage, stage.fresh_email())
    stage.press("Add a card")


@scene("checkout")
def card_page_declined(stage: Stage) -> None:
    """A card that its bank refuses at once."""
    reach_payment(stage, stage.fresh_email())
    stage.press("Add a card")
    stage.give_card(DECLINED_AT_ONCE)


@scene("checkout", dark=True)
def agree(stage: Stage) -> None:
    """The card is there: one button agrees."""
    reach_payment(stage, stage.fresh_email())
    add_card(stage)


@scene("checkout")
def agree_monthly(stage: Stage) -> None:
    """Agreeing to six months."""
    reach_payment(stage, stage.fresh_email(), plan="monthly_6")
    add_card(stage)


@scene("checkout")
def card_declined(stage: Stage) -> None:
    """The bank refused the card: what happened, that nothing was charged, what to do."""
    reach_payment(stage, stage.fresh_email())
    add_card(stage, FUNDLESS)
    go_on(stage)


@scene("checkout")
def agreement(stage: Stage) -> None:
    """The whole credit agreement."""
    reach_payment(stage, stage.fresh_email())
    stage.page.get_by_role("link", name="credit agreement").click()


@scene("checkout", dark=True)
def done(stage: Stage) -> None:
    """Agreed."""
    url = reach_plans(stage, stage.fresh_email())
    go_on(stage)
    add_card(stage)
    go_on(stage)
    stage.open(url)


@scene("checkout")
def returning(stage: Stage) -> None:
    """Somebody who bought before: a code, then one confirmation."""
    begin(stage, bought(stage))
    identify(stage)
    go_on(stage)


@scene("checkout")
def returning_signed_in(stage: Stage) -> None:
    """Somebody who is signed in already."""
    stage.sign_in_consumer(bought(stage))
    begin(stage, bought(stage))


@scene("checkout", dark=True)
def refused(stage: Stage) -> None:
    """No, kindly: the main reason, other ways to pay, and how to ask a person."""
    reach_plans(stage, stage.fresh_email("decline"))


@scene("checkout")
def counter_offer(stage: Stage) -> None:
    """More than is left of a limit: a deposit makes it fit."""
    reach_counter_offer(stage)


@scene("checkout")
def counter_offer_plans(stage: Stage) -> None:
    """The plans with the deposit, before one is chosen."""
    reach_counter_offer(stage)
    stage.press("See the plans with a deposit")


@scene("checkout")
def refused_identity(stage: Stage) -> None:
    """Who somebody is could not be confirmed."""
    reach_plans(stage, stage.fresh_email("kyc_fail"))


@scene("checkout")
def waiting(stage: Stage) -> None:
    """The identity check takes a few minutes."""
    reach_plans(stage, stage.fresh_email("kyc_pending"))


@scene("checkout")
def held_before(stage: Stage) -> None:
    """Above the order limit: said before the button is pressed."""
    reach_payment(stage, stage.fresh_email(), 118_000, goods="Polaris chandelier")
    add_card(stage)


@scene("checkout")
def held(stage: Stage) -> None:
    """A person looks at it first."""
    reach_payment(stage, stage.fresh_email(), 118_000, goods="Polaris chandelier")
    add_card(stage)
    go_on(stage)


@scene("checkout")
def expired(stage: Stage) -> None:
    """Closed by the shop, or after 48 hours."""
    checkout = stage.open_checkout(ARC, stage.fresh_email())
    stage.api("POST", f"/checkouts/{checkout['id']}/expire")
    stage.open(checkout["url"])


@scene("checkout")
def canceled(stage: Stage) -> None:
    """Left by the customer."""
    url = reach_plans(stage, stage.fresh_email("decline"))
    go_on(stage)
    stage.open(url)


@scene("checkout")
def completed(stage: Stage) -> None:
    """Seen by somebody else after the purchase."""
    email = stage.fresh_email()
    checkout = stage.open_checkout(ARC, email)
    wish = {"email": email, "product": "pay_in_4", "card": "4242424242424242"}
    stage.api("POST", f"/sandbox/checkouts/{checkout['id']}/complete", wish)
    stage.open(checkout["url"])
