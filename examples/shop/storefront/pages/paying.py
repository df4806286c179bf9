"""The basket, and the details before paying."""

from collections.abc import Mapping

from storefront.catalog import Shop
from storefront.languages import say
from storefront.markup import Markup, tag
from storefront.pages.frame import Scene, banner, button, offer, plate, price, whole_page
from storefront.till import MAX_QUANTITY, Chosen

BACK = "You came back before paying. Your basket is as you left it, and nothing was ordered or charged."


def basket_page(scene: Scene, chosen: list[Chosen], *, came_back: bool) -> Markup:
    """Return the basket."""
    shop = scene.shop
    if not chosen:
        empty = tag("p", "What you add will be here.", class_="lead")
        home = tag("a", "Look around", href=f"/{shop.slug}/", class_="button")
        return whole_page(scene, "Basket", tag("div", tag("h1", "Your basket is empty"), empty, home, class_="wrap narrow message"))
    total = sum(one.amount for one in chosen)
    rows = tag("ul", *(_row(shop, one) for one in chosen), class_="rows")
    go_on = tag("a", "Go to checkout", href=f"/{shop.slug}/details", class_="button wide")
    aside = tag("aside", _total(shop, total), offer(scene, total), go_on, class_="summary")
    top = tag("h1", "Your basket")
    return whole_page(
        scene, "Basket", tag("div", top, banner(BACK) if came_back else None, tag("div", rows, aside, class_="split"), class_="wrap page")
    )


def _row(shop: Shop, one: Chosen) -> Markup:
    product = one.product

    def step(sign: str, quantity: int, word: str) -> Markup:
        label = say(word, product=say(product.name))
        return tag("button", sign, type="submit", name="set", value=quantity, disabled=quantity > MAX_QUANTITY, aria_label=label)

    steps = tag(
        "form",
        tag("input", type="hidden", name="product", value=product.slug),
        step("−", one.quantity - 1, "One {product} less"),
        tag("span", one.quantity, aria_label=say("Quantity: {quantity}", quantity=one.quantity)),
        step("+", one.quantity + 1, "One {product} more"),
        method="post",
        action=f"/{shop.slug}/basket",
        class_="steps",
    )
    name = tag("h2", tag("a", product.name, href=f"/{shop.slug}/products/{product.slug}"))
    return tag(
        "li", plate(shop, product, size=96), tag("div", name, tag("p", product.line), steps, class_="words"), price(shop, one.amount)
    )


def _total(shop: Shop, total: int) -> Markup:
    sums = [("Delivery", tag("span", "Free")), ("Total", price(shop, total))]
    return tag("dl", *(tag("div", tag("dt", name), tag("dd", value)) for name, value in sums), class_="total")


def details_page(scene: Scene, chosen: list[Chosen], values: Mapping[str, str], faults: Mapping[str, str], problem: str = "") -> Markup:
    """Return the page for name, e-mail and address, whose form starts the payment; `faults` has the errors by field."""
    shop = scene.shop
    fields = [
        _field("name", "Full name", values, faults, autocomplete="name"),
        _field("email", "E-mail", values, faults, autocomplete="email", type="email", inputmode="email"),
        _field("line1", "Street and number", values, faults, autocomplete="address-line1"),
        tag("div", *_place(shop, values, faults), class_="fields"),
    ]
    action = f"/{shop.slug}/pay"
    form = tag("form", *fields, method="post", action=action, id="details", class_="form", novalidate=True, data_left=say(BACK))
    pay = tag(
        "div",
        button("Pay in installments", form="details"),
        tag("p", "You choose a plan on the next page. Nothing is charged before you agree to it.", class_="soft"),
    )
    lines = tag("ul", *(_short(shop, one) for one in chosen), class_="short")
    total = sum(one.amount for one in chosen)
    aside = tag("aside", tag("h2", "Your order"), lines, _total(shop, total), offer(scene, total), pay, class_="summary")
    # The checkout may be shown inside this page, with a message if it was left: see static/pay.js.
    here = tag("div", id="checkout-here", hidden=True)
    left = tag("div", banner(problem, tone="bad", role="alert") if problem else None, tag("div", id="came-back", role="status"), form, here)
    split = tag("div", left, aside, class_="split")
    body = tag("div", tag("h1", "Where should it go?"), split, _try_it(shop), class_="wrap page")
    return whole_page(scene, "Delivery", body, script="pay.js")


def _place(shop: Shop, values: Mapping[str, str], faults: Mapping[str, str]) -> list[Markup]:
    place = [
        _field("postal_code", shop.postal_label, values, faults, autocomplete="postal-code"),
        _field("city", "City", values, faults, autocomplete="address-level2"),
    ]
    return [*place, _field("region", "State", values, faults, autocomplete="address-level1")] if shop.has_regions else place


def _field(name: str, label: str, values: Mapping[str, str], faults: Mapping[str, str], **attributes: str) -> Markup:
    fault = faults.get(name)
    told = tag("p", fault, id=f"{name}-fault", class_="fault") if fault else None
    field = tag(
        "input",
        id=name,
        name=name,
        value=values.get(name, ""),
        maxlength=120,
        required=True,
        aria_invalid="true" if fault else None,
        aria_describedby=f"{name}-fault" if fault else None,
        **{"type": "text", **attributes},
    )
    return tag("div", tag("label", label, for_=name), field, told, class_=f"field {name}")


def _short(shop: Shop, one: Chosen) -> Markup:
    name = say(one.product.name) + (f" ×\N{NO-BREAK SPACE}{one.quantity}" if one.quantity > 1 else "")
    return tag("li", plate(shop, one.product, size=48), tag("span", name), price(shop, one.amount))


def _try_it(shop: Shop) -> Markup:
    """Return hints for people who try the demo."""
    words = [
        ("+approve", "is given a limit, and two thirds of it for one order"),
        ("+decline", "is refused"),
        ("+refer", "is looked at by a person"),
        ("+card_fails_2nd", "has a card that fails at the second payment"),
    ]
    rows = tag("dl", *(tag("div", tag("dt", tag("code", name)), tag("dd", text)) for name, text in words), class_="facts")
    fill = tag("a", say("Fill in as {person}", person=shop.person.name), href=f"/{shop.slug}/details?as=demo", class_="quiet")
    told = "Any e-mail will do: what stands behind a plus sign decides what happens. The code is 111111, the card 4242 4242 4242 4242."
    return tag("section", tag("h2", "Trying the demo"), tag("p", told), rows, fill, _openings(), class_="try")


def _openings() -> Markup:
    """Return the choice of how the checkout opens; without JavaScript there is only one way, and so no choice."""
    ways = [("redirect", "on its own page"), ("popup", "in a window"), ("embedded", "in this page")]
    radios = [
        tag("label", tag("input", type="radio", name="opening", value=name, checked=name == "redirect"), tag("span", text))
        for name, text in ways
    ]
    return tag("fieldset", tag("legend", "The checkout opens"), *radios, id="openings", class_="openings", hidden=True)
