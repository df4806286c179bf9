"""How the person signs in, and where they are signed in.

Passkeys are added and removed by who has just shown who they are; devices are signed out by who is signed in.
"""

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.contacts.queries import find_waiting
from accounts.devices.models import Device
from accounts.devices.queries import list_devices
from accounts.devices.services import end_all, end_device
from accounts.factors.models import Passkey
from accounts.factors.queries import list_passkeys
from accounts.factors.services import remove_passkey
from accounts.logins.queries import list_logins, name_of
from accounts.logins.services import remove_login
from accounts.settable import CONSUMER_DAYS, CONSUMER_IDLE
from core.adjusting import DAYS, value_of
from core.errors import DomainError, Forbidden
from core.ids import parse_id
from portals import devices, passkeys, sessions
from portals.again import ask_again, find_kept
from portals.consumer.frame import Visitor, consumer_page, show
from portals.consumer.security.confirming import confirmed_page
from portals.consumer.security.contacts import shown
from portals.contacts import mask


@dataclass(frozen=True, slots=True)
class ShownDevice:
    """A browser in which the person signed in, as they see it."""

    id: str
    name: str
    address: str
    last_at: datetime
    is_here: bool


@consumer_page("GET")
def security(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show how the person signs in."""
    kept, here = find_kept(request), devices.device_of(request)
    waiting, consumer = find_waiting(visitor.consumer), visitor.consumer
    context = {
        "contacts": [
            (_("E-mail"), mask(consumer.email) if consumer.email_hash else ""),
            (_("Mobile"), mask(consumer.phone) if consumer.phone_hash else ""),
        ],
        "waiting": shown(waiting) if waiting else None,
        "devices": [
            ShownDevice(one.public_id, one.name, one.address, one.last_at, one.public_id == here) for one in list_devices(visitor.consumer)
        ],
        "passkeys": passkeys.shown(list_passkeys(visitor.consumer)),
        "logins": [(one.company, name_of(one.company), one.made_at, one.used_at) for one in list_logins(visitor.consumer)],
        "error": kept.problem.detail if kept and kept.problem else "",
        "fresh": sessions.is_fresh(request, visitor.at),
        "ends": _("You are signed out after %(idle)s without use, and after %(most)s in any case.")
        % {"idle": _days(value_of(CONSUMER_IDLE)), "most": _days(value_of(CONSUMER_DAYS))},
    }
    return show(request, visitor, "security/security", "profile", context)


def _days(number: int) -> str:
    return DAYS.counted(number) % {"number": number}


@consumer_page("POST")
def options(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Answer with what the browser needs to make a passkey, to a person who has just shown who they are."""
    if not sessions.is_fresh(request, visitor.at):
        raise Forbidden("Show first that it is you.")
    return passkeys.ask_for_new(request, visitor.consumer, visitor.at)


@confirmed_page("security")
def add(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Keep the passkey that the browser made."""
    try:
        passkeys.add(request, visitor.consumer, visitor.consumer.public_id, visitor.at)
    except DomainError as error:
        return ask_again(request, "/profile/sign-in", error=error)
    messages.success(request, _("Your passkey is added. It signs you in here from now on."))
    return redirect("security")


@confirmed_page("security")
def remove(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Remove a passkey."""
    key = parse_id(Passkey.PREFIX, request.POST.get("passkey", ""))
    remove_passkey(owner=visitor.consumer, passkey_id=key, actor=visitor.consumer.public_id, at=visitor.at)
    messages.success(request, _("The passkey is removed. It signs nobody in any more."))
    return redirect("security")


@confirmed_page("security")
def unlink(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Let an account at another company sign the person in no more."""
    if remove_login(consumer=visitor.consumer, company=request.POST.get("company", "")[:20], at=visitor.at):
        messages.success(request, _("The account is removed. It signs nobody in any more."))
    return redirect("security")


@consumer_page("POST")
def end(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Sign the person out of one browser; of this one too, if they choose it."""
    key = parse_id(Device.PREFIX, request.POST.get("device", ""))
    end_device(consumer_id=visitor.consumer.pk, device_id=key, at=visitor.at)
    messages.success(request, _("That browser is signed out."))
    return redirect("security")


@consumer_page("POST")
def end_others(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Sign the person out everywhere but here."""
    end_all(consumer_id=visitor.consumer.pk, but=devices.device_of(request), at=visitor.at)
    devices.stay(request, visitor.at)
    messages.success(request, _("You are signed out everywhere but here."))
    return redirect("security")
