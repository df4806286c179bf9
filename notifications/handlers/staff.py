"""Messages to operators and auditors: proposals, passwords, the audit log."""

import json
from collections.abc import Iterable
from datetime import datetime

from accounts.models import User
from accounts.proposals import Access
from accounts.queries import active_users, operators
from brands.models import DEFAULT
from controls.models import Proposal
from controls.queries import get_proposal
from controls.routing import named_by, present, routes
from core.ids import parse_id
from core.outbox import Event
from notifications.queries import (
    list_deciders,
    list_who_may,
)
from notifications.services import queue_for_auditors, queue_for_users


def on_change_proposed(event: Event, *, at: datetime) -> None:
    """Tell the operators who may decide a proposal, except its maker and those who are away; if all are away, tell them all.

    If its kind has a route, tell only the operators on the route.
    """
    proposal = get_proposal(parse_id("prp", event.payload()["proposal"]))
    others = [user for user in list_deciders(proposal) if str(user.pk) != proposal.proposed_by]
    if route := routes().get(proposal.kind):
        named = named_by([route], at.date()).get(proposal.kind, set())
        others = [user for user in others if str(user.pk) in named] or others
    _tell_of_proposal(proposal, present(others, at.date()), "change_proposed", at)


def on_proposal_expired(event: Event, *, at: datetime) -> None:
    """Tell the operator who made a proposal that nobody decided it in time, if they still work here."""
    proposal = get_proposal(parse_id("prp", event.payload()["proposal"]))
    _tell_of_proposal(proposal, operators().filter(pk=proposal.proposed_by), "proposal_expired", at)


def _tell_of_proposal(proposal: Proposal, users: Iterable[User], kind: str, at: datetime) -> None:
    context = {"proposal": proposal.public_id, "proposal_key": str(proposal.pk), "proposal_kind": proposal.kind}
    queue_for_users(users=users, kind=kind, subject=proposal.public_id, context=context, at=at)


def on_operator_locked_out(event: Event, *, at: datetime) -> None:
    """Tell all who decide about rights that one person locked an operator out; the person themselves only if there is nobody else."""
    told = event.payload()
    names = {str(user.pk): str(user) for user in User.objects.filter(pk__in=[told["user"], told["by"]])}
    deciders = list_who_may(Access().may_approve)
    others = [user for user in deciders if str(user.pk) != told["by"]] or deciders
    context = {"user": told["user"], "person": names[told["user"]], "by": names.get(told["by"], told["by"])}
    queue_for_users(users=others, kind="operator_locked_out", subject=f"{told['user']}:{at:%Y%m%d%H%M%S%f}", context=context, at=at)


def on_day_anchored(event: Event, *, at: datetime) -> None:
    """Send the end of a day's chain to the auditors named in the settings, in the form that `manage.py audit verify` reads."""
    told = event.payload()
    queue_for_auditors(kind="day_anchored", subject=told["day"], context=told | {"anchor": json.dumps(told)}, at=at)


def on_password_link_wanted(event: Event, *, at: datetime) -> None:
    """Send a user the link to choose a password; each kind at most once in ten minutes."""
    told = event.payload()
    users = (operators() if told["kind"].startswith("operator_") else active_users()).filter(pk=told["user"])
    spoken = {"language": told["language"]} if told.get("language") else {}
    subject, brand = f"{at:%Y%m%d%H%M}"[:-1], told.get("brand", DEFAULT)
    queue_for_users(users=users, kind=told["kind"], subject=subject, context=spoken, at=at, brand=brand)


def on_password_changed(event: Event, *, at: datetime) -> None:
    """Tell a user that a new password was chosen, and where to choose another if they did not do it."""
    told = event.payload()
    users = active_users().filter(pk=told["user"])
    context = {"place": told["place"]}
    queue_for_users(users=users, kind="password_changed", subject=f"{at:%Y%m%d%H%M%S%f}", context=context, at=at, brand=told["brand"])


def on_staff_factor_changed(event: Event, *, at: datetime) -> None:
    """Tell a user that their second factor has changed, or that a recovery code was used."""
    told = event.payload()
    users = active_users().filter(pk=told["user"])
    queue_for_users(users=users, kind="staff_factor", subject=f"{at:%Y%m%d%H%M%S%f}", context={"what": told["what"]}, at=at)
