"""What an operator does in the laboratory: begin, put another table, check, ask for the training, give it up, propose its version."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from controls import services as controls
from controls.services.ruling import MAY_PROPOSE
from core import clock
from core.admin import carry_out
from core.errors import DomainError
from core.once import act_once
from learning.errors import BadTable
from learning.lab.checking import Checked
from learning.lab.errors import TableChanged
from learning.lab.services import preparing
from learning.models import TableSource, Training
from learning.reporting.beside import evidence_of
from learning.reporting.faults import fault_words
from operations.frame import act_in_form, carry_out_once, operator
from operations.laboratory.forms import BeginForm, ChoicesForm, TableForm
from operations.laboratory.pages import link_of
from operations.scoring.admin import RoleForm
from operations.scoring.proposals import MODEL, SHARE, VERSION, ModelRole
from operations.tasklist import operators_by_key
from reports.laboratory import own_columns
from reports.retraining import BAD


def require_writer(request: HttpRequest) -> None:
    """Refuse who may not write and propose rules."""
    if not operator(request).may(MAY_PROPOSE):
        raise PermissionDenied


def begin(request: HttpRequest, form: BeginForm) -> Training | None:
    """Prepare a training once; None, with the errors in the form, if its table cannot be read."""
    given, actor = form.cleaned_data, str(operator(request).pk)

    def work(at: datetime) -> Training:
        if given["source"] == TableSource.OWN:
            columns, ways = own_columns(given["family"], at)
            return preparing.begin_with_cases(family=given["family"], columns=columns, target=BAD, ways=ways, actor=actor, at=at)
        told = {"family": given["family"], "file": given["table"].name, "chunks": given["table"].chunks()}
        return preparing.begin_with_file(**told, actor=actor, at=at)

    key = _in_form(request, form, "table", lambda at: str(work(at).pk))
    return Training.objects.get(pk=key) if key else None


def put_table(request: HttpRequest, training: Training, form: TableForm) -> bool:
    """Put another table in the place of a training's; False, with the errors in the form, if it cannot be read."""
    file, actor = form.cleaned_data["table"], str(operator(request).pk)
    done = _in_form(
        request,
        form,
        "table",
        lambda at: str(preparing.put_table(key=training.pk, file=file.name, chunks=file.chunks(), actor=actor, at=at).pk),
    )
    return done is not None


def choose(request: HttpRequest, training: Training, form: ChoicesForm, *, ask: bool) -> Checked | None:
    """Save the choices and check them, and with `ask` hand the training over if nothing is wrong; None if it is not possible now."""
    given, found = form.cleaned_data, Checked()
    is_own = training.source == TableSource.OWN
    seen = request.POST.get("seen", "")
    told = {"target": BAD if is_own else given["target"], "positive": "" if is_own else given["positive"].strip()}

    def work(at: datetime) -> str:
        nonlocal found
        found = preparing.save_choices(key=training.pk, table=seen, name=given["name"].strip(), **told, ways=form.ways(), at=at)
        if ask and not found.fault:
            preparing.ask_for_training(key=training.pk, table=seen, actor=str(operator(request).pk), at=at)
        return "done"

    if _in_form(request, form, None, work) is None:
        return None
    if found.fault:
        form.show_fault(found.fault)
    return found


def _in_form(request: HttpRequest, form: Any, field: str | None, work: Callable[[datetime], str]) -> str | None:
    """Carry out a form once per key and return the result; None, with the errors in the form, if it is refused."""
    at = clock.now()
    try:
        done, _replayed = act_once(request, scope=str(operator(request).pk), door="desk", at=at, work=lambda: work(at))
    except TableChanged as error:
        told = _("%(name)s put another table in its place. Look at its columns, and ask again.")
        form.add_error(None, told % {"name": operators_by_key().get(error.by, "")})
    except BadTable as error:
        form.add_error(field, fault_words(error.code, error.facts))
    except DomainError as error:
        form.add_error(None, error.detail)
    else:
        return str(done)
    return None


def cancel(request: HttpRequest, training: Training) -> HttpResponse:
    """Give a training up."""

    def work() -> None:
        preparing.cancel_training(key=training.pk, actor=str(operator(request).pk), at=clock.now())

    return carry_out_once(request, work, done=_("It is given up, and its table deleted."), back=link_of(training))


def propose(request: HttpRequest, training: Training, form: RoleForm) -> HttpResponse | None:
    """Propose the version of a training for a role, with the comparison as evidence; None, with the errors in the form, if refused."""
    given, version = form.cleaned_data, training.version
    assert version is not None
    after = {VERSION: version.public_id, MODEL: given["model"], SHARE: given["share"]}
    about = {"kind": ModelRole.name, "subject": f"{version.family}:{given['role']}", "after": after, "starts_on": None}
    if not act_in_form(request, form, controls.propose, **about, reason=given["reason"], evidence=evidence_of(version, training.found)):
        return None
    return carry_out(request, lambda: None, done=_("Proposed. Another person decides now."), back=link_of(training))
