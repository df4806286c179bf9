"""A person's income, shown by their bank: where they allow it, come back, see it, and take it back."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts import services as accounts
from checkout import services as checkouts
from checkout.models import Checkout
from checkout.queries import find_open_checkout
from collection.queries import list_usable_methods
from collection.services.balances import looks_before
from core.errors import DomainError, NotFound
from core.formats import percent_text
from core.unreadable import Unreadable
from credit import gateways
from credit import services as credit
from credit.models import DOUBTED, BankAccess
from credit.queries import counts_until, find_bank_access, find_watched, get_bank_access
from payments.models import MethodKind
from portals.checkout.deciding.views import advance
from portals.consumer.frame import Visitor, consumer_page, show
from portals.doors import SeeOther

VERSION = "2"


def consent_text() -> str:
    """Return what a person agrees to, as it stands above the button."""
    return _(
        "I allow my bank to show the balance and the movements of my accounts of the last twelve months. You sort them by computer into a "
        "few kinds, keep only sums and counts, and use these in decisions about my purchases. The access ends as soon as the accounts are "
        "read. I can take this back at any time."
    )


def watch_text() -> str:
    """Return what a person agrees to beside `consent_text` if they also let us look at the balance before debits."""
    return _(
        "I also let you look at the balance before each debit of my account. The access stays for this, for 90 days at most. If there is "
        "too little, you try another way to pay that I have stored, or the next day, and tell me."
    )


def shown_watch(visitor: Visitor) -> dict[str, Any]:
    """Return until when we may look at the balance before debits, and whether that can be allowed here; at most three queries."""
    consumer = visitor.consumer
    found = find_watched(consumer, consumer.market.currency, visitor.at)
    if found is not None:
        return {"until": found.next_at}
    if not looks_before(consumer.market_id, consumer.time_zone, visitor.at):
        return {}
    methods = list_usable_methods([consumer.pk]).get(consumer.pk, [])
    return {"text": watch_text()} if any(one.kind == MethodKind.BANK_DEBIT for one in methods) else {}


def shown_income(visitor: Visitor) -> dict[str, Any]:
    """Return what a person's bank showed, until when it counts, and whether a bank can be asked; one query."""
    currency = visitor.consumer.market.currency
    found = find_bank_access(visitor.consumer, currency)
    source = gateways.find_bank(market=visitor.consumer.market_id, currency=currency, brand=visitor.consumer.brand_id)
    told = {"is_offered": source is not None, "currency": currency, "is_read": bool(found and found.read_at)}
    return told | (_read(found, found.read_at, visitor) if found and found.read_at else {"waits": found.public_id if found else ""})


def _read(found: BankAccess, read_at: datetime, visitor: Visitor) -> dict[str, Any]:
    """Return the figures of a reading, as a person reads them; without an income if it verifies none or is too old."""
    until, at = counts_until(found, read_at), visitor.at
    figures = {} if isinstance(found.figures, Unreadable) else found.figures
    counts = until > at and bool(figures) and found.verifies_income
    names = {"income_minor": _("Regular income"), "fixed_minor": _("Housing and other fixed costs"), "lenders_minor": _("Other lenders")}
    rows = [(label, figures.get(name, 0)) for name, label in names.items()]
    told = {"income": figures["income_minor"] if counts else 0, "rows": rows, "counts": _counts(figures, visitor.locale)}
    told |= {"is_doubted": found.holder in DOUBTED, "is_refused": found.holder == "refused"}
    return told | {"read_at": read_at, "until": until, "is_over": until <= at}


def _counts(figures: Mapping[str, Any], locale: str) -> list[tuple[str, str]]:
    """Return what was counted besides amounts, in words; without what an older reading did not count."""
    names = {"below_zero_30d": _("Days below zero, of the last 30"), "returned_90d": _("Debits that came back in 90 days")}
    shares = [figures.get("gambling_bps"), figures.get("steady_bps")]
    gambling, steady = (None if one is None else percent_text(one, locale) for one in shares)
    found = [(_("Gambling, of all that came in"), gambling)]
    found += [(label, None if figures.get(name) is None else str(figures[name])) for name, label in names.items()]
    found.append((_("Share of the months with the usual income"), steady))
    return [(label, value) for label, value in found if value is not None]


