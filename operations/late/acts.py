"""What an operator does with a case: the message after it, the service, and what the service gets of the form."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from collection import services as collection
from collection.models import Case
from core.errors import Invalid
from core.sentences import Sentence, Text

Fields = Mapping[str, str]
MOST_TEXT = 500


@dataclass(frozen=True, slots=True)
class Act:
    """One act: `read` turns the fields of its form into what `service` gets beside the case, the operator and the time."""

    done: Text
    service: Callable[..., object]
    read: Callable[[Fields], dict[str, Any]] = lambda _fields: {}


def _texts(*names: str) -> Callable[[Fields], dict[str, Any]]:
    return lambda fields: {name: fields.get(name, "")[:MOST_TEXT] for name in names}


def _day(fields: Fields, name: str) -> date:
    try:
        return date.fromisoformat(fields.get(name, ""))
    except ValueError:
        raise Invalid("Choose a day.", fields={name: Sentence("choose a day")}) from None


def _task(fields: Fields) -> dict[str, Any]:
    return {"what": fields.get("what", "")[:MOST_TEXT], "due_on": _day(fields, "due_on"), "mine": bool(fields.get("mine"))}


ACTS: dict[str, Act] = {
    "take": Act(_("The case is yours."), collection.take_case),
    "leave": Act(_("The case is back in the queue."), collection.leave_case),
    "call": Act(_("The call counts from now on. Note what came of it."), collection.start_call),
    "outcome": Act(_("Noted."), collection.end_call, _texts("outcome")),
    "still": Act(_("Noted. Nothing is asked of this person any more."), collection.note_standstill, _texts("kind")),
    "respite": Act(
        _("Noted. Nothing is asked of this person while it runs, and it ends by itself."),
        collection.note_respite,
        _texts("kind", "reference"),
    ),
    "treated": Act(
        _("Noted. The breathing space ends by itself."), collection.note_treatment_ended, lambda fields: {"on": _day(fields, "on")}
    ),
    "move": Act(_("Proposed. Another operator decides."), collection.propose_moving_on, _texts("reason")),
    "stop": Act(_("Noted. The person is not asked by this channel any more."), collection.note_stop, _texts("channel")),
    "allow": Act(_("Noted. The person may be asked by this channel again."), collection.note_allowed, _texts("channel")),
    "complain": Act(_("Handed over. Nobody asks the person to pay until it is answered."), collection.hand_over_complaint, _texts("about")),
    "answer": Act(_("The answer is noted."), collection.answer_complaint, _texts("answer")),
    "link": Act(_("The link is on its way."), collection.send_pay_link, _texts("plan", "channel")),
    "trace": Act(
        _("Noted. Nothing is sent there before the person confirms it."), collection.note_trace, _texts("kind", "source", "found")
    ),
    "traced": Act(_("Noted."), collection.end_trace, _texts("trace", "state")),
    "task": Act(_("The task is noted."), collection.add_task, _task),
    "finish": Act(_("The task is done."), collection.finish_task, _texts("task")),
}

TYPED = frozenset(("outcome", "link", "task", "answer", "complain", "treated", "move", "respite", "still", "trace"))
"""The acts whose form is shown again, with what was typed, where something is wrong with it."""


def carry_out_act(case: Case, act: str, fields: Fields, *, user: User, at: datetime) -> object:
    """Do an act with a case, with the fields of its form; the service refuses what is not allowed."""
    found = ACTS[act]
    return found.service(case_id=case.pk, user=user, at=at, **found.read(fields))
