"""The list of bank accounts of which an operator says whose they are: the bank's names differ, or they verified somebody else."""

import uuid
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.admin import keep_look
from accounts.models import User
from core.clock import now
from core.once import new_key
from core.unreadable import Unreadable, listing
from credit.models import BankAccess
from credit.queries import is_of, list_doubted
from credit.services import settle_holder
from credit.services.banks import MAY_SETTLE
from operations.frame import MAY_SEE, carry_out_once, operator, show

MOST = 200


def may_settle(user: User) -> bool:
    """Return whether an operator may see the list and decide: those who answer people, and may see who they are."""
    return user.may(MAY_SETTLE) and user.may(MAY_SEE)


def count_doubted() -> int:
    """Return how many readings wait for an operator, up to 200; one query."""
    return len(list_doubted(MOST))


def doubted(request: HttpRequest) -> HttpResponse:
    """List the readings that wait, the oldest first, or decide about one of them."""
    if not may_settle(operator(request)):
        raise PermissionDenied
    back = reverse("admin:credit_bankaccess_doubted")
    if request.method == "POST":
        key, theirs = _key(request.POST.get("access", "")), request.POST.get("theirs") == "yes"

        def act() -> object:
            return settle_holder(access_id=key, theirs=theirs, user=operator(request), at=now())

        done = _("The accounts count as theirs from now on.") if theirs else _("The accounts verify nothing.")
        return carry_out_once(request, act, done=done, back=back)
    with listing():
        found = list_doubted(MOST)
        lines = [_line(one, operator(request)) for one in found]
    keep_look(request, "work_list", {one.consumer_id for one in found})
    return show(request, "people/doubted.html", _("Whose bank accounts these are"), lines=lines, once=new_key())


def _key(given: str) -> uuid.UUID:
    try:
        return uuid.UUID(given)
    except ValueError:
        raise PermissionDenied from None


def _line(one: BankAccess, user: User) -> dict[str, Any]:
    told = _("unreadable") if isinstance(one.holders, Unreadable) else ", ".join(one.holders)
    return {
        "key": one.pk,
        "person": str(one.consumer.name or one.consumer.public_id),
        "link": reverse("admin:accounts_consumer_change", args=[one.consumer_id]),
        "holders": told,
        "is_own": is_of(one, user),
        "shared": one.holder == "shared",
        "at": one.read_at,
    }
