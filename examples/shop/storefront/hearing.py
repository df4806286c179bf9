"""Receives the platform's events: signed webhooks as they arrive, and the list of events, which recovers lost ones."""

import json
import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError

from storefront.api import Api, ApiError, Unreachable
from storefront.store import Store
from storefront.till import Till

EVERY_S = 15.0
log = logging.getLogger("shop.webhooks")


class NotGenuine(Exception):
    """A webhook with an invalid signature; the text says why."""


@dataclass(slots=True)
class Ear:
    """Receives the events of all merchant accounts of this process."""

    store: Store
    till: Till
    apis: Mapping[str, Api]
    shop_url: str
    stopping: threading.Event = field(default_factory=threading.Event)
    registered: set[str] = field(default_factory=set)

    def take(self, shop: str, body: bytes, headers: Mapping[str, str]) -> None:
        """Process one webhook; NotGenuine unless it is signed with this shop's secret. A repeated event changes nothing."""
        event = self._verified(shop, body, headers)
        self._hear(shop, event, "webhook")

    def _verified(self, shop: str, body: bytes, headers: Mapping[str, str]) -> dict[str, Any]:
        secret = self.store.account(shop).secret
        if not secret:
            raise NotGenuine("This shop has no webhook secret yet.")
        names = ("webhook-id", "webhook-timestamp", "webhook-signature")
        try:
            Webhook(secret).verify(body, {name: headers.get(name, "") for name in names}, json_parse=False)
            event = json.loads(body)
        except (WebhookVerificationError, ValueError, RecursionError) as error:
            raise NotGenuine(f"{type(error).__name__}: {error}") from None
        # The signature covers the id in the header, so the body's id must be the same.
        if not isinstance(event, dict) or event.get("id") != headers.get("webhook-id"):
            raise NotGenuine("The body is not the event that webhook-id names.")
        return event

    def _hear(self, shop: str, event: dict[str, Any], how: str) -> None:
        changed = self.store.hear(shop, event, how)
        self.till.settle(changed)
        if changed:
            log.info("%s %s: %s is %s (%s)", shop, event["sequence"], changed.reference, changed.status, how)

    def run(self) -> None:
        """Register, and fetch events periodically until told to stop; runs in a thread of its own."""
        while not self.stopping.is_set():
            for shop in self.apis:
                self._attend(shop)
            self.stopping.wait(EVERY_S if len(self.registered) == len(self.apis) else 1.0)

    def _attend(self, shop: str) -> None:
        try:
            if shop not in self.registered:
                self.register(shop)
            self.catch_up(shop)
        except (Unreachable, ApiError) as error:
            log.warning("%s: %s", shop, error)

    def register(self, shop: str) -> None:
        """Make sure that the platform sends this shop's events here, and that the signing secret is known."""
        url, api, known = f"{self.shop_url}/{shop}/webhooks", self.apis[shop], self.store.account(shop)
        there = {endpoint["id"]: endpoint for endpoint in api.list_endpoints() if endpoint["url"] == url}
        if known.secret and known.endpoint_id and known.endpoint_id in there:
            if there[known.endpoint_id]["status"] == "disabled":
                api.enable_endpoint(known.endpoint_id)
        else:
            endpoint = api.rotate_secret(next(iter(there))) if there else api.create_endpoint(url)
            self.store.keep_endpoint(shop, endpoint["id"], url, endpoint["secret"])
        self.registered.add(shop)

    def catch_up(self, shop: str) -> None:
        """Fetch all events after the last one up to which none is missing."""
        more = True
        while more and not self.stopping.is_set():
            events, more = self.apis[shop].events_after(self.store.account(shop).heard_to)
            for event in events:
                self._hear(shop, event, "asked")
