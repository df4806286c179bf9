"""The URLs of all shops and their pages."""

import json
import re
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path

from storefront import customers
from storefront.catalog import Shop, find_shop
from storefront.config import Config
from storefront.hearing import Ear, NotGenuine
from storefront.pages import orders, paying, selling
from storefront.pages.frame import Scene, failure_page
from storefront.store import Purchase, Store
from storefront.till import MAX_QUANTITY, CannotPay, Till, order_path
from storefront.web import Failed, Request, Response, page, see_other

STATIC = Path(__file__).resolve().parent.parent / "static"
TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml", ".woff2": "font/woff2"}
HEADINGS = {
    HTTPStatus.NOT_FOUND: "Nothing here",
    HTTPStatus.FORBIDDEN: "That did not come from here",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "Too much",
}


class Site:
    """All shops on one host."""

    def __init__(self, config: Config, store: Store, till: Till, ear: Ear) -> None:
        self.config = config
        self.store = store
        self.till = till
        self.ear = ear
        self.files = {path.relative_to(STATIC).as_posix(): path.read_bytes() for path in STATIC.rglob("*") if path.suffix in TYPES}
        self.headers = self._headers()
        self.routes: list[tuple[str, re.Pattern[str], Callable[..., Response]]] = [
            ("GET", re.compile(r"/"), self.street),
            ("GET", re.compile(r"/static/(?P<name>.+)"), self.static),
            ("GET", re.compile(r"/(?P<slug>\w+)/?"), self.front),
            ("GET", re.compile(r"/(?P<slug>\w+)/products/(?P<product>\w+)"), self.product),
            ("GET", re.compile(r"/(?P<slug>\w+)/basket"), self.basket),
            ("POST", re.compile(r"/(?P<slug>\w+)/basket"), self.change_basket),
            ("GET", re.compile(r"/(?P<slug>\w+)/details"), self.details),
            ("POST", re.compile(r"/(?P<slug>\w+)/pay"), self.pay),
            ("GET", re.compile(r"/(?P<slug>\w+)/orders"), self.orders),
            ("GET", re.compile(r"/(?P<slug>\w+)/orders/(?P<reference>[\w-]+)/(?P<token>[\w-]+)"), self.order),
            ("GET", re.compile(r"/(?P<slug>\w+)/orders/(?P<reference>[\w-]+)/(?P<token>[\w-]+)/state"), self.state),
            ("POST", re.compile(r"/(?P<slug>\w+)/webhooks"), self.webhook),
        ]

    def _headers(self) -> dict[str, str]:
        """Return the headers of every answer: no inline scripts, and nothing from other origins than this one and the platform."""
        platform = " ".join(self.config.api_origins)
        policy = {
            "default-src": "'none'",
            "script-src": f"'self' {platform}",
            "connect-src": f"'self' {platform}",
            "style-src": "'self'",
            "img-src": "'self'",
            "font-src": "'self'",
            "form-action": f"'self' {platform}",
            "frame-src": platform,
            "base-uri": "'none'",
            "frame-ancestors": "'none'",
            "require-trusted-types-for": "'script'",
        }
        return {
            "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
            "Referrer-Policy": "same-origin",
            "X-Content-Type-Options": "nosniff",
            # The checkout's window reports its result to this page.
            "Cross-Origin-Opener-Policy": "same-origin-allow-popups",
            "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
            "Cache-Control": "private, no-cache",
        }

    def respond(self, request: Request) -> Response:
        """Answer a request; Failed if its URL does not exist, or not with this method."""
        found = [(method, match, answer) for method, path, answer in self.routes if (match := path.fullmatch(request.path))]
        for method, match, answer in found:
            if method == request.method or (method, request.method) == ("GET", "HEAD"):
                return answer(request, **match.groupdict())
        status = HTTPStatus.METHOD_NOT_ALLOWED if found else HTTPStatus.NOT_FOUND
        raise Failed(status, "There is no page at this address.")

    def failure(self, request: Request | None, failed: Failed) -> Response:
        """Answer a failed request, in the colors of its shop, if any."""
        shop = find_shop(request.path.split("/")[1]) if request and "/" in request.path else None
        scene = self.scene(request, shop) if request and shop and shop.slug in self.config.keys else None
        return page(failure_page(scene, HEADINGS.get(failed.status, "That did not work"), failed.text), failed.status)

    def scene(self, request: Request, shop: Shop) -> Scene:
        """Return the context of a shop's pages."""
        count = sum(line.quantity for line in self.store.basket(request.visit, shop.slug))
        beside = next((one for one in self.config.shops if one is not shop), shop)
        return Scene(shop, self.config.keys[shop.slug].publishable, self.config.platform_of(shop.slug), count, beside)

    def street(self, request: Request) -> Response:
        """Show the list of shops."""
        return page(selling.street_page(self.config.shops))

    def static(self, request: Request, name: str) -> Response:
        """Answer a file."""
        if name not in self.files:
            raise Failed(HTTPStatus.NOT_FOUND, "There is no such file.")
        return Response(self.files[name], content_type=TYPES[Path(name).suffix], headers={"Cache-Control": "public, max-age=300"})

    def front(self, request: Request, slug: str) -> Response:
        """Show a shop's front."""
        return page(selling.front_page(self.scene(request, self._shop(slug))))

    def product(self, request: Request, slug: str, product: str) -> Response:
        """Show a product."""
        shop = self._shop(slug)
        found = shop.find(product)
        if found is None:
            raise Failed(HTTPStatus.NOT_FOUND, "This shop does not sell that.")
        return page(selling.product_page(self.scene(request, shop), found))

    def basket(self, request: Request, slug: str) -> Response:
        """Show the basket; customers who did not pay come back here too."""
        shop = self._shop(slug)
        purchase = self.store.find_purchase(request.query.get("back", ""))
        if purchase and purchase.visit == request.visit:
            self.till.learn(purchase)
        return page(paying.basket_page(self.scene(request, shop), self.till.basket(request.visit, shop), came_back=purchase is not None))

    def change_basket(self, request: Request, slug: str) -> Response:
        """Add to the basket, or set how many of a product are in it."""
        shop, form = self._shop(slug), request.form
        product = shop.find(form.get("product", ""))
        if product is None:
            raise Failed(HTTPStatus.NOT_FOUND, "This shop does not sell that.")
        if "set" in form:
            self.store.set_line(request.visit, shop.slug, product.slug, _quantity(form["set"], least=0))
        else:
            self.till.add(request.visit, shop, product, _quantity(form.get("quantity", "1"), least=1))
        return see_other(f"/{shop.slug}/basket")

    def details(self, request: Request, slug: str) -> Response:
        """Ask for delivery details."""
        shop = self._shop(slug)
        chosen = self.till.basket(request.visit, shop)
        if not chosen:
            return see_other(f"/{shop.slug}/basket")
        if "again" in request.query:
            form, problem = self.store.draft(request.visit, shop.slug)
            return page(paying.details_page(self.scene(request, shop), chosen, form, customers.faults_in(form, shop), problem))
        known = customers.fields_of(self.store.details(request.visit, shop.slug))
        values = customers.example(shop) if request.query.get("as") == "demo" else known
        return page(paying.details_page(self.scene(request, shop), chosen, values, {}))

    def pay(self, request: Request, slug: str) -> Response:
        """Take the details, open a checkout and redirect the customer to it; errors are shown on the page of the form.

        Every page that a customer sees has a URL of its own, so reloading it or going back to it does not submit anything again.
        """
        shop, form = self._shop(slug), request.form
        chosen = self.till.basket(request.visit, shop)
        faults = customers.faults_in(form, shop)
        if chosen and not faults:
            customer = customers.customer_of(form, shop)
            self.store.keep_details(request.visit, shop.slug, customer)
            try:
                url = self.till.pay(request.visit, shop, customer)
            except CannotPay as error:
                return self._ask_again(request, shop, str(error))
            return self._sent_on(request, shop, url)
        if not chosen:
            return see_other(f"/{shop.slug}/basket")
        return self._ask_again(request, shop, "Something is missing. Nothing was sent yet.")

    def _ask_again(self, request: Request, shop: Shop, problem: str) -> Response:
        form = {name: request.form.get(name, "")[: customers.LONGEST + 1] for name in customers.NEEDED}
        self.store.keep_draft(request.visit, shop.slug, form, problem)
        return see_other(f"/{shop.slug}/details?again=1")

    def _sent_on(self, request: Request, shop: Shop, url: str) -> Response:
        """Redirect the customer to the checkout; a script that opens it beside the page gets its URL, and the page to show afterwards."""
        if "application/json" not in request.headers.get("accept", ""):
            return see_other(url)
        order = order_path(self.store.purchases(request.visit, shop.slug)[0])
        return Response(json.dumps({"url": url, "order": order, "state": f"{order}/state"}).encode(), content_type="application/json")

    def orders(self, request: Request, slug: str) -> Response:
        """Show a visit's purchases."""
        shop = self._shop(slug)
        return page(orders.orders_page(self.scene(request, shop), self.store.purchases(request.visit, shop.slug)))

    def order(self, request: Request, slug: str, reference: str, token: str) -> Response:
        """Show a purchase; if nothing has been received about it yet, ask the platform."""
        shop, purchase = self._shop(slug), self._purchase(slug, reference, token)
        if purchase.waiting:
            purchase = self.till.learn(purchase)
        order = self.till.find_order(purchase)
        return page(orders.order_page(self.scene(request, shop), purchase, order, self.store.events(purchase)))

    def state(self, request: Request, slug: str, reference: str, token: str) -> Response:
        """Return whether a purchase has changed, for the script of its page."""
        purchase = self._purchase(slug, reference, token)
        if purchase.waiting:
            purchase = self.till.learn(purchase)
        told = {"version": purchase.version, "status": purchase.status, "events": len(self.store.events(purchase))}
        return Response(json.dumps(told).encode(), content_type="application/json")

    def _shop(self, slug: str) -> Shop:
        shop = find_shop(slug)
        if shop is None or shop.slug not in self.config.keys:
            raise Failed(HTTPStatus.NOT_FOUND, "There is no such shop.")
        return shop

    def _purchase(self, slug: str, reference: str, token: str) -> Purchase:
        purchase = self.store.find_purchase(reference)
        if purchase is None or purchase.shop != slug or purchase.token != token:
            raise Failed(HTTPStatus.NOT_FOUND, "There is no such order.")
        return purchase

    def webhook(self, request: Request, slug: str) -> Response:
        """Receive a webhook: 204 if it is genuine, even if already known; else 400."""
        try:
            self.ear.take(self._shop(slug).slug, request.body, request.headers)
        except NotGenuine as error:
            return Response(json.dumps({"error": str(error)}).encode(), HTTPStatus.BAD_REQUEST, "application/json")
        return Response(status=HTTPStatus.NO_CONTENT)


def _quantity(text: str, *, least: int) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 4:
        raise Failed(HTTPStatus.BAD_REQUEST, "A quantity is a number.")
    return max(least, min(int(text), MAX_QUANTITY))
