"""What a person agreed to: each text with its version, language, way and day, and whether it was taken back; each is taken back here."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _

from accounts import services as accounts
from accounts.models import Consent, SupportFlag
from accounts.queries import INQUIRY, list_consents
from accounts.support import key_of, list_support
from accounts.texts import CONSENT_NAMES
from core.errors import DomainError, NotFound
from core.ids import public_id
from core.readable import words
from credit.queries import find_bank_access, find_watched
from portals.again import ask_again, find_kept
from portals.consumer.frame import Visitor, consumer_page, show
from portals.consumer.limit.bank import stop_watch, take_back_bank

AGREEMENT, BANK, BALANCE, SITUATION = "credit_agreement", "open_banking", "balance_checks", "support"
TOLD = (INQUIRY, "device_security")
"""What a person was told and went on: no consent, and so nothing to take back; they may object."""
SHOWN = 50
"""How many rows of a kind the page shows; the copy of the person's data has all."""


@dataclass(slots=True)
class Agreed:
    """A text that a person agreed to, or was told: when and how, when it was taken back, and what takes it back (empty if nothing does)."""

    kind: str
    reference: str
    title: str
    version: str
    language: str
    how: str
    at: datetime
    ended_at: datetime | None = None
    takes_back: str = ""

    @property
    def purchase(self) -> str:
        """The public id of the purchase whose agreement this is."""
        return self.reference if self.kind == AGREEMENT else ""


def list_agreed(visitor: Visitor) -> list[Agreed]:
    """Return what a person agreed to and was told, newest first; at most four queries."""
    found: list[Agreed] = []
    for row in reversed(list_consents(visitor.consumer)):
        if row.given:
            found.append(agreed_of(row))
        else:
            # Without a reference all of a kind is taken back.
            for one in found:
                if one.kind == row.kind and row.reference in {"", one.reference} and one.ended_at is None:
                    one.ended_at = row.at
    found.reverse()
    _offer(found, visitor)
    return found


def agreed_of(row: Consent) -> Agreed:
    """Return a consent as its person reads it."""
    language = get_language_info(row.language)["name_local"] if row.language else ""
    title = str(CONSENT_NAMES.get(row.kind) or words(row.kind))
    return Agreed(row.kind, row.reference, title, row.version, language, row.get_how_display(), row.at)


def _offer(found: list[Agreed], visitor: Visitor) -> None:
    """Offer to take back what has an effect: the newest of a kind, and each situation that is kept."""
    consumer, currency = visitor.consumer, visitor.consumer.market.currency
    live: dict[tuple[str, str], str] = {}
    newest = {one.kind: one.reference for one in reversed(found) if one.ended_at is None}
    if BANK in newest and find_bank_access(consumer, currency):
        live[BANK, newest[BANK]] = BANK
    if BALANCE in newest and find_watched(consumer, currency, visitor.at):
        live[BALANCE, newest[BALANCE]] = BALANCE
    if SITUATION in newest:
        live |= {(SITUATION, public_id(SupportFlag.PREFIX, one.key)): str(one.key) for one in list_support(consumer.pk, visitor.today)}
    for one in found:
        one.takes_back = live.get((one.kind, one.reference), "") if one.ended_at is None else ""


@consumer_page("GET", "POST")
def agreed(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show what the person agreed to and was told, and take back what they name."""
    if request.method == "POST":
        try:
            _take_back(request.POST.get("what", ""), visitor)
        except DomainError as error:
            return ask_again(request, error=error)
        messages.success(request, _("You took it back. It holds from now on."))
        return redirect("profile_agreed")
    found, kept = list_agreed(visitor), find_kept(request)
    context = {
        "allowed": [one for one in found if one.kind not in {AGREEMENT, *TOLD}][:SHOWN],
        "agreements": [one for one in found if one.kind == AGREEMENT][:SHOWN],
        "told": [one for one in found if one.kind in TOLD][:SHOWN],
        "error": kept.problem.detail if kept and kept.problem else "",
    }
    return show(request, visitor, "account/agreed", "profile", context)


def _take_back(what: str, visitor: Visitor) -> None:
    """Take back what a person allowed, at once; NotFound for what is not theirs."""
    if what == BANK:
        take_back_bank(visitor)
    elif what == BALANCE:
        stop_watch(visitor)
    elif what:
        accounts.take_back_support(consumer_id=visitor.consumer.pk, flag_id=key_of(what), user=None, at=visitor.at)
    else:
        raise NotFound("There is nothing of that kind.")
