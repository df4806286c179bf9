"""Passkeys over HTTP: what the browser is asked stands in its session, and its answer comes with a form.

The pages work without JavaScript: then the forms stay hidden, and a one-time code does it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port

from accounts.errors import PasskeyRefused
from accounts.factors import services as factors
from accounts.factors.ceremonies import Asked, Site, ask_to_make, ask_to_use, challenge_of
from accounts.factors.models import Passkey
from accounts.factors.queries import Owner, list_passkeys
from accounts.models import Consumer
from brands.queries import brand_of
from portals.agents import device_name
from portals.contacts import mask

ASKED = "passkey"
"""The key of the session under which stands what was asked; each purpose has its own."""
SIGN_IN, CONFIRM, ADD = "sign_in", "confirm", "add"


@dataclass(frozen=True, slots=True)
class ShownPasskey:
    """A passkey as its person sees it."""

    id: str
    device: str
    made_at: datetime
    used_at: datetime | None


def shown(found: Iterable[Passkey]) -> list[ShownPasskey]:
    """Return passkeys as their person sees them."""
    return [ShownPasskey(one.public_id, one.device, one.made_at, one.used_at) for one in found]


def site_of(request: HttpRequest) -> Site:
    """Return where the person is. A key of another host never counts here, so a host that somebody made up is of no use to them."""
    return Site(split_domain_port(request.get_host())[0], f"{request.scheme}://{request.get_host()}", brand_of(request).name)


def ask_for_new(request: HttpRequest, owner: Owner, at: datetime) -> HttpResponse:
    """Answer with what the browser needs to make a passkey, as JSON."""
    name = mask(owner.email or owner.phone) if isinstance(owner, Consumer) else owner.email
    known = [one.credential for one in list_passkeys(owner)]
    return _answer(request, ADD, ask_to_make(site_of(request), owner=owner.pk.bytes, name=name, known=known), at)


def ask_for_known(request: HttpRequest, purpose: str, at: datetime, *, passkeys: Iterable[Passkey] = ()) -> HttpResponse:
    """Answer with what the browser needs to use a passkey, as JSON; the same for everybody unless the person is known."""
    return _answer(request, purpose, ask_to_use(site_of(request), [one.credential for one in passkeys]), at)


def add(request: HttpRequest, owner: Owner, actor: str, at: datetime) -> Passkey:
    """Keep the passkey that a form brings; PasskeyRefused."""
    told: dict[str, Any] = {"answer": request.POST.get("answer", ""), "asked": _take(request, ADD), "site": site_of(request)}
    return factors.add_passkey(owner=owner, **told, device=device_name(request), actor=actor, at=at)


def use(request: HttpRequest, purpose: str, at: datetime, *, owner: Owner | None = None) -> Passkey:
    """Return the passkey that a form shows, with its owner, who is of this host's brand; PasskeyRefused."""
    told: dict[str, Any] = {"answer": request.POST.get("answer", ""), "asked": _take(request, purpose), "site": site_of(request)}
    return factors.use_passkey(**told, owner=owner, at=at)


def consumer_of(request: HttpRequest, passkey: Passkey) -> Consumer:
    """Return the consumer whom a passkey signs in here; PasskeyRefused for staff, for another brand's, and for a person who was erased."""
    found = passkey.consumer
    if found is None or found.is_erased or found.brand_id != brand_of(request).code:
        raise PasskeyRefused("That passkey does not sign you in here. Use a one-time code instead.")
    return found


def _answer(request: HttpRequest, purpose: str, options: str, at: datetime) -> HttpResponse:
    request.session[ASKED] = {**request.session.get(ASKED, {}), purpose: [challenge_of(options), at.isoformat()]}
    return HttpResponse(options, content_type="application/json")


def _take(request: HttpRequest, purpose: str) -> Asked | None:
    """Return what the browser was asked, and forget it: whatever the answer is, it is the only one."""
    waiting = dict(request.session.get(ASKED, {}))
    found = waiting.pop(purpose, None)
    request.session[ASKED] = waiting
    return Asked(found[0], datetime.fromisoformat(found[1])) if found else None
