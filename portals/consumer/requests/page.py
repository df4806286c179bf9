"""Requests and their answers in the form that the templates need."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import ConsumerRequest
from accounts.states import RequestStatus
from core.formats import day_text
from portals.consumer.frame import Visitor

TITLES: dict[str, Any] = {
    "copy": gettext_lazy("Ask about your data"),
    "correction": gettext_lazy("Correct your data"),
    "closure": gettext_lazy("Close your account"),
    "restriction": gettext_lazy("Restrict the use of your data"),
    "objection": gettext_lazy("Object to the use of your data"),
    "no_sale": gettext_lazy("Do not sell or share my data"),
    "limit_use": gettext_lazy("Limit the use of my sensitive data"),
    "review": gettext_lazy("Have a person look again"),
    "purchase": gettext_lazy("Something is wrong with a purchase"),
    "hardship": gettext_lazy("You cannot pay"),
    "withdrawal": gettext_lazy("Withdraw from an agreement"),
    "question": gettext_lazy("Ask a question"),
    "complaint": gettext_lazy("Make a complaint"),
}
LEADS: dict[str, Any] = {
    "copy": gettext_lazy("Your profile lets you download what we keep. Say what else you want to know."),
    "correction": gettext_lazy("Say what is wrong and how it is right."),
    "closure": gettext_lazy("A person looks at what can be closed and deleted now, and at what the law makes us keep, and tells you."),
    "restriction": gettext_lazy(
        "Say which data, and why: they are wrong, we may not use them, or you need them for a claim. From now on your limit is not "
        "looked at each day, and nothing of yours trains our models, until a person has answered. If you buy, we decide about that "
        "purchase."
    ),
    "objection": gettext_lazy(
        "Say what we should not do, and why your situation speaks against it. From now on your limit is not looked at each day, and "
        "nothing of yours trains our models, until a person has answered. If you buy, we decide about that purchase."
    ),
    "no_sale": gettext_lazy(
        "We do not sell your data, and share them with nobody for advertising. Send this, and we keep it so for you. It costs you nothing."
    ),
    "limit_use": gettext_lazy(
        "We use sensitive data, such as your document, to know who you are and to prevent fraud. Send this, and your limit is not "
        "looked at each day, and nothing of yours trains our models."
    ),
    "review": gettext_lazy("A person looks at what the computer decided from. Say what it may have got wrong, if you like."),
    "purchase": gettext_lazy("Say what happened: it did not come, is broken, or you did not buy it. A person can stop its payments."),
    "hardship": gettext_lazy("Say what you can pay and when."),
    "withdrawal": gettext_lazy("You need no reason. You withdraw from the credit: the goods are between you and the shop."),
    "question": gettext_lazy("Say what it is about. You never need to send a card number or a code."),
    "complaint": gettext_lazy(
        "Say what went wrong and what you expect of us. Until we answer, nobody asks you to pay what is late. If you complain again within "
        "60 days after our answer, we answer that too, but it holds nothing back."
    ),
}
OUTCOME_PILLS: dict[str, tuple[Any, str]] = {
    "done": (gettext_lazy("Done as asked"), "good"),
    "partly": (gettext_lazy("Done in part"), "info"),
    "refused": (gettext_lazy("Not done"), "warn"),
}
WITHDRAWAL = "withdrawal"


@dataclass(frozen=True, slots=True)
class Subject:
    """What a request is about: public id, name, and page."""

    reference: str = ""
    name: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A row of a list of requests: the status as a pill, and a note with the date that matters."""

    title: str
    path: str
    pill: str
    tone: str
    note: str


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to a request: the outcome as a pill, the text, its author and its time."""

    pill: str
    tone: str
    text: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Question:
    """A request as its own page shows it. `reply` is None while it waits; `withdrawn` marks a withdrawal, which needs no answer."""

    asked: Asked
    public_id: str
    text: str
    asked_at: datetime
    due_date: date
    withdrawn: bool
    overdue: bool
    reply: Reply | None


def rows_of(found: Sequence[ConsumerRequest], visitor: Visitor) -> list[Asked]:
    """Return requests as lists show them."""
    return [_asked(one, visitor) for one in found]


def _asked(one: ConsumerRequest, visitor: Visitor) -> Asked:
    if one.answered_at is not None:
        pill, tone, note, day = _("Answered"), "good", _("Answered on %(day)s"), visitor.day(one.answered_at)
    elif one.kind == WITHDRAWAL:
        pill, tone, note, day = _("Withdrawn"), "info", _("Withdrawn on %(day)s"), visitor.day(one.asked_at)
    else:
        pill, tone, note, day = _("Waiting"), "info", _("Answer by %(day)s"), one.due_date
    path = reverse("request", args=[one.public_id])
    return Asked(str(TITLES[one.kind]), path, pill, tone, note % {"day": day_text(day, visitor.locale, "year")})


def question_of(one: ConsumerRequest, visitor: Visitor) -> Question:
    """Return a request as its own page shows it."""
    waits = one.status == RequestStatus.OPEN
    return Question(
        asked=_asked(one, visitor),
        public_id=one.public_id,
        text=one.text,
        asked_at=one.asked_at,
        due_date=one.due_date,
        withdrawn=waits and one.kind == WITHDRAWAL,
        overdue=waits and one.due_date < visitor.today,
        reply=_reply(one),
    )


def _reply(one: ConsumerRequest) -> Reply | None:
    if one.answered_at is None:
        return None
    pill, tone = OUTCOME_PILLS[one.outcome]
    return Reply(str(pill), tone, one.answer, one.answered_by.name if one.answered_by else "", one.answered_at)
