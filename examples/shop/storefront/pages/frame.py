"""The frame of every page (head, header, footer), and small parts that several pages use."""

from dataclasses import dataclass

from storefront.catalog import Product, Shop
from storefront.languages import NAMES, present, say
from storefront.markup import Child, Markup, document, join, tag
from storefront.money import write_money


@dataclass(frozen=True, slots=True)
class Scene:
    """The context of a shop's pages; `api_base` is the platform's URL, `beside` another shop to link to."""

    shop: Shop
    publishable_key: str
    api_base: str
    in_basket: int
    beside: Shop | None = None


def whole_page(scene: Scene, title: str, *children: Child, script: str = "", refresh_s: int = 0) -> Markup:
    """Return a page of a shop; without JavaScript, it reloads after `refresh_s` seconds, if given."""
    shop = scene.shop
    head = tag(
        "head",
        *_meta(f"{say(title)} · {shop.name}", shop.slug),
        tag("script", src=f"{scene.api_base}/widget/v1.js", defer=True),
        tag("script", src=f"/static/{script}", defer=True) if script else None,
        tag("noscript", tag("meta", http_equiv="refresh", content=refresh_s)) if refresh_s else None,
    )
    skip = tag("a", "Skip to content", href="#main", class_="skip")
    return document(head, tag("body", skip, _header(scene), tag("main", *children, id="main"), _footer(scene)), lang=present())


def bare_page(title: str, *children: Child) -> Markup:
    """Return a page outside any shop."""
    foot = tag("footer", tag("div", _switch(), class_="wrap bar"), class_="bottom")
    body = tag("body", tag("main", *children, id="main"), foot, class_="street")
    return document(tag("head", *_meta(say(title), "street")), body, lang=present())


def _meta(title: str, sheet: str) -> list[Markup]:
    return [
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", title),
        tag("link", rel="icon", href=f"/static/art/{sheet}/mark.svg", type="image/svg+xml"),
        tag("link", rel="stylesheet", href="/static/shop.css"),
        tag("link", rel="stylesheet", href=f"/static/{sheet}.css"),
    ]


def _header(scene: Scene) -> Markup:
    shop, count = scene.shop, scene.in_basket
    basket = tag("a", "Basket", tag("span", count, class_="count") if count else None, href=f"/{shop.slug}/basket", class_="to-basket")
    links = tag("nav", tag("a", "Orders", href=f"/{shop.slug}/orders"), basket, aria_label=say("Shop"))
    return tag("header", tag("div", brand(shop), links, class_="wrap bar"), class_="top")


def brand(shop: Shop) -> Markup:
    """Return a shop's mark and name, as a link to its front page."""
    mark = tag("img", src=f"/static/art/{shop.slug}/mark.svg", alt="", width=32, height=32)
    return tag("a", mark, tag("span", shop.name), href=f"/{shop.slug}/", class_="brand")


def _footer(scene: Scene) -> Markup:
    other = scene.beside or scene.shop
    note = tag("p", "A demo shop: nothing is sent and no money moves.")
    next_door = tag("p", "Next door:", " ", tag("a", other.name, href=f"/{other.slug}/"))
    return tag("footer", tag("div", note, next_door, _switch(), class_="wrap bar"), class_="bottom")


def _switch() -> Markup:
    """Return the links to this page in the other languages."""
    links = [
        tag("a", name, href=f"?lang={code}", lang=code, hreflang=code, aria_current="true" if code == present() else None)
        for code, name in NAMES.items()
    ]
    return tag("nav", *links, aria_label=say("Language"), class_="languages")


def plate(shop: Shop, product: Product, *, alt: str = "", size: int = 400) -> Markup:
    """Return a product's drawing on a colored background."""
    drawing = tag("img", src=f"/static/art/{shop.slug}/{product.slug}.svg", alt=say(alt), width=size, height=size)
    return tag("span", drawing, class_="plate")


def offer(scene: Scene, amount: int, *, quantity_from: str = "") -> Markup:
    """Return the platform's widget for an amount. It fetches the plans itself, and shows nothing if it gets no answer.

    `quantity_from` is the id of the quantity field.
    """
    asked: dict[str, str | int] = {"amount": amount, "currency": scene.shop.currency, "locale": f"{present()}-{scene.shop.country}"}
    if quantity_from:
        asked["quantity_from"] = quantity_from
    return tag("pay-in-installments", publishable_key=scene.publishable_key, class_="offer", **asked)


def price(shop: Shop, amount: int) -> Markup:
    """Return an amount in the shop's currency."""
    return tag("span", write_money(amount, shop.currency), class_="money")


def button(text: str, **attributes: str) -> Markup:
    """Return the main button of a form."""
    return tag("button", text, type="submit", class_="button", **attributes)


def banner(*children: Child, tone: str = "plain", role: str | None = None) -> Markup:
    """Return a notice."""
    return tag("div", join(*children), class_=f"banner {tone}", role=role)


def failure_page(scene: Scene | None, heading: str, text: str) -> Markup:
    """Return the page for a request that failed."""
    way_back = tag("a", "To the front page", href=f"/{scene.shop.slug}/" if scene else "/", class_="button")
    body = tag("div", tag("h1", heading), tag("p", text, class_="lead"), way_back, class_="wrap narrow message")
    return whole_page(scene, heading, body) if scene else bare_page(heading, body)
