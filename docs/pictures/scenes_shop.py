"""The demo shops: what a customer sees before and after paying."""

# ruff: noqa: INP001  (scripts, no package)
from scenes_checkout import add_card, go_on, identify
from stage import PEOPLE, Stage, scene


@scene("shop")
def street(stage: Stage) -> None:
    """The door to both shops."""
    stage.open(stage.shop_url)


@scene("shop")
def front_nordlys(stage: Stage) -> None:
    """Nordlys Lamps, a shop in the US."""
    stage.open(f"{stage.shop_url}/nordlys/")


@scene("shop")
def front_trailhead(stage: Stage) -> None:
    """Trailhead Outdoor, a shop in Denmark."""
    stage.open(f"{stage.shop_url}/trailhead/")


@scene("shop")
def product_nordlys(stage: Stage) -> None:
    """A product with what it costs in installments."""
    stage.open(f"{stage.shop_url}/nordlys/products/arc")


@scene("shop")
def product_trailhead(stage: Stage) -> None:
    """The same in Danish kroner."""
    stage.open(f"{stage.shop_url}/trailhead/products/ridge")


@scene("shop", full=False)
def widget(stage: Stage) -> None:
    """The widget's dates and amounts, before anything is agreed."""
    stage.open(f"{stage.shop_url}/nordlys/products/arc")
    stage.press("See the dates")


def fill_basket(stage: Stage, shop: str, product: str) -> None:
    """Put a product into the basket."""
    stage.open(f"{stage.shop_url}/{shop}/products/{product}")
    stage.press("Add to basket")


@scene("shop")
def basket_nordlys(stage: Stage) -> None:
    """The basket."""
    fill_basket(stage, "nordlys", "arc")


@scene("shop")
def basket_trailhead(stage: Stage) -> None:
    """The basket, in kroner."""
    fill_basket(stage, "trailhead", "ridge")


@scene("shop")
def basket_empty(stage: Stage) -> None:
    """An empty basket."""
    stage.open(f"{stage.shop_url}/nordlys/basket")


@scene("shop")
def delivery(stage: Stage) -> None:
    """Where it should go, and paying in installments."""
    fill_basket(stage, "nordlys", "arc")
    stage.open(f"{stage.shop_url}/nordlys/details?as=demo")


@scene("shop")
def delivery_errors(stage: Stage) -> None:
    """The same with something missing."""
    fill_basket(stage, "nordlys", "arc")
    stage.open(f"{stage.shop_url}/nordlys/details")
    stage.fill(name=PEOPLE[0]["name"], email="anna@people")
    stage.press("Pay in installments")


@scene("shop")
def orders_empty(stage: Stage) -> None:
    """No orders yet."""
    stage.open(f"{stage.shop_url}/nordlys/orders")


def buy_here(stage: Stage, shop: str, product: str) -> None:
    """Buy as a customer does: basket, delivery, the hosted checkout, and back."""
    fill_basket(stage, shop, product)
    stage.open(f"{stage.shop_url}/{shop}/details?as=demo")
    stage.fill(email=stage.fresh_email())
    stage.press("Pay in installments")
    identify(stage)
    stage.fill(birth_date="1990-05-31")
    stage.press("See my plans")
    go_on(stage)
    add_card(stage)
    go_on(stage)
    stage.page.get_by_text("by webhook").first.wait_for()


@scene("shop", dark=True)
def confirmation_nordlys(stage: Stage) -> None:
    """Bought: what comes next, and what the shop heard from the platform."""
    buy_here(stage, "nordlys", "arc")


@scene("shop")
def confirmation_trailhead(stage: Stage) -> None:
    """The same in kroner."""
    buy_here(stage, "trailhead", "ridge")


@scene("shop")
def orders(stage: Stage) -> None:
    """The orders of this browser."""
    buy_here(stage, "nordlys", "pebble")
    stage.open(f"{stage.shop_url}/nordlys/orders")


@scene("shop")
def came_back(stage: Stage) -> None:
    """Back from checkout without paying: the basket is as it was."""
    fill_basket(stage, "nordlys", "arc")
    stage.open(f"{stage.shop_url}/nordlys/details?as=demo")
    stage.press("Pay in installments")
    stage.page.get_by_role("link", name="Back to Nordlys Lamps").click()