@consumer_page("GET", "POST")
def bank(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Say what is read and kept; a button leads to the bank, another takes everything back.

    Who comes from a refused checkout is led back there.
    """
    asked = (request.POST if request.method == "POST" else request.GET).get("checkout", "")
    checkout = find_open_checkout(asked, visitor.consumer, visitor.at) if asked else None
    if request.method == "POST":
        if "stop" in request.POST:
            return _stop(request, visitor)
        return _take_back(request, visitor) if "end" in request.POST else _leave(request, visitor, checkout)
    purchase = {"id": checkout.public_id, "shop": checkout.merchant.name} if checkout else {}
    context = {"bank": shown_income(visitor), "consent": consent_text(), "purchase": purchase, "watch": shown_watch(visitor)}
    return show(request, visitor, "limit/bank", "limit", context)


def _leave(request: HttpRequest, visitor: Visitor, checkout: Checkout | None) -> HttpResponse:
    currency, language = visitor.consumer.market.currency, get_language() or "en"
    reference = checkout.public_id if checkout else ""
    watches = "watch" in request.POST and "text" in shown_watch(visitor)
    try:
        visit, there = credit.start_bank(
            consumer=visitor.consumer,
            currency=currency,
            language=language,
            return_path=reverse("bank_back"),
            reference=reference,
            watches=watches,
            at=visitor.at,
        )
    except DomainError as error:
        messages.error(request, error.detail)
        return redirect(_bank_path(reference))
    _record(visitor, given=True, reference=visit.public_id)
    if watches:
        _record_watch(visitor, given=True, reference=visit.public_id)
    return SeeOther(there)


def take_back_bank(visitor: Visitor) -> None:
    """End each access of a person to their bank, forget what it showed, and keep that they took it back."""
    if find_watched(visitor.consumer, visitor.consumer.market.currency, visitor.at):
        _record_watch(visitor, given=False)
    if credit.take_back_bank(consumer=visitor.consumer, currency=visitor.consumer.market.currency, at=visitor.at):
        _record(visitor, given=False)


def stop_watch(visitor: Visitor) -> None:
    """End the looks at a person's balance before debits, and keep that they took it back."""
    if credit.stop_watching(consumer=visitor.consumer, currency=visitor.consumer.market.currency, at=visitor.at):
        _record_watch(visitor, given=False)


def _take_back(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    take_back_bank(visitor)
    kept = _("For 12 months we can still tell that an account was shown, so that nobody else shows it as theirs.")
    messages.success(request, _("What your bank showed is deleted, and no access is left.") + " " + kept)
    return SeeOther(reverse("bank"))


def _stop(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    stop_watch(visitor)
    messages.success(request, _("We do not look at your balance any more, and the access has ended."))
    return SeeOther(reverse("bank"))


def _record_watch(visitor: Visitor, *, given: bool, reference: str = "") -> None:
    told = {"kind": "balance_checks", "version": "1", "language": get_language() or "", "how": "account", "reference": reference}
    accounts.record_consent(consumer=visitor.consumer, text=watch_text(), given=given, at=visitor.at, **told)


def _record(visitor: Visitor, *, given: bool, reference: str = "") -> None:
    told = {"kind": "open_banking", "version": VERSION, "language": get_language() or "", "how": "account", "reference": reference}
    accounts.record_consent(consumer=visitor.consumer, text=consent_text(), given=given, at=visitor.at, **told)


@consumer_page("GET")
def back(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Read the accounts of a person who is back from their bank; a refused checkout from which they came is decided anew."""
    state = request.GET.get("state", "")
    try:
        found = credit.read_bank(consumer=visitor.consumer, access_id=state, at=visitor.at)
    except DomainError as error:
        messages.warning(request, error.detail)
        return redirect(_bank_path(_reference_of(visitor, state)))
    checkout = find_open_checkout(found.reference, visitor.consumer, visitor.at) if found.reference else None
    if checkout is not None and found.read_at:
        return _back_to_checkout(request, visitor, checkout, found, found.read_at)
    if found.read_at and found.verifies_income:
        messages.success(request, _("Thank you. Your next purchase is decided with the income that your bank showed."))
    elif found.holder in DOUBTED:
        messages.info(request, _("Your bank writes another name, or somebody else has shown this account. A person of ours looks at it."))
    else:
        messages.info(request, _("Your bank showed no regular income of at least three whole months. Nothing changes."))
    return redirect("limit")


def _back_to_checkout(request: HttpRequest, visitor: Visitor, checkout: Checkout, found: BankAccess, read_at: datetime) -> HttpResponse:
    """Have a refused checkout decided anew if the bank showed an income, and lead there; its page says what came of it."""
    with suppress(DomainError):
        who, at = visitor.consumer, visitor.at
        if found.verifies_income and checkouts.reconsider(checkout_id=checkout.pk, consumer=who, since=read_at, at=at):
            advance(request, checkout, who, at)
    return redirect("checkout", checkout.public_id)


def _reference_of(visitor: Visitor, state: str) -> str:
    """Return the checkout from which a visit to a bank began, or an empty text."""
    try:
        return get_bank_access(visitor.consumer, state).reference
    except NotFound:
        return ""


def _bank_path(reference: str) -> str:
    return reverse("bank") + (f"?{urlencode({'checkout': reference})}" if reference else "")
