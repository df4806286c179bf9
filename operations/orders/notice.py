"""Kept notices in the back office: as lines of lists, and the page of one with its text, its hash and by what it was written."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy

from core.sentences import Text
from core.unreadable import Unreadable
from notifications.models import Notice
from notifications.queries import paper_of

KINDS: dict[str, Text] = {
    "application_refused": gettext_lazy("Notice of a refusal"),
    "order_rejected": gettext_lazy("Notice of a rejected order"),
    "limit_cut": gettext_lazy("Notice of a lower limit"),
    "arrears_notice": gettext_lazy("Notice of arrears"),
    "default_notice": gettext_lazy("Notice of default"),
    "hand_over_notice": gettext_lazy("Notice before a hand-over"),
}


def facts_of(notice: Notice) -> dict[str, Any]:
    """Return all parts of a kept notice's page; no text for an erased person."""
    paper = None if isinstance(notice.paper, Unreadable) else paper_of(notice)
    return {
        "notice": notice,
        "consumer": notice.consumer,
        "person": notice.consumer.name or notice.consumer.public_id,
        "kind": KINDS[notice.kind],
        "laws": list(notice.versions["law"].items()),
        "language": paper.language if paper else "",
        "blocks": paper.blocks if paper else [],
    }


def line_of(notice: Notice) -> dict[str, Any]:
    """Return a kept notice as a line of a list, with the address of its page."""
    return {
        "title": KINDS[notice.kind],
        "at": notice.at,
        "by_people": notice.by_people,
        "link": reverse("admin:credit_decision_notice", args=[notice.pk]),
    }
