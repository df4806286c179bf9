"""The team: who belongs to it, in which role; people are invited, change roles, leave."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from core.errors import DomainError, NotFound
from merchants.models import Membership
from merchants.queries import list_members
from merchants.services import change_role, invite_member, remove_member
from portals.forms import add_errors
from portals.merchant.forms import InviteForm, RoleForm
from portals.merchant.frame import Desk, confirm, merchant_page, show
from portals.merchant.once import act_once


@merchant_page("GET", "POST")
def team(request: HttpRequest, desk: Desk) -> HttpResponse:
    """List the team; who may, invites somebody."""
    if request.method != "POST":
        return _show(request, desk, InviteForm())
    desk.require("team.write")
    form = InviteForm(request.POST)
    if form.is_valid():
        told = form.cleaned_data
        try:
            act_once(request, merchant=desk.merchant, at=desk.at, work=lambda: _invite(desk, form))
        except DomainError as error:
            add_errors(form, error)
        else:
            messages.success(request, f"{told['email']} is in your team. The way in is on its way by e-mail.")
            return redirect("merchant_team")
    return _show(request, desk, form, status=422)


def _invite(desk: Desk, form: InviteForm) -> int:
    told = form.cleaned_data
    member = invite_member(
        merchant=desk.merchant, email=told["email"], role=told["role"], name=told["name"].strip(), actor=desk.actor, at=desk.at
    )
    return member.pk


def _show(request: HttpRequest, desk: Desk, form: InviteForm, status: int = 200) -> HttpResponse:
    context = {"form": form, "members": list_members(desk.merchant), "may_change": desk.may("team.write")}
    return show(request, desk, "team", "team", context, status=status)


def _get_member(desk: Desk, member_id: int) -> Membership:
    found = next((member for member in list_members(desk.merchant) if member.pk == member_id), None)
    if found is None:
        raise NotFound("There is no such person in your team.")
    return found


def _name(member: Membership) -> str:
    return member.user.name or member.user.email


@merchant_page("GET", "POST", needs="team.write")
def role(request: HttpRequest, desk: Desk, member_id: int) -> HttpResponse:
    """Give somebody another role."""
    member = _get_member(desk, member_id)
    form = RoleForm(request.POST or None, initial={"role": member.role})
    if request.method == "POST" and form.is_valid():
        try:
            changed = change_role(
                membership_id=member_id, merchant=desk.merchant, role=form.cleaned_data["role"], actor=desk.actor, at=desk.at
            )
        except DomainError as error:
            add_errors(form, error)
        else:
            messages.success(request, f"{_name(member)} is {changed.get_role_display().lower()} now.")
            return redirect("merchant_team")
    context = {"form": form, "member": member, "name": _name(member)}
    return show(request, desk, "role", "team", context, status=422 if request.method == "POST" else 200)


@merchant_page("GET", "POST", needs="team.write")
def remove(request: HttpRequest, desk: Desk, member_id: int) -> HttpResponse:
    """Ask whether somebody is to leave the team, and let them go; who is gone already is gone."""
    if request.method == "POST":
        remove_member(membership_id=member_id, merchant=desk.merchant, actor=desk.actor, at=desk.at)
        messages.success(request, "The person is not in your team any more.")
        return redirect("merchant_overview" if member_id == desk.membership.pk else "merchant_team")
    member = _get_member(desk, member_id)
    return confirm(
        request,
        desk,
        "team",
        title=f"Remove {_name(member)} from the team?",
        text="They cannot see or do anything in this shop from now on. What they did stays in the history.",
        button="Remove from the team",
        back=reverse("merchant_team"),
    )
