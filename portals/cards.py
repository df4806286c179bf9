"""Payment methods as pages show them: their names, their expiry, and whether they can be charged."""

from collections.abc import Collection, Sequence
from typing import Any

from django.utils.http import urlencode
from django.utils.translation import gettext as _

from payments.models import PaymentMethod
from payments.queries import is_proven
from payments.services import Waiting
from payments.texts import method_name


def card_title(method: PaymentMethod) -> str:
    """Name a payment method: `Visa ···· 4242`, never broken over two lines."""
    return method_name(method.kind, method.shown)


def title_or_none(method: PaymentMethod | None) -> str:
    """Name a payment method, or say that none can be charged."""
    return card_title(method) if method is not None else _("no card yet")


def card_note(method: PaymentMethod) -> str:
    """Say when a card expires, that money is debited from an account, or that the bank refused the card."""
    if method.blocked_at is not None:
        return _("Refused by its bank")
    if method.kind == PaymentMethod.KINDS.CARD:
        return _("Expires %(month)02d/%(year)02d") % {"month": method.shown["exp_month"], "year": method.shown["exp_year"] % 100}
    if method.kind == PaymentMethod.KINDS.BANK_DEBIT:
        return _("Debited from your account, mandate %(mandate)s") % {"mandate": method.shown["mandate"]}
    return _("Wallet")


def first_usable(methods: Sequence[PaymentMethod], wanted: str = "", *, waiting: Collection[str] = ()) -> str:
    """Return the public id of the wanted card if it can be charged now, else of the first that can; nothing where none can."""
    usable = [method.public_id for method in methods if method.blocked_at is None and method.public_id not in waiting]
    return wanted if wanted in usable else next(iter(usable), "")


def waiting_cards(methods: Sequence[PaymentMethod], waiting: Waiting) -> frozenset[str]:
    """Return the public ids of the cards that the person cannot try yet: none, or every card that has never paid."""
    return frozenset(method.public_id for method in methods if waiting.to_try and not is_proven(method))


def chosen_in(path: str, method: PaymentMethod) -> str:
    """Add the card to choose to the path of a page."""
    return f"{path}{'&' if '?' in path else '?'}{urlencode({'card': method.public_id})}"


def card_choices(methods: Sequence[PaymentMethod], chosen: str, *, waiting: Collection[str] = ()) -> list[dict[str, Any]]:
    """Return cards as the choice component takes them; those in `waiting` are shown but cannot be chosen."""
    return [
        {
            "value": method.public_id,
            "title": card_title(method),
            "note": card_note(method),
            "checked": method.public_id == chosen,
            "disabled": method.blocked_at is not None or method.public_id in waiting,
        }
        for method in methods
    ]
