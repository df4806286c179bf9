"""What every portal page needs: the signed-in consumer, their date and locale, and the number of unread notifications."""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date, datetime
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme, urlencode

from accounts.models import Consumer
from core.clock import local_date, now
from core.locales import page_locale
from core.unreadable import Unreadable, listing
from markets.queries import get_market
from notifications.queries import count_unread
from payments import services as payments
from payments.models import PaymentMethod
from payments.queries import serves_pulls
from payments.services import Waiting
from portals import sessions
from portals.again import key_of
from portals.cards import card_choices, first_usable, waiting_cards
from portals.contacts import mask
from portals.doors import View, page


@dataclass(frozen=True, slots=True)
class Visitor:
    """The signed-in consumer, at the time of the request."""

    consumer: Consumer
    at: datetime

    @property
    def today(self) -> date:
        """The date where the consumer lives."""
        return self.day(self.at)

    def day(self, at: datetime) -> date:
        """Return the date of a moment where the consumer lives."""
        return local_date(at, self.consumer.time_zone)

    @property
    def locale(self) -> str:
        """The locale that the pages are written in."""
        return page_locale(self.consumer.locale)

    @property
    def is_broken(self) -> bool:
        """Whether some of the consumer's own data cannot be decrypted: then their pages say so, and nothing can be changed."""
        one = self.consumer
        return any(isinstance(value, Unreadable) for value in (one.name, one.email, one.phone, one.birth_date, one.address))

    @property
    def name(self) -> str:
        """The consumer's name; while it is unknown, the masked contact that they signed up with."""
        return self.consumer.name or mask(self.consumer.email) or mask(self.consumer.phone)


def consumer_page(*methods: str) -> Callable[[View], View]:
    """Make a view a page of the signed-in consumer, `view(request, visitor, ...)`; other visitors sign in first and then return.

    If data cannot be decrypted, pages show a notice, and forms are refused.
    """

    def decorate(view: View) -> View:
        @page(*methods)
        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            with listing() if request.method in {"GET", "HEAD"} else nullcontext():
                consumer = sessions.find_consumer(request)
                if consumer is None:
                    back = request.get_full_path() if request.method == "GET" else ""
                    return redirect(reverse("sign_in") + (f"?{urlencode({'next': back})}" if back else ""))
                return view(request, Visitor(consumer, now()), *args, **kwargs)

        return answer

    return decorate


def show(request: HttpRequest, visitor: Visitor, template: str, nav: str, context: dict[str, Any] | None = None) -> HttpResponse:
    """Render a portal page in the consumer's locale; `once` is a key for its forms."""
    whole = {
        "nav": nav,
        "locale": visitor.locale,
        "now": visitor.at,
        "today": visitor.today,
        "is_broken": visitor.is_broken,
        "person": {"name": visitor.name, "sign_out_path": reverse("sign_out")},
        "once": key_of(request),
        "unread": count_unread(visitor.consumer),
    }
    with timezone.override(visitor.consumer.time_zone):
        return render(request, f"portals/consumer/{template}.html", whole | (context or {}))


def find_waiting(request: HttpRequest, visitor: Visitor) -> Waiting:
    """Return how long the consumer must wait before they try another card."""
    return payments.find_waiting(consumer=visitor.consumer, asker=sessions.asker_of(request), at=visitor.at)


def methods_to_pay(request: HttpRequest, visitor: Visitor, methods: Sequence[PaymentMethod], wanted: str) -> dict[str, Any]:
    """Return some methods as a page of paying offers them, which one is chosen (the one wanted, if usable), and what must be waited for."""
    wait = find_waiting(request, visitor)
    held_back = waiting_cards(methods, wait)
    chosen = first_usable(methods, wanted, waiting=held_back)
    return {"wait": wait, "cards": card_choices(methods, chosen, waiting=held_back), "chosen": chosen}


def serves_accounts(visitor: Visitor) -> bool:
    """Return whether the consumer can add a bank account: some provider debits accounts in their market and its currency."""
    market = get_market(visitor.consumer.market_id)
    return serves_pulls(market=market.code, currency=market.currency, brand=visitor.consumer.brand_id)


def safe_next(request: HttpRequest, path: str) -> str:
    """Return where to go after signing in: a path of this site, else home."""
    own = path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None, require_https=request.is_secure())
    return path if own else reverse("home")
