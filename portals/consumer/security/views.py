"""The person's passkeys: seen, added once they have just shown who they are, and removed."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.factors.models import Passkey
from accounts.factors.queries import list_passkeys
from accounts.factors.services import remove_passkey
from core.errors import DomainError, Forbidden
from core.ids import parse_id
from portals import passkeys, sessions
from portals.again import ask_again, find_kept
from portals.consumer.frame import Visitor, consumer_page, show
from portals.consumer.security.confirming import confirmed_page


@dataclass(frozen=True, slots=True)
class ShownPasskey:
    """A passkey as its person sees it."""

    id: str
    device: str
    made_at: datetime
    used_at: datetime | None


@consumer_page("GET")
def security(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show how the person signs in."""
    kept = find_kept(request)
    context = {
        "passkeys": [ShownPasskey(one.public_id, one.device, one.made_at, one.used_at) for one in list_passkeys(visitor.consumer)],
        "error": kept.problem.detail if kept and kept.problem else "",
        "fresh": sessions.is_fresh(request, visitor.at),
    }
    return show(request, visitor, "security/security", "profile", context)


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
