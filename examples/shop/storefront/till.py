"""Paying: a basket becomes a purchase, a purchase a checkout, and a checkout an order, if it succeeds."""

import logging
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from storefront.api import Api, ApiError, Unreachable
from storefront.catalog import Product, Shop
from storefront.languages import say
from storefront.store import PLACED, Line, Purchase, Store

# Letters and digits that are not easily confused.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
MAX_QUANTITY = 20
OUT_OF_REACH = "Paying in installments is out of reach just now. Nothing was ordered or charged. Try again in a minute."
REFUSED = "This basket cannot be paid in installments. Nothing was ordered or charged."
log = logging.getLogger("shop.till")


class CannotPay(Exception):
    """Paying could not begin; nothing was ordered. The text is for the customer."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A line of a basket with its product."""

    product: Product
    quantity: int

    @property
    def amount(self) -> int:
        """The price of the line, in minor units."""
        return self.product.price * self.quantity


@dataclass(frozen=True, slots=True)
class Till:
    """Sends baskets to the platform and gets their outcome."""

    store: Store
    apis: Mapping[str, Api]
    shop_url: str

    def basket(self, visit: str, shop: Shop) -> list[Chosen]:
        """Return the lines of a visit's basket; products that are no longer sold are left out."""
        lines = [(shop.find(line.product), line) for line in self.store.basket(visit, shop.slug)]
        return [Chosen(product, line.quantity) for product, line in lines if product]

    def add(self, visit: str, shop: Shop, product: Product, quantity: int) -> None:
        """Put more of a product into the basket, up to MAX_QUANTITY."""
        lines = {line.product: line for line in self.store.basket(visit, shop.slug)}
        there = lines.get(product.slug, Line(product.slug, 0)).quantity
        self.store.set_line(visit, shop.slug, product.slug, min(MAX_QUANTITY, there + quantity))

    def pay(self, visit: str, shop: Shop, customer: dict[str, Any]) -> str:
        """Open a checkout for a visit's basket and return where to send the customer; CannotPay.

        The purchase, with its idempotency key, is saved before the platform is called. A customer who presses the button again gets the
        same checkout, as long as it is open and the basket is the same.
        """
        chosen = self.basket(visit, shop)
        if not chosen:
            raise CannotPay("Your basket is empty.")
        items = [_item(one) for one in chosen]
        before = self._unfinished(visit, shop, items, customer)
        if before and before.order_id:
            return f"{self.shop_url}{order_path(before)}"
        if before and before.waiting and before.checkout_url:
            return before.checkout_url
        purchase = before if before and before.waiting else self._write_down(visit, shop, items, customer)
        try:
            checkout = self.apis[shop.slug].open_checkout(self._request(purchase), purchase.idempotency_key)
        except Unreachable:
            raise CannotPay(OUT_OF_REACH) from None
        except ApiError as error:
            log.warning("%s was refused: %s", purchase.reference, error)
            raise CannotPay(REFUSED) from None
        self.store.note_checkout(purchase.reference, checkout["id"], checkout["url"])
        return str(checkout["url"])

    def _unfinished(self, visit: str, shop: Shop, items: list[dict[str, Any]], customer: dict[str, Any]) -> Purchase | None:
        """Return the visit's newest purchase, updated from the platform, if it has the same items and customer and no outcome yet."""
        newest = next(iter(self.store.purchases(visit, shop.slug)), None)
        if newest is None or not newest.waiting or newest.items != items or newest.customer != customer:
            return None
        return newest if newest.checkout_id is None else self.learn(newest)

    def _write_down(self, visit: str, shop: Shop, items: list[dict[str, Any]], customer: dict[str, Any]) -> Purchase:
        reference = f"{shop.prefix}-{''.join(secrets.choice(ALPHABET) for _ in range(6))}"
        purchase = Purchase(
            reference=reference,
            token=secrets.token_urlsafe(16),
            visit=visit,
            shop=shop.slug,
            currency=shop.currency,
            amount=sum(item["amount"] for item in items),
            items=items,
            customer=customer,
            idempotency_key=str(uuid.uuid4()),
            status="started",
            checkout_id=None,
            checkout_url=None,
            order_id=None,
            captured=0,
            refunded=0,
            version=0,
        )
        self.store.add_purchase(purchase)
        return purchase

    def _request(self, purchase: Purchase) -> dict[str, Any]:
        return {
            "amount": purchase.amount,
            "currency": purchase.currency,
            "merchant_reference": purchase.reference,
            "items": purchase.items,
            "customer": purchase.customer,
            "urls": {
                "confirmation": f"{self.shop_url}{order_path(purchase)}",
                "cancel": f"{self.shop_url}/{purchase.shop}/basket?back={purchase.reference}",
            },
            "capture": "manual",
            "metadata": {"shop": purchase.shop},
        }

    def learn(self, purchase: Purchase) -> Purchase:
        """Ask the platform for a purchase's outcome and return the updated purchase; unchanged if there is no answer.

        The redirect may be lost and the webhook may be late: the shop can always ask by its own reference.
        """
        try:
            order = self.apis[purchase.shop].find_order(purchase.reference)
            if order is None:
                return self._learn_of_checkout(purchase)
        except (Unreachable, ApiError) as error:
            log.warning("%s: %s", purchase.reference, error)
            return purchase
        news = self.store.note_order(purchase.reference, order)
        self.settle(news)
        return news or purchase

    def _learn_of_checkout(self, purchase: Purchase) -> Purchase:
        if purchase.checkout_id is None:
            return purchase
        checkout = self.apis[purchase.shop].get_checkout(purchase.checkout_id)
        over = checkout["status"] in {"expired", "canceled"}
        return (self.store.note_closed(purchase.reference) if over else None) or purchase

    def find_order(self, purchase: Purchase) -> dict[str, Any] | None:
        """Return the platform's order of a purchase, for its plan; None if there is none or no answer."""
        try:
            return self.apis[purchase.shop].find_order(purchase.reference) if purchase.order_id else None
        except (Unreachable, ApiError) as error:
            log.warning("%s: %s", purchase.reference, error)
            return None

    def settle(self, changed: Purchase | None) -> None:
        """Remove the items of a completed purchase from the basket."""
        if changed and changed.status in PLACED:
            self.store.empty_basket(changed)


def order_path(purchase: Purchase) -> str:
    """Return the path of a purchase's page; the token protects it from people who guess references."""
    return f"/{purchase.shop}/orders/{purchase.reference}/{purchase.token}"


def _item(one: Chosen) -> dict[str, Any]:
    return {
        "name": say(one.product.name),
        "quantity": one.quantity,
        "unit_amount": one.product.price,
        "amount": one.amount,
        "sku": one.product.slug,
    }
