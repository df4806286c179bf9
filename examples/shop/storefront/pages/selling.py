"""The list of shops, a shop's front page, a product."""

from collections.abc import Sequence

from storefront.catalog import Product, Shop
from storefront.languages import say
from storefront.markup import Markup, tag
from storefront.pages.frame import Scene, bare_page, button, offer, plate, price, whole_page
from storefront.till import MAX_QUANTITY

QUANTITY = "quantity"


def street_page(shops: Sequence[Shop]) -> Markup:
    """Return the page that lists the shops."""
    doors = tag("div", *(_door(shop) for shop in shops), class_="doors")
    return bare_page("The demo shops", tag("h1", "The demo shops", class_="away"), doors)


def _door(shop: Shop) -> Markup:
    shown = [tag("img", src=f"/static/art/{shop.slug}/{product.slug}.svg", alt="", width=200, height=200) for product in shop.products[:3]]
    mark = tag("img", src=f"/static/art/{shop.slug}/mark.svg", alt="", width=48, height=48)
    enter = tag("a", say("Enter {shop}", shop=shop.name), href=f"/{shop.slug}/", class_="button")
    where = tag("p", f"{say(shop.country_name)} · {shop.currency}", class_="kicker")
    return tag(
        "section",
        mark,
        tag("h2", shop.name),
        where,
        tag("p", shop.tagline, class_="lead"),
        tag("div", *shown, class_="shown"),
        enter,
        class_=f"door {shop.slug}",
    )


def front_page(scene: Scene) -> Markup:
    """Return a shop's front page: introduction, products, promises."""
    shop = scene.shop
    words = tag(
        "div",
        tag("p", shop.kicker, class_="kicker"),
        tag("h1", shop.tagline),
        tag("p", shop.intro, class_="lead"),
        tag("a", "See all six", href="#all", class_="button"),
    )
    art = tag("img", src=f"/static/art/{shop.slug}/hero.svg", alt="", width=640, height=520, class_="hero-art")
    hero = tag("section", tag("div", words, art, class_="wrap hero-inside"), class_="hero")
    grid = tag("ul", *(tag("li", _card(shop, product)) for product in shop.products), class_="grid")
    promises = tag("ul", *(tag("li", tag("h3", name), tag("p", text)) for name, text in shop.promises), class_="promises wrap")
    all_of_it = tag("section", tag("h2", "All of it", class_="away"), grid, class_="wrap", id="all")
    return whole_page(scene, shop.tagline, hero, all_of_it, promises)


def _card(shop: Shop, product: Product) -> Markup:
    name = tag("a", product.name, href=f"/{shop.slug}/products/{product.slug}")
    words = tag("div", tag("h3", name), tag("p", product.line), class_="words")
    return tag("article", plate(shop, product), tag("div", words, price(shop, product.price), class_="under"), class_="card")


def product_page(scene: Scene, product: Product) -> Markup:
    """Return a product's page with its price, the possible installments, and the button for the basket."""
    shop = scene.shop
    buy = tag(
        "form",
        tag("input", type="hidden", name="product", value=product.slug),
        tag("label", tag("span", "Quantity"), _quantities(), class_="quantity"),
        button("Add to basket"),
        method="post",
        action=f"/{shop.slug}/basket",
        class_="buy",
    )
    facts = tag("dl", *(tag("div", tag("dt", name), tag("dd", value)) for name, value in product.facts), class_="facts")
    words = tag(
        "div",
        tag("p", product.line, class_="kicker"),
        tag("h1", product.name),
        tag("p", price(shop, product.price), class_="price"),
        offer(scene, product.price, quantity_from=QUANTITY),
        buy,
        tag("p", product.story, class_="story"),
        facts,
        class_="product-words",
    )
    others = tag("ul", *(tag("li", _card(shop, one)) for one in shop.products if one is not product), class_="grid few")
    more = tag("section", tag("h2", "Also here"), others, class_="wrap more")
    shown = tag("div", plate(shop, product, alt=product.line, size=560), words, class_="wrap product")
    return whole_page(scene, product.name, shown, more)


def _quantities() -> Markup:
    return tag("select", *(tag("option", number, value=number) for number in range(1, MAX_QUANTITY + 1)), name="quantity", id=QUANTITY)
