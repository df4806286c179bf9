"""What an operator does on the page of a version: see an alarm, propose what the machine suggests, or let it be."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from controls import services
from controls.services.ruling import MAY_PROPOSE
from core import clock
from learning.models import ModelVersion, Role, Suggestion
from learning.queries import open_suggestions
from learning.reporting.suggested import evidence_of
from learning.services import close_suggestions, see_alarms
from operations.frame import carry_out_once, operator
from operations.scoring.proposals import MODEL, SHARE, VERSION, WHOLE, ModelRole

PROPOSE, LET_BE = "propose", "let_be"


def act(request: HttpRequest, version: ModelVersion) -> HttpResponse:
    """Carry out what the form asks for: to propose or to let be a suggested version, or else to have seen its alarms."""
    user, at = operator(request), clock.now()
    asked = request.POST.get("act", "")
    if asked not in {PROPOSE, LET_BE}:
        done = _("Seen. The same alarm comes back after a week at the earliest.")
        return carry_out_once(request, lambda: see_alarms(version=version, actor=str(user.pk), at=at), done=done, back=request.path)
    if not user.may(MAY_PROPOSE):
        raise PermissionDenied

    def work() -> None:
        suggestion = find_suggestion(version) if asked == PROPOSE else None
        if suggestion is not None:
            after = {VERSION: version.public_id, MODEL: suggestion.kind, SHARE: WHOLE}
            subject, reason = f"{version.family}:{Role.CHAMPION}", _("Learned from our own cases, and better than the champion.")
            about: dict[str, Any] = {"kind": ModelRole.name, "subject": subject, "after": after, "starts_on": None}
            services.propose(**about, reason=reason, evidence=evidence_of(suggestion), user=user, at=at)
        close_suggestions(version=version, actor=str(user.pk), at=at)

    done = _("Proposed. Another person decides now.") if asked == PROPOSE else _("It is left as it is.")
    return carry_out_once(request, work, done=done, back=request.path)


def find_suggestion(version: ModelVersion) -> Suggestion | None:
    """Return the open suggestion of a version."""
    return open_suggestions().filter(version=version).first()
