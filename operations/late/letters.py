"""The letters that a case's person may get, each as they would read it, and those that they got."""

import uuid
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.admin import keep_look
from collection import services as collection
from collection.letters import drafts_for, list_sent
from collection.models import Case, CaseLetter
from collection.services.cases import MAY_WORK
from core import clock
from core.admin import find_row
from core.once import new_key
from core.unreadable import Unreadable
from operations.frame import carry_out_once, may_see, operator, show
from operations.wording import names_of

SHOWN = 20


def letters(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Show each letter with its words for the person of a case, and send one, once per form."""
    user = operator(request)
    if not (may_see(request) and user.may("collection.view_case")):
        raise PermissionDenied
    case, at = find_row(Case.objects.select_related("consumer__market"), pk), clock.now()
    here = reverse("admin:collection_case_letters", args=[case.pk])
    if request.method == "POST":
        setting = request.POST.get("setting", "")
        told: dict[str, Any] = {"case_id": case.pk, "setting": int(setting) if setting.isdecimal() else 0, "user": user, "at": at}
        return carry_out_once(request, lambda: collection.send_letter(**told), done=_("The letter is on its way."), back=here)
    keep_look(request, "person", [case.consumer_id])
    facts = {
        "case": case,
        "name": case.consumer.name,
        "drafts": drafts_for(case.consumer, at),
        "sent": _sent(list_sent(case.consumer, limit=SHOWN)),
        "may_work": user.may(MAY_WORK),
        "once": new_key(),
    }
    return show(request, "late/letters.html", _("Letters"), **facts)


def _sent(found: list[CaseLetter]) -> list[dict[str, Any]]:
    names = names_of({one.sent_by for one in found})
    return [
        {"words": None if isinstance(one.words, Unreadable) else one.words, "at": one.sent_at, "by": names.get(one.sent_by, "")}
        for one in found
    ]
